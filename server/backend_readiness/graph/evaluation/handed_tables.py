"""Functions of a table that a package wraps: `return withArguments({ list, add }, { db })`, whose `add` is asked for by its name.

What the package gives back has the members that it was handed, so `add` of it is the function, and handing the table over runs none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Name, Record
from backend_readiness.graph.families import family
from backend_readiness.graph.values import AV, Ext, FuncV

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

MIN_FUNCTIONS = 2


def handed_function(ev: Evaluator, made: Ext, name: str) -> AV | None:
    """The function of that name in the table that the call was handed; None for any other call."""
    if made.site is None or not made.path.endswith("()") or made.path.startswith(("?", "~")):
        return None
    view = ev.world.view(made.site.file)
    table = table_of(view, made.site.call)
    written = next((v for key, v in table.items if key == name), None) if table is not None else None
    if written is None or ev.world.is_spoken_of(made.path.removesuffix("()")):
        return None
    value = ev.value(written, view.path, view.facts.calls[made.site.call].owner, made.site.env)
    return value if isinstance(value, FuncV) else None


def table_of(view: FileView, number: int) -> Record | None:
    """The table of functions under their own names that a call is handed first, where its result is what a function returns."""
    call = view.facts.calls[number]
    first = call.args[0].value if call.args else None
    if family(view.language) != "javascript" or not isinstance(first, Record) or len(first.items) < MIN_FUNCTIONS:
        return None
    named = all(key is not None and value == Name(key) and _is_own_function(view, key) for key, value in first.items)
    returned = any(r.value == CallRef(number) for r in view.returns.get(call.owner, ()))
    return first if named and returned else None


def _is_own_function(view: FileView, name: str) -> bool:
    return any(view.symbol(i).kind in ("function", "lambda") for i in view.named_children.get((0, name), ()))
