"""Routes inside plugins: functions that are given a router of their own, and registered below another one.

The router is the parameter of the plugin function, so a function stands for it. The option `part` of a rule says what a call does:
`route` (shorthand: path, options, handler), `table` (one object with method, path and handler), `register` (a plugin with options),
`folder` (all plugins of a folder), `hook` (runs before). `keys` names the fields of option objects; `guards` the fields with guards,
and `guard_key` where a record among them holds its function.
`listed` are the keys to the plugins in the record that makes an application. `inner` are fields of a table whose object has further keys
of the route; `loose`: see `loose_records`. `held` names the fields of a plugin that is an object: those that lead to the plugin, the one
with its function, and the one of the settings that hold its prefix.
"""

from __future__ import annotations

import re
from typing import Any

from backend_readiness.facts.model import Call, CallRef, Member, Name, Value
from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.handling.handlers import unwrapped
from backend_readiness.graph.handling.route_auth import RouteAuth
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.loose_records import register_loose
from backend_readiness.graph.routes.methods import methods_of
from backend_readiness.graph.routes.routing import Guard, Mount, Registration, RouterKey, argument_values, functions_in
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Const, Ext, FuncV, ListV, ModV, Obj, Site, SymbolId, Thunk, UnknownV, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place

MAX_FOLDER = 400
MAX_NESTED = 12
MAX_STEPS = 3
MAX_CHAIN = 60


def collect(scan: Scan) -> None:
    plugins = _Plugins(scan)
    for hit in scan.hits.get("plugin", ()):
        plugins.handle(hit)
    plugins.finish()
    register_loose(scan)


