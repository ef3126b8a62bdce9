"""Slow work that the answer does not need runs outside of the request."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.later import runs_later
from backend_readiness.controls.work.outbound import unknown_services
from backend_readiness.controls.work.ways import hops, ways
from backend_readiness.graph.backend.edges import Edge
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.values import Site
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Link
from backend_readiness.rules.signs import sign, signs, signs_by

_IN_PLACE = frozenset(signs("perf-background-jobs", "in_place"))
_QUEUED = signs_by("perf-background-jobs", "queued")
_RUNS = signs_by("perf-background-jobs", "runs")
_WAITED = re.compile(sign("perf-background-jobs", "waited"))
_BASE = re.compile(r"\bextends\s+\\?(?:\w+\\)*(\w+)")
_SLOW = tuple(re.compile(p) for p in signs("perf-background-jobs", "slow"))


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The flow's handlers were not all resolved.")
    queued = [c for c in context.chain_role("queue_publish") if not _is_in_place(context, c.site)]
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
    other = [(e, link) for e, link in context.effects if e.kind in ("external", "http", "storage", "payment")]
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
    inline = setup_of(context, "jobs_inline") if queued or later else None
    if inline is not None and inline.off is None:
        return unverified(f"{inline.rule.says} Whether this work does was not settled.", context.at_call((queued + later)[0]), inline.at)
    text = [(f, n, t[:500]) for f, n, t in chain_text(context)] if queued or later else []
    waits = next(((f, n) for f, n, t in text if _WAITED.search(t)), None) if queued else None
    if waits is not None:
        return partial("The request waits for the work that it handed over.", context.at(*waits), context.at_call(queued[0]))
    own = next(((f, n) for f, n, t in text if any(p.search(t) for p in _SLOW) and not _is_elsewhere(context, f, n)), None)
    if own is not None:
        why = "Some work is handed over; whether the answer needs what may take long here was not settled."
        return unverified(why, context.at(*own), context.at_call((queued + later)[0]))
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
    sent = [link for e, link in context.effects if e.kind == "queue"]
    if sent:
        why = "The flow sends messages to a queue; whether all of its slow work goes there was not settled."
        return unverified(why, *(context.at_place(k) for k in sent[:2]))
    brought = _sent_by_framework(context)
    if brought is not None:
        return brought
    strange = unknown_services(context)
    if strange:
        why = "What the flow calls here may ask another service; whether the answer needs that was not settled."
        return unverified(why, strange[0].at)
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


def _is_elsewhere(context: Context, file: str, line: int) -> bool:
    """Does the line stand in a function that a queue or a background task runs, or on a line that starts work beside the request?"""
    for call in context.calls:
        if call.site.file == file and call.call.line <= line <= call.call.end_line and runs_later(context, call.site):
            return True
    for reached in context.functions:
        symbol = context.view(reached.function.symbol.file).symbol(reached.function.symbol.index)
        if reached.function.symbol.file != file or not symbol.line <= line <= symbol.end_line:
            continue
        if any(reached in b.functions and _dispatched(context, b.links, reached.link) for b in context.backends):
            return True
    return False


def _is_in_place(context: Context, site: Site) -> bool:
    """Does the call run at once what it seems to hand over?"""
    name = callee_name(context.view(site.file).facts.calls[site.call])
    edges = [e for e in context.tracer.edges.of_call(site) if e.kind == "dispatch"]
    return name in _IN_PLACE or (bool(edges) and all(_is_at_once(context, e) for e in edges))


def _is_at_once(context: Context, edge: Edge) -> bool:
    """Is it a call that waits for the job, or a job whose class has no mark of the queue, nor a base that may have it?"""
    call = context.view(edge.site.file).facts.calls[edge.site.call]
    if callee_name(call) in _IN_PLACE:
        return True
    target = context.view(edge.target.symbol.file).symbol(edge.target.symbol.index)
    if not _QUEUED.get(context.language) or target.name not in _RUNS.get(context.language, ()):
        return False
    return not _says_queue(context, edge.target.symbol.file)


def _says_queue(context: Context, file: str, depth: int = 0) -> bool:
    """Does the file of a job, or of the class that it extends, bear a mark of the queue? What a package may say counts as one."""
    text = context.snapshot.text(file)
    if any(re.search(m, text) is not None for m in _QUEUED[context.language]):
        return True
    base = _BASE.search(text)
    if base is None:
        return False
    above = [f for f, d in context.graph.facts.defining(base.group(1)) if d.kind == "class"]
    return not above or depth > 3 or any(_says_queue(context, f, depth + 1) for f in above if f != file)


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
                if (
                    edge.kind == "dispatch"
                    and not _is_at_once(context, edge)
                    and edge.target.symbol.file == link.file
                    and target.line == link.line
                ):
                    return True
        current = link.parent
    return False


def _sent_by_framework(context: Context) -> Judgement | None:
    """Mail that the part of the framework sends which answers for the flow, where the model asks for it."""
    parts = signs_by("perf-background-jobs", "brought").get(context.language or "", ())
    asks, queued = signs("perf-background-jobs", "brought_asks"), signs("perf-background-jobs", "brought_queued")
    for handler in context.handlers if parts else ():
        lines = context.snapshot.lines(handler.file)[handler.line - 1 : handler.end_line]
        part = next((n for n, t in enumerate(lines, handler.line) if any(re.search(p, t[:300]) for p in parts)), None)
        asked = context.hits(asks) if part is not None else []
        if part is None or not asked:
            continue
        at = context.at(handler.file, part), context.at(*asked[0][:2])
        if context.hits(queued):
            return unverified("The framework sends mail for the flow; whether what goes to a queue is that mail was not settled.", *at)
        return failed("The framework sends the mail by which an address is confirmed within the request.", *at)
    return None
