"""How a flow comes from its handler to a place: the calls on the way, for evidence."""

from __future__ import annotations

from backend_readiness.controls.context import Context
from backend_readiness.graph.values import Site
from backend_readiness.model import Evidence, Link

MAX_STEPS = 6


def hops(context: Context, link: Link) -> list[Site]:
    """The calls that lead from the handler to what a link of the chain names, the last one first."""
    found: list[Site] = []
    for backend in context.backends:
        above = link.parent if link in backend.links else None
        for _ in range(MAX_STEPS):
            if above is None or not 0 <= above < len(backend.links):
                break
            step = backend.links[above]
            for reached in backend.functions:
                for edge in context.tracer.edges.of_symbol(reached.function.symbol):
                    target = context.view(edge.target.symbol.file).symbol(edge.target.symbol.index)
                    if edge.target.symbol.file == step.file and target.line == step.line:
                        found.append(edge.site)
            above = step.parent
    return list({(s.file, s.call): s for s in found}.values())


def ways(context: Context, link: Link, limit: int = 4) -> list[Evidence]:
    """`hops` as evidence; `limit` of them."""
    found = []
    for site in hops(context, link):
        call = context.view(site.file).facts.calls[site.call]
        found.append(context.at(site.file, call.line, min(call.end_line, call.line + 5)))
    return list({(e.file, e.line): e for e in found}.values())[:limit]


def way_to(context: Context, file: str, call: int) -> list[Evidence]:
    """`ways` to the data call at a site; none when the call stands in the handler itself."""
    link = next((k for e, k in context.effects if e.site.file == file and e.site.call == call), None)
    return ways(context, link) if link is not None else []


def handler(context: Context) -> list[Evidence]:
    """The first lines of the first handler of the flow."""
    return [context.at(h.file, h.line, min(h.end_line, h.line + 5)) for h in context.handlers[:1]]
