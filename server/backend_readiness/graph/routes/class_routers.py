"""Classes that stand for a router: what their methods put on the router that they are given stands below the class.

A rule of shape `prefix` with a `base` says which: `prefix` is what the class gives to the constructor of its base (`inherited`), or an
argument of a call in its body (`at`); `parent` the class that it stands below, a type argument of such a call or of the base (`subject`).
Options: `assigned`, a setting that is assigned somewhere (`c.Endpoints.RoutePrefix = "api"`) and stands before all such classes;
`override`, a reference to what a class has in its place; `version`, see `graph.routes.class_versions`; `guards`, calls of the class
on itself, or on what a method is given, that stand before its routes. A rule with `options.reflected` says by which call functions make
groups for classes, see `graph.routes.reflected`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Member, Name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.routes.class_versions import assigned_values, stands_in_front, version_of
from backend_readiness.graph.routes.reflected import prefix_of
from backend_readiness.graph.routes.routing import Guard, Mount, RouterInfo, RouterKey
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref, RouteRule
from backend_readiness.rules.cards import Card

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Scan

MAX_CALLS = 60
MAX_GROUPS = 8


class ClassRouters:
    """The classes of one scan that stand for routers."""

    def __init__(self, scan: Scan) -> None:
        self._scan, self._graph, self._ev = scan, scan.graph, scan.graph.ev
        self._rules: list[tuple[Card, RouteRule, list[str]]] = []
        for card in scan.graph.knowledge.cards:
            for rule in card.routes:
                if rule.shape == "prefix" and rule.base:
                    self._rules.append((card, rule, scan.graph.knowledge.patterns(card, rule.base)))
        self._keys: dict[SymbolId, RouterKey | None] = {}
        self._reflected: dict[SymbolId, RouterKey | None] = {}

    def around(self, file: str, owner: int, card: Card) -> RouterKey | None:
        """The class that a call is written in, when it stands for a router of the card; None else."""
        if not any(c.id == card.id or card.id in c.uses for c, _, _ in self._rules):
            return None
        view = self._graph.view(file)
        for scope in view.enclosing(owner):
            if view.symbol(scope).kind == "class":
                return self.key_of(SymbolId(file, scope))
        return None

    def key_of(self, where: SymbolId) -> RouterKey | None:
        if where not in self._keys:
            self._keys[where] = None  # a class below itself
            self._keys[where] = self._found(where)
        return self._keys[where]

    def of_handler(self, handler: AV | None) -> RouterKey | None:
        """The class that a handler is written in, when a function makes groups for such classes by reflection."""
        found = (o for o in options(handler) if isinstance(o, FuncV)) if handler is not None else iter(())
        return next((k for f in found if (k := self.grouped(f.symbol.file, f.symbol.index)) is not None), None)

    def grouped(self, file: str, owner: int) -> RouterKey | None:
        """The same for what is written in a symbol."""
        rules = [r for c in self._graph.knowledge.cards for r in c.routes if r.shape == "prefix" and "reflected" in r.options]
        view = self._graph.view(file)
        for scope in view.enclosing(owner) if rules else ():
            if view.symbol(scope).kind == "class":
                return self._of_reflected(SymbolId(file, scope), rules[0])
        return None

    def _of_reflected(self, where: SymbolId, rule: RouteRule) -> RouterKey | None:
        if where not in self._reflected:
            key: RouterKey = ("class", where.file, where.index)
            path = prefix_of(self._scan, where, str(rule.options["reflected"]))
            self._reflected[where] = key if path is not None else None
            if path is not None:
                self._scan.routing.routers[key].prefixes.extend(_slashed([path]))
                self._guard(where, rule, Ext("~group"), key)
        return self._reflected[where]

    def _found(self, where: SymbolId) -> RouterKey | None:
        above = inheritance.external_bases(self._ev, ClassV(where)) if self._rules else []
        for card, rule, bases in self._rules:
            for base in above:
                if any(compiled(b).fullmatch(base.path) for b in bases):
                    key: RouterKey = ("class", where.file, where.index)
                    self._note(card, rule, where, base, key)
                    return key
        return None

    def _note(self, card: Card, rule: RouteRule, where: SymbolId, base: Ext, key: RouterKey) -> None:
        view = self._graph.view(where.file)
        symbol = view.symbol(where.index)
        place = Place(file=where.file, line=symbol.line, end_line=symbol.line)
        info = self._scan.routing.routers[key]
        info.prefixes.extend(_slashed(self._texts(view, where, base, rule.prefix)))
        self._guard(where, rule, base, key)
        groups = self._classes(view, where, base, rule.parent)
        parents = [self.key_of(c.symbol) for c in groups]
        own = Ref(**rule.options["override"]) if "override" in rule.options else None
        replaced = self._value(view, where, base, own)
        if replaced is not None:
            info.prefixes = _slashed(texts(self._ev, replaced)) or info.prefixes
        elif not any(parents) and rule.options.get("assigned"):
            parents = [self._application(card, tuple(rule.options["assigned"]))]
        if "version" in rule.options:
            self._version(rule, where, info, groups, None if replaced is None else _slashed(texts(self._ev, replaced)))
        for parent in parents:
            if parent is not None and parent != key:
                self._scan.routing.mounts.append(Mount(parent=parent, child=key, prefix="", place=place, start=0))

    def _guard(self, where: SymbolId, rule: RouteRule, base: Ext, key: RouterKey) -> None:
        view = self._graph.view(where.file)
        for number, name in self._calls(view, where) if "guards" in rule.options else ():
            call = view.facts.calls[number]
            given = {p.name for p in view.symbol(call.owner).params} | {"self"}
            on = call.callee.base if isinstance(call.callee, Member) else Name("self")
            if name in rule.options["guards"] and isinstance(on, Name) and on.id in given:  # `app.MapGet(...).RequireX()` guards one route
                at = Place(file=where.file, line=call.line, end_line=call.end_line)
                value = Ext(f"{base.path}.{name}()", base, Site(where.file, number, None))
                if base.path.startswith("~"):
                    found = self._ev.value(call.callee, where.file, call.owner)
                    value = Ext(f"{found.path}()", found, value.site) if isinstance(found, Ext) else value
                self._scan.routing.routers[key].guards.append(Guard(value=value, place=at, start=0))

    # ------------------------------------------------------------ what the class says

    def _calls(self, view: FileView, where: SymbolId) -> Iterator[tuple[int, str]]:
        numbers = [n for child in view.children.get(where.index, ()) for n in view.calls_of.get(child, ())]
        for number in numbers[:MAX_CALLS]:
            yield number, callee_name(view.facts.calls[number]) or ""

    def _value(self, view: FileView, where: SymbolId, base: Ext, ref: Ref | None) -> AV | None:
        if ref is None:
            return None
        if ref.inherited is not None:
            return inheritance.given_to_base(self._ev, ClassV(where), ref.inherited)
        if ref.subject:
            return base.subject
        for number, name in self._calls(view, where):
            if name == ref.at:
                thunk = argument_thunk(self._ev, Site(where.file, number, None), ref)
                return self._ev.thunk(thunk) if thunk is not None else None
        return None

    def _texts(self, view: FileView, where: SymbolId, base: Ext, ref: Ref | None) -> list[str]:
        return texts(self._ev, self._value(view, where, base, ref)) if ref is not None else []

    def _classes(self, view: FileView, where: SymbolId, base: Ext, ref: Ref | None) -> list[ClassV]:
        value = self._value(view, where, base, ref)
        return [o for o in options(value) if isinstance(o, ClassV)] if value is not None else []

    # ------------------------------------------------------------ the application

    def _application(self, card: Card, settings: tuple[str, ...]) -> RouterKey | None:
        """What stands for the application of a card whose settings give a path before all others."""
        key: RouterKey = ("path", card.id, 0)
        if key in self._scan.routing.routers:
            return key
        front = self._front(settings)
        versions = (r.options["version"] for c, r, _ in self._rules if c.id == card.id and "version" in r.options)
        if any(stands_in_front(self._graph, v) for v in versions):
            front = []  # it stands before the version, which is another one for each class
        if front:
            self._scan.routing.routers[key].prefixes.extend(front)
        return key if front else None

    def _front(self, settings: tuple[str, ...]) -> list[str]:
        found = (v.value for s in settings for v in assigned_values(self._graph, s))
        return _slashed([t for t in found if isinstance(t, str)][:1])

    def _version(self, rule: RouteRule, where: SymbolId, info: RouterInfo, groups: list[ClassV], replaced: list[str] | None) -> None:
        above: list[SymbolId] = []
        while groups and len(above) < MAX_GROUPS:
            group = groups.pop()
            above.append(group.symbol)
            groups.extend(b.subject for b in inheritance.external_bases(self._ev, group) if isinstance(b.subject, ClassV))
        version = version_of(self._graph, where, tuple(above), rule.options["version"])
        if version.in_front:
            front = replaced if replaced is not None else self._front(tuple(rule.options.get("assigned", ())))
            info.front = "".join(front) + (f"/{version.segment}" if version.segment else "")
            info.prefixes = [] if replaced is not None else info.prefixes
        elif version.segment:
            info.suffix = f"/{version.segment}"


def _slashed(found: list[str]) -> list[str]:
    return [f"/{t.strip('/')}" for t in found if t.strip("/")]
