"""Frameworks of interfaces whose settings list the ways to sign in: where each reads a header, no cookie signs anybody in."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.subjects import Subject
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_BUILT_ON = sign("header_alone", "built_on")
_OWN_WAYS = sign("header_alone", "own_ways")
_READS = re.compile(sign("header_alone", "reads"))
_WAYS = sign("header_alone", "ways")
_WAYS_END = re.compile(sign("header_alone", "ways_end"))
_WAY = re.compile(sign("header_alone", "way"))
_OF_HEADER = re.compile(sign("header_alone", "of_header"))
MAX_WAYS = 12


def by_header_alone(context: Context) -> Evidence | None:
    """The list of ways to sign in of the framework of interfaces that the flow's handler is built on, where each reads a header."""
    if Subject(context).sign_in or any(_READS.search(t) is not None for _, _, t in chain_text(context)):
        return None
    for where in inputs_of(context).handlers or [r.function.symbol for r in context.functions[:1]]:
        view = context.view(where.file)
        if not any(i.module.startswith(_BUILT_ON) for i in view.facts.imports) or _OWN_WAYS in context.snapshot.text(where.file):
            return None
    for file, number, text in context.hits((_WAYS,)):
        lines = [text, *context.snapshot.lines(file)[number : number + MAX_WAYS]]
        end = next((n for n, t in enumerate(lines) if _WAYS_END.search(t.partition(":")[2] if n == 0 else t) is not None), None)
        named = _WAY.findall(" ".join(lines[: end + 1])) if end is not None else []
        return context.at(file, number) if named and all(_OF_HEADER.search(n) is not None for n in named) else None
    return None
