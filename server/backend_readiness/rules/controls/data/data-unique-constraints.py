"""Values that the flow takes for unique are kept so by the database."""

import regex

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.database.code_uniqueness import unique_by_code
from backend_readiness.controls.database.schema import Column, Index, schema_of
from backend_readiness.controls.database.tables import plain
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.standing import apart, writers
from backend_readiness.controls.subjects import Subject
from backend_readiness.controls.work.asked_whether_taken import asked_whether_taken
from backend_readiness.controls.work.decisions import Decisions, check_evidence, rule_over
from backend_readiness.controls.work.filters import Lookup, lookups
from backend_readiness.controls.work.finders import UNIQUE_BY_CODE
from backend_readiness.controls.work.hidden_touches import settled
from backend_readiness.controls.work.unread import has_unread
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

# Columns by which people and things are told apart whatever the application.
_NATURAL = regex.compile(
    r"^(user)?(name)?(login|email|emailaddress|username|slug|handle|sku|isbn|iban|nickname|subdomain|phonenumber|idempotencykey|apikey)$"
)
_NAMED = regex.compile(r"^(slug|permalink|handle|sku|isbn|subdomain)$")
_LOGIN = regex.compile(r"^(user)?(login|email|emailaddress|username|phonenumber|mobile)$")
_PEOPLE = regex.compile(r"^(app)?(user|account|member)s?$")
_UNIQUE_INDEX = (r"(?i)createIndex\w*\([^)]*unique", r"(?i)create_index\w*\([^)]*unique", r"(?i)unique\s*[:=]\s*true")


_FOUND_BY = signs("data-unique-constraints", "found_by")
_DROPPED = sign("data-unique-constraints", "dropped")
_ADDRESSES = signs("data-unique-constraints", "addresses")
_ADDRESSED = regex.compile(sign("data-unique-constraints", "addressed"))
_MIGRATIONS = signs("data-unique-constraints", "migrations")
_UNMADE = (sign("data-unique-constraints", "unmade"),)
_ANY_CASE = sign("data-unique-constraints", "any_case")
_RULED_ANY_CASE = regex.compile(sign("data-unique-constraints", "ruled_any_case"))


def verify(context: Context) -> Judgement:
    return settled(context, _judgement(context))


