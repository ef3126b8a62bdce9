"""Times in the flow's tables keep their zone."""

from collections.abc import Sequence
from dataclasses import replace

import regex

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import Column, Declared, lost_table, schema_of
from backend_readiness.controls.database.tables import Table
from backend_readiness.controls.defaults import default_of, library_rules, local_times
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.hidden_touches import settled
from backend_readiness.rules.signs import sign

_TIME = regex.compile(
    r"(?i)date_?time|timestamp|CreateDateColumn|UpdateDateColumn|UtcDate|\bInstant\b|\btime\.Time\b|^time$|OffsetDateTime|ZonedDateTime|naive_datetime|LocalDateTime"
)
_INSTANT = regex.compile(r"\bDATE\b|^Date$|\bDate\b")  # what JavaScript's libraries call an instant; elsewhere a day without time
_CLASSES = (".java", ".kt", ".scala", ".groovy")  # there `Date` is an instant too, unless it is that of SQL
_OF_SQL = regex.compile(sign("data-timezone", "days"))
_SCRIPTS = (".js", ".ts", ".prisma", ".mjs", ".cjs", ".tsx")
_AWARE = regex.compile(
    r"(?i)timezone=True|timestamptz|with time zone|utc|TIMESTAMP\(timezone|tz\b|AwareDatetime|DateTimeTz|\bInstant\b|Offset|Zoned"
)
_BARE = regex.compile(r"(?i)^(?:timestamp|datetime)\b(?!.*(?:with time zone|tz))")
_UNSAID = regex.compile(r"time\.Time|^time$")  # a type that holds its zone, stored in a column that the dialect chooses
_LOCAL = (r"\bdatetime\.now\(\)", r"\bdatetime\.datetime\.now\(\)", r"\bdatetime\.today\(\)", r"\bdatetime\.fromtimestamp\([^,)]*\)")


def verify(context: Context) -> Judgement:
    return settled(context, _judgement(context))


def _judgement(context: Context) -> Judgement:
    tables = schema_of(context).of_flow(context)
    times: list[tuple[Table, Column]] = []
    unsure: list[tuple[Table, Column]] = []  # an instant in the program, in a column that says no zone
    for declared in tables:
        for column in declared.real.columns.values():
            model = declared.model.column(column.name) if declared.model is not None else None
            kinds = " ".join(
                dict.fromkeys(c.type for c in (column, model) if c is not None)
            )  # a type of its own may stand on one side only
            instant = column.file.endswith(_SCRIPTS) or (column.file.endswith(_CLASSES) and not _is_day(context, column))
            if _TIME.search(kinds) is not None or (instant and _INSTANT.search(kinds) is not None):
                times.append((declared.real, replace(column, type=kinds)))
                if column.file.endswith(".sql") and _BARE.search(column.type) is not None and _AWARE.search(kinds) is not None:
                    unsure.append(times[-1])
    if not times:
        if tables or (context.is_resolved and not any(e.kind in ("orm", "sql", "nosql") for e, _ in context.effects)):
            if not tables and context.touches:
                return unverified("The flow's data calls were not all found.")
            lost = lost_table(context)
            if lost is not None:
                return unverified(f"The schema of `{lost.target or 'one of the tables'}`, which the flow writes, was not found.")
            stamped = _stamped(context, tables)
            return stamped or not_applicable("The flow stores no times.", context.at_route())
        return unverified("The schema of the flow's tables was not found.")
    javascript = [c for t, c in times if c.file.endswith(_SCRIPTS)]
    own = local_times(context)
    local_columns = [c for t, c in times if c in javascript and t.kind != "document" and own is not None and _AWARE.search(c.type) is None]
    if own is not None and local_columns:
        return partial(own.rule.says_not, *(context.at(c.file, c.line) for c in local_columns[:3]))
    if len(javascript) == len(times):
        return passed(
            "Times are instants: the library reads and writes them in UTC.", *(context.at(c.file, c.line) for c in javascript[:3])
        )
    naive = [(t, c) for t, c in times if _AWARE.search(c.type) is None]
    if not naive and not unsure:
        return passed("Times are stored with their zone.", *(context.at(c.file, c.line) for _, c in times[:3]))
    instants = default_of(context, "utc_times")
    if instants is not None:
        if instants.off is not None:
            return failed(instants.rule.says_not, instants.off)
        return passed(instants.rule.says, *(context.at(c.file, c.line) for _, c in (naive or unsure)[:2]))
    if not naive:
        table, column = unsure[0]
        why = f"The program keeps `{table.name}.{column.name}` as an instant, its column says no zone: the driver decides what is written."
        return unverified(why, context.at(column.file, column.line))
    if any(regex.search(r"(?i)\b\w*(Utc|Tz|Aware)\w*", c.type) for _, c in naive):
        return passed("Times go through a type that keeps them in UTC.", *(context.at(c.file, c.line) for _, c in naive[:2]))
    unsaid = next(((t, c) for t, c in naive if _UNSAID.search(c.type) is not None), None)
    if unsaid is not None:
        why = f"Whether the column of `{unsaid[0].name}.{unsaid[1].name}` keeps its zone is left to the database."
        return unverified(why, context.at(unsaid[1].file, unsaid[1].line))
    table, column = naive[0]
    chain = {(f, n) for f, n, _ in chain_text(context)}
    local = sorted(context.hits(_LOCAL), key=lambda h: h[:2] not in chain)  # what the flow itself writes, before others
    if local:
        why = f"`{table.name}.{column.name}` has no zone, and the code takes local time."
        return failed(why, context.at(column.file, column.line), context.at(local[0][0], local[0][1]))
    each = {t.name: c for t, c in reversed(naive)}  # one column of each table
    others = [context.at(c.file, c.line) for name, c in reversed(each.items()) if name != table.name]
    sides = [c for d in tables if d.real is table and d.model is not None and (c := d.model.column(column.name)) is not None]
    shown = [context.at(c.file, c.line) for c in sides if (c.file, c.line) != (column.file, column.line)]  # where a reader would look
    return partial(f"`{table.name}.{column.name}` is stored without its zone.", *shown, context.at(column.file, column.line), *others[:4])


def _is_day(context: Context, column: Column) -> bool:
    """Does the class say that the field is a day without a time?"""
    lines = context.snapshot.lines(column.file)
    near = lines[max(0, column.line - 4) : column.line]
    return any(_OF_SQL.search(t) is not None for t in (*near, *(t for t in lines[:60] if t.startswith("import"))))


def _stamped(context: Context, tables: Sequence[Declared]) -> Judgement | None:
    """The library itself adds times to the rows, where the schema of one of the flow's tables says so."""
    files = {c.file for t in tables for c in t.real.columns.values()}
    for rule in library_rules(context, "utc_times"):
        hits = [h for h in context.hits(rule.when) if h[0] in files] if rule.when else []
        if hits:
            return passed(rule.says, *(context.at(f, n) for f, n, _ in hits[:2]))
    return None
