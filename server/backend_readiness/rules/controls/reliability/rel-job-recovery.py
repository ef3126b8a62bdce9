"""Background jobs of the flow are tried again, and end somewhere when they finally fail."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.roles import RoleCall
from backend_readiness.controls.work.later import runs_later
from backend_readiness.controls.work.out_of_sight import unseen_work
from backend_readiness.controls.work.reads import chain_sites
from backend_readiness.facts.builder import dotted
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

MAX_ABOVE = 12  # lines of decorators
_RETRIES = (r"max_retries|autoretry_for|\bretries\s*[=:]|\battempts\s*[=:]|\.retry\(|retry_backoff|Retry\(max|max_attempts|retryLimit",)
_PARKS = (
    r"(?i)dead.?letter|\bdlq\b|parked|failed_?(jobs|messages|queue)|on_failure|removeOnFail\s*:\s*false|task_reject_on_worker_lost|\.on\([\"']failed",
)


_BUS = re.compile(sign("rel-job-recovery", "bus"))
_WORKERS = sign("rel-job-recovery", "workers")
_QUEUED = sign("rel-job-recovery", "queued_messages")
_CLASS = re.compile(sign("rel-job-recovery", "class"))
_MAKES = re.compile(sign("rel-job-recovery", "makes"))
_SIGNALS = sign("rel-job-recovery", "signals_of_models")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The flow's handlers were not all resolved.")
    queued = context.chain_role("queue_publish")
    later = context.chain_role("background_task")
    if later and not queued and setup_of(context, "jobs_kept") is not None:
        queued = later
    if later and not queued:
        why = "The work runs in the web process after the answer: when it fails or the process stops, it is gone."
        return failed(why, *(context.at_call(c) for c in later[:3]))
    if queued:
        kept = setup_of(context, "job_recovery")
        if kept is not None:
            if kept.off is not None and kept.off.file not in {f for f, _, _ in _places(context, queued)}:
                why = "The queue tries failed jobs again, but some; whether the flow's is one of those is not settled."
                return unverified(why, context.at_call(queued[0]), kept.off)
            if kept.off is not None:
                return failed("The queue would try failed jobs again, and is told not to.", kept.off, context.at_call(queued[0]))
            return passed(kept.rule.says, kept.at, context.at_call(queued[0]))
        own = _places(context, queued)
        anywhere = context.hits(_RETRIES)
        again = [h for h in anywhere if any(f == h[0] and a <= h[1] <= z for f, a, z in own)]
        if anywhere and not again:
            why = "Something is tried again; whether that is the job of the flow is not settled."
            return unverified(why, context.at_call(queued[0]), context.at(*anywhere[0][:2]))
        parked = context.hits(_PARKS)
        if again and parked and parked[0][0] not in {f for f, _, _ in (*own, *again)}:
            why = "The job is tried again; whether what keeps failed work keeps it too is not settled."
            return unverified(why, context.at(*again[0][:2]), context.at(*parked[0][:2]))
        if again and parked:
            return passed("Jobs are tried again and parked when they finally fail.", context.at(*again[0][:2]), context.at(*parked[0][:2]))
        if again:
            return partial(
                "Jobs are tried again; what finally failed is kept nowhere.", context.at_call(queued[0]), context.at(*again[0][:2])
            )
        return unverified("Whether the queue tries a failed job again is left to its defaults.", context.at_call(queued[0]))
    if any("outbox" in (e.target or "").lower() for e, _ in context.effects):
        return unverified("The flow leaves work in an outbox; what its worker does with failures is not settled.")
    sent = [link for e, link in context.effects if e.kind == "queue"]
    if sent:
        why = "The flow sends messages to a queue; what becomes of one whose work fails was not found out."
        return unverified(why, *(context.at_place(k) for k in sent[:2]))
    started = _started(context)
    if started is not None:
        call, reaches = started
        if reaches:
            return failed("The work runs beside the request in the same process: when it fails or the process stops, it is gone.", call)
        return unverified("Work is started beside the request; what becomes of it when it fails is not settled.", call)
    lost = unseen_work(context)
    if lost:
        return unverified(
            "The flow hands work to what was not seen; whether a background job comes of it was not settled.", context.at_call(lost[0])
        )
    unseen = _handed_unseen(context)
    if unseen is not None:
        return unverified(*unseen)
    return not_applicable("The flow hands no work to background jobs.", context.at_route())


def _handed_unseen(context: Context) -> tuple[str, Evidence] | None:
    """Ways to a job that the chain does not show: a bus of events, a signal of the model, a notification that waits in the queue."""
    bus = next((c for c in context.calls if _BUS.search(dotted(c.call.callee) or "") is not None), None)
    if bus is not None and context.is_found((_WORKERS,)):
        return "The flow gives an event to a bus, and workers run beside it; what becomes of failed work was not settled.", context.at_call(
            bus
        )
    mail = next((link for e, link in context.effects if e.kind == "mail"), None)
    queued = context.first_hit((_QUEUED,)) if mail is not None else None
    if mail is not None and queued is not None:
        why = "The flow sends a message, and messages of the application wait in the queue; what becomes of failed ones was not settled."
        return why, context.at_place(mail)
    kept = {m.group(1) for _, _, t in context.hits((_QUEUED,)) if (m := _CLASS.search(t)) is not None} if mail is None else set()
    made = next((context.at(f, n) for f, n, t in chain_text(context) if kept & set(_MAKES.findall(t[:500]))), None) if kept else None
    if made is not None:
        return "The flow makes what waits in the queue; what becomes of failed work was not settled.", made
    signal = context.first_hit((_SIGNALS,)) if context.writes and context.language == "python" else None
    if signal is not None and context.roles.calls("queue_publish"):
        why = (
            "Signals run when models are saved, and jobs are handed over in the application; whether the flow's write does was not settled."
        )
        return why, context.at(*signal[:2])
    return None


def _places(context: Context, queued: list[RoleCall]) -> list[tuple[str, int, int]]:
    """(file, first line, last line) of what may say how the jobs run: the calls that hand them over, their queues and their functions."""
    found = []
    for call in queued:
        for site in (call.site, *chain_sites(call.callee)):
            made = context.view(site.file).facts.calls[site.call]
            found.append((site.file, made.line, made.end_line))
        for edge in context.tracer.edges.of_call(call.site):
            symbol = context.view(edge.target.symbol.file).symbol(edge.target.symbol.index)
            found.append((edge.target.symbol.file, max(1, symbol.line - MAX_ABOVE), symbol.end_line))
            holder = context.view(edge.target.symbol.file).holder(edge.target.symbol.index)
            if holder is not None:
                around = context.view(edge.target.symbol.file).symbol(holder)
                found.append((edge.target.symbol.file, around.line, around.end_line))
    return found


def _started(context: Context) -> tuple[Evidence, bool] | None:
    """The first call of the chain that nobody waits for, one that reaches data or a service before others; and whether it does."""
    sites = {(e.site.file, e.site.call) for e, _ in context.effects}
    bodies = {(file, context.view(file).facts.calls[number].owner) for file, number in sites}
    found: list[tuple[Evidence, bool]] = []
    for call in context.calls:
        if runs_later(context, call.site):
            targets = [e.target.symbol for e in context.tracer.edges.of_call(call.site)]
            inside = {(t.file, scope) for t in targets for scope in context.view(t.file).body(t.index)}
            reaches = bool(inside & bodies) or any(
                (e.site.file, e.site.call) == (call.site.file, call.site.call) for e, _ in context.effects
            )
            found.append((context.at(call.site.file, call.call.line), reaches))
    return next((f for f in found if f[1]), found[0] if found else None)
