"""Applications that are started from a module class, and the classes that its tree of modules holds.

`NestFactory.create(AppModule)` with `@Module({imports: [...], controllers: [...]})` below it. The keys come from the options of the
card's rule of shape `prefix` that has `root`; `serves` there are the methods that make an application answer.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property

from backend_readiness.facts.model import CallRef, Member, Name
from backend_readiness.graph.classes.annotations import arguments, decorators_of, of_kind
from backend_readiness.graph.evaluation import loops, members
from backend_readiness.graph.routes.mounted_classes import MountedClasses
from backend_readiness.graph.routes.router_keys import router_key
from backend_readiness.graph.routes.routing import Guard, RouterKey
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import shape, texts, uniform
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, ListV, Obj, SymbolId, options
from backend_readiness.rules.card_rules import Ref
from backend_readiness.rules.cards import Card

MAX_MODULES = 400
MAX_NESTED = 8


class Applications:
    """The applications of one card in the repository."""

    def __init__(self, scan: Scan, card: Card) -> None:
        self.scan, self.card = scan, card
        hits = [h for h in scan.hits.get("prefix", ()) if h.card.id == card.id]
        self.roots = self._serving([h for h in hits if h.rule.options.get("root")])
        self.prefixes = [h for h in hits if h.rule.options.get("receiver")]
        self._versions = [h for h in hits if h.rule.options.get("versioning")]
        self._options = next((r.options for r in card.routes if r.shape == "prefix" and r.options.get("root")), {})

    def _serving(self, roots: list[Hit]) -> list[Hit]:
        """Without applications that are only made to look something up, when others are there that answer requests (`serves`)."""
        serving = [h for h in roots if self._is_served(h)]
        return serving or roots

    def _is_served(self, hit: Hit) -> bool:
        view = self.scan.graph.view(hit.site.file)
        name = view.result_names.get(hit.site.call)
        wanted = tuple(hit.rule.options.get("serves", ()))
        calls = (view.facts.calls[n].callee for w in wanted for n in view.calls_by_name.get(w, ()))
        return not wanted or name is None or any(isinstance(c, Member) and c.base == Name(name) for c in calls)

    def guard(self) -> None:
        """Put the guards that modules provide for everything on the applications."""
        for hit in self.roots:
            self._global_guards(hit)

    def key_of(self, hit: Hit) -> RouterKey:
        return ("site", hit.site.file, hit.site.call)

    def of(self, cls: ClassV) -> list[RouterKey]:
        """The applications whose modules hold the class; the only one, or the nearest one, when no module tells."""
        holding = [k for k, held in self._held.items() if cls.symbol in held]
        if holding or len(self.roots) <= 1:
            return holding or [self.key_of(h) for h in self.roots] or [("card", self.card.id, 0)]
        depth = {
            self.key_of(h): len(posixpath.commonpath([h.site.file, cls.symbol.file]).split("/"))
            if h.site.file.split("/")[0] == cls.symbol.file.split("/")[0]
            else 0
            for h in self.roots
        }
        best = max(depth.values())
        return [k for k, d in depth.items() if d == best][:1]

    def below(self, hit: Hit) -> list[RouterKey]:
        """The applications that a call on an application means; all when the receiver's making is not known."""
        found = router_key(self.scan.graph, hit.callee.base if hit.callee.base is not None else hit.callee, self.scan.patterns(hit.card))
        if found is not None and found[0][0] == "site":
            return [found[0]]
        return self.all()

    def all(self) -> list[RouterKey]:
        """All applications of the card; what stands for them where nothing in sight starts one."""
        return [self.key_of(h) for h in self.roots] or [("card", self.card.id, 0)]

    @cached_property
    def versioning(self) -> tuple[str, list[str]] | None:
        """(prefix, default versions) when versions stand in the path, as they do by default where nothing starts the classes."""
        for hit in self._versions:
            kinds = self.scan.value(hit, Ref(arg=0, key="type"))
            if isinstance(kinds, Ext) and not kinds.path.endswith(".URI"):
                return None
            prefix = self.scan.texts(hit, Ref(arg=0, key="prefix"))
            value = self.scan.value(hit, Ref(arg=0, key="prefix"))
            first = "" if value is not None and not prefix else (prefix[0] if prefix else "v")
            return ("" if first == "False" else first), [
                t for t in self.scan.texts(hit, Ref(arg=0, key="defaultVersion")) if not t.startswith("{")
            ]
        return None if self.roots else ("v", [])

    def path_of(self, cls: SymbolId) -> str:
        """What the module that lists a class has before its paths, behind the version."""
        return self._paths.get(cls) or self._mounted.before(cls)

    @cached_property
    def _mounted(self) -> MountedClasses:
        return MountedClasses(self.scan, self.card)

    @cached_property
    def _paths(self) -> dict[SymbolId, str]:
        put: dict[SymbolId, tuple[SymbolId | None, str]] = {}
        for hit in self.scan.hits.get("prefix", ()):
            if hit.card.id == self.card.id and hit.rule.options.get("module_paths"):
                for module, path in self._module_paths(self.scan.value(hit, hit.rule.child), "", 0):
                    put.setdefault(module.symbol, (self._decorated(hit), path))
        found: dict[SymbolId, str] = {}
        for symbol in put:
            above: SymbolId | None = symbol
            path = ""
            for _ in range(MAX_NESTED):
                above, before = put.get(above, (None, "")) if above is not None else (None, "")
                path = before + path
            for where in self.holders_of(ClassV(symbol)) if path else ():
                found.setdefault(where, path)
        return found

    def _decorated(self, hit: Hit) -> SymbolId | None:
        """The class that the call is a decorator of: what it puts below a path stands below the path of the class too."""
        symbols = self.scan.graph.view(hit.site.file).facts.symbols
        return next((SymbolId(hit.site.file, n) for n, s in enumerate(symbols) if CallRef(hit.site.call) in s.decorators), None)

    def _module_paths(self, value: AV | None, above: str, depth: int) -> Iterator[tuple[ClassV, str]]:
        """Each module with its path: `[{ path: "admin", module: AdminModule, children: [...] }]`."""
        ev = self.scan.graph.ev
        for option in options(value) if value is not None and depth < MAX_NESTED else ():
            for item in [ev.thunk(t) for t in option.items[:MAX_MODULES]] if isinstance(option, ListV) else [option]:
                if isinstance(item, ClassV):
                    yield item, above
                elif isinstance(item, Obj):
                    path, module, inner = (members.field_thunk(ev, item, k) for k in ("path", "module", "children"))
                    named = next(iter(texts(ev, ev.thunk(path))), "") if path is not None else ""
                    below = f"{above}/{named.strip('/')}" if named.strip("/") else above
                    for thunk in (t for t in (module, inner) if t is not None):
                        yield from self._module_paths(ev.thunk(thunk), below, depth + 1)

    def excluded(self, path: str) -> bool:
        """Is the path one of those that the global prefix leaves out?"""
        return any(shape(uniform(path)) == wanted for wanted in self._excluded)

    @cached_property
    def _excluded(self) -> list[tuple[str, ...]]:
        found: list[str] = []
        for hit in self.prefixes:
            value = self.scan.value(hit, Ref(arg=1, key="exclude"))
            for item in getattr(value, "items", ()):
                option = self.scan.graph.ev.thunk(item)
                thunk = members.field_thunk(self.scan.graph.ev, option, "path") if isinstance(option, Obj) else item
                found.extend(texts(self.scan.graph.ev, self.scan.graph.ev.thunk(thunk)) if thunk is not None else ())
        return [shape(uniform(f)) for f in found]

    # ------------------------------------------------------------ the tree of modules

    @cached_property
    def _held(self) -> dict[RouterKey, set[SymbolId]]:
        return {
            self.key_of(h): {s for m in self._modules(h) for s in self._listed(m, str(self._options.get("holders_key", "")))}
            for h in self.roots
        }

    def _modules(self, hit: Hit) -> list[ClassV]:
        value = self.scan.value(hit, hit.rule.child)
        todo = [v for v in options(value) if isinstance(v, ClassV)] if value is not None else []
        seen = {v.symbol for v in todo}
        found: list[ClassV] = []
        while todo and len(found) < MAX_MODULES:
            module = todo.pop(0)
            found.append(module)
            for symbol in self._listed(module, str(self._options.get("imports", "imports"))):
                if symbol not in seen:
                    seen.add(symbol)
                    todo.append(ClassV(symbol))
        return found

    def _fields(self, module: ClassV, key: str) -> list[AV]:
        ev = self.scan.graph.ev
        found: list[AV] = []
        for mark in of_kind(decorators_of(self.scan.graph, module.symbol), tuple(self._options.get("module", ()))):
            for thunk in arguments(self.scan.graph, mark):
                value = ev.thunk(thunk)
                listed = members.field_thunk(ev, value, key) if isinstance(value, Obj) else None
                found.extend(ev.thunk(t) for t in loops.elements(ev, ev.thunk(listed))) if listed is not None else None
        return found

    def holders_of(self, module: ClassV) -> set[SymbolId]:
        """The classes with routes that a module itself lists."""
        return self._listed(module, str(self._options.get("holders_key", "")))

    def _listed(self, module: ClassV, key: str) -> set[SymbolId]:
        """The classes that a module lists; a dynamic module (`X.forRoot()`) counts as the class it names."""
        return {s for value in self._fields(module, key) for option in options(value) for s in self._classes(option, 0)}

    def _classes(self, value: AV, depth: int) -> list[SymbolId]:
        ev = self.scan.graph.ev
        if isinstance(value, ClassV):
            return [value.symbol]
        if depth > 3:
            return []
        if isinstance(value, Obj):
            thunk = members.field_thunk(ev, value, "module")
            return [s for o in options(ev.thunk(thunk)) for s in self._classes(o, depth + 1)] if thunk is not None else []
        if isinstance(value, Ext) and value.site is not None:  # `forwardRef(() => M)`
            inner = ev.arg_value(value.site, 0)
            made = ev.invoke(inner) if isinstance(inner, FuncV) else None
            return [s for o in options(made) for s in self._classes(o, depth + 1)] if made is not None else []
        return []

    def _global_guards(self, hit: Hit) -> None:
        """`{provide: APP_GUARD, useClass: X}` in a module of the application."""
        from backend_readiness.graph.shapes.annotation import running

        ev, wanted = self.scan.graph.ev, set(self._options.get("global_guards", ()))
        for module in self._modules(hit) if wanted else ():
            for value in self._fields(module, "providers"):
                token = members.field_thunk(ev, value, "provide") if isinstance(value, Obj) else None
                name = ev.thunk(token) if token is not None else None
                if not isinstance(name, Ext) or name.path not in wanted:
                    continue
                for key in ("useClass", "useExisting", "useValue", "useFactory"):
                    thunk = members.field_thunk(ev, value, key)
                    if thunk is not None:
                        given = ev.thunk(thunk)
                        given = ev.invoke(given) if key == "useFactory" else given
                        guard = running(self.scan, given, tuple(self._options.get("guard_methods", ())))
                        place = self.scan.place(hit)
                        self.scan.routing.routers[self.key_of(hit)].guards.append(Guard(value=guard, place=place, start=0))