def _judgement(context: Context) -> Judgement:
    schema = schema_of(context)
    written = {e.target for e, _ in context.effects if e.operation == "write"}
    found = sorted(lookups(context), key=lambda q: q.effect.target not in written)  # what the flow adds to comes first
    kept: list[Evidence] = []
    strange: Lookup | None = None
    loosely: Judgement | None = None
    for query in found:
        if query.effect.operation != "read":
            continue
        for name, column in query.filters:
            if _NATURAL.match(plain(column)) is None:
                continue
            declared = schema.table(name)
            held = declared.real.column(column) if declared is not None else None
            if declared is None or held is None:
                if query.effect.kind == "nosql" and declared is None and len(query.filters) == 1:
                    return _document(context, query, column)
                strange = strange or query
                continue
            rule = declared.real.unique_over(column)
            if rule is not None and (other := _of_any_case(context, query, column, rule)) is not None:
                loosely = loosely or other
            if rule is not None and declared.real.kind == "document" and (unmade := context.hits(_UNMADE)):
                why = "A setting leaves the indexes that models declare unmade; what else makes this one is not settled."
                return unverified(why, context.at(rule.file, rule.line), context.at(*unmade[0][:2]))
            if rule is not None:
                kept.append(context.at(rule.file, rule.line))
                continue
            shown = declared.shown.column(column) or held
            evidence = [context.at(shown.file, shown.line)]
            if held.file != shown.file or held.line != shown.line:
                evidence.append(context.at(held.file, held.line))
            only = declared.model is not None and declared.model.unique_over(column) is not None and declared.real is not declared.model
            why = f"The model says that `{declared.name}.{column}` is unique, and no migration makes it so." if only else ""
            why = (
                why or f"The flow takes `{declared.name}.{column}` for unique, and no unique rule keeps it so: two requests store it twice."
            )
            return failed(why, *evidence, context.at_call(query.call))
    for believed in unique_by_code(context):
        if believed.is_kept:
            kept.append(believed.at)
            continue
        loose = believed.declared.shown.column(believed.column) or believed.declared.real.column(believed.column)
        why = (
            f"The code checks that `{believed.declared.name}.{believed.column}` is unique, and no unique rule of the database keeps it so."
        )
        return failed(why, *([context.at(loose.file, loose.line)] if loose is not None else []), believed.at)
    for query, table, columns in Decisions(context).found_or_added():
        if rule_over(table, columns) is None:
            loose = table.shown.column(columns[0])
            why = f"The flow adds to `{table.name}` where nothing has the same `{columns[0]}`, and no unique rule keeps it so."
            return failed(why, *([context.at(loose.file, loose.line)] if loose is not None else []), context.at_call(query.call))
    if strange is not None:
        return unverified(f"The table behind `{strange.effect.target or 'the look-up'}` was not found.", context.at_call(strange.call))
    loose_account = _loose_account(context) if Subject(context).lets_in_people else None
    if loose_account is not None:
        return loose_account
    addressed = _addressed(context)
    if addressed is not None:
        return addressed
    told = _told_apart(context)
    if told is not None or loosely is not None:
        return told if told is not None else loosely  # type: ignore[return-value]  # one of the two
    for check in Decisions(context).checks():  # what is searched before a row is added is taken for unique, whatever its name
        if (
            check.rule is None
            and not check.limits
            and (not check.adds or not kept)
            and check.declared is not None
            and set(map(plain, check.columns)) - {"id", "pk"}
        ):
            does = "adds to" if check.adds else "changes"
            names = ", ".join(f"`{c}`" for c in dict.fromkeys(check.columns))
            why = f"The flow {does} `{check.declared.name}` when nothing has the same {names}, and no unique rule keeps it so."
            held = check.declared.shown.column(check.columns[-1])
            return failed(why, *([context.at(held.file, held.line)] if held is not None else []), *check_evidence(context, check))
    if kept:
        return passed("What the flow takes for unique has a unique rule in the schema.", *kept[:4])
    said = " ".join(t.lower() for _, _, t in chain_text(context)) if not Decisions(context).inserts else ""
    for declared in schema.of_flow(context, "write"):
        for own in declared.real.columns.values():
            if said and own.name.lower() not in said and plain(own.name) not in said:
                continue  # a change that does not speak of the column relies on nothing of it
            if own.unique and not own.primary:
                return passed(f"`{declared.name}.{own.name}` is unique in the schema.", context.at(own.file, own.line))
        for index in declared.real.indexes:
            if said and not any(c.lower() in said or plain(c) in said for c in index.columns):
                continue
            if index.unique and any(declared.real.unique_over(c) is index for c in index.columns):
                return passed(f"`{declared.name}` has a unique rule over {', '.join(index.columns)}.", context.at(index.file, index.line))
    if not context.is_resolved or context.base_looks_up:
        return unverified("The flow's queries were not all found.")
    unread = next((q for q in found if q.unread), None)
    if unread is not None:
        return unverified(f"By which columns `{unread.effect.target or 'rows'}` is looked up was not read.", context.at_call(unread.call))
    validated = context.hits(UNIQUE_BY_CODE) if written else []
    if validated:
        return unverified("The code checks that a value is unique; which table it guards was not resolved.", context.at(*validated[0][:2]))
    if has_unread(context):
        return unverified("A statement of the flow was not read, so its columns are not known.", context.at_route())
    asks = asked_whether_taken(context)
    if asks is not None:
        return unverified("The code asks whether a value is taken; what keeps it unique was not found.", context.at_symbol(asks))
    if Subject(context).sign_in and context.effects:
        return unverified("A sign-in finds one account by a name; which column that is was not found.", context.at_route())
    return not_applicable("The flow relies on no value being unique besides primary keys.", context.at_route())


def _of_any_case(context: Context, query: Lookup, column: str, rule: Column | Index) -> Judgement | None:
    """The flow looks for the value whatever its case, and the rule that keeps it unique may compare it as written."""
    call = query.call.call
    asked = [t for t in context.snapshot.lines(query.call.site.file)[call.line - 1 : min(call.end_line, call.line + 20)] if column in t]
    asked = asked or [callee_name(call) or ""]
    ruled = context.snapshot.lines(rule.file)[max(0, rule.line - 2) : rule.line + 2]
    any_case = regex.compile(_ANY_CASE.replace("{name}", regex.escape(column)))
    if not any(any_case.search(t[:500]) for t in asked) or any(_RULED_ANY_CASE.search(t[:500]) for t in ruled):
        return None
    why = f"The flow looks for `{column}` whatever its case; whether the unique rule takes `A` and `a` for one is not settled."
    return unverified(why, context.at_call(query.call), context.at(rule.file, rule.line))


