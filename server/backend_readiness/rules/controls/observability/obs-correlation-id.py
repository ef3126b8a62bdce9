"""A request id: made or taken over before the handlers, and carried to what the flow calls."""

from __future__ import annotations

import re

from backend_readiness.controls.application import players
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.standing import apart, of_application
from backend_readiness.controls.work.later import beside_the_request, runs_later
from backend_readiness.controls.work.writes import texts_of_chain
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs, signs_by

_HINTS = (
    r"(?i)x-request-id|x-correlation-id|request[_-]?id\b|correlation[_-]?id|traceparent"
    r"|trace[_-]?id\b|cls-rtracer|asynclocalstorage|genReqId|\bMDC\b|TraceIdentifier|Activity\.Current|UidProcessor",
)
_KEEPS = (
    r"(?i)(request|correlation|trace)_?id\w*\.set\(|bind_contextvars|context\.WithValue\(|\bset_?(request|correlation|trace)_?id\w*\(|AsyncLocalStorage|\.child\(|contextualize\(|MDC\.put",
    r"(?i)(req|request|ctx|c|g|state|locals|res\.locals)\.(id|reqId|requestId|request_id|correlationId|correlation_id|traceId|trace_id)\s*=[^=]",
    r"(?i)\[?['\"](request|correlation|trace)[_-]?id['\"]\]?\s*[:=]\s*\w",
)
# A method that puts work off, given by its name: no call that a card could know.
_ENQUEUES = r"&:(?:deliver|perform)_(?:later|async)\b|\.(?:deliver|perform)_(?:later|async)\b"
# Code of a queue that takes the id along.
_HANDED_ON = (
    r"(?i)(before|around)_(enqueue|perform)|client_middleware|def\s+(serialize|deserialize)\b|Current\.request_id|current_attributes",
)
_FOR_LOGS = re.compile(sign("obs-correlation-id", "for_logs"))
_SHOWN = signs("obs-correlation-id", "shown")
_SHOWN_IN = signs("obs-correlation-id", "shown_in")
_BARE = re.compile(sign("obs-correlation-id", "bare"))
_READS = signs("obs-correlation-id", "reads")
_FOLLOWS = signs_by("obs-correlation-id", "follows")
_READ = re.compile(r"[:=]\s*\w+\.get\(\)")  # what a context variable holds, put into a line or an answer
_LEAVES = ("http", "payment", "queue", "mail", "external")


def verify(context: Context) -> Judgement:
    setup = setup_of(context, "correlation_id")
    kept = setup is not None and setup.off is None and not setup.rule.partly
    known = [] if kept else list(players(context, "correlation_id"))
    if setup is not None and kept:
        made = [setup.at]
    else:
        made = [context.at_place(known[0].place)] if known else _before_the_handlers(context)
    if made and not known and not kept and not _is_kept(context):
        return partial("The id is made for the answer only: logs and calls of the service do not get it.", *made[:2])
    bare = _is_not_written(context, made) if made else None
    if bare is not None:
        return bare
    if made:
        leaving = [(e, link) for e, link in context.effects if e.kind in _LEAVES]
        put_off = _put_off(context) if not leaving else None
        if put_off is not None:
            return partial("Requests have an id, and the work that the flow puts off does not get it.", put_off, *made[:1])
        beside = _runs_without(context) if not leaving else None
        if beside is not None:
            why = "Requests have an id; whether the work that runs beside the request gets it was not found out."
            return unverified(why, beside, *made[:1])
        if not leaving:
            return passed("Each request gets an id before the handlers run.", *made[:2])
        carried = {h[0] for h in context.hits(_HINTS)}
        lost = next((link for e, link in leaving if link.file not in carried), None)
        if lost is None:
            return passed("Each request gets an id, and the calls that leave the service carry it.", *made[:2])
        traced = setup_of(context, "tracing")
        if traced is not None and traced.off is None:
            why = f"Requests have an id; whether the tracing that is set up hands it on with `{lost.symbol}` was not settled."
            return unverified(why, context.at_place(lost), traced.at)
        return partial(f"Requests have an id, but `{lost.symbol}` does not carry it on.", context.at_place(lost), *made[:1])
    if setup is not None and setup.off is None:
        return partial(setup.rule.says, setup.at)
    if setup is not None and setup.off is not None:
        return partial("Requests would get an id, and the settings switch off what makes it.", setup.off, setup.at)
    app, *others = of_application(context, "no middleware gives the request an id")
    absence = context.missing("the source of the backend", at=app, roles=("correlation_id",), patterns=_HINTS)
    if absence is None:
        hits = context.hits(_HINTS)
        return unverified(
            "A request id is named in the source, but nothing that runs before the handlers sets it.",
            *(context.at(f, n) for f, n, _ in hits[:2]),
        )
    return failed("No request id is made, taken over or logged.", *apart((absence, *_logged(context), *others), 5))


