"""What a flow decides by something that it has read still holds when it writes: by a lock, a constraint or an atomic statement."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.code_uniqueness import unique_by_code
from backend_readiness.controls.database.schema import Column, schema_of
from backend_readiness.controls.database.tables import plain
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.work.asked_whether_taken import asked_whether_taken
from backend_readiness.controls.work.counted_down import counted_down
from backend_readiness.controls.work.decisions import Decisions, check_evidence, is_locked, rule_over
from backend_readiness.controls.work.filters import lookups
from backend_readiness.controls.work.finders import LANGUAGES, UNIQUE_BY_CODE
from backend_readiness.controls.work.hidden_touches import settled
from backend_readiness.controls.work.put_back import is_versioned, put_back
from backend_readiness.controls.work.unread import may_change_unread
from backend_readiness.controls.work.unseen_writes import may_write_unseen
from backend_readiness.controls.work.ways import handler
from backend_readiness.model import Evidence

_ASKS = re.compile(r"(?i)^(any|exists|is_?exists|count)(async|_?by\w*)?[?!]?$")


def verify(context: Context) -> Judgement:
    return settled(context, _judgement(context))


def _judgement(context: Context) -> Judgement:
    decisions = Decisions(context)
    held: list[Evidence] = []
    for change in decisions.changes():
        line = context.at(change.file, change.assign.line, change.assign.end_line)
        table = schema_of(context).table(change.table)
        if change.locked or (table is not None and is_versioned(context, table)):
            held += [context.at_call(change.reads[0].call), line]
            continue
        name = f"{change.table}.{change.column}"
        why = f"`{name}` is read without a lock, changed in code and written back: of two changes at once one is lost."
        return failed(why, context.at_call(change.reads[0].call), line)
    for put in put_back(context, decisions):
        line = context.at(put.file, put.line, put.end_line)
        if put.locked:
            held += [context.at_call(put.read.call), line]
            continue
        why = f"`{put.table}.{put.column}` is read without a lock, changed in code and written back: of two changes at once one is lost."
        return failed(why, context.at_call(put.read.call), line)
    for counted in counted_down(context, decisions):
        if counted.guard is not None:
            held += [counted.guard, counted.compared]
            continue
        why = (
            f"`{counted.table}.{counted.column}` is compared in code and counted down afterwards: two requests at once both pass the test."
        )
        return failed(why, counted.compared, counted.write)
    if not context.writes and not held:
        if may_change_unread(context) or may_write_unseen(context) or not context.is_resolved or context.base_looks_up:
            return unverified("The flow's data calls were not all found.")
        return not_applicable("The flow writes nothing.", context.at_route())
    unknown: Evidence | None = None
    for check in decisions.checks():
        if check.rule is not None:
            held.append(context.at(check.rule.file, check.rule.line))
            continue
        read, insert = check_evidence(context, check)
        if check.declared is None:
            unknown = unknown or read
            continue
        names = ", ".join(f"`{c}`" for c in dict.fromkeys(check.columns))
        shown = check.declared.shown.column(check.columns[0])
        then = "a row is added" if check.adds else "another row is given the same"
        why = f"`{check.declared.name}` is searched by {names} before {then}, and nothing in the schema keeps a second request out."
        if check.limits:
            why = f"Rows of `{check.declared.name}` with the same {names} are counted, then one is added: several at once pass the limit."
        return failed(
            why,
            read,
            insert,
            *([context.at(shown.file, shown.line)] if shown is not None else []),
        )
    for query, table, columns in decisions.found_or_added():
        rule = rule_over(table, columns)
        if rule is not None:
            held.append(context.at(rule.file, rule.line))
            continue
        shown = table.shown.column(columns[0])
        why = f"`{table.name}` is looked for by `{columns[0]}` and added where it is not there: two requests at once both add it."
        return failed(why, context.at_call(query.call), *([context.at(shown.file, shown.line)] if shown is not None else []))
    for believed in unique_by_code(context):
        if believed.is_kept:
            held.append(believed.at)
            continue
        name = f"{believed.declared.name}.{believed.column}"
        why = f"`{name}` is checked by a query before the write; two requests at once both pass the check."
        shown = believed.declared.shown.column(believed.column)
        return failed(why, believed.at, *([context.at(shown.file, shown.line)] if shown is not None else []), *handler(context))
    for query in decisions.suspects():
        declared = schema_of(context).table(query.effect.target)
        rule = rule_over(declared, tuple(c for _, c in query.filters)) if declared is not None else None
        if isinstance(rule, Column) and rule.primary and plain(rule.name) in ("id", "uuid"):
            continue  # a row that is found by its key decides nothing about others
        if rule is not None:
            held.append(context.at(rule.file, rule.line))
        else:
            unknown = unknown or context.at_call(query.call)
    compared = decisions.compared()
    if unknown is not None or (compared is not None and not any(is_locked(context, q.effect) for q in decisions.lookups.values())):
        what = "A row is looked for before one is added; whether that decides, and what keeps a second one out, is not settled."
        return unverified(
            what if unknown is not None else "A value is compared before the flow writes.",
            *[e for e in (unknown, compared) if e is not None],
        )
    if not held:
        locks = [q for q in decisions.lookups.values() if q.effect.operation == "read" and is_locked(context, q.effect)]
        held += [context.at_call(q.call) for q in locks[:2]]
    if held:
        return passed("What the flow decides by a read is guarded in the database.", *held[:4])
    checked = context.hits(UNIQUE_BY_CODE) if context.language in LANGUAGES else []
    if checked and any(e.operation == "write" for e, _ in context.effects):
        why = "The code checks that a value is unique before it writes; what keeps a second one out is not settled."
        return unverified(why, context.at(*checked[0][:2]))
    hidden = decisions.hidden()
    if hidden is not None:
        why = "A row may be looked for before one is added; what it is looked for by, and what keeps a second one out, is not settled."
        return unverified(why, hidden)
    asked = _asks_who_has(context)
    if asked is not None:
        return unverified(
            "The flow asks whether another row has the value that it writes; what keeps a second one out is not settled.", asked
        )
    asks = asked_whether_taken(context)
    if asks is not None:
        return unverified(
            "The code asks whether a value is taken before it writes; what keeps it unique was not found.", context.at_symbol(asks)
        )
    if context.is_resolved and not context.base_looks_up and (decisions.steps or context.touches):
        at = decisions.steps[0].evidence(context) if decisions.steps else context.at_place(context.touches[0].place)
        return not_applicable("No write of the flow depends on what it has read.", at)
    return unverified("The flow's writes were not all found.")


def _asks_who_has(context: Context) -> Evidence | None:
    """A query that only asks whether a row of a table that the flow changes has some value, with no unique rule over the column."""
    written = {e.target for e, _ in context.effects if e.operation == "write"}
    for query in lookups(context):
        name = query.effect.path.removesuffix("()").rpartition(".")[2]
        if query.effect.operation != "read" or query.effect.target not in written or _ASKS.match(name) is None:
            continue
        for table, column in query.filters:
            declared = schema_of(context).table(table)
            if plain(column) not in ("id", "uuid") and (declared is None or declared.real.unique_over(column) is None):
                return context.at_call(query.call)
    return None