class _Plugins:
    def __init__(self, scan: Scan) -> None:
        self.scan, self.graph, self.ev = scan, scan.graph, scan.graph.ev
        self._functions: dict[RouterKey, str] = {}
        self._transparent: list[tuple[RouterKey, RouterKey]] = []
        self._seen: set[tuple[str, int]] = set()
        self._depth = 0
        self._auth: dict[str, RouteAuth] = {}

    def handle(self, hit: Hit) -> None:
        place = (hit.site.file, hit.site.call)
        if hit.site.env is None and place in self._seen:
            return
        self._seen.add(place)
        getattr(self, f"_{hit.rule.options['part']}")(hit)

    def _inside(self, function: SymbolId, hit: Hit) -> None:
        """Calls on the parameter of a function that is known to be a plugin, whatever the parameter's name."""
        view = self.graph.view(function.file)
        params = view.symbol(function.index).params
        kind = next((p for p in self.graph.knowledge.patterns(hit.card, "{app}") if not p.startswith(("?", "*"))), "")
        if not params or not params[0].name or not kind or self._depth > MAX_NESTED:
            return
        self._depth += 1
        for number, call in enumerate(view.facts.calls):
            callee = call.callee
            if (
                not isinstance(callee, Member)
                or _first_name(view, call) != params[0].name
                or function.index not in view.enclosing(call.owner)
            ):
                continue
            value = Ext(f"{kind}.{callee.name}", Ext(kind))
            for tagged, match in self.graph.knowledge.routes.matches(value):
                if tagged.rule.shape == "plugin":
                    self.handle(Hit(Site(view.path, number, None), call, value, tagged.rule, tagged.card, match))
                    break
        self._depth -= 1

    # ------------------------------------------------------------ routers

    def router(self, hit: Hit) -> RouterKey | None:
        """The plugin function whose parameter the call is on, else the application that was made."""
        view = self.graph.view(hit.site.file)
        name = _first_name(view, hit.call)
        for scope in view.enclosing(hit.call.owner) if name else ():
            params = view.symbol(scope).params
            if params and params[0].name == name:
                key: RouterKey = ("function", view.path, scope)
                self._functions.setdefault(key, hit.card.id)
                return key
            if (scope, name) in view.bindings:
                break
        return self.scan.router(hit)

    def finish(self) -> None:
        """Plugins that are called like functions stand where they are called; hooks of transparent plugins run for their parent."""
        mounted = {m.child for m in self.scan.routing.mounts}
        for key in [k for k in self._functions if k not in mounted]:
            self._called(SymbolId(key[1], key[2]), key)
        for parent, child in reversed(dict.fromkeys(self._transparent)):
            guards = self.scan.routing.routers[child].guards
            self.scan.routing.routers[parent].guards.extend(guards)
            guards.clear()

    def _called(self, where: SymbolId, key: RouterKey) -> None:
        name = self.graph.view(where.file).symbol(where.index).name
        locals_ = {name, *(local for _, local in self.graph.importers(where.file) if local)} - {""}
        for file in dict.fromkeys(f for n in sorted(locals_) for f in self.graph.naming(n)):
            view = self.graph.view(file)
            for number in (i for n in sorted(locals_) for i in view.calls_by_name.get(n, ())):
                call = view.facts.calls[number]
                values = options(self.ev.value(call.callee, file, call.owner))
                if not call.args or not any(isinstance(v, FuncV) and v.symbol == where for v in values):
                    continue
                parent = self._of_argument(view, call)
                if parent is not None and parent != key:
                    place = Place(file=file, line=call.line, end_line=call.end_line)
                    self.scan.routing.mounts.append(Mount(parent=parent, child=key, prefix="", place=place, start=call.start))

    def _of_argument(self, view: FileView, call: Call) -> RouterKey | None:
        first = call.args[0].value
        for scope in view.enclosing(call.owner) if isinstance(first, Name) else ():
            params = view.symbol(scope).params
            if params and isinstance(first, Name) and params[0].name == first.id and ("function", view.path, scope) in self._functions:
                return ("function", view.path, scope)
        for card in self.graph.knowledge.cards:
            if any(r.shape == "plugin" for r in card.routes):
                found = self.scan.router_of_value(self.ev.value(first, view.path, call.owner), card)
                if found is not None:
                    return found
        return None

    # ------------------------------------------------------------ routes

    def _route(self, hit: Hit) -> None:
        values = [Thunk(hit.site.file, hit.call.owner, a.value, hit.site.env) for a in hit.call.args[1:]]
        given = argument_values(self.graph, values)
        settings = next((v for v in given if isinstance(v, Obj)), None)
        handler: AV | None = next((v for v in reversed(given) if functions_in(self.graph, v)), None)
        if handler is None and settings is not None:
            handler = self._field(settings, "handler")
        paths = [p for p in self.scan.texts(hit, hit.rule.path) if p == "" or p.startswith(("/", "*", "{"))]
        if handler is None and settings is None:
            handler = given[-1] if given else None
        if handler is not None:
            self._add(hit, methods_of(self.scan, hit), paths, handler, settings)

    def _table(self, hit: Hit) -> None:
        given = self.scan.value(hit, hit.rule.path)
        for option in options(given) if given is not None else ():
            whole = exports.module_value(self.ev, option.file) if isinstance(option, ModV) else option
            for item in [self.ev.thunk(t) for t in whole.items[:MAX_FOLDER]] if isinstance(whole, ListV) else [whole]:
                if isinstance(item, Obj):
                    self._record(hit, item)

    def _record(self, hit: Hit, settings: Obj) -> None:
        keys: dict[str, str] = hit.rule.options.get("keys", {})
        methods = [m.upper() for m in texts(self.ev, self._field(settings, keys.get("method", "method"))) if m.isalpha()]
        paths = texts(self.ev, self._field(settings, keys.get("path", "url"))) or texts(self.ev, self._field(settings, "path"))
        inner = [o for k in hit.rule.options.get("inner", ()) if isinstance(o := self._field(settings, k), Obj)]
        handler = next((h for o in (settings, *inner) if (h := self._field(o, keys.get("handler", "handler"))) is not None), None)
        if handler is not None and paths:
            here = self.scan.place(hit)  # a record of a list has no place of its own, its path has
            place = place_of_text(self.scan, settings.place.file, paths[0], here) if "inner" in hit.rule.options else here
            self._add(hit, methods or ["ANY"], paths, handler, settings, tuple(inner), place)

    def _add(
        self, hit: Hit, methods: list[str], paths: list[str], handler: AV, settings: Obj | None, inner_settings: tuple[Obj, ...] = (),
        written: Place | None = None,
    ) -> None:  # fmt: skip
        place, start, router = self.scan.place(hit), hit.call.start, self.router(hit)
        place = written or place
        inner, around = unwrapped(self.graph, handler)
        guards = [Guard(value=w, place=place, start=start) for w in around]
        for key, holder in ((k, o) for k in hit.rule.options.get("guards", ()) for o in (settings, *inner_settings)):
            value = self._field(holder, key)
            for step in self._steps(value, hit.rule.options.get("guard_key", "")) if value is not None else ():
                guards.extend(self.scan.guards_of(step, place, start))
        guards[:0] = self._by_strategy(hit, [o for o in (settings, *inner_settings) if o is not None], place)
        checked = self._checked(hit, settings)
        for path in paths:
            for method in methods:
                self.scan.routing.registrations.append(
                    Registration(
                        router=router, method=method, path=path, place=place, start=start, card=hit.card, rule=hit.rule,
                        handler=inner, guards=tuple(guards), checked=checked,
                    )
                )  # fmt: skip

    def _steps(self, value: AV, key: str, depth: int = 0) -> list[AV]:
        """What runs before: functions, lists of them, and records that hold one under the key (`{ assign: "user", method: load }`)."""
        if isinstance(value, ListV) and key and depth < MAX_STEPS:
            return [s for t in value.items[:40] for s in self._steps(self.ev.thunk(t), key, depth + 1)]
        held = self._field(value, key) if isinstance(value, Obj) and key else None
        value = value if held is None else held
        return [] if isinstance(value, Const) else [value]

    def _by_strategy(self, hit: Hit, settings: list[Obj], place: Place) -> tuple[Guard, ...]:
        spec = hit.rule.options.get("auth")
        if spec is None:
            return ()
        if hit.card.id not in self._auth:
            self._auth[hit.card.id] = RouteAuth(self.scan, hit.card, spec)
        return self._auth[hit.card.id].guards(settings, place)

    def _checked(self, hit: Hit, settings: Obj | None) -> tuple[str, ...]:
        """The parts of the request for which the route's own schema says something."""
        rule: dict[str, dict[str, str]] = hit.rule.options.get("schema", {})
        found = []
        for key, parts in rule.items():
            schema = self._field(settings, key)
            found += [part for name, part in parts.items() if isinstance(schema, Obj) and name in schema.fields]
        return tuple(found)

    def _field(self, settings: Obj | None, key: str) -> AV | None:
        thunk = members.field_thunk(self.ev, settings, key) if settings is not None else None
        return self.ev.thunk(thunk) if thunk is not None else None

    def _hook(self, hit: Hit) -> None:
        names = self.scan.texts(hit, hit.rule.path)
        value = self.ev.arg_value(hit.site, 1)
        router = self.router(hit)
        if value is not None and router is not None and set(names) & set(hit.rule.options.get("names", ())):
            guards = self.scan.guards_of(value, self.scan.place(hit), hit.call.start)
            self.scan.routing.routers[router].guards.extend(guards)

    # ------------------------------------------------------------ plugins

    def _register(self, hit: Hit) -> None:
        settings = self.ev.arg_value(hit.site, 1)
        settings = settings if isinstance(settings, Obj) else None
        parent, plugin = self.router(hit), self.ev.arg_value(hit.site, 0)
        for key in hit.rule.options.get("listed", ()):  # the call makes the application of a record that lists its plugins
            plugin = next((self._field(o, key) for o in options(plugin) if isinstance(o, Obj)), None) if plugin is not None else None
            parent = ("site", hit.site.file, hit.site.call)
            self.scan.note(parent, Ext(f"{hit.callee.path}()", hit.callee, hit.site))
        if parent is None or plugin is None:
            return
        folder = hit.rule.options.get("folder", {})
        if any(isinstance(o, Ext) and any(compiled(p).fullmatch(o.path) for p in folder.get("plugin", ())) for o in options(plugin)):
            self._folder(hit, parent, settings, folder)
            return
        held = hit.rule.options.get("held", {})
        for option in options(plugin) if held else ():
            for item in [self.ev.thunk(t) for t in option.items[:MAX_FOLDER]] if isinstance(option, ListV) else [option]:
                self._held(hit, parent, item, settings, held)
        if held:
            return
        prefixes = texts(self.ev, self._field(settings, "prefix")) or [""]
        for prefix in prefixes:
            self._mount(hit, parent, plugin, prefix)

    def _held(self, hit: Hit, parent: RouterKey, plugin: AV, settings: Obj | None, held: dict[str, Any]) -> None:
        """A plugin that is an object with its function, or an object that leads to one, with settings of its own."""
        value: AV | None = plugin
        for _ in range(4):
            if isinstance(value, Const) and isinstance(value.value, str):  # `{ plugin: "./orders" }`
                file = self.graph.resolve(value.value, hit.site.file)
                value = ModV(file) if file is not None else None
            if isinstance(value, ModV):
                found = (exports.exported(self.ev, value.file, k) for k in (*held["leads"], held["function"]))
                known = (f for f in found if f is not None and not isinstance(f, UnknownV | ModV))
                value = next(known, None) or exports.module_value(self.ev, value.file)
            if not isinstance(value, Obj):
                break
            own = self._field(value, held["settings"])
            settings = Obj({held["settings"]: value.fields[held["settings"]]}, (), value.place) if isinstance(own, Obj) else settings
            inner = (self._field(value, k) for k in (*held["leads"], held["function"]))
            value = next((i for i in inner if i is not None), None)
        routes = self._field(settings, held["settings"])
        prefixes = texts(self.ev, self._field(routes, "prefix")) if isinstance(routes, Obj) else []
        for prefix in prefixes or [""]:
            if value is not None:
                self._mount(hit, parent, value, prefix)

    def _mount(self, hit: Hit, parent: RouterKey, plugin: AV, prefix: str) -> RouterKey | None:
        for option in options(plugin):
            roles = self.graph.knowledge.roles_of(option.path) if isinstance(option, Ext) else ()
            if set(roles) - set(hit.rule.options.get("brings", ())):  # a package that stands before all routes
                guard = Guard(value=option, place=self.scan.place(hit), start=hit.call.start)
                self.scan.routing.routers[parent].guards.append(guard)
            if isinstance(option, ModV):
                return self._mount(hit, parent, exports.module_value(self.ev, option.file), prefix)
            wrapped = isinstance(option, Ext) and any(compiled(p).fullmatch(option.path) for p in hit.rule.options.get("transparent", ()))
            for function in functions_in(self.graph, option) if isinstance(option, FuncV) or wrapped else ():
                if isinstance(function, FuncV):
                    key: RouterKey = ("function", function.symbol.file, function.symbol.index)
                    if wrapped:
                        self._transparent.append((parent, key))
                    place, below = self.scan.place(hit), "" if wrapped else prefix
                    mount = Mount(parent=parent, child=key, prefix=below, place=place, start=hit.call.start)
                    self.scan.routing.mounts.append(mount)
                    self._inside(function.symbol, hit)
                    return key
        return None

    def _folder(self, hit: Hit, parent: RouterKey, settings: Obj | None, spec: dict[str, Any]) -> None:
        """Every plugin of a folder, below the names of the folders that it lies in; hooks of a folder run for what is below."""
        roots = [t.strip("/") for t in texts(self.ev, self._field(settings, spec.get("dir", "dir")))]
        inner = self._field(settings, "options")
        prefixes = texts(self.ev, self._field(inner, "prefix")) if isinstance(inner, Obj) else []
        flat = self._field(settings, spec.get("flat", "")) == Const(False)
        above: dict[str, tuple[RouterKey, str]] = {}
        files = sorted(f for root in roots for f in self.graph.facts.files if f.startswith(f"{root}/"))[:MAX_FOLDER]
        hooks = [f for f in files if re.fullmatch(spec.get("hooks", ""), f.rpartition("/")[2])]
        for file in (*sorted(hooks, key=lambda f: f.count("/")), *(f for f in files if f not in hooks)):
            root = next(r for r in roots if file.startswith(f"{r}/"))
            folder, _, name = file.rpartition("/")
            if name.endswith((".d.ts", ".json")) or ".test." in name or ".spec." in name:
                continue
            segments = [] if flat else [s for s in folder[len(root) :].split("/") if s]
            path = "".join(f"/{':' + s[1:] if s.startswith('_') else s}" for s in segments)
            outer = [d for d in above if f"{folder}/".startswith(f"{d}/")]
            holder, done = above[max(outer, key=len)] if outer else (parent, "")
            prefix = path[len(done) :] if outer else "".join(prefixes[:1]) + path
            own = exports.exported(self.ev, file, "autoPrefix")
            base = "" if outer else "".join(prefixes[:1])
            prefix = next((base + t for t in texts(self.ev, own)), prefix) if own is not None else prefix
            key = self._mount(hit, holder, exports.module_value(self.ev, file), prefix)
            if key is not None and file in hooks:
                above[folder] = (key, path)


def _first_name(view: FileView, call: Call) -> str | None:
    """The name that the chain of a callee starts with: `app` of `app.get("/x", show).get`."""
    value: Value = call.callee
    for _ in range(2 * MAX_CHAIN):
        if isinstance(value, Member):
            value = value.base
        elif isinstance(value, CallRef):
            value = view.facts.calls[value.call].callee
        elif isinstance(value, Name):
            return value.id
        else:
            return None
    return None
