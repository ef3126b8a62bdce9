"""Guards that routes name by a text: `->middleware("auth:api")`, `["filter" => "login"]`, and what stands behind the names.

The application's own tables come first (`guard_tables` of the cards: fields of a class, or the argument of a call), then the names that the
framework brings (`guard_names`). What follows a colon are arguments. A name may stand for a group of others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.handling.handler_names import class_named, loaded
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, ModV, Obj, Site, SymbolId, Thunk, options

if TYPE_CHECKING:
    from backend_readiness.graph.routes.routing import Guard
    from backend_readiness.graph.routes.scan import Scan

MAX_NESTED = 5
MAX_GUARDS = 60


class GuardNames:
    """The names of one repository."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.cards = [c for c in scan.graph.knowledge.cards if c.guard_names or c.guard_tables or c.guard_methods]

    def apply(self) -> None:
        """Put what is meant for every guard that is given by a name or a class."""
        if not self.cards:
            return
        routing = self.scan.routing
        routing.registrations[:] = [replace(r, guards=self.opened(r.guards)) if r.guards else r for r in routing.registrations]
        routing.mounts[:] = [replace(m, guards=self.opened(m.guards)) if m.guards else m for m in routing.mounts]
        for info in routing.routers.values():
            info.guards = list(self.opened(info.guards))

    def opened(self, guards: Iterable[Guard]) -> tuple[Guard, ...]:
        found: list[Guard] = []
        for guard in guards:
            found.extend(replace(guard, value=value) for value in self._meant(guard.value, 0))
        return tuple(found[:MAX_GUARDS])

    def _meant(self, value: AV, depth: int) -> list[AV]:
        found: list[AV] = []
        for option in options(value):
            if isinstance(option, Const) and isinstance(option.value, str):
                found.extend(self._named(option.value, depth))
            elif isinstance(option, ListV) and depth < MAX_NESTED:
                found.extend(v for item in option.items[:MAX_GUARDS] for v in self._meant(self.scan.graph.ev.thunk(item), depth + 1))
            else:
                found.append(self._running(option))
        return found

    def _named(self, text: str, depth: int) -> list[AV]:
        name = text.partition(":")[0]
        thunk = self._table.get(name)
        if thunk is not None and depth < MAX_NESTED:
            meant = self._meant(self.scan.graph.ev.thunk(thunk), depth + 1)
            return [v for v in meant if v != Const(name)] or [Const(text)]
        for card in self.cards:
            if name in card.guard_names:
                return [v for path in card.guard_names[name] for v in (Ext(path),)]
        cls = class_named(self.scan, "", text, ()) if depth and "/" in text else None  # `auth: "App/Middleware/Auth"` in a table
        return [self._running(cls)] if cls is not None else []

    def _running(self, value: AV) -> AV:
        """The method of a guard's class that runs; the class itself when it has none of its own.

        The class may be loaded late: `auth: () => import("#middleware/auth")`.
        """
        if isinstance(value, ModV):
            default = exports.exported(self.scan.graph.ev, value.file, "default")
            value = default if isinstance(default, ClassV) else value
        elif isinstance(value, FuncV):
            value = loaded(self.scan, value)
        cls = value.cls if isinstance(value, InstV) else value
        if not isinstance(cls, ClassV):
            return value
        for name in (n for card in self.cards for n in card.guard_methods):
            method = members.own_member(self.scan.graph.ev, InstV(cls), name)
            if isinstance(method, FuncV):
                return method
        return cls

    # ------------------------------------------------------------ tables

    @cached_property
    def _table(self) -> dict[str, Thunk]:
        found: dict[str, Thunk] = {}
        for card in self.cards:
            for rule in card.guard_tables:
                for value in (
                    *self._fields(rule.base, rule.fields),
                    *self._arguments(self.scan.graph.knowledge.patterns(card, rule.callee)),
                ):
                    for name, thunk in value.fields.items():
                        found.setdefault(name, thunk)
                    for spread in value.spreads:
                        inner = self.scan.graph.ev.thunk(spread)
                        for name, thunk in inner.fields.items() if isinstance(inner, Obj) else ():
                            found.setdefault(name, thunk)
        return found

    def _fields(self, bases: tuple[str, ...], fields: tuple[str, ...]) -> list[Obj]:
        graph = self.scan.graph
        classes = [s for base in bases for s in graph.subclasses(last_step(base))]
        found: list[Obj] = []
        for where in classes:
            if not any(b.path in bases for b in inheritance.external_bases(graph.ev, ClassV(where))):
                continue
            for field in fields:
                value = members.own_member(graph.ev, InstV(ClassV(SymbolId(where.file, where.index))), field)
                found.extend(o for o in options(value) if isinstance(o, Obj)) if value is not None else None
        return found

    def _arguments(self, patterns: list[str]) -> list[Obj]:
        """The tables given to calls such as `$middleware->alias([...])`; two texts are a name and its guard."""
        graph = self.scan.graph
        found: list[Obj] = []
        for name in dict.fromkeys(last_step(p) for p in patterns):
            for file in graph.naming(name):
                view = graph.view(file)
                for number in view.calls_by_name.get(name, ()):
                    call = view.facts.calls[number]
                    callee = graph.ev.value(call.callee, file, call.owner)
                    if not any(isinstance(o, Ext) and any(compiled(p).fullmatch(o.path) for p in patterns) for o in options(callee)):
                        continue
                    first, second = (graph.ev.arg_thunk(Site(file, number, None), i) for i in (0, 1))
                    value = graph.ev.thunk(first) if first is not None else None
                    if isinstance(value, Obj):
                        found.append(value)
                    elif isinstance(value, Const) and isinstance(value.value, str) and first is not None and second is not None:
                        found.append(Obj({value.value: second}, (), first))
        return found
