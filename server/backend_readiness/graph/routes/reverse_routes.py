"""Links by the handler of a route, as a member of an object that a framework makes of the table: `shop.routes.Orders.show(id).url`.

The object stands in the package of the handlers' classes; of the package only the end may be written (`admin.routes.Users.list`), or
nothing. Of routes with several paths the one is meant that has as many parameters as are given; where that leaves several, none.
"""

from __future__ import annotations

from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.values import Ext
from backend_readiness.graph.world import Graph


def meant(graph: Graph, routes: tuple[BoundRoute, ...], option: Ext, within: str) -> tuple[BoundRoute, ...] | None:
    """The route that a value names as a member of `within` (first of those of one path); empty when no route or more than one fits, None
    when it is no such member."""
    steps = option.path.lstrip("~?").split(".")
    if within not in steps[:-2]:
        return None
    at = steps.index(within)
    package, cls, action = ".".join(steps[:at]), steps[at + 1], steps[at + 2].removesuffix("()")
    name = f"{cls}.{action}"
    fits = [b for b in routes if b.registration.name == name or b.registration.name.endswith(f".{name}")]
    if package:
        exact = [b for b in fits if b.registration.name == f"{package}.{name}"]
        fits = exact or [b for b in fits if b.registration.name.endswith(f".{package}.{name}")]
    by_path: dict[str, BoundRoute] = {}
    for bound in fits:
        by_path.setdefault(bound.route.endpoint.path, bound)
    if len(by_path) > 1:
        given = _given(graph, option, len(steps) - at - 3)
        by_path = {path: b for path, b in by_path.items() if path.count("{") == given}
    return tuple(by_path.values()) if len(by_path) == 1 else ()


def _given(graph: Graph, option: Ext, after: int) -> int:
    """How many arguments the member is called with; `after` steps follow it."""
    value = option
    while isinstance(value.base, Ext) and value.path.count(".") > option.path.count(".") - after:
        value = value.base
    return len(graph.view(value.site.file).facts.calls[value.site.call].args) if value.site is not None else 0