def _addressed(context: Context) -> Judgement | None:
    """A table that the flow adds to, whose model says that addresses name its rows by a column which nothing keeps unique."""
    said = [(f, n) for f, n, _ in context.hits(_ADDRESSES) if "test" not in f]
    for declared in schema_of(context).of_flow(context, "write") if said else ():
        ruled = {plain(c) for index in declared.real.indexes if index.unique for c in index.columns}
        for file, line in said:
            stem = plain(file.rpartition("/")[2].partition(".")[0])
            named = _ADDRESSED.search(" ".join(t.strip() for t in context.snapshot.lines(file)[line - 1 : line + 3])[:300])
            if named is None or plain(declared.name) not in (stem, f"{stem}s"):
                continue
            column = declared.real.column(named["column"] or named["route"])
            if column is None or column.primary or declared.real.unique_over(column.name) is not None or plain(column.name) in ruled:
                continue
            why = f"Addresses name rows of `{declared.name}` by `{column.name}`, and no unique rule keeps a second one of the same out."
            indexed = [context.at(i.file, i.line) for i in declared.real.indexes if i.columns == (column.name,)]
            return failed(why, context.at(column.file, column.line), *indexed[:1], context.at(file, line))
    return None


def _told_apart(context: Context) -> Judgement | None:
    """A table that the flow adds to, whose rows go by a name in addresses or catalogues that nothing keeps unique."""
    for declared in schema_of(context).of_flow(context, "write"):
        ruled = {plain(c) for index in declared.real.indexes if index.unique for c in index.columns}
        for column in declared.real.columns.values():
            if (
                _NAMED.match(plain(column.name)) is None
                or declared.real.unique_over(column.name) is not None
                or plain(column.name) in ruled
            ):
                continue
            why = (
                f"Rows of `{declared.name}` seem to go by `{column.name}`, and no unique rule is on it; whether it must be was not settled."
            )
            shown = declared.shown.column(column.name) or column
            return unverified(why, context.at(shown.file, shown.line))
    return None


def _loose_account(context: Context) -> Judgement | None:
    """A sign-up that adds to a table of people of whom nothing by which they sign in is unique."""
    for declared in schema_of(context).of_flow(context, "write"):
        logins = [c for c in declared.real.columns.values() if _LOGIN.match(plain(c.name)) is not None]
        if _PEOPLE.match(plain(declared.name)) is None or not logins:
            continue
        ruled = {plain(c) for index in declared.real.indexes if index.unique for c in index.columns}
        loose = [c for c in logins if declared.real.unique_over(c.name) is None and plain(c.name) not in ruled]
        if len(loose) < len(logins):
            column, found = next(((c, at) for c in loose if (at := _found_by(context, declared.name, c.name)) is not None), (None, None))
            if column is None or found is None:
                continue
            why = f"People are found by `{declared.name}.{column.name}`, and no unique rule keeps a second account of the same out."
            shown = declared.shown.column(column.name) or column
            return failed(why, context.at(shown.file, shown.line), *_dropped(context, column.name), found)
        names = ", ".join(f"`{declared.name}.{c.name}`" for c in logins)
        shown = declared.shown.column(logins[0].name) or logins[0]
        return failed(
            f"People sign in by {names}, and no unique rule keeps a second account out.",
            context.at(shown.file, shown.line),
            *_dropped(context, logins[0].name),
        )
    return None


def _found_by(context: Context, table: str, column: str) -> Evidence | None:
    """A line of the backend that looks a row of the table up by the column."""
    names = [table, plain(table), plain(table).removesuffix("s")]
    called = "|".join(dict.fromkeys(regex.escape(n) for n in names))
    found = context.hits(tuple(p.replace("{name}", regex.escape(column)).replace("{table}", called) for p in _FOUND_BY))
    return context.at(*found[0][:2]) if found else None


def _dropped(context: Context, column: str) -> list[Evidence]:
    """Where a migration takes a rule away whose name speaks of the column."""
    found = context.hits((_DROPPED.replace("{name}", regex.escape(column)),), _MIGRATIONS)
    return [context.at(*h[:2]) for h in found[:1]]


def _document(context: Context, query: Lookup, column: str) -> Judgement:
    hits = context.hits(_UNIQUE_INDEX)
    if hits:
        return unverified(
            f"A unique index is made somewhere; whether it covers `{column}` is not settled.", context.at(hits[0][0], hits[0][1])
        )
    missing = context.missing(f"a unique index on {column}", at=context.at_call(query.call), patterns=_UNIQUE_INDEX)
    if missing is None:
        return unverified(f"Whether `{column}` has a unique index could not be settled.", context.at_call(query.call))
    return failed(
        f"The flow finds one record by `{column}`, and no unique index keeps a second one out.",
        *apart((missing, *writers(context, query.effect.target))),
    )
