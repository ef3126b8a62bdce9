"""From a matched call to registrations: one for each HTTP method, or one for each answer of a view class."""

from __future__ import annotations

from backend_readiness.graph.classes.parts import methods
from backend_readiness.graph.evaluation.members import own_member
from backend_readiness.graph.handling.wrappers import method_limits
from backend_readiness.graph.routes.class_views import answers, view_of
from backend_readiness.graph.routes.method_branches import methods_let_through, methods_taken
from backend_readiness.graph.routes.methods import methods_of
from backend_readiness.graph.routes.router_settings import front_of
from backend_readiness.graph.routes.routing import Guard, Registration, RouterKey
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, options
from backend_readiness.graph.views import CONSTRUCTORS
from backend_readiness.rules.card_rules import Ref

MAX_METHODS = 40

MAX_RUNS = 24


def register(
    scan: Scan, hit: Hit, router: RouterKey | None, path: str, handler: AV | None, guards: tuple[Guard, ...], method: str = ""
) -> None:
    """Add what the hit registers at `path`. Methods come from the view class, from the rule, or from limits on the handler.

    `method`: the one that the path itself names (`"GET /orders"`).
    """
    place, start = scan.place(hit), scan.start(hit)
    name = next(iter(scan.texts(hit, hit.rule.name)), "") if hit.rule.name is not None else ""
    for ref in hit.rule.options.get("also_named", ()):  # `["as" => "orders.show", "uses" => ...]`
        name = name or next(iter(scan.texts(hit, Ref(**ref))), "")
    if name and hit.rule.options.get("named_in_groups"):
        name = scan.groups.name_before(router) + name
    view = view_of(scan, handler, place, start)
    if view is not None:
        named = (
            tuple(m for m in methods_of(scan, hit) if m != "ANY")
            if hit.verb or (hit.rule.methods is not None and scan.value(hit, hit.rule.methods) is not None)
            else ()
        )
        name = name or (view.name if hit.rule.name is not None else "")
        found = answers(scan, view, place, start, named)
        handler = view.value if not found else handler
        for item in found:
            scan.routing.registrations.append(
                Registration(
                    router=router, method=item.method, path=path, place=place, start=start, card=hit.card, rule=hit.rule,
                    handler=item.handler, guards=(*guards, *item.guards), runs=item.runs, touches=item.touches, name=name,
                    front=front_of(scan, hit),
                )
            )  # fmt: skip
        if found or hit.rule.methods is not None or hit.verb:
            return
    inside = str(hit.rule.options.get("method_member", ""))
    said = [method] if method else methods_of(scan, hit)
    taken = methods_taken(scan.graph, handler, inside) if inside and said == ["ANY"] else []
    if inside and said == ["ANY"] and not taken:
        taken = next((m for g in guards if (m := methods_let_through(scan.graph, g.value, inside))), [])
    for one in said if method else taken or method_limits(scan, handler) or said:
        scan.routing.registrations.append(
            Registration(
                router=router,
                method=one,
                path=path,
                place=place,
                start=start,
                card=hit.card,
                rule=hit.rule,
                handler=handler,
                guards=guards,
                runs=also_run(scan, hit, handler),
                name=name,
                front=front_of(scan, hit),
            )
        )


def _every_method(scan: Scan, cls: ClassV) -> list[str]:
    """The names of the methods that a class writes itself: each is what some message runs (a hub of SignalR)."""
    view = scan.graph.view(cls.symbol.file)
    symbols = (view.symbol(i) for i in view.children.get(cls.symbol.index, ()))
    return [s.name for s in symbols if s.kind == "method" and s.name not in CONSTRUCTORS][:MAX_METHODS]


def also_run(scan: Scan, hit: Hit, handler: AV | None) -> tuple[FuncV, ...]:
    """The methods `options.also` (`*`: all) of the class that the route names: the framework runs them for it too, beside the handler."""
    names = hit.rule.options.get("also", ())
    value = scan.value(hit, hit.rule.handler) if names and hit.rule.handler is not None else None
    classes = [option for option in options(value) if isinstance(option, ClassV)] if value is not None else []
    found = [own_member(scan.graph.ev, cls, name) for cls in classes for name in (_every_method(scan, cls) if "*" in names else names)]
    others = [FuncV(w, InstV(cls)) for cls in classes for name in names for w in reversed(methods(scan.graph.ev, cls, name))]  # clauses
    first = [f for f in found if isinstance(f, FuncV) and f != handler]
    return (*first, *(f for f in others if all(f.symbol != g.symbol for g in first)))[:MAX_RUNS]
