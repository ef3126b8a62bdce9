"""Classes whose methods are routes: `@Controller("orders") class { @Get(":id") show() {} }`.

Options of the rule: `holders` are the decorators of such a class (a rule without them takes any class); `version` the decorators that name
a version, `unversioned` names that stand for none; `guards` the decorators that list what runs first, `guards_behind` those that do so
behind a path, `own_guards` those that are guards themselves; `guard_methods` the method of such a class that runs; `optional_holders` takes
classes without them too; `prefix` are the references to a holder's prefix, all its arguments without it; `invoked` is the method of a class
that a decorator of the class itself registers; `names` are references to the name of the route, which those of the holders stand before;
`root` the calls that start an application from a module, `module` the decorator of modules, with its keys `imports` and `holders_key`;
`versioning` the call that puts versions into paths; `name` keys of options that name an operation, `keys` keywords that do, `accessors`
beginnings of method names that are no part of it; `only` keywords that must have a text; `namespace` the word of name spaces below which
classes and methods that name no path are called by their names; `absolute`: a path with a slash before it stands for itself; `texts`: the
path is the first text, wherever it stands.
`prefix_parts` maps keywords of a holder, in the order of the path, to what stands before their texts (`{version: v, name: ""}`); where the
last is not given the class's name stands for it in small letters, without the end `strip_class`.
`holder_guards` are references to lists of guards in a holder, as `middleware` of the rule is in the mark of the method; `needs_path`: a
mark without a path is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from backend_readiness.graph.classes import inheritance, injection
from backend_readiness.graph.classes.annotations import arguments, decorators_of, of_kind
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.handling.wrappers import method_limits
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.routes.call_paths import regex_path
from backend_readiness.graph.routes.marked_paths import as_written
from backend_readiness.graph.routes.methods import methods_of
from backend_readiness.graph.routes.modules_tree import Applications
from backend_readiness.graph.routes.routing import Guard, Mount, Registration, RouterKey, call_place
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, Obj, Site, SymbolId, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref

MAX_PATHS = 40
# A constant of code that a build generates of the schema, `MUTATION.AddOrder`, is called as the field is.
_GENERATED = re.compile(r"\{([A-Z])(\w*[a-z]\w*)\}")


def collect(scan: Scan) -> None:
    hits = scan.hits.get("annotation", ())
    applications: dict[str, Applications] = {}
    decorated = [(h, s) for h in hits if (s := scan.decorated.get((h.site.file, h.site.call))) is not None]
    answering = [(h, s, where) for h, s in decorated if (where := _answering(scan, h, s)) is not None]
    marked = frozenset(where for _, _, where in answering)
    for hit, symbol, where in answering:
        if hit.card.id not in applications:
            applications[hit.card.id] = Applications(scan, hit.card)
            applications[hit.card.id].guard()
        _Method(scan, hit, where, applications[hit.card.id], marked, of_class=where.index != symbol).register()


def _answering(scan: Scan, hit: Hit, symbol: int) -> SymbolId | None:
    """The decorated method; of a decorated class the method that answers for it."""
    view = scan.graph.view(hit.site.file)
    if view.symbol(symbol).kind not in ("class", "interface"):
        return SymbolId(view.path, symbol) if view.symbol(symbol).parent > 0 else None
    invoked = hit.rule.options.get("invoked", "")
    named = (view.named_children.get((symbol, str(n)), ()) for n in (invoked if isinstance(invoked, list) else [invoked]))
    own = next((found for found in named if found), ())
    return SymbolId(view.path, own[-1]) if own else None


class _Method:
    """One decorated method, below each class that has it. `marked`: all methods that are decorated so."""

    def __init__(
        self, scan: Scan, hit: Hit, where: SymbolId, applications: Applications, marked: frozenset[SymbolId], *, of_class: bool = False
    ) -> None:
        self.scan, self.hit, self.where, self.applications, self.of_class = scan, hit, where, applications, of_class
        self._marked = marked
        self.ev = scan.graph.ev
        self.options: dict[str, Any] = hit.rule.options
        self.own = decorators_of(scan.graph, where)

    def register(self) -> None:
        only: dict[str, str] = self.options.get("only", {})
        if any(text not in self._texts(self.hit.site, Ref(kwarg=key)) for key, text in only.items()):
            return
        if self.options.get("needs_path") and not self.scan.texts(self.hit, self.hit.rule.path):
            return
        for cls in self._classes():
            above = decorators_of(self.scan.graph, cls.symbol)
            holders = of_kind(above, tuple(self.options.get("holders", ()))) if not self.of_class else []
            prefixes, versions = self._prefixes(holders)
            if holders and not any(prefixes) and "namespace" in self.options:
                prefixes = [self._class_path(cls, str(self.options["namespace"]))]
            key: RouterKey = ("class", cls.symbol.file, cls.symbol.index)
            first = key not in self.scan.routing.routers
            info = self.scan.routing.routers[key]
            inside = self.scan.class_routers.key_of(cls.symbol)
            place = self._class_place(cls)
            if first:
                info.guards.extend(self._guards(above, place))
                refs = [Ref(**r) for r in self.options.get("holder_guards", ())]
                info.guards.extend(g for h in holders if h.site is not None for g in self._listed(h.site, refs))
                info.needs_mount = bool(self.options.get("mounted")) and self.scan.is_served(
                    self.hit.card
                )  # `OpenApiService::new(Api)` puts the class somewhere
                for parent in () if self.options.get("mounted") or inside else self.applications.of(cls):
                    self.scan.routing.mounts.append(Mount(parent=parent, child=key, prefix="", place=place, start=0))
            own_versions = self._versions(self.own)
            for path in self._paths():
                for prefix in prefixes:
                    for version in self._version_prefixes(own_versions or versions or self._versions(above)):
                        alone = self.options.get("bare") or (self.options.get("absolute") and path.startswith("/"))
                        whole = path if alone else join(prefix, path, keep_root=False)
                        self._add(key, version, whole, cls, self._name(holders))

    def _name(self, holders: list[Ext]) -> str:
        """The name of the route, those of the holders before it."""
        refs = [Ref(**r) for r in self.options.get("names", ())]
        sites = [h.site for h in holders if h.site is not None] + [self.hit.site]
        return "".join(next((t for r in refs for t in self._texts(site, r)), "") for site in sites) if refs else ""

    def _texts(self, site: Site, ref: Ref) -> list[str]:
        thunk = argument_thunk(self.ev, site, ref)
        return texts(self.ev, self.ev.thunk(thunk)) if thunk is not None else []

    def _add(self, key: RouterKey, version: str, path: str, cls: ClassV, name: str = "") -> None:
        router: RouterKey | None = key
        if self.applications.excluded(path):
            router = None
        handler = FuncV(self.where, InstV(cls))
        place = self.scan.place(self.hit)
        guards = (*self._guards(self.own, place), *self._listed(self.hit.site, self.hit.rule.middleware))
        bare = bool(self.options.get("bare"))
        above = "" if bare else self.applications.path_of(cls.symbol)
        path = join(above, path, keep_root=False) if above else path
        if router is None or bare:
            guards = (*self.scan.routing.routers[key].guards, *guards)
        stated = methods_of(self.scan, self.hit)
        for method in (method_limits(self.scan, handler) or stated) if stated == ["ANY"] else stated:
            self.scan.routing.registrations.append(
                Registration(
                    router=None if bare else router, method=method, path=path if bare else join(version, path, keep_root=False),
                    place=place, start=self.hit.call.start,
                    card=self.hit.card, rule=self.hit.rule, handler=handler, guards=guards, name=name,
                )
            )  # fmt: skip

    # ------------------------------------------------------------ classes

    def _classes(self) -> list[ClassV]:
        """The class of the method when it is a holder, else its subclasses that are."""
        graph = self.scan.graph
        wanted = tuple(self.options.get("holders", ()))
        cls = ClassV(SymbolId(self.where.file, graph.view(self.where.file).symbol(self.where.index).parent))
        if not wanted or self.options.get("optional_holders") or of_kind(decorators_of(graph, cls.symbol), wanted):
            return [cls]
        name = graph.view(cls.symbol.file).symbol(cls.symbol.index).name
        below = [ClassV(s) for s in graph.subclasses(name)]
        held = [c for c in below if of_kind(decorators_of(graph, c.symbol), wanted)]
        held = [c for c in held if any(isinstance(b, ClassV) and b.symbol == cls.symbol for b in inheritance.bases(self.ev, c))]
        return [c for c in held if not self._is_written_anew(c)]

    def _is_written_anew(self, cls: ClassV) -> bool:
        """Does a class below have a method of the name that is decorated itself? That one answers in its place."""
        own = members.own_member(self.ev, InstV(cls), self.scan.graph.view(self.where.file).symbol(self.where.index).name)
        return isinstance(own, FuncV) and own.symbol != self.where and own.symbol in self._marked

    def _class_place(self, cls: ClassV) -> Place:
        symbol = self.scan.graph.view(cls.symbol.file).symbol(cls.symbol.index)
        return Place(file=cls.symbol.file, line=symbol.line, end_line=symbol.line)

    # ------------------------------------------------------------ paths

    def _paths(self) -> list[str]:
        if not self.options.get("bare"):
            unnamed = "namespace" in self.options and self.scan.thunk(self.hit, self.hit.rule.path) is None
            default = snake(self.scan.graph.view(self.where.file).symbol(self.where.index).name) if unnamed else ""
            if self.options.get("texts"):
                return self._first_text() or [default]
            regex = regex_path(self.scan, self.hit)
            found = self.scan.texts(self.hit, self.hit.rule.path) or self._plain() or self._by_language() or [default]
            return regex or as_written(self.options, found)
        for position in range(len(self.hit.call.args)):
            value = self.ev.arg_value(self.hit.site, position)
            for option in options(value) if value is not None else ():
                if isinstance(option, Const) and isinstance(option.value, str):
                    second = texts(self.ev, self.ev.arg_value(self.hit.site, position + 1)) if self.options.get("joined") else []
                    return ["/".join([option.value, *second[:1]])]
                for key in self.options.get("name", ()) if isinstance(option, Obj) else ():
                    thunk = members.field_thunk(self.ev, option, key)
                    if thunk is not None:
                        return texts(self.ev, self.ev.thunk(thunk))
        for key in self.options.get("keys", ()):
            named = texts(self.ev, self.ev.arg_value(self.hit.site, 999, key))
            if named:
                return [_GENERATED.sub(lambda m: m[1].lower() + m[2], n) for n in named]
        symbol = self.scan.graph.view(self.where.file).symbol(self.where.index)
        before = next((w for w in self.options.get("accessors", ()) if re.match(rf"{w}[A-Z]", symbol.name)), "")
        return [symbol.name[len(before)].lower() + symbol.name[len(before) + 1 :] if before else symbol.name]

    def _first_text(self) -> list[str]:
        values = (self.ev.arg_value(self.hit.site, n) for n, a in enumerate(self.hit.call.args) if a.name is None)
        return next(([v.value] for v in values if isinstance(v, Const) and isinstance(v.value, str)), [])

    def _plain(self) -> list[str]:
        """A text that stands where a record with the path may: `@POST("/:id")` for `@POST({ url: "/:id" })`."""
        path = self.hit.rule.path
        return self.scan.texts(self.hit, Ref(arg=path.arg)) if path is not None and path.key is not None else []

    def _class_path(self, cls: ClassV, namespace: str) -> str:
        """What stands for a class that names no path: its name space below `namespace` and its name, in words."""
        view = self.scan.graph.view(cls.symbol.file)
        inner = self.scan.graph.facts.files[view.path].package.partition(f".{namespace}")[2].strip(".")
        name = view.symbol(cls.symbol.index).name.replace(namespace, "", 1)
        return "/" + "/".join(snake(part) for part in (*(p for p in inner.split(".") if p), name))

    def _by_language(self) -> list[str]:
        """The paths of a record: `path: ['en' => '/about', 'nl' => '/over-ons']`."""
        value = self.scan.value(self.hit, self.hit.rule.path)
        fields = [t for o in options(value) if isinstance(o, Obj) for t in o.fields.values()] if value is not None else []
        return [t for thunk in fields[:MAX_PATHS] for t in texts(self.ev, self.ev.thunk(thunk)) if t.startswith("/")]

    def _prefixes(self, holders: list[Ext]) -> tuple[list[str], list[str]]:
        prefixes: list[str] = []
        versions: list[str] = []
        named = self.options.get("prefix_key")  # the keyword of the holder with the prefix
        for holder in holders:
            if named:
                value = self.ev.arg_value(holder.site, 999, str(named)) if holder.site is not None else None
                prefixes.extend(texts(self.ev, value))
                continue
            if "prefix_parts" in self.options:
                prefixes.append(self._of_parts(holder))
                continue
            if "prefix" in self.options:
                found = (self._texts(holder.site, Ref(**r)) for r in self.options["prefix"]) if holder.site is not None else ()
                prefixes.extend(next((t for t in found if t), []))
                continue
            for thunk in arguments(self.scan.graph, holder):
                value = self.ev.thunk(thunk)
                if isinstance(value, Obj):
                    path, version = members.field_thunk(self.ev, value, "path"), members.field_thunk(self.ev, value, "version")
                    prefixes.extend(texts(self.ev, self.ev.thunk(path)) if path is not None else ())
                    versions.extend(texts(self.ev, self.ev.thunk(version)) if version is not None else ())
                else:
                    prefixes.extend(texts(self.ev, value))
        return prefixes or [""], versions

    def _of_parts(self, holder: Ext) -> str:
        """The prefix that several keywords of a holder make together."""
        parts: dict[str, str] = self.options["prefix_parts"]
        said = {k: self._texts(holder.site, Ref(kwarg=k)) if holder.site is not None else [] for k in parts}
        last = list(parts)[-1]
        if not said[last]:
            name = self.scan.graph.view(self.where.file).symbol(self.scan.graph.view(self.where.file).symbol(self.where.index).parent).name
            said[last] = [name.removesuffix(str(self.options.get("strip_class", ""))).lower()]
        return "/" + "/".join(parts[k] + t[0].strip("/") for k, t in said.items() if t and t[0].strip("/"))

    def _versions(self, found: list[Ext]) -> list[str]:
        marks = of_kind(found, tuple(self.options.get("version", ())))
        return [t for a in marks for thunk in arguments(self.scan.graph, a) for t in texts(self.ev, self.ev.thunk(thunk))]

    def _version_prefixes(self, versions: list[str]) -> list[str]:
        scheme = self.applications.versioning
        if scheme is None:
            return [""]
        prefix, default = scheme
        none = tuple(self.options.get("unversioned", ()))
        return ["" if v.strip("{}").rpartition(".")[2] in none else f"/{prefix}{v}" for v in versions or default] or [""]

    # ------------------------------------------------------------ guards

    def _guards(self, found: list[Ext], place: Place) -> Iterator[Guard]:
        for annotation in of_kind(found, tuple(self.options.get("own_guards", ()))):
            where = call_place(self.scan.graph, annotation.site) if annotation.site is not None else place
            yield Guard(value=annotation, place=where, start=0)
        for key, first in (("guards", 0), ("guards_behind", 1)):
            for annotation in of_kind(found, tuple(self.options.get(key, ()))):
                where = call_place(self.scan.graph, annotation.site) if annotation.site is not None else place
                for thunk in arguments(self.scan.graph, annotation)[first:]:
                    for value in options(self.ev.thunk(thunk)):
                        yield Guard(value=self.running(value), place=where, start=0)

    def _listed(self, site: Site, refs: Iterable[Ref]) -> Iterator[Guard]:
        """What runs first, by the lists that a mark is given."""
        for ref in refs:
            thunk = argument_thunk(self.ev, site, ref)
            value = self.ev.thunk(thunk) if thunk is not None else None
            items = value.items if isinstance(value, ListV) else (thunk,) if thunk is not None else ()
            for item in items:
                for option in options(self.ev.thunk(item)):
                    yield Guard(value=self.running(option), place=call_place(self.scan.graph, site), start=0)

    def running(self, value: AV) -> AV:
        return running(self.scan, value, tuple(self.options.get("guard_methods", ())))


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def running(scan: Scan, value: AV, names: tuple[str, ...]) -> AV:
    """The method of a guard's class that runs, also of one that a container holds under this name; the class itself when it has none."""
    if isinstance(value, Const | Ext):
        held = injection.bound_to(scan.graph.ev, value)
        bound = [v for v in options(held) if isinstance(v, InstV | ClassV)] if held is not None else []
        value = bound[0] if len(bound) == 1 else value
    if isinstance(value, InstV):
        value = value.cls
    for name in names if isinstance(value, ClassV) else ():
        method = members.own_member(scan.graph.ev, InstV(value) if isinstance(value, ClassV) else value, name)
        if isinstance(method, FuncV):
            return method
    return value
