"""Routes that are taken from each element of a list: `List(new Orders, new Stock).map(_.route).reduce(_ ~ _)`."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from backend_readiness.facts.model import Call, CallRef, Func, Member, Name, Value
from backend_readiness.graph.routes.directive_heads import operands_of
from backend_readiness.graph.routes.route_units import RouteUnits, Unit
from backend_readiness.graph.values import InstV, ListV, options
from backend_readiness.graph.views import FileView, callee_name

MAX_ELEMENTS = 80
MAX_NAMED = 400
_EACH = frozenset({"map", "flatMap"})


def mapped_units(units: RouteUnits, view: FileView, call: Call) -> Iterator[Unit]:
    """The definitions that the function given to `map` takes of the elements."""
    if callee_name(call) not in _EACH or not call.args or not isinstance(call.callee, Member):
        return
    name = _taken(view, call.args[0].value)
    if not name:
        return
    for option in options(units.graph.ev.value(call.callee.base, view.path, call.owner)):
        for item in option.items[:MAX_ELEMENTS] if isinstance(option, ListV) else ():
            for made in options(units.graph.ev.thunk(item)):
                unit = units.member(made.cls, name) if isinstance(made, InstV) else None
                if unit is not None:
                    yield unit


def units_named(units: RouteUnits, unit: Unit, files: AbstractSet[str]) -> Iterator[Unit]:
    """The definitions in these files that a definition names, calls, or takes of a list."""
    view = units.graph.view(unit.file)
    calls = [(CallRef(n), c) for n, c in enumerate(view.facts.calls) if unit.start <= c.start and c.end <= unit.end]
    named: list[tuple[int, Value]] = [(c.owner, v) for ref, c in calls for v in (ref, *(a.value for a in c.args))]
    named.extend((unit.owner, v) for v in unit.values)
    for owner, value in [(o, v) for o, w in named for v in operands_of(w)][:MAX_NAMED]:
        found = units.meant(view, owner, value) if isinstance(value, CallRef | Name | Member) else None
        if found is not None and found.file in files:
            yield found
    yield from (u for _, c in calls for u in mapped_units(units, view, c) if u.file in files)


def _taken(view: FileView, value: Value) -> str:
    """The member that a function takes of its parameter: `_.route`, `api => api.route`."""
    names = {"_"}
    if isinstance(value, Func):
        names = {p.name for p in view.symbol(value.symbol).params}
        given = [r.value for r in view.returns.get(value.symbol, ())]
        value = given[0] if len(given) == 1 and given[0] is not None else value
    return value.name if isinstance(value, Member) and isinstance(value.base, Name) and value.base.id in names else ""
