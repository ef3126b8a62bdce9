"""What answers a request that a definition states, where another place says so: `val show = Endpoint(...)`, `show.implement(one)`."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from backend_readiness.facts.model import Member, Name
from backend_readiness.graph.routes.route_units import RouteUnits, Unit
from backend_readiness.graph.views import FileView

MAX_CALLS = 2_000
STEP = "implement"  # and longer names that begin so


class LaterAnswers:
    """Finds the call of such a step on the name of a definition, in the files that have routes of the kind."""

    def __init__(self, units: RouteUnits, files: Collection[str]) -> None:
        self._units, self._files = units, files

    def of(self, unit: Unit) -> tuple[FileView, int] | None:
        """The file and the number of the call that says what answers the unit; None when none or several do."""
        found = self._known.get(unit.key, ())
        return found[0] if len(found) == 1 else None

    @cached_property
    def _known(self) -> dict[object, list[tuple[FileView, int]]]:
        found: dict[object, list[tuple[FileView, int]]] = {}
        for view in map(self._units.graph.view, sorted(self._files)):
            numbers = [n for name, listed in view.calls_by_name.items() if name.startswith(STEP) for n in listed]
            for number in numbers[:MAX_CALLS]:
                call = view.facts.calls[number]
                base = call.callee.base if isinstance(call.callee, Member) else None
                unit = self._units.meant(view, call.owner, base) if isinstance(base, Name | Member) else None
                if unit is not None:
                    found.setdefault(unit.key, []).append((view, number))
        return found
