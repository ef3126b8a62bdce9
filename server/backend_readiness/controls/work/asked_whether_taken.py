"""Functions of the flow that ask whether a value is taken, before it is given to another row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.controls.work.sequence import of_guards
from backend_readiness.graph.values import SymbolId

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context

_ASKS = re.compile(
    r"(?i)uniqu|is_?taken|taken$|duplicat|already|in_?use$|^(ensure|check|assert|validate|is|has|count)\w*(exist|available|registered|with)"
    r"|^exists?_?(by|with)"
)
_KEYS = re.compile(r"(?i)(by|with)_?(id|uuid|pk)s?$")


def asked_whether_taken(context: Context) -> SymbolId | None:
    """The function that is named for such a question, among those of a flow that adds or changes a row."""
    if not any(e.operation == "write" for e, _ in context.effects):
        return None
    aside = of_guards(context)
    for reached in context.functions:
        where = reached.function.symbol
        name = context.view(where.file).symbol(where.index).name.rpartition(".")[2]
        if where not in aside and _ASKS.search(name) is not None and _KEYS.search(name) is None:
            return where
    return None
