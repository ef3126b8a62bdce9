"""Routers that a base class makes for the classes below it, which are mounted where a method of each class says.

`router.mountSubRouter(verticle.getContextPath(), verticle.getRouter())`: the routes that a class puts on the router it inherits stand
below what its own `getContextPath` gives. Without that they would all seem to stand at no path, or each at the paths of all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Member
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.routes.routing import Guard, Mount, RouterKey
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId, options
from backend_readiness.model import Place

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Hit, Scan

MAX_CLASSES = 200


@dataclass(frozen=True, slots=True)
class _Mounted:
    """A router whose prefix the `method` of one of the `classes`, or of a class below them, gives."""

    mount: Mount
    classes: frozenset[SymbolId]
    method: str


class ClassPrefixes:
    def __init__(self, scan: Scan) -> None:
        self._scan, self._graph, self._ev = scan, scan.graph, scan.graph.ev
        self._found: list[_Mounted] = []

    def note(self, hit: Hit, mount: Mount) -> None:
        """Remember a mount that has no known prefix or several, when a method of an object gives it."""
        thunk = self._scan.thunk(hit, hit.rule.prefix)
        if thunk is None or not isinstance(thunk.expr, CallRef):
            return
        callee = self._graph.view(thunk.file).facts.calls[thunk.expr.call].callee
        if isinstance(callee, Member):
            on = options(self._ev.value(callee.base, thunk.file, thunk.owner, thunk.env))
            classes = frozenset(o.cls.symbol for o in on if isinstance(o, InstV))
            if classes:
                self._found.append(_Mounted(mount, classes, callee.name))

    def apply(self) -> None:
        """Give the routes that stand in such a class a router of their own, with the guards that stand there too."""
        routing = self._scan.routing
        for found in self._found:
            keys: dict[RouterKey, str] = {}
            for number, item in enumerate(routing.registrations):
                cls = self._class_at(item.place, found) if item.router == found.mount.child else None
                prefix = self._prefix(cls, found.method) if cls is not None and len(keys) < MAX_CLASSES else ""
                if cls is not None and prefix:
                    key: RouterKey = ("class", cls.file, cls.index)
                    keys[key] = prefix
                    routing.registrations[number] = replace(item, router=key)
            info = routing.routers[found.mount.child]
            for key, prefix in keys.items():
                routing.mounts.append(replace(found.mount, child=key, prefix=prefix))
                routing.routers[key].guards.extend(g for g in info.guards if self._stands_before(g, key, found))

    def _stands_before(self, guard: Guard, key: RouterKey, found: _Mounted) -> bool:
        """Is a guard of the shared router one of this class, or of none below the common base?"""
        around = self._class_at(guard.place, found)
        return around is None or ("class", around.file, around.index) == key

    def _class_at(self, place: Place, found: _Mounted) -> SymbolId | None:
        """The class around a place, when it is one of those that are meant or stands below one; not the base that is only named."""
        view = self._graph.view(place.file)
        inside = [i for i, s in enumerate(view.facts.symbols) if s.kind == "class" and s.line <= place.line <= s.end_line]
        for index in reversed(inside):
            where = SymbolId(place.file, index)
            above = {b.symbol for b in inheritance.bases(self._ev, ClassV(where)) if isinstance(b, ClassV)}
            if where in found.classes or above & found.classes:
                return where
        return None

    def _prefix(self, cls: SymbolId, method: str) -> str:
        """What the method of a class gives, when it is one path that is known."""
        own = members.own_member(self._ev, InstV(ClassV(cls)), method)
        given = texts(self._ev, self._ev.invoke(own)) if isinstance(own, FuncV) else []
        return f"/{given[0].strip('/')}" if len(given) == 1 and "{" not in given[0] and given[0].strip("/") else ""
