"""Routes by the place of their file: `app/orders/[id]/route.ts`, `pages/api/orders/[id].ts`.

Options of the rule: `root` names the folder below which paths start (its parent is the root of the application, or `src` in it); `leaf` the
stem of files that are routes (any, when absent); `below` a folder that paths must lie in; `exports` are HTTP methods that are exported
under their names, `default` says that the default export answers and branches on the `branches` member of its request. `parent` is the
folder that the root stands in, `prefix` what stands before all paths, `manifests` the files one of which the folder of the application has
(`marked`: the folder of the repository too). `methods_in_name`: the stem ends with the method (`[id].get.ts`). `flat`: the stem is a path
with dots (see `flat_path`). Names that begin with `_` are no routes but with `underscores`. `beside_manifest`: the folder stands beside one
of the manifests, `functions`: only functions are routes, and none beside an application that a file exports. A repository with a name of
`unless_naming`, or an application with a file of `unless_files`, and none of `but_naming` has no such files. `named` maps further exports
to methods (`loader: [GET]`), alone with `only_named`; `rest_in_double`: `[[path]]` takes all that follows; `objects` are exports whose
fields are methods, `calls` those that are given the function of a file. `routers` are values that a file exports with its methods on them,
see `graph.routes.file_routers`. `override` names the export and the key in it that give a file another path; `makers` maps what made a
default export to its method (`only_made`: another is no route), `within` the key of the function in an object that such a call is given.
`config` are files, `base` the way to a path before all in what they export (`app.baseURL`). `said`: a settings file names the folder, see
`graph.routes.said_folders`; `main_of_folder`: a folder in it is one function; `own`: a manifest above the file names the framework, where
any does. `guard` says what files run before routes, see `graph.routes.guard_files`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from backend_readiness.facts.model import Export, Lit, Op
from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.families import family
from backend_readiness.graph.handling.handlers import unwrapped
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.routes import file_routers
from backend_readiness.graph.routes.asked_methods import compared_methods, given_method, is_method
from backend_readiness.graph.routes.file_names import covers, flat_path, method_of
from backend_readiness.graph.routes.guard_files import guard_files
from backend_readiness.graph.routes.method_branches import ANSWERED_BEFORE, methods_listed
from backend_readiness.graph.routes.method_tables import kept_by_method
from backend_readiness.graph.routes.routing import Guard, Registration, functions_in
from backend_readiness.graph.routes.said_folders import SaidFolders, main_of, speaks_of
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts, uniform
from backend_readiness.graph.values import AV, UNKNOWN, Ext, FuncV, Obj, UnknownV, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
MAX_METHODS = 8
_BASE = re.compile(r"[\w./-]+")  # a path, and neither a setting nor a whole address
_DOUBLE = re.compile(r"\[\[(\w+)\]\]")
_OPTIONAL = re.compile(r"/\[\[(?:\.\.\.)?[\w=-]+\]\]")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "file_path":
                Files(scan, card, rule).register()


class Files:
    """The routes of one rule."""

    def __init__(self, scan: Scan, card: Card, rule: RouteRule) -> None:
        self.scan, self.card, self.rule = scan, card, rule
        self.graph = scan.graph
        self.options: dict[str, Any] = rule.options
        self._said = SaidFolders(self.graph, rule.options["said"]) if "said" in rule.options else None
        self._bases: dict[str, str] = {}
        self._apps: dict[str, bool] = {}
        self._guards: dict[str, list[tuple[Guard, tuple[str, ...]]]] = {}

    def register(self) -> None:
        language = self.card.id.partition("/")[0]
        if any(self.graph.naming(n) for n in self.options.get("unless_naming", ())) and not any(
            self.graph.naming(n) for n in self.options.get("but_naming", ())
        ):
            return
        for path, index in self.graph.facts.files.items():
            if family(index.language) != language or path.endswith(".d.ts"):
                continue
            place = self._place(path)
            if place is not None:
                self.add(path, *place)

    def _place(self, path: str) -> tuple[str, str] | None:
        """(folder of the application, path of the route) of a file that is a route."""
        folders = path.split("/")
        stem = folders.pop().rpartition(".")[0]
        if self.options.get("leaf") not in (None, stem):
            return None
        if self.options.get("leaf") is None and stem.endswith((".test", ".spec", ".stories", ".server", ".client")):
            return None
        if self._said is not None:
            return self._said.place(path, stem, str(self.options.get("prefix", "")))
        for i, folder in enumerate(folders):
            if folder != self.options["root"]:
                continue
            above = folders[:i]
            if self.options.get("parent"):
                if above[-1:] != [self.options["parent"]]:
                    continue
                above = above[:-1]
            if self.options.get("beside_manifest") and not any(self.graph.has("/".join((*above, m))) for m in self.options["manifests"]):
                continue
            application = "/".join(above[:-1] if above[-1:] == ["src"] else above)
            inside = folders[i + 1 :]
            marks = self.options.get("manifests", ("package.json",))
            if any(self.graph.has(f"{application}/{m}".lstrip("/")) for m in self._instead()):
                continue
            known = any(self.graph.has(f"{application}/{m}".lstrip("/")) for m in marks) or not (application or self.options.get("marked"))
            if not known or (self.options.get("below") and inside[:1] != [self.options["below"]]):
                continue
            if self.options.get("own") and not speaks_of(self.graph, self.card, path):
                return None
            if self.options.get("main_of_folder"):
                inside, stem = main_of(inside, stem), "index"
                if not inside:
                    return None
            if self.options.get("flat"):
                route = flat_path([*inside, stem])
                return (application, route) if route is not None else None
            if self.options.get("rest_in_double"):
                inside, stem = [_DOUBLE.sub(r"[[...\1]]", s) for s in inside], _DOUBLE.sub(r"[[...\1]]", stem)
            if self.options.get("methods_in_name"):
                stem, _, _ = method_of(stem)
            if self.options.get("leaf") is None and stem != "index":
                inside = [*inside, "[...wildcard]" if stem == "[...]" else stem]
            if any(s.startswith("_") for s in inside) and not self.options.get("underscores"):
                return None
            kept = [s for s in inside if not (s.startswith("(") and s.endswith(")")) and not s.startswith("@")]
            return application, "/".join([str(self.options.get("prefix", "")), *(s.replace("%5F", "_") for s in kept)]) or "/"
        return None

    def _instead(self) -> tuple[str, ...]:
        """The tables that stand in the place of such files, unless something reads these for the table."""
        named = any(self.graph.naming(n) for n in self.options.get("but_naming", ()))
        return () if named else tuple(self.options.get("unless_files", ()))

    def add(self, path: str, application: str, route: str) -> None:
        """Register what a file answers at `route`."""
        base, route = self._base(application), self._overridden(path) or route
        view = self.graph.view(path)
        found: list[tuple[str, AV | None, int]] = []
        if self.options.get("exports") or "named" in self.options:
            own = {} if self.options.get("only_named") else {m: [m] for m in METHODS}
            for name, methods in {**own, **self.options.get("named", {})}.items():
                export = view.exports.get(name) or (self._star(path, name) if "*" in view.exports else None)
                if export is not None:
                    value = exports.exported(self.graph.ev, path, name)
                    if self.options.get("mounts") and file_routers.mounted(self.scan, value, path, join(base, route, keep_root=False)):
                        continue
                    taken = self._branches(value) if name in self.options.get("branching", ()) else ["ANY"]
                    chosen = [t for t in taken if t not in ("ANY", "GET")]
                    rest = methods if not chosen or self._goes_on(value) else []
                    found.extend((m, value, export.line) for m in dict.fromkeys((*chosen, *rest)))
        else:
            export = view.exports.get("default") or view.exports.get("=")
            if export is not None:
                default = exports.module_value(self.graph.ev, path)
                for method, handler, place, guards in file_routers.added(self.graph, view, default, self.options.get("routers", {})):
                    self._put(application, base, route, method, handler, place, guards)
                    export = None
            if export is not None:
                if self.options.get("functions") and (self._serves(application) or not functions_in(self.graph, default)):
                    return
                named = method_of(path.rpartition("/")[2].rpartition(".")[0])[1] if self.options.get("methods_in_name") else ""
                named = named or self._made(default)
                every = [] if self.options.get("only_made") else self._branches(default)
                kept = kept_by_method(self.graph, default, str(self.options.get("branches", ""))) if every == ["ANY"] and not named else []
                found.extend(kept or [(m, default, export.line) for m in ([named] if named else every)])
        for name in self.options.get("objects", ()):
            found.extend(self._fields(path, name))
        found.extend(self._given(view) if "calls" in self.options else ())
        for method, value, line in found:
            inner, around = unwrapped(self.graph, None if isinstance(value, UnknownV) else self._in_object(value))
            place = self._line(inner, path, line)
            guards = tuple(Guard(value=w, place=place, start=0) for w in around)
            self._put(application, base, route, method, inner, place, guards)

    def _serves(self, application: str) -> bool:
        """Does a file of the folder export an application with routes of its own? Then the others are its parts."""
        if application not in self._apps:
            folder = f"{application}/{self.options['root']}/".lstrip("/")
            files = (f for f in self.graph.production if f.startswith(folder) and {"default", "="} & set(self.graph.view(f).exports))
            values = (o for f in files for o in options(exports.module_value(self.graph.ev, f)) if isinstance(o, Ext))
            self._apps[application] = any(self.scan.router_of_any(v) is not None for v in values)
        return self._apps[application]

    def _put(
        self, application: str, base: str, route: str, method: str, handler: AV | None, place: Place, guards: tuple[Guard, ...]
    ) -> None:
        optional = _OPTIONAL.search(route)
        for each in (route, route[: optional.start()] + route[optional.end() :] or "/") if optional else (route,):
            full = join(base, each, keep_root=False)
            self.scan.routing.registrations.append(
                Registration(
                    router=None, method=method, path=full, place=place, start=0, card=self.card, rule=self.rule, handler=handler,
                    guards=(*self._before(application, uniform(each)), *guards),
                )
            )  # fmt: skip

    def _overridden(self, path: str) -> str:
        """The path that the file itself gives instead of its place."""
        spec: dict[str, str] = self.options.get("override", {})
        value = exports.exported(self.graph.ev, path, spec["export"]) if spec and spec["export"] in self.graph.view(path).exports else None
        thunk = members.field_thunk(self.graph.ev, value, spec["key"]) if isinstance(value, Obj) else None
        return next((t for t in texts(self.graph.ev, self.graph.ev.thunk(thunk)) if t.startswith("/")), "") if thunk is not None else ""

    def _given(self, view: FileView) -> Iterator[tuple[str, AV | None, int]]:
        """The functions that a file gives to one of the named calls: `Deno.serve(async (request) => ...)`."""
        wanted = self.graph.knowledge.patterns(self.card, tuple(self.options["calls"]))
        names = {last_step(p) for p in wanted}
        for call in (c for c in view.facts.calls if c.owner == 0 and c.args and callee_name(c) in names):
            callee = self.graph.ev.value(call.callee, view.path, 0)
            if any(isinstance(o, Ext) and compiled(p).fullmatch(o.path) for o in options(callee) for p in wanted):
                yield "ANY", self.graph.ev.value(call.args[-1].value, view.path, 0), call.line

    def _made(self, value: AV) -> str:
        """The method of what only one kind of call makes: `export default defineWebSocketHandler({...})`."""
        paths = [o.path.removesuffix("()") for o in options(value) if isinstance(o, Ext)]
        makers = self.options.get("makers", {}).items()
        return next((str(m) for p, m in makers if any(compiled(p).fullmatch(path) for path in paths)), "")

    def _in_object(self, value: AV | None) -> AV | None:
        """The function at the key `within` of an object that a maker is given: `defineEventHandler({ onRequest, handler })`."""
        key = str(self.options.get("within", ""))
        for option in options(value) if value is not None and key else ():
            given = self.graph.ev.arg_value(option.site, 0) if isinstance(option, Ext) and option.site is not None else None
            thunk = members.field_thunk(self.graph.ev, given, key) if isinstance(given, Obj) else None
            if thunk is not None:
                return self.graph.ev.thunk(thunk)
        return value

    def _star(self, path: str, name: str) -> Export | None:
        """`export * from "./orders"`, when what it passes on has the name."""
        value = exports.exported(self.graph.ev, path, name)
        return self.graph.view(path).exports["*"] if isinstance(value, FuncV) else None

    def _fields(self, path: str, name: str) -> Iterator[tuple[str, AV | None, int]]:
        """The methods of an exported object; a function in its place takes every method."""
        export = self.graph.view(path).exports.get(name)
        value = exports.exported(self.graph.ev, path, name) if export is not None else None
        if value is None or export is None:
            return
        for option in options(value):
            inner = self.graph.ev.arg_value(option.site, 0) if isinstance(option, Ext) and option.site is not None else option
            if isinstance(inner, FuncV):
                yield "ANY", inner, export.line
            for key, thunk in inner.fields.items() if isinstance(inner, Obj) else ():
                if key in METHODS:
                    yield key, self.graph.ev.thunk(thunk), export.line

    def _line(self, handler: AV | None, path: str, line: int) -> Place:
        if isinstance(handler, FuncV) and handler.symbol.file == path:
            line = self.graph.view(path).symbol(handler.symbol.index).line
        return Place(file=path, line=line, end_line=line)

    # ------------------------------------------------------------ methods of one function

    def _branches(self, handler: AV | None) -> list[str]:
        """The methods that the function compares the request's method with; every one when it does not."""
        member = str(self.options.get("branches", ""))
        found: list[str] = methods_listed(self.graph, handler, member) if member else []
        if found:
            return [m for m in dict.fromkeys(found) if m in METHODS]
        for function in functions_in(self.graph, handler)[:2] if member else ():
            if isinstance(function, FuncV):
                view = self.graph.view(function.symbol.file)
                body = set(view.body(function.symbol.index))
                held = {n for a in view.facts.assigns if a.owner in body for n in given_method(a, member)}
                switched = False
                for block in (b for i in sorted(body) for b in view.blocks_of.get(i, ())):
                    if block.kind == "switch":
                        switched = is_method(block.subject, member, held)
                    elif block.kind == "case" and switched and isinstance(block.subject, Lit):
                        found.append(str(block.subject.value))
                    elif block.subject is not None:
                        found.extend(compared_methods(block.subject, member, 0, held))
        named = [m for m in dict.fromkeys(found) if m in METHODS][:MAX_METHODS]
        return named if set(named) - ANSWERED_BEFORE else ["ANY"]

    def _goes_on(self, handler: AV | None) -> bool:
        """Does the function answer other methods too, behind those that it picks out? Not after a switch, or what sends all others away."""
        for function in functions_in(self.graph, handler)[:1]:
            if isinstance(function, FuncV):
                view = self.graph.view(function.symbol.file)
                blocks = [b for i in sorted(view.body(function.symbol.index)) for b in view.blocks_of.get(i, ())]
                picked = [
                    b
                    for b in blocks
                    if b.subject is not None and list(compared_methods(b.subject, str(self.options.get("branches", "")), 0))
                ]
                turned = any(isinstance(b.subject, Op) and b.subject.op.startswith("!") for b in picked)
                after = [r for r in view.returns.get(function.symbol.index, ()) if not any(b.start <= r.start <= b.end for b in picked)]
                return bool(picked) and not turned and bool(after) and not any(b.kind == "switch" for b in blocks)
        return False

    # ------------------------------------------------------------ the application

    def _base(self, application: str) -> str:
        """The path that the configuration puts before all routes."""
        if application not in self._bases:
            self._bases[application] = ""
            for name in self.options.get("config", ()):
                file = f"{application}/{name}".lstrip("/")
                if file in self.graph.facts.files:
                    value = exports.module_value(self.graph.ev, file)
                    if isinstance(value, Ext) and value.site is not None:  # `defineConfig({...})`
                        value = self.graph.ev.arg_value(value.site, 0) or value
                    for key in str(self.options.get("base", "")).split("."):
                        thunk = members.field_thunk(self.graph.ev, value, key)
                        value = self.graph.ev.thunk(thunk) if thunk is not None else UNKNOWN
                    found = texts(self.graph.ev, value)
                    self._bases[application] = "/" + found[0].strip("/") if found and _BASE.fullmatch(found[0]) else ""
        return self._bases[application]

    def _before(self, application: str, route: str) -> Iterator[Guard]:
        """The application's guard file, when its list of places covers the route."""
        if application not in self._guards:
            spec = self.options.get("guard") or {}
            self._guards[application] = list(guard_files(self.graph, application, str(self.options.get("root", "")), spec))
        for guard, places in self._guards[application]:
            if not places or any(covers(p, route) for p in places):
                yield guard
