"""`app.use("/prefix", guard, router)`, `app.include_router(router, prefix=...)`, and guards that are put on a router."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from backend_readiness.facts.model import Call, CallRef, Member, Name
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.evaluation.params import given_by_callers
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument, step_site
from backend_readiness.graph.routes.class_prefixes import ClassPrefixes
from backend_readiness.graph.routes.given_routers import parameter
from backend_readiness.graph.routes.router_keys import router_key
from backend_readiness.graph.routes.routing import Guard, Mount, RouterKey, argument_values
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.routes.steps_before import prefix_by_steps
from backend_readiness.graph.tagged import Tagged
from backend_readiness.graph.urls import join, texts, with_optional_braces, with_settings
from backend_readiness.graph.values import (
    AV,
    UNKNOWN,
    ClassV,
    Const,
    Ext,
    FuncV,
    InstV,
    ListV,
    ModV,
    ParamV,
    Site,
    SymbolId,
    Text,
    Thunk,
    UnionV,
    options,
)
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.cards import MiddlewareRule

MAX_LISTS = 4  # tuples of tuples


def collect(scan: Scan) -> None:
    by_class = ClassPrefixes(scan)
    for hit in scan.hits.get("mount", ()):
        if not _is_printed(scan, hit):
            _mount(scan, hit, by_class)
    _middleware(scan)
    by_class.apply()


def _mount(scan: Scan, hit: Hit, by_class: ClassPrefixes) -> None:
    rule = hit.rule
    made: RouterKey = ("site", hit.site.file, hit.site.call)
    # `made`: the call itself is what the others are put on, or what is put below its receiver
    parent = made if rule.options.get("made", "child") != "child" else scan.router(hit)
    if parent == made:
        scan.note(made, Ext(f"{hit.callee.path}()", hit.callee, hit.site))
    place, start = scan.place(hit), scan.start(hit)
    guards = list(scan.guards(hit, rule.middleware))
    prefixes = list(scan.texts(hit, rule.prefix)) if rule.prefix is not None else []
    if rule.prefix is not None and not isinstance(scan.value(hit, rule.prefix), ParamV) and scan.is_open(hit, rule.prefix):
        prefixes = [""]  # a setting that only a deployment knows (`nest(settings.path, routes)`)
    children: list[RouterKey] = []
    if rule.parent is not None:  # `router.applyRoutes(server, "/admin")`: the receiver is what is mounted
        above = scan.router_of_value(scan.value(hit, rule.parent), hit.card)
        parent, values, children = above, [], [parent] if above is not None and parent is not None and above != parent else []
    elif rule.child is not None:
        values = [v for v in (_given(scan, hit) or scan.value(hit, rule.child),) if v is not None]
        values = [one for v in values for one in _each(scan, v)]
    elif rule.options.get("returned"):  # `@extend_api("/orders") def with_orders(): return [orders]`
        values = [one for v in _returned(scan, hit) for one in _each(scan, v)]
    elif rule.options.get("decorated"):  # `api.auto_discover_controllers()` puts all classes there that have the decorator
        values, children = [], list(_decorated(scan, str(rule.options["decorated"])))
    elif rule.options.get("all_below"):  # `app.MapGroup("/api").MapCarter()` puts all classes there that have such a base
        values, children = [], list(_all_below(scan, rule.options["all_below"]))
    elif rule.options.get("named_prefix"):  # `api.namespace("orders")`: a rule of shape `prefix` reads the arguments
        values = []
    else:  # every argument: a leading text is the prefix, routers are mounted, the rest are guards before them
        arguments = [Thunk(hit.site.file, hit.call.owner, a.value, hit.site.env) for a in hit.call.args if a.name is None]
        values = argument_values(scan.graph, arguments)
        while values and _is_text(values[0]) and not rule.options.get("classes"):  # `app.use(["/a", "/b"], router)`
            prefixes.extend(texts(scan.graph.ev, with_settings(scan.graph.ev, values[0])))
            values = values[1:]
    if rule.options.get("made") == "child":
        values, children = [], [made]
    made_with: dict[RouterKey, str] = {}
    whole: set[RouterKey] = set()
    for value in values:
        # A loop over modules or routers mounts each of them.
        of = scan.router_of_any if rule.options.get("any_router") else partial(scan.router_of_value, card=hit.card)
        found = [child for option in options(value) if (child := of(option)) is not None]
        whole.update(found if _is_whole(value, rule.options.get("whole", ())) else ())
        made_with.update({child: p for child in found[:1] if (p := scan.given_prefix(value, hit.card))})
        if not found and rule.options.get("named"):  # the dotted name of a router in a module
            found = [r for t in texts(scan.graph.ev, value) if (r := of(_named(scan, t, hit.site.file))) is not None]
        if rule.options.get("functions"):  # a function that is given the router, or that is a handler with its own path
            found.extend(scan.function_router(o.symbol, hit.card) for o in options(value) if isinstance(o, FuncV))
        if rule.options.get("classes"):
            dotted = (_named(scan, t, hit.site.file) for t in (texts(scan.graph.ev, value) if _is_text(value) else ()))
            found.extend(c for v in (value, *(d for d in dotted if d is not None)) for c in _classes(scan, v))
        if rule.options.get("files"):  # a module whose routes stand in its file
            found.extend(
                ("file", o.symbol.file if isinstance(o, ClassV) else o.file, 0) for o in options(value) if isinstance(o, ClassV | ModV)
            )
        children.extend(dict.fromkeys(found))
        if not found and rule.child is None:
            guards.extend(scan.guards_of(value, place, start))
    # A head that only a configuration knows (`[base_path, "/api"].concat()`) is nothing by default.
    prefixes = [p.partition("}")[2] if p.startswith("{") and "}/" in p else p for p in prefixes]
    prefixes = [p.removesuffix("*").rstrip("/") if p.endswith("*") else p for p in prefixes]  # `route("/api*").subRouter(api)`
    if rule.options.get("optional_groups"):
        prefixes = [t for p in prefixes for t in with_optional_braces(p)]
    before = prefix_by_steps(scan, hit)
    prefixes = [join(before, p, keep_root=False) for p in prefixes or [""]] if before else prefixes
    replaces = bool(prefixes) and bool(rule.options.get("replaces"))
    if children:
        if rule.options.get("instead"):  # another rule takes the same call for one route
            known = {r.router for r in scan.routing.registrations}.union(scan.routing.routers)
            if known.intersection(children):
                others = (r for r in scan.routing.registrations if r.place != place or r.start != start or r.card != hit.card)
                scan.routing.registrations[:] = list(others)
        for child in children:
            for prefix in [""] if child in whole else [p + made_with.get(child, "") for p in prefixes or [""]]:
                mount = Mount(parent=parent, child=child, prefix=prefix, place=place, start=start, guards=tuple(guards), replaces=replaces)
                scan.routing.mounts.append(mount)
                if rule.prefix is not None and (not prefix or len(prefixes) > 1):
                    by_class.note(hit, mount)
    elif rule.child is None and parent is not None:  # `app.use(guard)`
        everywhere = not prefixes or any(p in ("/", "*") for p in prefixes)
        in_order = bool(rule.options.get("in_order", True))
        if hit.passed and (hit.site.file, hit.call.owner) in scan.registering:  # it stands among the routes of its function
            place = Place(file=hit.site.file, line=hit.call.line, end_line=hit.call.end_line)
            start = hit.call.start
        scan.routing.routers[parent].guards.extend(
            Guard(value=guard.value, place=place, start=start, path=path, only_after=in_order)
            for path in ([""] if everywhere else prefixes)
            for guard in guards
        )


def _returned(scan: Scan, hit: Hit) -> list[AV]:
    """What the function gives that the call decorates."""
    where, view = scan.decorated.get((hit.site.file, hit.site.call)), scan.graph.view(hit.site.file)
    given = view.returns.get(where, ()) if where is not None else ()
    return [scan.graph.ev.value(r.value, view.path, where) for r in given if r.value is not None and where is not None]


def _is_whole(value: AV, patterns: Iterable[str]) -> bool:
    """Is it a router of another package, which sees the whole path of a request (option `whole`)?"""
    known = [o.path for o in options(value) if isinstance(o, Ext)]
    return any(compiled(p).fullmatch(path) for p in patterns for path in known)


def _each(scan: Scan, value: AV, depth: int = 0) -> Iterator[AV]:
    """What a list holds, with the lists that are spread into it (`[*orders, show]`)."""
    if isinstance(value, ListV) and depth < 3:
        for thunk in value.items[:200]:
            yield from _each(scan, scan.graph.ev.thunk(thunk), depth + 1)
    else:
        yield value


def _named(scan: Scan, text: str, importer: str) -> AV | None:
    module, _, name = text.rpartition(".")
    file = scan.graph.resolve(module, importer) if module else None
    return scan.graph.ev.member(ModV(file), name) if file is not None else None


def _given(scan: Scan, hit: Hit) -> AV | None:
    """The child that the callers hand in as a parameter of the function around a mount; None when the mount names it itself."""
    thunk = scan.thunk(hit, hit.rule.child)
    if thunk is None or thunk.env is not None or not isinstance(thunk.expr, Name):
        return None
    found = parameter(scan.graph.view(thunk.file), thunk.owner, thunk.expr.id)
    if found is None or any(isinstance(o, Ext) and o.site is not None for o in options(scan.graph.ev.thunk(thunk))):
        return None
    given = given_by_callers(scan.graph.ev, ParamV(SymbolId(thunk.file, found[0]), thunk.expr.id))
    return given if scan.router_of_value(given, hit.card) is not None else None


def _decorated(scan: Scan, decorator: str) -> Iterator[RouterKey]:
    """The classes of the repository with a decorator of this path."""
    for file in scan.graph.naming(decorator.rpartition(".")[2]):
        symbols = scan.graph.view(file).facts.symbols if file in scan.graph.production else ()
        for number, symbol in enumerate(symbols):
            if symbol.kind == "class" and of_kind(decorators_of(scan.graph, SymbolId(file, number)), (decorator,)):
                yield ("class", file, number)


def _all_below(scan: Scan, bases: Iterable[str]) -> Iterator[RouterKey]:
    """The classes of the repository that have one of these bases, at any distance."""
    below = scan.graph.names_below({b.rpartition(".")[2] for b in bases})
    for where in dict.fromkeys(w for name in sorted(below) for w in scan.graph.subclasses(name)):
        yield ("class", where.file, where.index)


def _is_printed(scan: Scan, hit: Hit) -> bool:
    """Is what is made only written down (options `printed` and `serves`)? `let spec = OpenApiService::new(api::get(), ...).spec();`"""
    printed = hit.rule.options.get("printed", ())
    view = scan.graph.view(hit.site.file)
    beside = {callee_name(view.facts.calls[n]) for n in view.calls_of.get(hit.call.owner, ())} if printed else set()
    return not beside.isdisjoint(printed) and beside.isdisjoint(hit.rule.options.get("serves", ()))


def _classes(scan: Scan, value: AV, depth: int = 0) -> list[RouterKey]:
    """The classes with routes of their own that are mounted, alone, in a list, or in lists of lists."""
    found: list[RouterKey] = []
    for option in options(value):
        if isinstance(option, ListV) and depth < MAX_LISTS:
            found.extend(c for item in option.items[:40] for c in _classes(scan, scan.graph.ev.thunk(item), depth + 1))
        if isinstance(option, FuncV) and not depth:  # `WithController(() => new Orders(store))`
            found.extend(_classes(scan, scan.graph.ev.invoke(option) or UNKNOWN, depth + 1))
        cls = option.cls if isinstance(option, InstV) else option
        if isinstance(cls, ClassV):
            found.append(("class", cls.symbol.file, cls.symbol.index))
    return found


def _is_text(value: AV) -> bool:
    if isinstance(value, UnionV):  # a setting with a default: `process.env.API || "/api"`
        settings = [o for o in value.options if isinstance(o, Ext) and o.site is None]
        return len(settings) < len(value.options) and all(_is_text(o) for o in value.options if o not in settings)
    return isinstance(value, Text) or (isinstance(value, Const) and isinstance(value.value, str))


def _middleware(scan: Scan) -> None:
    index = scan.graph.knowledge.middleware
    for path, file in scan.graph.production.items():
        wanted = index.names_in(family(file.language)).intersection(file.names)
        if not wanted:
            continue
        view = scan.graph.view(path)
        for number, call in enumerate(view.facts.calls):
            if callee_name(call) not in wanted:
                continue
            for value in options(scan.graph.ev.value(call.callee, path, call.owner)):
                if isinstance(value, Ext):
                    for tagged, _ in index.matches(value)[:1]:
                        _guard(scan, tagged, value, Site(path, number, None), call)
        _bare_decorators(scan, view, wanted)


def _bare_decorators(scan: Scan, view: FileView, wanted: set[str]) -> None:
    """`@app.before_request` without parentheses."""
    for number, symbol in enumerate(view.facts.symbols):
        for decorator in symbol.decorators:
            if not isinstance(decorator, Member) or decorator.name not in wanted:
                continue
            for value in options(scan.graph.ev.value(decorator, view.path, max(0, symbol.parent))):
                for tagged, _ in scan.graph.knowledge.middleware.matches(value)[:1] if isinstance(value, Ext) else ():
                    found = router_key(scan.graph, value, scan.patterns(tagged.card))
                    if found is not None:
                        scan.note(*found)
                        place = Place(file=view.path, line=symbol.line, end_line=symbol.end_line)
                        guard = scan.graph.ev.symbol_value(SymbolId(view.path, number))
                        scan.routing.routers[found[0]].guards.append(
                            Guard(value=guard, place=place, start=symbol.start, only_after=tagged.rule.order)
                        )


def _guard(scan: Scan, tagged: Tagged[MiddlewareRule], callee: Ext, site: Site, call: Call) -> None:
    found = router_key(scan.graph, callee.base if callee.base is not None else callee, scan.patterns(tagged.card))
    key = found[0] if found is not None else scan.groups.around(site.file, call.owner)
    if found is not None:
        scan.note(*found)
    if key is None:
        return
    rule = tagged.rule
    place = Place(file=site.file, line=call.line, end_line=call.end_line)
    path = _guarded_path(scan, callee, site, rule)
    if call.kind == "decorator":
        for i, symbol in enumerate(scan.graph.view(site.file).facts.symbols):
            if path is not None and any(isinstance(d, CallRef) and d.call == site.call for d in symbol.decorators):
                value: AV = scan.graph.ev.symbol_value(SymbolId(site.file, i))
                scan.routing.routers[key].guards.append(
                    Guard(value=value, place=place, path=path, exact=rule.exact, start=call.start, only_after=rule.order)
                )
        return
    if rule.itself:
        made = Ext(f"{callee.path}()", callee, site)
        scan.routing.routers[key].guards.append(Guard(value=made, place=place, start=call.start, only_after=rule.order))
        return
    thunk = argument(scan.graph, site, rule.value)
    name = scan.graph.ev.thunk(named) if rule.parameter is not None and (named := argument(scan.graph, site, rule.parameter)) else None
    if rule.parameter is not None and not isinstance(name, Const):
        return
    if thunk is not None and path is not None and not _made_by(scan.graph.ev.thunk(thunk), rule.never):
        scan.routing.routers[key].guards.extend(
            Guard(
                value=g.value,
                place=place,
                path=path,
                exact=rule.exact,
                start=scan.graph.view(site.file).written_at(call),
                only_after=rule.order,
                only_before=rule.before,
                parameter=str(name.value) if isinstance(name, Const) else "",
            )
            for g in scan.guards_of(scan.graph.ev.thunk(thunk), place, call.start)
        )


def _made_by(value: AV, patterns: tuple[str, ...]) -> bool:
    made = [o.path for o in options(value) if isinstance(o, Ext)]
    return bool(made) and all(any(compiled(f"{p}()").fullmatch(m) for p in patterns) for m in made)


def _guarded_path(scan: Scan, callee: Ext, site: Site, rule: MiddlewareRule) -> str | None:
    """The path that the guard stands before; empty for every one, None when it is not known."""
    if rule.path is None:
        return ""
    at = step_site(callee, rule.path.at) if rule.path.at is not None else site
    thunk = argument(scan.graph, at, rule.path) if at is not None else None
    if thunk is None:
        return ""
    found = [t for t in texts(scan.graph.ev, scan.graph.ev.thunk(thunk)) if t.startswith("/")]
    if rule.exact and found:
        return found[0]
    return found[0].removesuffix("*").rstrip("/") if found else None
