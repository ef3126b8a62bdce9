"""Routes that a block in a module lists by what they do: `routes do base "/orders"; index :read; post :create end`.

`callee` takes the block (`child`). Options: `base` is the name of the call in it that gives the path of all, `below` that of calls with
a path and a block of their own; `verbs` maps names of calls to the HTTP method and the end of the path, in which `{0}` is the first text
that the call is given; `path` refers to a path that a call may give instead; `any` is a call with the method, then the path. `served`
names what routers of such blocks use: where there is one, its mount stands before all.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Func
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.routes.routing import Registration, RouterKey
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, ClassV, Site
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("block_routes", ()):
        router = _router(scan, str(hit.rule.options["served"]))
        for number, method, path in _listed(scan, hit, hit.site, ""):
            call = scan.graph.view(hit.site.file).facts.calls[number]
            place = Place(file=hit.site.file, line=call.line, end_line=call.line)
            scan.routing.registrations.append(
                Registration(
                    router=router, method=method, path=path, place=place, start=call.start, card=hit.card, rule=hit.rule, handler=None,
                )
            )  # fmt: skip


def _router(scan: Scan, served: str) -> RouterKey | None:
    """The router of the program that serves such blocks, when there is one."""
    found = [
        where
        for where in (*scan.graph.subclasses(served), *scan.graph.subclasses(last_step(served)))
        if where.file in scan.graph.production and any(b.path == served for b in inheritance.external_bases(scan.graph.ev, ClassV(where)))
    ]
    one = list(dict.fromkeys(found))
    return ("class", one[0].file, one[0].index) if len(one) == 1 else None


def _listed(scan: Scan, hit: Hit, site: Site, above: str) -> Iterator[tuple[int, str, str]]:
    """(call, method, path) of each route of a block."""
    graph, said = scan.graph, hit.rule.options
    thunk = argument_thunk(graph.ev, site, hit.rule.child) if hit.rule.child is not None else None
    block = thunk.expr.symbol if thunk is not None and isinstance(thunk.expr, Func) else None
    view = graph.view(site.file)
    inside = list(view.calls_of.get(block, ())) if block is not None else []
    given = {n: texts(graph.ev, graph.ev.arg_value(Site(site.file, n, None), 0))[:1] for n in inside}
    named = {n: callee_name(view.facts.calls[n]) or "" for n in inside}
    base = next((join(above, t, keep_root=False) for n in inside if named[n] == said["base"] for t in given[n]), above)
    for number in inside:
        one = Site(site.file, number, None)
        if named[number] == said["below"] and given[number]:
            yield from _listed(scan, hit, one, join(above, given[number][0], keep_root=False))
        elif named[number] == said["any"] and given[number]:
            ends = texts(graph.ev, graph.ev.arg_value(one, 1))[:1]
            yield from ((number, given[number][0].upper(), join(base, t, keep_root=False)) for t in ends)
        elif named[number] in said["verbs"]:
            method, end = said["verbs"][named[number]]
            other = texts(graph.ev, value) if (value := _value(scan, one, said["path"])) is not None else []
            end = (other or [end.replace("{0}", (given[number] or ["{name}"])[0])])[0]
            yield number, method, join(base, end, keep_root=False) or "/"


def _value(scan: Scan, site: Site, ref: dict[str, str]) -> AV | None:
    thunk = argument_thunk(scan.graph.ev, site, Ref.model_validate(ref))
    return scan.graph.ev.thunk(thunk) if thunk is not None else None
