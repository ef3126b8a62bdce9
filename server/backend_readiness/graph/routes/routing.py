"""Backend routes: registrations found through the cards, mounts joined to a fixpoint, middleware in order.

`Router` is what routes are registered on: an application, a router, a blueprint, a URL table, a controller. Shapes
(`graph.shapes`) turn cards into `Registration`, `Mount` and `Guard`; this module joins them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import CallRef, Func
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.handling.spared import standing_before
from backend_readiness.graph.routes.subclass_routers import with_base
from backend_readiness.graph.urls import join, shape, uniform
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, ListV, Site, SymbolId, Thunk, identity, options
from backend_readiness.graph.world import Graph
from backend_readiness.model import Endpoint, Named, Param, Place, Route
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

_INNER, _DASHED = re.compile(r"(?<=[\w}]):([A-Za-z_]\w*)"), re.compile(r"(?<=/):(\w+(?:-\w+)+)(?=/|$)")
MAX_PREFIXES = 24
MAX_STEPS_UP = 60
RouterKey = tuple[str, str, int]
CallKey = tuple[str, int]  # file and number of a call
Held = tuple[tuple[RouterKey, CallKey], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Something that runs before handlers. `start` orders it; `only_after`: routes registered before are not covered."""

    value: AV
    place: Place
    start: int
    path: str = ""
    only_after: bool = False
    only_before: bool = False  # only routes that are registered before it are covered
    method: str = ""  # only for this HTTP method
    exact: bool = False  # only for `path` itself, not for what is below
    parameter: str = ""  # only for paths with a parameter of that name


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """What the framework itself does to a model when it answers; `place` is where the class says which model."""

    operation: str
    target: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    router: RouterKey | None
    method: str
    path: str
    place: Place
    start: int
    card: Card
    rule: RouteRule
    handler: AV | None
    guards: tuple[Guard, ...] = ()
    params: tuple[Param, ...] = ()
    runs: tuple[FuncV, ...] = ()  # functions that the framework runs for the handler
    touches: tuple[Touch, ...] = ()
    stands: Named | None = None  # where the repository configures a handler that a package brings
    front: str = ""  # what stands before all prefixes (`/v2`)
    name: str = ""  # under which links mean it, see `graph.routes.route_names`
    alias: str = ""  # a second such name, which only means the route where no other has it as its own
    opened: Place | None = None  # where rules of access name this path alone as one that needs no sign-in
    checked: tuple[str, ...] = ()  # parts of the request that the framework checks against a schema of the route (`body`)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    parent: RouterKey | None
    child: RouterKey
    prefix: str
    place: Place
    start: int
    guards: tuple[Guard, ...] = ()
    replaces: bool = False  # the prefix stands instead of the child's own one
    called: CallKey | None = None  # the call of the function that `child` is the body of
    held: Held = ()  # functions that are meant as one call runs them


@dataclass(slots=True)
class RouterInfo:
    """What is known of one router; `prefixes` are its own (`APIRouter(prefix=...)`)."""

    prefixes: list[str] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)
    front: str = ""  # what stands before all prefixes, unless the route or a router inside says otherwise (`/v2`)
    suffix: str = ""  # what stands behind the paths of its routes (`/v2`)
    keep_root: bool = False
    needs_mount: bool = False  # what is registered here is only served when something mounts it


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRoute:
    """A route with the values behind it, for the trace and the controls."""

    route: Route
    handler: AV | None
    guards: tuple[Guard, ...]
    card: Card
    registration: Registration
    clause: Place | None = None  # the part of the handler that answers


