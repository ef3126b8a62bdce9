"""What a client of the frontend does with failures before its callers learn of them: an interceptor that does not hand them on.

`axios.interceptors.response.use(undefined, (error) => { if (is401(error)) logOut(); })` gives each caller an answer of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.facts.model import Call, Member, Name, Value
from backend_readiness.graph.values import FuncV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import signs

_STEPS = signs("deaf_clients", "steps")
_HANDS_ON = frozenset(signs("deaf_clients", "hands_on"))


def deaf_clients(context: Context) -> list[Evidence]:
    """Functions that take the failures of the flow's calls in the frontend and give nothing back."""
    if not context.matches:
        return []
    called = {(_root_at(context, m.call.place.file, m.call.start), _application(context, m.call.place.file)) for m in context.matches}
    found = []
    for file in context.graph.naming(_STEPS[0]):
        view = context.graph.view(file)
        for call in view.facts.calls:
            root = _registered(call)
            if root is None or (root, _application(context, file)) not in called or len(call.args) < 2:
                continue
            for symbol in _functions(context, view, call, call.args[1].value):
                if _is_deaf(context.graph.view(symbol.file), symbol.index):
                    place = context.graph.view(symbol.file).symbol(symbol.index)
                    found.append(context.at(symbol.file, place.line, min(place.end_line, place.line + 8)))
    return found


def _registered(call: Call) -> str | None:
    """The name of the client: `axios` in `axios.interceptors.response.use`."""
    value: Value = call.callee
    for step in reversed(_STEPS):
        if not isinstance(value, Member) or value.name != step:
            return None
        value = value.base
    return value.id if isinstance(value, Name) else None


def _root_at(context: Context, file: str, start: int) -> str | None:
    """The name that a request is made with: `api` in `api.post(...)`."""
    call = next((c for c in context.graph.view(file).facts.calls if c.start == start), None)
    value = call.callee if call is not None else None
    while isinstance(value, Member):
        value = value.base
    return value.id if isinstance(value, Name) else None


def _application(context: Context, file: str) -> str:
    return max((a.root for a in context.snapshot.applications if a.holds(file)), key=len, default="")


def _functions(context: Context, view: FileView, call: Call, value: Value) -> Iterator[SymbolId]:
    for option in options(context.graph.ev.value(value, view.path, call.owner)):
        if isinstance(option, FuncV):
            yield option.symbol


def _is_deaf(view: FileView, index: int) -> bool:
    """Does the function end without a failure and without something to give back?"""
    body = set(view.body(index))
    if any(t.owner in body for t in view.facts.throws):
        return False
    if any(callee_name(view.facts.calls[n]) in _HANDS_ON for s in body for n in view.calls_of.get(s, ())):
        return False
    branches = [b for b in view.blocks_of.get(index, ()) if b.kind in ("if", "else", "case", "catch")]
    own = [r for r in view.returns.get(index, ()) if r.value is not None]
    return not any(not any(b.start <= r.start < b.end for b in branches) for r in own)
