"""No catch on the flow drops what went wrong or turns it into a success."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.work.catches import Caught, answered_promises, catches, deaf_callbacks, silent_promises
from backend_readiness.controls.work.checked_errors import hidden_errors, left_errors, taken_for_absent
from backend_readiness.controls.work.deaf_clients import deaf_clients
from backend_readiness.controls.work.dropped_errors import dropped_errors, unheard_answers
from backend_readiness.controls.work.noted_failures import beside_chain, doubtful_writes, lost_writes, settled_otherwise
from backend_readiness.controls.work.nothing_returned import nothing_returned
from backend_readiness.controls.work.weak_branches import unheard_results, weak_branches
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs_by

_RETURNED = frozenset({"go", "rust", "elixir"})  # errors are values there
_QUIET = signs_by("rel-swallowed-error", "quiet")  # forms that drop a failure without a catch, where no fact says so
_IDLE = re.compile(sign("rel-swallowed-error", "idle"))


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The flow's handlers were not all resolved.")
    every = catches(context)
    well = [c for c in every if c.sends_well and c.swallows]
    dropped = [c for c in every if c.swallows and not c.sends_well and (c.broad or (c.empty and c.guards_effect))]
    given = [c for c in every if c.broad and c.gives_error]
    silent = silent_promises(context)
    own = (
        [c for c in dropped if c.guards_effect and (c.answers or c.empty)]
        + given
        + [c for c in dropped if c.broad and c.answers and _in_handler(context, c)]
    )
    if own:
        shown = list({(c.function.file, c.block.line): c for c in own}.values())
        why = (
            "hands the error on as if it were the result"
            if shown[0].gives_error
            else "turns every failure into a normal answer and records none"
        )
        if shown[0].empty:
            why = "ignores every failure of what it guards"
        return failed(f"A catch on the flow {why}.", *(_place(context, c) for c in shown[:4]))
    unheard = dropped_errors(context)
    serious = [d for d in unheard if d.at_stake]
    if serious:
        shown_lines = (context.at(d.function.file, d.line) for d in serious[:4])
        return failed("An error of what the flow hands out or writes is dropped where the call returns it.", *shown_lines)
    if unheard:
        return partial("The flow drops errors that its functions return.", *(context.at(d.function.file, d.line) for d in unheard[:4]))
    whether = unheard_answers(context)
    if whether and context.writes:
        why = "What the handler calls says whether it did its work, and the answer is the same either way."
        return failed(why, *(context.at(d.function.file, d.line) for d in whether[:2]))
    if well:
        why = "A catch on the flow sends the error with the status of success, and records none."
        return partial(why, *(_place(context, c) for c in well[:4]))
    if dropped:
        return partial("A catch on the flow drops the error without a record.", *(_place(context, c) for c in dropped[:4]))
    left = left_errors(context)
    lost = [e for e in left if e.writes]
    if lost:
        why = "The error of a write is only noted, and the flow goes on as if it had been made."
        return partial(why, *(context.at(e.function.file, e.line) for e in lost[:4]))
    hidden = hidden_errors(context)
    if hidden:
        why = "The error of a data call is only noted, and the caller gets nothing instead of it."
        return partial(why, *(context.at(e.function.file, e.line) for e in hidden[:4]))
    deaf = deaf_callbacks(context)
    if deaf:
        why = "A callback of the flow is given an error first and neither answers, records nor hands it on."
        return partial(why, *(context.at(s.file, line) for s, line in deaf[:4]))
    if silent:
        return partial("A rejection is dropped by an empty `catch`.", *(context.at(s.file, line) for s, line in silent[:4]))
    unheard_calls = deaf_clients(context)
    if unheard_calls:
        why = "What takes the failures of the frontend's calls hands none on: to the page a failed call looks like one that went well."
        return partial(why, *unheard_calls[:2])
    noted = lost_writes(context, every)
    if noted:
        why = "The failure of a write is noted at most, and the flow goes on as if it had been made."
        return partial(why, *(_place(context, c) for c in noted[:4]))
    weak = [*unheard_results(context), *weak_branches(context)]
    promised = answered_promises(context)
    sure = [(w.file, w.line) for w in weak if w.writes] + [(s.file, line) for s, line, writes in promised if writes]
    if sure:
        why = "A write of the flow may fail without anybody being told: what takes its failure does nothing about it."
        return partial(why, *(context.at(*place) for place in sure[:4]))
    open_ = [(w.file, w.line) for w in weak] + [(s.file, line) for s, line, _ in promised]
    if open_:
        why = "What takes a failure here does nothing about it, or puts a value in its place; whether the flow may go on was not settled."
        return unverified(why, *(context.at(*place) for place in open_[:4]))
    quiet = _quiet(context)
    if quiet is not None:
        return unverified("A failure may be dropped here; whether it matters to the flow is not settled.", quiet)
    absent = taken_for_absent(context)
    if absent:
        why = "Every error of a query is taken for a row that is not there; whether an outage then answers right was not settled."
        return unverified(why, *(context.at(e.function.file, e.line) for e in absent[:2]))
    idle = [c for c in every if c.empty]
    if idle:
        why = "A catch on the flow drops errors of one kind; whether the flow may go on without what failed was not settled."
        return unverified(why, *(_place(context, c) for c in idle[:4]))
    nothing = nothing_returned(context, every)
    if nothing:
        why = "A catch gives nothing for what failed, and what takes it does not ask; whether that ends well was not settled."
        return unverified(why, *(_place(context, c) for c in nothing[:4]))
    doubtful = doubtful_writes(context, every) or settled_otherwise(context, every)
    if doubtful:
        why = "A catch on the flow goes on with something else in place of what failed; whether the caller learns of it was not settled."
        return unverified(why, *(_place(context, c) for c in doubtful[:4]))
    beside = beside_chain(context)
    if beside:
        why = "A helper of the flow drops every error that it catches; whether that matters to the flow was not settled."
        return unverified(why, *(context.at(s.file, b.line, b.end_line) for s, b in beside[:2]))
    if every:
        return passed(
            "Each catch on the flow raises, answers an error or records what it caught.", *(_place(context, c) for c in every[:4])
        )
    if left:
        why = "The error of a read is only noted, and the flow goes on; whether it then answers right was not settled."
        return unverified(why, *(context.at(e.function.file, e.line) for e in left[:2]))
    if context.language in _RETURNED:
        return passed("The functions of the flow hand the errors that they get to their callers.", context.at_route())
    return passed("The flow catches no errors; they reach the error handler.", context.at_route())


def _quiet(context: Context) -> Evidence | None:
    """The first line of the flow, its helpers included, that drops a failure without a catch."""
    for pattern in (re.compile(p) for p in _QUIET.get(context.language, ())):
        for file, line, text in chain_text(context):
            if pattern.search(text[:500]) is not None and _IDLE.search(text) is None:
                return context.at(file, line)
    return None


def _place(context: Context, caught: Caught) -> Evidence:
    return context.at(caught.function.file, caught.block.line, min(caught.block.end_line, caught.block.line + 6))


def _in_handler(context: Context, caught: Caught) -> bool:
    return any(h.file == caught.function.file and h.line <= caught.block.line <= h.end_line for h in context.handlers)
