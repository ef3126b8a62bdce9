"""What a call hands on, and the function that it reaches never reads."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import argument_for
from backend_readiness.facts.model import Arg
from backend_readiness.graph.values import Site, SymbolId

_COMMENTS = ("//", "#", "*", "/*", "@")


def is_unread(context: Context, file: str, number: int, given: Sequence[Arg]) -> bool:
    """Are the arguments of a call bound to parameters that none of the functions which it reaches reads?

    Not where a function was not found, or an argument fits none of its parameters.
    """
    targets = [e.target.symbol for e in context.tracer.edges.of_call(Site(file, number, None)) if e.kind == "call"]
    call = context.view(file).facts.calls[number]
    for target in targets:
        params = context.view(target.file).symbol(target.index).params
        names = [p.name for p in params for a in given if argument_for(params, p, call.args) is a.value]
        if len(names) < len(given) or any(not n or _reads(context, target, n) for n in names):
            return False
    return bool(targets)


def _reads(context: Context, where: SymbolId, name: str) -> bool:
    """Does the name stand in a function anywhere but where it is declared? A function without a body is one that is not known."""
    symbol = context.view(where.file).symbol(where.index)
    lines = context.snapshot.lines(where.file)[symbol.line - 1 : symbol.end_line]
    said = sum(len(re.findall(rf"(?<![\w$]){re.escape(name)}(?!\w)", t[:2000])) for t in lines if not t.lstrip().startswith(_COMMENTS))
    return said != 1 or symbol.end_line <= symbol.line