def _logged(context: Context) -> tuple[Evidence, ...]:
    """Where the lines of the log get their form, which has no place for an id."""
    set_up = setup_of(context, "logger")
    return (set_up.at,) if set_up is not None else ()


def _is_not_written(context: Context, made: list[Evidence]) -> Judgement | None:
    """An id that is kept for the lines of the log, where the form of no line has a place for it; or one that nothing reads."""
    place = made[0]
    text = context.snapshot.lines(place.file or "")[(place.line or 1) - 1] if place.file else ""
    if _FOR_LOGS.search(text) is not None and not context.absences.all_hits(_SHOWN, _SHOWN_IN):
        return partial("The id is kept for the log, and the form of its lines has no place for it.", place)
    if _BARE.search(text) is not None and not any(h[:2] != (place.file, place.line) for h in context.hits(_READS)):
        return partial("The id is made for the answer only: no line of the log or call of the service reads it.", place)
    return None


def _runs_without(context: Context) -> Evidence | None:
    """Work that the flow starts beside the request, in a language or a way in which the id stays behind."""
    kept = _FOLLOWS.get(context.language, ())
    if "all" in kept or beside_the_request(context) is None:
        return None
    for call in context.calls:
        lines = context.snapshot.lines(call.site.file)
        symbol = context.view(call.site.file).symbol(call.call.owner)
        around = "\n".join(lines[max(0, symbol.line - 2) : symbol.end_line])
        if runs_later(context, call.site) and not any(re.search(k, around) for k in kept):
            return context.at(call.site.file, call.call.line)
    return None


def _put_off(context: Context) -> Evidence | None:
    """The line of the flow that hands work to a queue by the name of the method alone, in a backend where nothing hands an id on."""
    lines = texts_of_chain(context, _ENQUEUES)
    return context.at(*lines[0]) if lines and not context.is_found(_HANDED_ON) else None


def _is_kept(context: Context) -> bool:
    """Is the id put where the rest of the service finds it: a context variable, the request, a bound logger?

    It counts in the files of what runs before the handlers and of what that calls: a worker that sets its own is another id.
    """
    files: set[str] = set()
    named = context.hits(_HINTS)
    for guard in context.guards:
        for function in context.roles.functions(guard.value):
            where = function.symbol
            symbol = context.view(where.file).symbol(where.index)
            if any(f == where.file and symbol.line <= n <= symbol.end_line for f, n, _ in named):
                files.add(where.file)
                files.update(e.target.symbol.file for e in context.tracer.edges.of_symbol(where) if e.kind == "call")
    return any(f in files and _READ.search(t) is None for f, _, t in context.hits(_KEEPS))


def _before_the_handlers(context: Context) -> list[Evidence]:
    """Lines that name a request id inside of the functions that run before the handlers."""
    spans = []
    for guard in context.guards:
        for function in context.roles.functions(guard.value):
            symbol = context.view(function.symbol.file).symbol(function.symbol.index)
            spans.append((function.symbol.file, symbol.line, symbol.end_line))
    return [context.at(f, n) for f, n, _ in context.hits(_HINTS) if any(f == file and a <= n <= b for file, a, b in spans)]
