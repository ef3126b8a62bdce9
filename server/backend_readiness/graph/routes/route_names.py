"""Links by the name of a route: `url_for('orders.show', id=1)`, `{% url 'orders:show' order.pk %}`.

A name that fits routes of several paths links to the only one that takes as many parameters as the link gives, else to none of them.
"""

from __future__ import annotations

import operator
import re

from backend_readiness.facts.model import Lit, Seq
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.routes.typed_links import of_class
from backend_readiness.graph.sent.action_addresses import array_paths
from backend_readiness.graph.sent.link_helpers import helped_paths
from backend_readiness.graph.sent.tag_links import called_path
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Ext, ListV, options
from backend_readiness.graph.world import Graph

_PARAMETERS = operator.methodcaller("count", "{")
_SPACES = re.compile(r"[.:]")


def linked_paths(graph: Graph, routes: tuple[BoundRoute, ...], value: AV) -> tuple[str, ...] | None:
    """The paths that a value made by naming a route leads to, or several of them by a choice; None when it is no such value."""
    found = [paths for option in options(value) if (paths := _linked(graph, routes, option)) is not None]
    return tuple(dict.fromkeys(p for paths in found for p in paths)) if found else None


def _linked(graph: Graph, routes: tuple[BoundRoute, ...], option: AV) -> tuple[str, ...] | None:
    if not isinstance(option, Ext) or not isinstance(option.base, Ext):
        return None
    if option.site is None:
        return helped_paths(graph, routes, option)
    if graph.knowledge.route_links.matches(option.base.path):
        first = graph.ev.arg_value(option.site, 0)
        if (of_array := array_paths(graph, routes, option.site.file, first) if first is not None else None) is not None:
            return of_array
        given = len(graph.view(option.site.file).facts.calls[option.site.call].args) - 1
        return tuple(dict.fromkeys(p for name in texts(graph.ev, first) for p in _paths(graph, routes, name, given)))
    if (typed := of_class(graph, option)) is not None:
        return typed
    if (of_view := called_path(graph, routes, option)) is not None:
        return of_view
    called = last_step(option.path)
    for suffix in graph.knowledge.link_suffixes:
        paths = paths_named(routes, called.removesuffix(suffix)) if called.endswith(suffix) else []
        if len(paths) == 1:
            return (paths[0],)
        if len(paths) > 1 and (own := _of_page(routes, called.removesuffix(suffix), option.site.file)):
            return own
    return helped_paths(graph, routes, option)


def paths_named(routes: tuple[BoundRoute, ...], name: str, method: str = "") -> list[str]:
    """The paths of the routes that were registered under a name, for one HTTP method if that is given."""
    fits = [b for b in routes if b.registration.name == name]
    fits = fits or [b for b in routes if b.registration.alias and b.registration.alias == name]
    return _as_short([b for b in fits if not method or b.route.endpoint.method in (method, "ANY")])


def paths_listed(graph: Graph, routes: tuple[BoundRoute, ...], value: AV) -> list[str]:
    """The paths of the routes whose name a value is, or a list that begins with it: `["orders.show", order.id]`."""
    given = len(value.items) - 1 if isinstance(value, ListV) else 0
    first = graph.ev.thunk(value.items[0]) if isinstance(value, ListV) and value.items else value
    return list(dict.fromkeys(p for name in texts(graph.ev, first) for p in _paths(graph, routes, name, given)))


def _as_short(fits: list[BoundRoute]) -> list[str]:
    """The paths of routes; of one registration whose path has an optional part (`(:locale)/orders`) that without it."""
    paths = list(dict.fromkeys(b.route.endpoint.path for b in fits))
    if len(paths) < 2 or len({(b.route.place.file, b.registration.start) for b in fits}) > 1:
        return paths
    least = min(map(_PARAMETERS, paths))
    short = [p for p in paths if _PARAMETERS(p) == least]
    return short if len(short) == 1 else paths


def _of_page(routes: tuple[BoundRoute, ...], alias: str, page: str) -> tuple[str, ...]:
    """The paths that a link of a page means which a package draws for any thing: those of the handler in whose folder the page stands
    (`accounts/sessions/new` of `accounts/sessions_controller`), else all of them."""
    fits = [b for b in routes if b.registration.alias == alias]
    folder = "/".join(page.split("/")[:-1][-2:])
    own = [b for b in fits if b.route.handler is not None and f"/{folder}" in b.route.handler.file]
    return tuple(dict.fromkeys(b.route.endpoint.path for b in own or fits))


def _paths(graph: Graph, routes: tuple[BoundRoute, ...], name: str, given: int) -> list[str]:
    """The one path of that name; of several the one with as many parameters as are given."""
    found = list(dict.fromkeys(b.route.endpoint.path for b in routes if b.registration.name == name))
    found = found or list(dict.fromkeys(b.route.endpoint.path for b in routes if _handled_by(b) == name))
    whole = found if len(found) == 1 else [p for p in found if _PARAMETERS(p) == given]
    if len(whole) == 1:
        return whole
    *spaces, last = [s for s in name.split(":") if s] or [""]
    if not any(b.registration.name == last for b in routes):
        *spaces, last = [s for s in _SPACES.split(name) if s] or [""]
    fits = [b for b in routes if _name(b) == last]
    if spaces:
        inside = [b for b in fits if _space(graph, b) == spaces[-1]]
        # A namespace may also be given where the table is included.
        fits = inside or [b for b in fits if b.registration.rule.options.get("namespace") and not _space(graph, b)]
    paths = list(dict.fromkeys(b.route.endpoint.path for b in fits))
    whole = paths if len(paths) == 1 else [p for p in paths if _PARAMETERS(p) == given]
    return whole if len(whole) == 1 else []


def _handled_by(bound: BoundRoute) -> str:
    """`OrdersController.show`, by which a route goes that has no name of its own."""
    handler = bound.route.handler
    return handler.symbol if handler is not None and bound.registration.rule.name is not None and not bound.registration.name else ""


def _name(bound: BoundRoute) -> str:
    """The name that the registration gives, else that of the handler."""
    if bound.registration.name:
        return bound.registration.name
    handler = bound.route.handler
    return handler.symbol.rpartition(".")[2] if handler is not None and bound.registration.rule.name is not None else ""


def _space(graph: Graph, bound: BoundRoute) -> str:
    """The name of the router (`Blueprint("orders", ...)`), or what the table says (`urls = ([...], "orders")`), else its module
    (`app_name = "orders"`)."""
    variable = bound.registration.rule.options.get("namespace")
    if variable:
        own = _of_pair(graph, bound)
        if own:
            return own
        for assign, _ in graph.view(bound.route.place.file).bindings.get((0, str(variable)), ()):
            if isinstance(assign.value, Lit):
                return str(assign.value.value)
        return ""
    router = bound.registration.router
    if router is None or router[0] != "site":
        return ""
    args = graph.view(router[1]).facts.calls[router[2]].args
    return str(args[0].value.value) if args and isinstance(args[0].value, Lit) else ""


def _of_pair(graph: Graph, bound: BoundRoute) -> str:
    """The name that stands beside the table in which a route is written."""
    for assign in graph.view(bound.route.place.file).facts.assigns:
        pair = assign.value.items if isinstance(assign.value, Seq) else ()
        if (
            len(pair) == 2
            and isinstance(pair[0], Seq)
            and isinstance(pair[1], Lit)
            and assign.start <= bound.registration.start < assign.end
        ):
            return str(pair[1].value)
    return ""
