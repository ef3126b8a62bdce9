"""Recovery objectives and the steps to reach them are written down."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import databases
from backend_readiness.controls.documents import GLOBS, is_aside, readme, sections
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.standing import apart, database
from backend_readiness.controls.work.out_of_sight import hidden_data
from backend_readiness.controls.work.writes import STORES
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Member
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_OBJECTIVES = (r"\bRPO\b|\bRTO\b|[Rr]ecovery (point|time)( objective)?",)
_STEPS = (r"(?i)disaster.?recovery|runbook|restore (the|a|from)|rebuild(ing)? (the )?(host|server|database)|failover|fail over",)
_PLAN = re.compile(r"(?i)disaster.?recovery|runbook")
_RECOVERS = re.compile(r"(?i)disaster|recover(y|ing)?\b|\brestor(e|ing)\b|fail ?-?over|backups? (and|&) restore")
_AMOUNT = re.compile(r"(?i)\d+\s*(s\b|sec|min|h\b|hours?|days?|m\b)|\b(one|two|four|eight|zero) (minutes?|hours?|days?)|\bzero\b")
_NOT_OURS = re.compile(r"(?i)password|account|error|crash report")


_KEEPS = re.compile(sign("rel-disaster-recovery", "keeps"))
_PASSING = re.compile(sign("rel-disaster-recovery", "passing"))


def verify(context: Context) -> Judgement:
    if not context.routes or not context.is_resolved:
        return unverified("The flow's handlers were not all resolved.")
    keeps = {e.kind for e, _ in context.effects} & STORES or any(r.registration.touches for r in context.routes)
    if not keeps and databases(context).drivers and any(c.call.awaited for c in context.calls):
        return unverified("A database is at hand, and what the flow does with it was not resolved.", context.at_route())
    if not keeps and (kept := _may_keep(context)) is not None:
        return unverified("The flow changes something that may be data to be brought back; what keeps it was not resolved.", kept)
    if not keeps and (hidden := hidden_data(context)) is not None:
        return unverified(*hidden)
    if not keeps:
        return not_applicable("The flow keeps no data.", context.at_route())
    named = [h for h in context.absences.all_hits(_OBJECTIVES, GLOBS) if not is_aside(h[0])]
    goals = [h for h in named if any(_AMOUNT.search(t) for t in context.snapshot.lines(h[0])[h[1] - 1 : h[1] + 4])]
    told = [s for s in sections(context) if _RECOVERS.search(s.heading) and not _NOT_OURS.search(s.heading) and s.steps >= 2]
    steps = [h for h in context.absences.all_hits(_STEPS, GLOBS) if not is_aside(h[0])]
    if goals and (told or steps):
        at = context.at(told[0].file, told[0].line) if told else context.at(*steps[0][:2])
        return passed("Objectives and steps of recovery are written down.", context.at(*goals[0][:2]), at)
    if goals:
        return partial("Recovery objectives are written down, the steps are not.", context.at(*goals[0][:2]))
    if told:
        return partial("Steps of recovery are written down, objectives are not.", context.at(told[0].file, told[0].line))
    if named:
        return unverified("Objectives of recovery are named; what they are was not found.", context.at(*named[0][:2]))
    if any(_PLAN.search(t) is not None for _, _, t in steps):
        return unverified(
            "Something about recovery is written down; whether it is a plan with objectives is not settled.", context.at(*steps[0][:2])
        )
    at, *others = database(context)
    missing = context.missing("recovery objectives and steps", at=at, patterns=(*_OBJECTIVES, *_STEPS), paths=GLOBS)
    if missing is None:
        return unverified("Whether a recovery plan exists could not be settled.")
    first = readme(context)
    told_in = [first] if first is not None else []
    return failed(
        "The repository holds neither recovery objectives nor steps.", *apart((missing, *told_in, *others, context.at_application()))
    )


def _may_keep(context: Context) -> Evidence | None:
    """A file that the flow writes or removes, or a call that is named as one which keeps things and leads nowhere that is known."""
    file = next((link for e, link in context.effects if e.kind == "file" and e.operation in ("write", "delete")), None)
    if file is not None:
        return context.at_place(file)
    if all(r.route.endpoint.method == "GET" for r in context.routes):
        return None
    for call in context.calls:
        name = callee_name(call.call) or ""
        if _KEEPS.search(name) is None or not isinstance(call.call.callee, Member) or context.tracer.edges.of_call(call.site):
            continue
        if not any(_PASSING.search(t) for t in (*call.paths, dotted(call.call.callee) or "")):
            return context.at_call(call)
    return None
