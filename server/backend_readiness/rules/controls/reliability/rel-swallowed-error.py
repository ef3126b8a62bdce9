"""No catch on the flow drops what went wrong or turns it into a success."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.work.catches import Caught, catches, deaf_callbacks, silent_promises
from backend_readiness.controls.work.checked_errors import hidden_errors, left_errors, taken_for_absent
from backend_readiness.controls.work.dropped_errors import dropped_errors, unheard_answers
from backend_readiness.controls.work.writes import texts_of_chain
from backend_readiness.model import Evidence

_RETURNED = frozenset({"go", "rust", "elixir"})  # errors are values there
# Forms that drop a failure without a catch, where no fact says so.
_QUIET = {
    "rust": r"let\s+_\s*=|\.ok\(\)\s*;|\.unwrap_or(_default|_else)?\(|if\s+let\s+Ok\(|\.map_err\(\|_\|",
    "ruby": r"\brescue\s+(nil|false|true|\[\]|\{\}|\"\")|\brescue\s*$|^\s*\S+\.(save|update|destroy)(\(.*\))?\s*$",
    "php": r"(^|[=(\s])@\w+\(|catch\s*\([^)]*\)\s*\{\s*\}",
    "elixir": r"^\s*_\w*\s*=|\{:error,\s*_\w*\}\s*->|_\s*->\s*(nil|:ok|\[\])",
    "kotlin": r"runCatching|getOrNull\(\)|getOrDefault\(",
    "csharp": r"catch\s*(\([^)]*\))?\s*\{\s*\}",
    "go": r"_\s*=\s*\w[\w.]*\(|,\s*_\s*:=\s*\w+(\.\w+)*\(|defer\s+recover|recover\(\)",
}
# Of no use: the error of closing or undoing. No error: what says whether something was there.
_IDLE = re.compile(
    r"(?i)dummy|\.(Close|Rollback|Sync|Flush|Unlock)\(|_\s*:=\s*[\w.]+\.(Get\w*|Load\w*|Lookup\w*|Cut\w*|FromContext|Value|BasicAuth|Caller)\("
)


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
    quiet = (
        [h for h in texts_of_chain(context, _QUIET[context.language]) if not _is_idle(context, *h)] if context.language in _QUIET else []
    )
    if quiet:
        return unverified("A failure may be dropped here; whether it matters to the flow is not settled.", context.at(*quiet[0]))
    absent = taken_for_absent(context)
    if absent:
        why = "Every error of a query is taken for a row that is not there; whether an outage then answers right was not settled."
        return unverified(why, *(context.at(e.function.file, e.line) for e in absent[:2]))
    idle = [c for c in every if c.empty]
    if idle:
        why = "A catch on the flow drops errors of one kind; whether the flow may go on without what failed was not settled."
        return unverified(why, *(_place(context, c) for c in idle[:4]))
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


def _is_idle(context: Context, file: str, line: int) -> bool:
    """Does the line drop the error of closing or undoing, or of a comparison for the sake of its time?"""
    return _IDLE.search(context.snapshot.lines(file)[line - 1]) is not None


def _place(context: Context, caught: Caught) -> Evidence:
    return context.at(caught.function.file, caught.block.line, min(caught.block.end_line, caught.block.line + 6))


def _in_handler(context: Context, caught: Caught) -> bool:
    return any(h.file == caught.function.file and h.line <= caught.block.line <= h.end_line for h in context.handlers)