class Routing:
    """Collects what the shapes find and joins it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.registrations: list[Registration] = []
        self.mounts: list[Mount] = []
        self.routers: dict[RouterKey, RouterInfo] = defaultdict(RouterInfo)
        self.fronts: set[str] = set()  # files that hand requests to a router or table of the application's own
        self.skipped: dict[SymbolId, set[object]] = defaultdict(set)  # handler -> guards that do not stand before it
        self.intercepted: dict[SymbolId, list[Guard]] = defaultdict(list)  # class -> what runs before all its methods

    def join(self) -> tuple[BoundRoute, ...]:
        """All routes with their full paths. One registration gives a route for each way to its router."""
        parents: dict[RouterKey, list[Mount]] = defaultdict(list)
        for mount in (*self.mounts, *with_base((*(r.router for r in self.registrations), *(m.child for m in self.mounts)), self.mounts)):
            parents[mount.child].append(mount)
        found: list[BoundRoute] = []
        for item in self.registrations:
            for prefix, guards, front in self._ways(item.router, parents, item.place, item.start, frozenset(), ()):
                before = item.front or front
                found.append(self._bind(item, join(before, prefix, keep_root=False) if before else prefix, guards))
        unique: dict[tuple[str, str, str, int], BoundRoute] = {}
        for bound in found:
            route = bound.route
            unique.setdefault((route.endpoint.method, route.endpoint.path, route.place.file, route.place.line), bound)
        return tuple(
            sorted(unique.values(), key=lambda b: (b.route.endpoint.path, b.route.endpoint.method, b.route.place.file, b.route.place.line))
        )

    def _ways(
        self, router: RouterKey | None, parents: dict[RouterKey, list[Mount]], place: Place, start: int,
        seen: frozenset[tuple[RouterKey | None, Held]], held: Held,
    ) -> Iterator[tuple[str, tuple[Guard, ...], str]]:  # fmt: skip
        """(prefix, guards from the outside in, the innermost front) for each chain of mounts that leads to `router`.

        `held` says of functions on the way by which of their calls they are meant: their other callers are none then.
        """
        if router is None or (router, held) in seen or len(seen) > MAX_STEPS_UP:
            yield "", (), ""
            return
        info = self.routers[router]
        own = tuple(g for g in info.guards if _covers(g, place, start))
        meant = [(m, _merged(router, held, m)) for m in parents.get(router, ()) if m.parent != router]
        mounts = [(m, h) for m, h in meant if h is not None and (m.parent, h) not in seen]
        if (info.needs_mount and not mounts) or (meant and all(h is None for _, h in meant) and any(m.held for m, _ in meant)):
            return
        for prefix in info.prefixes or [""]:
            if not mounts:
                yield prefix, _below(own, prefix), info.front
                continue
            count = 0
            for mount, left in mounts:
                for outer, guards, front in self._ways(mount.parent, parents, mount.place, mount.start, seen | {(router, held)}, left):
                    count += 1
                    if count > MAX_PREFIXES:
                        return
                    joined = join(join(outer, mount.prefix, keep_root=False), "" if mount.replaces else prefix, keep_root=False)
                    full = joined if joined != "/" else ""
                    yield full, (*guards, *mount.guards, *_below(own, full)), info.front or front

    def _before_methods(self, handler: AV | None) -> tuple[Guard, ...]:
        """What runs before a method because of its class, that of the innermost base first."""
        if not self.intercepted or not isinstance(handler, FuncV) or not isinstance(handler.self_value, InstV):
            return ()
        cls = handler.self_value.cls
        classes = [cls, *(b for b in inheritance.bases(self.graph.ev, cls) if isinstance(b, ClassV))]
        return tuple(g for c in reversed(classes) for g in self.intercepted.get(c.symbol, ()))

    def _bind(self, item: Registration, prefix: str, guards: tuple[Guard, ...]) -> BoundRoute:
        path = join(prefix, item.path, keep_root=bool(item.rule.slash or item.rule.root == "keep"))
        path += self.routers[item.router].suffix if item.router is not None else ""
        if item.rule.options.get("inner_params"):  # `/v:version/orders`, `/orders/:order-id`: from a colon to the next slash
            path = _DASHED.sub(lambda m: "{" + m[1].replace("-", "_") + "}", _INNER.sub(r"{\1}", path))
        path = uniform(path) if not item.rule.options.get("bare") else item.path
        while "//" in path:
            path = path.replace("//", "/")
        covering = tuple(
            g
            for g in (*guards, *self._before_methods(item.handler), *item.guards)
            if (not g.path or _within(path, g.path, g.exact))
            and g.method in ("", item.method.upper())
            and (not g.parameter or g.parameter in _param_names(path))
        )
        skipped = self.skipped.get(item.handler.symbol, set()) if isinstance(item.handler, FuncV) else set()
        covering = tuple(g for g in covering if not skipped or identity(g.value) not in skipped)
        covering = standing_before(self.graph, covering, item.method.upper(), path)
        params = tuple(Param(name=n, where="path") for n in _param_names(path))
        known = {p.name for p in params}
        route = Route(
            endpoint=Endpoint(method=item.method.upper(), path=path),
            place=item.place,
            framework=item.card.id.partition("/")[2],
            handler=named(self.graph, item.handler) or item.stands,
            params=params + tuple(p for p in item.params if p.name not in known),
            middleware=tuple(n for g in covering for n in named_all(self.graph, g)),
        )
        return BoundRoute(route=route, handler=item.handler, guards=covering, card=item.card, registration=item)


def _merged(router: RouterKey, held: Held, mount: Mount) -> Held | None:
    """What is held beyond a mount; None when it is not the way that is meant."""
    if any(key == router and mount.called is not None and call != mount.called for key, call in held):
        return None
    left = {key: call for key, call in held if key != router}
    return None if any(left.get(k, c) != c for k, c in mount.held) else tuple({**left, **dict(mount.held)}.items())


def _covers(guard: Guard, place: Place, start: int) -> bool:
    if guard.only_before and guard.place.file == place.file:
        return start < guard.start
    return not guard.only_after or guard.place.file != place.file or guard.start < start


def _below(guards: tuple[Guard, ...], prefix: str) -> tuple[Guard, ...]:
    """Guards of a router whose own paths now stand below a prefix."""
    return tuple(replace(g, path=join(prefix, g.path, keep_root=False)) if g.path and prefix else g for g in guards)


def _within(path: str, folder: str, exact: bool) -> bool:
    """Does a guard at `folder` run for every request to `path`? Whole segments count, and a parameter of the guard fits anything.

    A parameter of the path does not: `/{id}` is also what is not below `/admin`.
    """
    mine, above = shape(path), shape(uniform(folder))
    if above and above[-1] == "{*}":
        above, exact = above[:-1], False
    if exact and len(mine) != len(above):
        return False
    return len(mine) >= len(above) and all(b in (a, "{}") for a, b in zip(mine, above, strict=False))


def _param_names(path: str) -> list[str]:
    names, rest = [], path
    while "{" in rest:
        _, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        names.append(name.rstrip("*"))
    return list(dict.fromkeys(n for n in names if n))


# ---------------------------------------------------------------- values as named code


def functions_in(graph: Graph, value: AV | None, depth: int = 0) -> list[AV]:
    """The functions that a handler value stands for: itself, those inside a list, or those given to a wrapper call."""
    if value is None or depth > 4:
        return []
    found: list[AV] = []
    for option in options(value):
        if isinstance(option, FuncV):
            found.append(option)
        elif isinstance(option, ListV):
            for item in option.items[:40]:
                found.extend(functions_in(graph, graph.ev.thunk(item), depth + 1))
        elif isinstance(option, Ext) and option.site is not None:
            for arg in (call := graph.view(option.site.file).facts.calls[option.site.call]).args[:8]:
                inner = graph.ev.value(arg.value, option.site.file, call.owner, option.site.env)
                # `f(rows...)` of `rows := slices.Map(given, func ...)`: a list that a call makes of values
                found.extend(functions_in(graph, inner, depth + 1) if not (arg.spread and isinstance(inner, Ext)) else ())
            if not found and isinstance(option.base, Ext) and option.base is not option:
                found.extend(functions_in(graph, option.base, depth + 1))
        elif isinstance(option, Ext) and isinstance(option.base, Ext | FuncV) and option.base is not value:
            found.extend(functions_in(graph, option.base, depth + 1))
    return found


def named(graph: Graph, value: AV | None) -> Named | None:
    """The first function that the value stands for, with its span."""
    for function in functions_in(graph, value):
        if isinstance(function, FuncV):
            return function_named(graph, function)
    for option in options(value) if value is not None else ():
        if isinstance(option, ClassV | InstV):
            return function_named(graph, option.cls if isinstance(option, InstV) else option)
    return None


def function_named(graph: Graph, function: FuncV | ClassV) -> Named:
    symbol = graph.view(function.symbol.file).symbol(function.symbol.index)
    parent = graph.view(function.symbol.file).symbol(symbol.parent) if symbol.parent > 0 else None
    name = symbol.name or ("(anonymous)" if symbol.kind != "module" else function.symbol.file.rpartition("/")[2])
    if parent is not None and not symbol.name and parent.name and parent.kind in ("function", "method", "lambda"):
        returned = graph.view(function.symbol.file).returns.get(symbol.parent, ())
        passed = graph.view(function.symbol.file).passed_in.get(function.symbol.index, (-1, 0, None))[0]
        if any(r.value in (Func(function.symbol.index), CallRef(passed)) for r in returned):
            name = parent.name  # `requireRole("admin")` gives a function without a name: it goes by that of its maker
    if not symbol.name and name == "(anonymous)":  # `const show = asyncHandler((req, res) => ...)`
        view = graph.view(function.symbol.file)
        name = view.result_names.get(view.passed_in.get(function.symbol.index, (-1, 0, None))[0], name)
    if parent is not None and parent.kind in ("class", "interface", "enum") and name:
        above = parent.name or next((n for b in parent.bases if (n := last_name(b))), "")  # `new Orders { ... }`
        name = f"{above}.{name}" if above else name
    return Named(symbol=name, file=function.symbol.file, line=symbol.line, end_line=symbol.end_line)


def named_all(graph: Graph, guard: Guard) -> list[Named]:
    """A guard as named code: the function of the repository, or the external name at the place of its registration."""
    found: list[Named] = []
    for option in options(guard.value):
        if isinstance(option, FuncV | ClassV | InstV):
            found.append(function_named(graph, option.cls if isinstance(option, InstV) else option))
        elif isinstance(option, ListV):
            for item in option.items[:20]:
                found.extend(named_all(graph, Guard(value=graph.ev.thunk(item), place=guard.place, start=guard.start)))
        elif isinstance(option, Ext):
            where = _site_place(graph, option) or guard.place
            found.append(
                Named(symbol=option.path.removeprefix("~").removesuffix("()"), file=where.file, line=where.line, end_line=where.end_line)
            )
    return found


def _site_place(graph: Graph, value: Ext) -> Place | None:
    if value.site is None:
        return None
    return call_place(graph, value.site)


def call_place(graph: Graph, site: Site) -> Place:
    call = graph.view(site.file).facts.calls[site.call]
    return Place(file=site.file, line=call.line, end_line=call.end_line)


def argument_values(graph: Graph, thunks: list[Thunk]) -> list[AV]:
    """Arguments with lists flattened, as frameworks do with middleware."""
    values: list[AV] = []
    for thunk in thunks:
        value = graph.ev.thunk(thunk)
        if isinstance(value, ListV):
            values.extend(graph.ev.thunk(t) for t in value.items[:40])
        else:
            values.append(value)
    return values
