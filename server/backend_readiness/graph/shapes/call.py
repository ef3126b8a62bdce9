"""`app.get("/path", guard, handler)`: the handlers are arguments after the path."""

from __future__ import annotations

from backend_readiness.graph.routing import Guard, Registration, argument_values, functions_in
from backend_readiness.graph.scan import Hit, Scan
from backend_readiness.graph.methods import methods_of
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Thunk


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("call", ()):
        rule = hit.rule
        paths = scan.texts(hit, rule.path) if rule.path is not None else [""]
        handler, guards = handlers(scan, hit)
        if not paths or (handler is None and rule.handlers != "none"):
            continue
        if rule.options.get("absolute_paths", True) and not any(p == "" or p.startswith(("/", "*", "{", "^")) for p in paths) and not rule.slash:
            continue
        router = scan.router(hit)
        for method in methods_of(scan, hit):
            for path in paths:
                scan.routing.registrations.append(
                    Registration(
                        router=router,
                        method=method,
                        path=path,
                        place=scan.place(hit),
                        start=hit.call.start,
                        card=hit.card,
                        rule=rule,
                        handler=handler,
                        guards=guards,
                    )
                )


def handlers(scan: Scan, hit: Hit) -> tuple[AV | None, tuple[Guard, ...]]:
    """The handler and what stands before it: the named argument, or the last function among the arguments."""
    rule = hit.rule
    extra = scan.guards(hit, rule.middleware)
    if rule.handler is not None:
        return scan.value(hit, rule.handler), extra
    first = rule.path.arg + 1 if rule.path is not None and rule.path.arg is not None and rule.path.at is None else 0
    arguments = [a for a in hit.call.args if a.name is None][first:]
    values = argument_values(scan.graph, [Thunk(hit.site.file, hit.call.owner, a.value, hit.site.env) for a in arguments])
    if not values:
        return None, extra
    place, start = scan.place(hit), hit.call.start
    last = len(values) - 1
    while last > 0 and not functions_in(scan.graph, values[last]) and any(functions_in(scan.graph, v) for v in values[:last]):
        last -= 1
    guards = tuple(g for v in values[:last] for g in scan.guards_of(v, place, start))
    return values[last], (*extra, *guards)


__all__ = ["collect", "handlers", "texts"]
