"""One controller: the routes of its own actions and of those that it inherits, by what decorators or conventions say of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Name, Symbol
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.parts import parts
from backend_readiness.graph.handling.own_marks import Mark
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.conventions import Action, Convention, by_convention, by_method, with_tokens, without_defaults
from backend_readiness.graph.routes.entity_actions import entities_of, paths_of
from backend_readiness.graph.routes.routing import Guard, Mount, Registration, RouterKey
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId
from backend_readiness.model import Place

if TYPE_CHECKING:
    from backend_readiness.graph.shapes.controller import Controllers


_CLOSED = frozenset(("private", "abstract", "property"))
_VERSION = re.compile(r"\d+(?:\.\d+)?")


class Controller:
    """One concrete controller with its own and its inherited actions."""

    def __init__(self, all_of: Controllers, cls: ClassV, symbol: Symbol, marks: list[Mark]) -> None:
        self.all, self.cls, self.symbol, self.own = all_of, cls, symbol, marks
        self.graph, self.ev, self.options = all_of.graph, all_of.ev, all_of.options
        self.above = [b for b in inheritance.bases(self.ev, cls) if isinstance(b, ClassV)]
        self.levels = [marks, *(all_of.marks(b.symbol) for b in self.above)]
        suffix = str(self.options.get("suffix", ""))
        renamed = next((t for m in all_of.of(marks, "controller_names") for t in all_of.templates(m, "name")), "")
        self.token = renamed or symbol.name.removesuffix(suffix) or symbol.name
        self.area = next(iter(self._texts_of("areas")), "") or all_of.area_of(cls.symbol.file)
        self.defaults: list[Convention] = []  # templates of the class for actions without one of their own
        self.prefixes = self._prefixes()

    def _nearest_level(self, option: str) -> list[Mark]:
        return next((found for level in self.levels if (found := self.all.of(level, option))), [])

    def _texts_of(self, option: str) -> list[str]:
        return [t for m in self._nearest_level(option) for t in self.all.templates(m, "name")]

    def _prefixes(self) -> list[str]:
        found = [t for m in self._nearest_level("prefixes") for t in self.all.templates(m, "prefix")]
        routed = [t for m in self._nearest_level("paths") for t in self.all.templates(m)]
        if "area_prefix" in self.options:
            areas = [t for m in self._nearest_level("areas") for t in self.all.templates(m, str(self.options["area_prefix"]))]
            found = [join(a, p, keep_root=False) for a in areas for p in found or [""]] or found
        if self.options.get("class_defaults"):
            found = [join(f, p, keep_root=False) for f in self.all.fronts for p in found or [""]] or found
            below = [join(p, t, keep_root=False) for p in found or [""] for t in routed if not t.startswith("~/")]
            self.defaults = [Convention(template=t.strip("/")) for t in below]
            return found
        if found and routed:
            found = [join(p, t, keep_root=False) for p in found for t in routed]
        found = found or routed
        if not self.all.fronts:
            return found
        return [t if t.startswith(("/", "~/")) else join(f, t, keep_root=False) for f in self.all.fronts for t in found or [""]]

    def register(self) -> None:
        key: RouterKey = ("class", self.cls.symbol.file, self.cls.symbol.index)
        info = self.all.scan.routing.routers[key]
        place = Place(file=self.cls.symbol.file, line=self.symbol.line, end_line=self.symbol.line)
        info.guards.extend(g for level in reversed(self.levels) for g in self.all.guards(level))
        for parent in dict.fromkeys(self.all.scan.router(h) for h in self.all.nearest(self.cls.symbol.file)):
            self.all.scan.routing.mounts.append(Mount(parent=parent, child=key, prefix="", place=place, start=0))
        seen: set[str] = set()
        for cls in (self.cls, *self.above):
            pieces = [(self.graph.view(part.file), part.index) for part in parts(self.ev, cls)]
            for view, index in pieces:
                for child in view.children.get(index, ()):
                    symbol = view.symbol(child)
                    if self._is_action(symbol) and (cls is self.cls or symbol.name not in seen):
                        self._action(key, SymbolId(view.path, child), symbol)
            seen.update(view.symbol(c).name for view, index in pieces for c in view.children.get(index, ()))

    def _is_action(self, symbol: Symbol) -> bool:
        brought = symbol.name in ("", "constructor", "Dispose", *self.options.get("brought", ()))
        if symbol.kind != "method" or symbol.is_static or brought:
            return False
        return not any(isinstance(d, Name) and d.id in _CLOSED for d in symbol.decorators)

    def _inherited_marks(self, name: str) -> list[Mark]:
        """The decorators of the method that this one stands in for."""
        for base in self.above:
            view = self.graph.view(base.symbol.file)
            for child in view.named_children.get((base.symbol.index, name), ()):
                found = self.all.marks(SymbolId(view.path, child))
                if found:
                    return found
        return []

    # ------------------------------------------------------------ actions

    def _action(self, key: RouterKey, where: SymbolId, symbol: Symbol) -> None:
        marks = self.all.marks(where)
        if self.all.of(marks, "not_actions"):
            return
        routing = self.all.of(marks, "paths") or [m for m in marks if m.path in self.options.get("verbs", {})]
        if not routing:
            marks = [*marks, *self._inherited_marks(symbol.name)]
        renamed = [t for m in self.all.of(marks, "names") for t in self.all.templates(m, "name")]
        called = renamed[0] if renamed else symbol.name.removesuffix(str(self.options.get("drops", ""))) or symbol.name
        action = Action(controller=self.token, action=called, area=self.area, others=self._others())
        verbs = [(self.options["verbs"][m.path], m) for m in marks if m.path in self.options.get("verbs", {})]
        verbs += [(v, m) for m in self.all.of(marks, "listed") for v in self._listed(m)]
        empty = [""] if self.options.get("class_defaults") else []  # `[Route]` alone is the path of the prefix
        routed = [(t, m) for m in self.all.of(marks, "paths") for t in self.all.templates(m) or empty]
        guards = tuple(self.all.guards(marks))
        line = Place(file=where.file, line=symbol.line, end_line=symbol.line)
        handler = FuncV(where, InstV(self.cls))
        bare = [(v, m) for v, m in verbs if not self.all.templates(m)]
        found: list[tuple[str, str, Place]] = [(v, t, m.place) for v, m in verbs for t in self.all.templates(m)]
        for template, mark in routed:
            found.extend((v, template, mark.place) for v in dict.fromkeys(v for v, _ in bare) or [self._by_name(symbol.name)])
        below = [t for m in self.all.of(marks, "relative") for t in self.all.templates(m)]
        if below or ("entities" in self.options and not routed and (bare or not verbs) and not self.prefixes):
            self._of_entities(key, handler, symbol, below, {v: m.place for v, m in bare}, guards, line)
        elif not routed and (bare or not verbs) and self.defaults:
            params = frozenset(p.name.lower() for p in symbol.params)
            said = [(v, m.place) for v, m in bare] or [(self._by_name(symbol.name), line)]
            found.extend((v, f"/{t}", at) for c in self.defaults for t in c.paths_of(action, params) for v, at in said)
        elif not routed and (bare or not verbs):
            if self.options.get("class_defaults") or not self.prefixes or self.prefixes == self.all.fronts:
                self._conventional(key, handler, symbol, action, bare, guards, line)
            else:
                found.extend((v, "", m.place) for v, m in bare)
                if not verbs:
                    found.append((self._by_name(symbol.name), "", line))
        version = self._version(marks)
        for method, template, place in found:
            for path in self._paths(template, action):
                self._add(key, method, version(path), handler, guards, place)

    def _others(self) -> tuple[tuple[str, str], ...]:
        """Tokens that stand for the last step of the namespace."""
        space = last_step(self.graph.facts.files[self.cls.symbol.file].package)
        return tuple((t, space) for t in self.options.get("namespace_tokens", ()) if space)

    def _version(self, marks: list[Mark]) -> Callable[[str], str]:
        """Puts the version that an action is for into its path: `[MapToApiVersion("2.0")]` and `/v{version:apiVersion}/orders`."""
        said = {t.removesuffix(".0") for m in self.all.of(marks, "versions") for t in self.all.templates(m, "version")}
        only = next(iter(said)) if len(said) == 1 else ""
        return partial(re.sub, str(self.options["version_hole"]), only) if _VERSION.fullmatch(only) else str

    def _listed(self, mark: Mark) -> list[str]:
        call = self.graph.view(mark.site.file).facts.calls[mark.site.call]
        given = [self.ev.value(a.value, mark.site.file, call.owner) for a in call.args if a.name is None]
        named = [last_name(a.value) or "" for a in call.args if a.name is None]
        found = [t.upper() for v in given for t in texts(self.ev, v) if t.isalpha()] or [n.upper() for n in named if n]
        return found or ["ANY"]

    def _by_name(self, name: str) -> str:
        other = str(self.options.get("otherwise", "ANY"))
        return next((v for start, v in self.options.get("by_name", {}).items() if name.startswith(start)), other)

    def _paths(self, template: str, action: Action) -> list[str]:
        if template.startswith(("/", "~/")):
            whole = [template.lstrip("~")]
        else:
            whole = [join(p.removeprefix("~"), template, keep_root=False) for p in self.prefixes or [""]]
        return [without_defaults(with_tokens(t, action, humps=not self.all.dashed)) for t in whole]

    def _conventional(
        self, key: RouterKey, handler: FuncV, symbol: Symbol, action: Action, bare: list[tuple[str, Mark]],
        guards: tuple[Guard, ...], line: Place,
    ) -> None:  # fmt: skip
        if self.options.get("named_only") and symbol.name.removesuffix("Async") not in self.options.get("by_name", {}):
            return
        params = frozenset(p.name.lower() for p in symbol.params)
        near = {id(h) for h in self.all.nearest(self.cls.symbol.file)}
        stated = [c for h, c in self.all.conventions if id(h) in near] + self.all.assumed
        leading = [(c, paths) for c in stated if (paths := by_convention(c, action, params))]
        fixed = [(c, paths) for c, paths in leading if c.is_fixed]
        leading = by_method(leading, symbol.name, tuple(self.options.get("by_name", ())))
        linked = True  # the first path that leads to an action is the one by which links to it are written
        for convention, paths in fixed or leading:
            named = "{action" not in convention.template.lower() and bool(self.options.get("by_name"))
            methods = [(v, m.place) for v, m in bare] or [(self._by_name(symbol.name) if named else "ANY", line)]
            for path in paths:
                for method, place in methods:
                    self._add(key, method, path, handler, guards, place, linked=linked)
                linked = False

    def _of_entities(
        self, key: RouterKey, handler: FuncV, symbol: Symbol, below: list[str], bare: dict[str, Place], guards: tuple[Guard, ...],
        line: Place,
    ) -> None:  # fmt: skip
        """The paths below each prefix of the application: those that a decorator says, or those that the names say."""
        near = {id(h) for h in self.all.nearest(self.cls.symbol.file)}
        stated = [c.template for h, c in self.all.conventions if id(h) in near and c.keyed]
        fronts = list(dict.fromkeys(t.partition("{controller}")[0] for t in stated)) or [""]
        of = entities_of(self.graph, self.token, tuple(self.options["entities"]))
        set_prefix = next(iter(self._texts_of("set_prefixes")), "")
        methods = list(bare) or [self._by_name(symbol.name)]
        paths = [(m, f"/{set_prefix}/{t}" if set_prefix else f"/{t}") for t in below for m in methods]
        if not below:
            paths = paths_of(of, symbol, self.options.get("by_name", {}), list(bare))
        for front in fronts:
            for method, path in paths:
                self._add(
                    key,
                    method,
                    join(f"/{front.strip('/')}", path.replace("//", "/"), keep_root=False),
                    handler,
                    guards,
                    bare.get(method, line),
                )

    def _add(
        self, key: RouterKey, method: str, path: str, handler: FuncV, guards: tuple[Guard, ...], place: Place, *, linked: bool = True
    ) -> None:  # fmt: skip
        symbol = self.graph.view(handler.symbol.file).symbol(handler.symbol.index)
        self.all.scan.routing.registrations.append(
            Registration(
                router=key, method=method, path=path, place=place, start=0, card=self.all.card, rule=self.all.rule, handler=handler,
                guards=guards, name=f"{self.area}/{self.token}.{symbol.name}" if linked else "",
            )
        )  # fmt: skip
