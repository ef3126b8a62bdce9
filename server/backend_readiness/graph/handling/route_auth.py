"""Guards that a route names as its strategy, and the one that all routes have by default.

`server.auth.strategy("session", "cookie", { validate })`, `server.auth.default("session")`, and of a route `options: { auth: "session" }`,
`{ auth: { strategies: [...] } }` or `auth: false`. The option `auth` of a rule says how they are written: `define` and `default` are the
calls, `validate` the keys of the function that runs, `field` that of a route.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Const, Ext, FuncV, Obj, Site, options
from backend_readiness.model import Place
from backend_readiness.rules.cards import Card

MAX_STRATEGIES = 40
_ALWAYS = (Const(True), Const("required"))


class RouteAuth:
    """The strategies of one card in the repository."""

    def __init__(self, scan: Scan, card: Card, spec: dict[str, Any]) -> None:
        self.scan, self.card, self.spec = scan, card, spec

    def guards(self, settings: list[Obj], place: Place) -> tuple[Guard, ...]:
        """What stands before a route with these settings, the nearest last."""
        said = next((v for o in settings if (v := self._field(o, self.spec["field"])) is not None), None)
        names = self._default if said is None else list(self._names(said))
        return tuple(Guard(value=self._known[n], place=place, start=0) for n in names[:MAX_STRATEGIES] if n in self._known)

    def _names(self, value: AV) -> Iterator[str]:
        for option in options(value):
            if isinstance(option, Const) and isinstance(option.value, str):
                yield option.value
            elif isinstance(option, Obj):
                for key in ("strategy", "strategies"):
                    yield from texts(self.scan.graph.ev, self._field(option, key))

    @cached_property
    def _known(self) -> dict[str, AV]:
        """Name of a strategy -> the function that checks it, or the call that makes it known."""
        found: dict[str, AV] = {}
        for callee, site in self._calls(self.spec["define"]):
            for name in texts(self.scan.graph.ev, self.scan.graph.ev.arg_value(site, 0))[:1]:
                given = [self.scan.graph.ev.arg_value(site, n) for n in (2, 3)]
                checks = [self._field(g, k) for g in given if isinstance(g, Obj) for k in self.spec["validate"]]
                run = next((c for c in checks if isinstance(c, FuncV)), None)
                found.setdefault(name, run if run is not None else Ext(f"{callee.path}()", callee, site))
        return found

    @cached_property
    def _default(self) -> list[str]:
        found = [
            n for _, site in self._calls(self.spec["default"]) for n in self._names(self.scan.graph.ev.arg_value(site, 0) or Const(""))
        ]
        for _, site in self._calls(self.spec["define"]) if not found else ():
            if self.scan.graph.ev.arg_value(site, 2) in _ALWAYS:  # `strategy("session", "cookie", true, {...})` of old versions
                found.extend(texts(self.scan.graph.ev, self.scan.graph.ev.arg_value(site, 0))[:1])
        return found

    def _calls(self, pattern: str) -> Iterator[tuple[Ext, Site]]:
        graph = self.scan.graph
        patterns = graph.knowledge.patterns(self.card, pattern)
        for name in dict.fromkeys(map(last_step, patterns)):
            for file in graph.naming(name):
                view = graph.view(file)
                for number in view.calls_by_name.get(name, ()) if file in graph.production else ():
                    call = view.facts.calls[number]
                    for option in options(graph.ev.value(call.callee, file, call.owner)):
                        if isinstance(option, Ext) and any(compiled(p).fullmatch(option.path) for p in patterns):
                            yield option, Site(file, number, None)

    def _field(self, value: Obj, key: str) -> AV | None:
        thunk = members.field_thunk(self.scan.graph.ev, value, key)
        return self.scan.graph.ev.thunk(thunk) if thunk is not None else None
