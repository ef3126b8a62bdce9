"""Each query of the flow has an index, unique rule or primary key for a column that it filters on."""

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import indexes_foreign_keys
from backend_readiness.controls.database.schema import Column, Declared, Index, Schema, schema_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.filter_forms import has_text_index
from backend_readiness.controls.work.filters import Lookup, lookups
from backend_readiness.controls.work.finders import LANGUAGES
from backend_readiness.controls.work.out_of_sight import hidden_data
from backend_readiness.controls.work.unread import has_unread
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_UNMADE = (sign("perf-indexes", "unmade"),)
_BY_KEY = regex.compile(sign("perf-indexes", "by_key"))
_MAKES_INDEX = (r"createIndex\w*\(", r"ensureIndex\(", r"create_index\w*\(", r"\bindex:\s*true", r"\bunique:\s*true", r"\.index\(\{")


def verify(context: Context) -> Judgement:
    schema = schema_of(context)
    served: list[Evidence] = []
    slow: list[tuple[Lookup, Declared | None, str]] = []
    sorted_only: list[tuple[Lookup, Declared, str]] = []
    unknown: Lookup | None = None
    unread: Lookup | None = None
    listed: Lookup | None = None
    searched: list[tuple[Lookup, Declared, str]] = []
    documents = False
    for query in lookups(context):
        if query.unread or (query.scoped and query.filters):
            unread = unread or query
        branch, declared_branch = _slow_branch(context, schema, query)
        if branch is not None and not _is_narrowed(context, schema, query):
            slow.append((query, declared_branch, branch))
            continue
        branches = {c for b in query.either for c in b}
        filters = [f for f in query.filters if f not in branches] if query.either else list(query.filters)
        if query.either and not filters and (first := _branch_index(context, schema, query)) is not None:
            served.append(context.at(first.file, first.line))
            continue
        columns = [(t, c) for t, c in filters if c not in ("_id",)]
        if len(columns) != len(filters):
            continue  # by the key that every document has
        tables = {t: schema.table(t) for t, _ in (*columns, *query.sorts)}
        known = [(tables[t], c) for t, c in columns if (d := tables[t]) is not None and d.real.column(c) is not None]
        if columns and not known:
            if query.effect.kind == "nosql" and not any(tables.values()):
                documents = True
                slow.append((query, None, columns[0][1]))
            else:
                unknown = unknown or query
            continue
        paged = {c for d, c in known if d is not None and len(known) > 1 and _is_page(context, query, d, c)}
        whole = [(d, c) for d, c in known if d is not None and c not in paged and c not in query.weak]
        used = next(((d, c, i) for d, c in whole if (i := _index(context, d, c)) is not None), None)
        known = [k for k in known if k[1] not in paged] or known
        part = next(((d, c) for d, c in known if d is not None and c in query.weak and _index(context, d, c) is not None), None)
        far = _far_side(context, schema, query)
        if far is not None:
            slow.append((query, *far))
        elif used is None and part is not None:
            searched.append((query, *part))
        elif used is not None:
            served.append(context.at(used[2].file, used[2].line))
        elif query.scoped or (known and all(_is_listed(context, d, c) for d, c in known)):
            listed = listed or (query if not query.scoped and query.effect.operation == "read" else None)
            continue  # found by the key of the row that they belong to; or every row has one of a few values
        elif known and known[0][0] is not None:
            slow.append((query, known[0][0], known[0][1]))
        else:
            for name, column in query.sorts:
                declared = tables[name]
                if declared is not None and declared.real.column(column) is not None and _index(context, declared, column) is None:
                    sorted_only.append((query, declared, column))
    if slow:
        slow.sort(key=lambda s: s[0].call.function.file not in {h.file for h in context.handlers})
        query, declared, column = slow[0]
        if documents and declared is None and context.hits(_MAKES_INDEX):
            return unverified(f"Indexes are made somewhere; whether one serves `{column}` is not settled.", context.at_call(query.call))
        evidence = [*(_places(context, declared, column) if declared is not None else ()), context.at_call(query.call)]
        target = declared.name if declared is not None else query.effect.target
        why = f"`{target}.{column}` is filtered on and has no index: each look-up reads the whole table."
        return failed(why, *evidence, *_more(context, slow[1:4]))
    if searched and not slow:
        query, held, column = searched[0]
        if has_text_index(context):
            return unverified(f"Whether an index serves the search of a part of `{column}` is not settled.", context.at_call(query.call))
        why = f"`{held.name}.{column}` is compared by a part of its text or inside of a function: its index does not serve that."
        return partial(why, context.at_call(query.call), *_places(context, held, column))
    if sorted_only:
        query, declared, column = sorted_only[0]
        why = f"`{declared.name}` is sorted by `{column}`, which has no index."
        return partial(why, *_places(context, declared, column), context.at_call(query.call))
    if unknown is not None:
        return unverified(f"The schema of `{unknown.effect.target or 'the table'}` was not found.", context.at_call(unknown.call))
    if unread is not None:
        return unverified(f"By which columns `{unread.effect.target or 'rows'}` is looked up was not read.", context.at_call(unread.call))
    unmade = context.hits(_UNMADE) if any(q.effect.kind == "nosql" for q in lookups(context)) else []
    if served and unmade:
        why = "A setting leaves the indexes that models declare unmade; what else makes them is not settled."
        return unverified(why, context.at(*unmade[0][:2]), *served[:2])
    if served:
        return passed("Each query of the flow filters on a column with an index, a unique rule or a key.", *served[:4])
    if not context.is_resolved or context.base_looks_up:
        return unverified("The flow's queries were not all found.")
    if has_unread(context):
        return unverified("A statement of the flow was not read, so its columns are not known.", context.at_route())
    if listed is not None:
        table = listed.effect.target or "The table"
        why = f"`{table}` is looked up by what has one of a few values; whether an index would serve is not settled."
        return unverified(why, context.at_call(listed.call))
    hidden = hidden_data(context)
    if hidden is not None:
        return unverified(*hidden)
    vague = next((q for q in lookups(context) if _may_ask_by_others(q)), None)
    if vague is not None:
        return unverified(f"By which columns `{vague.effect.target or 'rows'}` is looked up was not read.", context.at_call(vague.call))
    return not_applicable("The flow looks rows up by their primary key only, or not at all.", context.at_route())


