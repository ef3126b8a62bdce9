"""Slow work that the answer does not need runs outside of the request."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.later import runs_later
from backend_readiness.controls.work.ways import hops, ways
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.model import Link
from backend_readiness.rules.signs import signs

_SLOW = tuple(re.compile(p) for p in signs("perf-background-jobs", "slow"))


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The flow's handlers were not all resolved.")
    queued = context.chain_role("queue_publish")
    later = context.chain_role("background_task")
    mails = [(e, link) for e, link in context.effects if e.kind == "mail"]
    beside = [(e, link) for e, link in mails if any(runs_later(context, s) for s in (e.site, *hops(context, link)))]
    inside = [(e, link) for e, link in mails if (e, link) not in beside and not _handed_over(context, e)]
    if inside:
        effect = inside[0][0]
        places = [context.at_place(link) for _, link in inside[:3]]
        places.extend(ways(context, inside[0][1]))
        name = effect.path.replace("()", "")
        if queued or later:
            return partial(f"`{name}` sends mail inside of the request, while other work is handed over.", *places)
        return failed(f"`{name}` sends mail inside of the request: the answer waits for the mail server.", *places)
    other = [(e, link) for e, link in context.effects if e.kind in ("external", "http", "storage")]
    asked = [
        link
        for e, link in other
        if not any(runs_later(context, s) for s in (e.site, *hops(context, link))) and not _handed_over(context, e)
    ]
    if (queued or later) and asked:
        why = (
            "Some work is handed over; whether the answer needs what the flow asks of another service inside of the request is not settled."
        )
        return unverified(why, context.at_place(asked[0]), context.at_call((queued + later)[0]))
    inline = setup_of(context, "jobs_inline") if queued else None
    if inline is not None and inline.off is None:
        return unverified(f"{inline.rule.says} Whether this work does was not settled.", context.at_call(queued[0]), inline.at)
    if queued or later:
        return passed("Slow work is handed over before the answer is sent.", *(context.at_call(c) for c in (queued + later)[:3]))
    if beside:
        return passed(
            "The mail is sent beside the request: the answer does not wait for it.", *(context.at_place(k) for _, k in beside[:2])
        )
    if other:
        return unverified("Whether the answer needs what the flow asks of another service is not settled.", context.at_place(other[0][1]))
    slow = next(((f, n) for f, n, text in chain_text(context) if any(p.search(text[:500]) for p in _SLOW)), None)
    if slow is not None:
        return unverified(
            "The flow does something here that may take long; whether the answer needs it was not settled.", context.at(*slow)
        )
    return not_applicable("The flow starts no slow work: no mail, media, report or third party.", context.at_route())


def _handed_over(context: Context, effect: Effect) -> bool:
    """Does the touch stand in a function that a queue or a background task runs?"""
    for reached in context.functions:
        symbol = reached.function.symbol
        body = set(context.view(symbol.file).body(symbol.index))
        call = context.view(effect.site.file).facts.calls[effect.site.call]
        if symbol.file == effect.site.file and call.owner in body:
            for backend in context.backends:
                if reached in backend.functions and _dispatched(context, backend.links, reached.link):
                    return True
    return False


def _dispatched(context: Context, links: list[Link], index: int) -> bool:
    """Is any link on the way to the function one that a library runs later?"""
    current: int | None = index
    for _ in range(20):
        if current is None:
            return False
        link = links[current]
        for reached in context.functions:
            for edge in context.tracer.edges.of_symbol(reached.function.symbol):
                target = context.view(edge.target.symbol.file).symbol(edge.target.symbol.index)
                if edge.kind == "dispatch" and edge.target.symbol.file == link.file and target.line == link.line:
                    return True
        current = link.parent
    return False
