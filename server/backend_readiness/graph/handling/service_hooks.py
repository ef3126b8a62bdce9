"""What runs before the actions of a service: `app.service("orders").hooks({ before: { all: [signedIn], find: [] } })`.

The option `hooks` of a rule of shape `collection`: `callee` are the calls that are given the record, on what is asked for by the path,
`phases` the keys of the record whose hooks run before, `every` the key for all actions.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from backend_readiness.facts.model import Call, CallRef, Member, Name
from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Ext, ModV, Obj, Site, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place
from backend_readiness.rules.cards import Card

MAX_GUARDS = 40


class ServiceHooks:
    """The hooks of the services of one card."""

    def __init__(self, scan: Scan, card: Card, spec: dict[str, Any]) -> None:
        self.scan, self.card, self.spec = scan, card, spec

    def guards(self, path: str, action: str, place: Place) -> tuple[Guard, ...]:
        """In the order in which they run."""
        found: list[Guard] = []
        for record in self._records.get(path.strip("/"), ()):
            for phase in self.spec["phases"]:
                held = self._field(record, phase)
                for key in (self.spec["every"], action) if isinstance(held, Obj) else ():
                    value = self._field(held, key) if isinstance(held, Obj) else None
                    found.extend(self.scan.guards_of(value, place, 0) if value is not None else ())
        return tuple(found[:MAX_GUARDS])

    @cached_property
    def _records(self) -> dict[str, list[Obj | ModV]]:
        """Path of a service -> what its hooks are given."""
        graph = self.scan.graph
        patterns = graph.knowledge.patterns(self.card, tuple(self.spec["callee"]))
        found: dict[str, list[Obj | ModV]] = {}
        for name in dict.fromkeys(map(last_step, patterns)):
            for file in (f for f in graph.naming(name) if f in graph.production):
                view = graph.view(file)
                for number in view.calls_by_name.get(name, ()):
                    call = view.facts.calls[number]
                    asked = self._asked(view, call, patterns)
                    given = graph.ev.arg_value(Site(file, number, None), 0) if asked is not None else None
                    records = [r for r in options(given) if isinstance(r, Obj | ModV)] if given is not None else []
                    for path in texts(graph.ev, graph.ev.arg_value(asked, 0)) if asked is not None else ():
                        found.setdefault(path.strip("/"), []).extend(records)
        return found

    def _asked(self, view: FileView, call: Call, patterns: list[str]) -> Site | None:
        """The call that asks for the service by its path, where it stands or under the name that it is kept under."""
        held = call.callee.base if isinstance(call.callee, Member) else None
        if isinstance(held, Name):
            kept = [a.value for a in view.facts.assigns if a.target == held and a.owner in view.enclosing(call.owner)]
            held = kept[0] if len(kept) == 1 else None
        if not isinstance(held, CallRef):
            return None
        asks = view.facts.calls[held.call]
        value = self.scan.graph.ev.value(asks.callee, view.path, asks.owner)
        wanted = [compiled(p.rpartition("().")[0]) for p in patterns]
        if any(isinstance(o, Ext) and any(w.fullmatch(o.path) for w in wanted) for o in options(value)):
            return Site(view.path, held.call, None)
        return None

    def _field(self, value: Obj | ModV, key: str) -> AV | None:
        if isinstance(value, ModV):  # a file of its own: `module.exports = { before: {} }`
            return exports.exported(self.scan.graph.ev, value.file, key)
        thunk = members.field_thunk(self.scan.graph.ev, value, key)
        return self.scan.graph.ev.thunk(thunk) if thunk is not None else None
