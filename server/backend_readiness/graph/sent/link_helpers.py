"""Links by a function that is called after a handler's class, and the name of the action: `Routes.order_path(conn, :show, order)`.

The part before the suffix is the class without its end (`OrderController`), maybe with the names of the modules or of the resources around
it before (`admin_order_path`, `user_order_path`). What fits several paths of one action leads to the first that is written with as many
parameters; what fits several actions leads to none.
"""

from __future__ import annotations

from backend_readiness.graph.evaluation.inflections import singular, snake
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.references import argument
from backend_readiness.graph.routes.reverse_routes import meant
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Ext, Site, options
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import Ref
from backend_readiness.rules.page_rules import LinkHelperRule


def helped_paths(graph: Graph, routes: tuple[BoundRoute, ...], value: AV) -> tuple[str, ...] | None:
    """The paths that calls of such functions lead to, one for each that the value may be; None when it is none of them."""
    found: list[str] = []
    known = False
    for card in graph.knowledge.cards:
        for rule in card.link_helpers:
            for option in options(value):
                named = meant(graph, routes, option, rule.within) if rule.within and isinstance(option, Ext) else None
                if named is not None:
                    known = True
                    found += [b.route.endpoint.path for b in named]
                called = last_step(option.path) if isinstance(option, Ext) and option.site is not None else ""
                suffix = next((s for s in rule.suffixes if called.endswith(s)), "")
                if suffix and isinstance(option, Ext) and option.site is not None:
                    thunk = argument(graph, option.site, rule.action)
                    action = next(iter(texts(graph.ev, graph.ev.thunk(thunk))), "") if thunk is not None else ""
                    paths = _paths(routes, called.removesuffix(suffix), action, rule)
                    found += (
                        paths if len(paths) == 1 else _first_written(routes, paths, action, _given_behind(graph, option.site, rule.action))
                    )
    return tuple(dict.fromkeys(found)) if known or found else None


def _given_behind(graph: Graph, site: Site, action: Ref) -> int:
    """How many parts of the path a call gives behind the name of the action."""
    args = [a for a in graph.view(site.file).facts.calls[site.call].args if a.name is None]
    return max(0, len(args) - 1 - (action.arg or 0))


def _first_written(routes: tuple[BoundRoute, ...], paths: list[str], action: str, given: int) -> list[str]:
    """Of the paths of one action the first that a router lists with as many parameters: that is what its function answers with."""
    fits = [(b.route, b.route.handler) for b in routes if b.route.endpoint.path in paths and b.route.endpoint.path.count("{") == given]
    own = [(route, handler) for route, handler in fits if handler is not None and handler.symbol.rpartition(".")[2] == action]
    one = len({(route.place.file, handler.symbol) for route, handler in own}) == 1
    return [min(own, key=lambda o: o[0].place.line)[0].endpoint.path] if one else []


def helped_methods(graph: Graph, routes: tuple[BoundRoute, ...], value: AV) -> dict[str, str]:
    """The methods by the paths of the routes that a value means which is a member of the object of reverse routes."""
    within = {r.within for c in graph.knowledge.cards for r in c.link_helpers if r.within}
    named = [meant(graph, routes, o, w) for o in options(value) for w in within if isinstance(o, Ext)]
    return {b.route.endpoint.path: b.route.endpoint.method for bound in named for b in bound or ()}


def _paths(routes: tuple[BoundRoute, ...], name: str, action: str, rule: LinkHelperRule) -> list[str]:
    exact: dict[int, list[str]] = {}
    inside: list[str] = []
    for bound in routes:
        handler = bound.route.handler
        owner, _, method = handler.symbol.rpartition(".") if handler is not None else ("", "", "")
        if method != action or not owner.rpartition(".")[2].endswith(rule.class_end):
            continue
        *around, last = owner.split(".")
        own = snake(last.removesuffix(rule.class_end))
        path = bound.route.endpoint.path
        if name == own:
            exact.setdefault(len(around), []).append(path)
        elif name.endswith(f"_{own}"):
            before = name.removesuffix(f"_{own}")
            known = [snake(m) for m in around] + [singular(p) for p in path.split("/") if p] + [p for p in path.split("/") if p]
            if before in known or all(part in known for part in before.split("_")):
                inside.append(path)
    outermost = exact[min(exact)] if exact else []  # a controller of an inner module is called after that as well
    return list(dict.fromkeys(inside or outermost))