def _may_ask_by_others(query: Lookup) -> bool:
    """Is a read given something, is none of its columns known, and does its name not say that it goes by the key?"""
    if query.effect.operation != "read" or query.filters or query.either or query.scoped or not query.call.call.args:
        return False
    return _BY_KEY.search(callee_name(query.call.call) or "") is None


def _slow_branch(context: Context, schema: Schema, query: Lookup) -> tuple[str | None, Declared | None]:
    """A column of a branch of an OR none of whose columns has an index: the whole table is read for it."""
    for branch in query.either:
        known = [(d, c) for t, c in branch if (d := schema.table(t)) is not None and d.real.column(c) is not None]
        if known and len(known) == len(branch) and not any(_serves(context, d, c, query) for d, c in known):
            declared, column = known[0]
            if not _is_listed(context, declared, column):
                return column, declared
    return None, None


def _branch_index(context: Context, schema: Schema, query: Lookup) -> Index | Column | None:
    """What serves the first branch of an OR each of whose branches is of known columns."""
    known = [[(d, c) for t, c in b if (d := schema.table(t)) is not None and d.real.column(c) is not None] for b in query.either]
    return next((i for d, c in known[0] if (i := _index(context, d, c)) is not None), None) if all(known) else None


def _is_narrowed(context: Context, schema: Schema, query: Lookup) -> bool:
    """Does a condition beside the OR find the rows by an index?"""
    branches = {c for b in query.either for c in b}
    plain = [f for f in query.filters if f not in branches]
    return any((d := schema.table(t)) is not None and _serves(context, d, c, query) for t, c in plain)


def _serves(context: Context, declared: Declared, column: str, query: Lookup) -> bool:
    return column not in query.weak and _index(context, declared, column) is not None


def _far_side(context: Context, schema: Schema, query: Lookup) -> tuple[Declared, str] | None:
    """The column of a join that must find the rows of its table, because the conditions name the other table only."""
    named = {t for t, _ in query.filters}
    for pair in query.joins:
        for (table, column), (other, key) in (pair, pair[::-1]):
            far, near = schema.table(table), schema.table(other)
            held = near.real.column(key) if near is not None else None
            if far is None or held is None or not held.primary or far.real.column(column) is None:
                continue
            if other in named and table not in named and not query.sorts and _index(context, far, column) is None:
                return far, column
    return None


def _index(context: Context, declared: Declared, column: str) -> Index | Column | None:
    """What serves a filter on the column; some databases index a foreign key by themselves."""
    held = declared.real.column(column)
    return declared.real.index_for(column) or (held if held is not None and held.references and indexes_foreign_keys(context) else None)


def _is_listed(context: Context, declared: Declared | None, column: str) -> bool:
    """Has every row one of a few values, those of a flag or of an enumeration of the source? Then the index would not help."""
    held = declared.real.column(column) if declared is not None else None
    if held is None:
        return False
    if "bool" in held.type.lower():
        return context.language in LANGUAGES
    name = held.type.rstrip("?").rpartition(".")[2]
    kinds = {d.kind for _, d in context.graph.facts.defining(name)} if name.isidentifier() else set()
    return kinds == {"enum"}


def _is_page(context: Context, query: Lookup, declared: Declared, column: str) -> bool:
    """Is the key only where the page starts (`id < before`)? Then the rows are found by the other columns."""
    held = declared.real.column(column)
    if held is None or not held.primary:
        return False
    symbol = context.view(query.call.function.file).symbol(query.call.function.index)
    lines = context.snapshot.lines(query.call.function.file)[symbol.line - 1 : symbol.end_line]
    compared = regex.compile(rf"\b{regex.escape(column)}\b['\"]?\s*(<|>|(!|=)=|\.in_|,|:|=|__\w+)")
    signs = {m.group(1) for line in lines for m in compared.finditer(line) if m.group(1) not in (",", ":")}
    return bool(signs) and signs <= {"<", ">", "__lt", "__gt", "__lte", "__gte"}


def _places(context: Context, declared: Declared, column: str) -> list[Evidence]:
    found = []
    for table in dict.fromkeys(id(t) for t in (declared.model, declared.migrated) if t is not None):
        side = declared.model if declared.model is not None and id(declared.model) == table else declared.migrated
        held = side.column(column) if side is not None else None
        if held is not None:
            found.append(context.at(held.file, held.line))
    return found


def _more(context: Context, others: list[tuple[Lookup, Declared | None, str]]) -> list[Evidence]:
    found: list[Evidence] = []
    for query, declared, column in others:
        found.extend(_places(context, declared, column) if declared is not None else ())
        found.append(context.at_call(query.call))
    return found
