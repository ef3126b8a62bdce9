"""By which columns a flow looks rows up and sorts them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.controls.work.filter_forms import either_and_joins, either_of, is_searched, is_wrapped
from backend_readiness.controls.work.finders import LANGUAGES, columns_of, columns_of_text, is_handed, is_scoped, is_unread
from backend_readiness.controls.work.reads import chain_sites, later_steps
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Call, CallRef, Lit, Member, Name, Op, Record, Seq, Value
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Ext, Obj, Site, SymbolId, Thunk, options
from backend_readiness.graph.views import callee_name

_FILTERS = frozenset(
    """where filter filter_by exclude get find findOne findBy findOneBy find_one aget first_or_404 get_or_404 findOneAndUpdate
    updateOne deleteOne update_one delete_one get_object_or_404 get_or_create exists countDocuments find_by find_by! exists? get_by
    get_by! find_or_create_by find_or_create_by! find_or_initialize_by firstOrCreate firstOrNew updateOrCreate firstWhere
    findOneOrFail findFirstOrThrow findUniqueOrThrow findOneByOrFail findAndCount findAndCountBy countBy existsBy findOneAndDelete
    findOneAndReplace""".split()  # noqa: SIM905
)
MAX_WRAPPERS = 3
# Steps of builders whose first argument is a column, or a condition as text.
_CONDITIONS = frozenset(("where", "andWhere", "orWhere", "whereIn", "whereRef", "whereRaw"))
_COLUMN = re.compile(r"(?:\w+\.){0,2}(\w+)")
_COMPARED = re.compile(r"(?i)\b\w{1,60}\.[\"`]?(\w{1,60})[\"`]?\s{0,4}(?:=|\bin\b|\blike\b|\bis\b)")
_SORTS = frozenset(("order_by", "orderBy", "sort", "order"))
_NO_COLUMNS = frozenset(
    """where limit offset include attributes raw order orderBy select take skip cursor defaults data transaction lock distinct
    relations paranoid through as required logging nest using with_for_update options populate_existing sort projection upsert
    returning session""".split()  # noqa: SIM905
)


# The first key of a document that a macro makes: `doc! { "email": email }`.
_KEY_OF_MACRO = re.compile(r"\bdoc!\s*[{(]\s*\"([A-Za-z_][\w.]*)\"\s*:")
_NO_FILTER = re.compile(r"\b(?:find\w*|count_documents|aggregate|distinct)\(\s*(?:None\b|doc!\s*[{(]\s*[})])")
# Functions of builders that compare a column with a value, and those that join comparisons.
_COMPARING = frozenset({"eq", "ilike", "like", "inArray", "arrayContains"})
_JOINING = frozenset({"and", "or", "not"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """One query of the chain: (table or model, column) of its filters and of its sort order."""

    effect: Effect
    call: ChainCall
    filters: tuple[tuple[str, str], ...]
    sorts: tuple[tuple[str, str], ...]
    scoped: bool = False  # among the rows that belong to another row
    unread: bool = False  # its columns could not be read: it may look rows up by anything
    either: tuple[tuple[tuple[str, str], ...], ...] = ()  # columns of the branches of which one must hold
    joins: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = ()  # columns that a join compares
    weak: tuple[str, ...] = ()  # columns that are compared by a part of their text, or inside of a function


def lookups(context: Context) -> list[Lookup]:
    """The flow's database queries with their columns; queries whose columns are not understood have none."""
    calls = {(c.site.file, c.site.call): c for c in context.calls}
    found: list[Lookup] = []
    for effect, _ in context.effects:
        call = calls.get((effect.site.file, effect.site.call))
        if call is None or effect.kind not in ("orm", "sql", "nosql"):
            continue
        filters: dict[tuple[str, str], None] = {}
        sorts: dict[tuple[str, str], None] = {}
        written = list(texts(context.graph.ev, effect.statement)) if effect.statement is not None else []
        either: list[tuple[tuple[str, str], ...]] = []
        joins: list[tuple[tuple[str, str], tuple[str, str]]] = []
        for text in written:
            branches, pairs = either_and_joins(text)
            either.extend(branches)
            joins.extend(pairs)
            if not _of_sql(text, filters, sorts):
                filters.update({(effect.target, c): None for c in columns_of_text(text)})
        sites = _sites(context, call, effect)
        for site in sites:
            either.extend(_branches(context, site, effect.target))
            joins.extend(_joined(context, site))
            _of_site(context, site, effect.target, filters, sorts)
            if context.language in LANGUAGES and not (written and effect.declared is not None):  # an annotation says more than the name
                view = context.view(site.file)
                filters.update({(effect.target, c): None for c in columns_of(view, view.facts.calls[site.call])})
        steps = {callee_name(context.view(s.file).facts.calls[s.call]) or "" for s in sites}
        unread = not filters and not either and is_unread(context, effect, call, steps)
        if effect.kind == "nosql" and not filters and not either and effect.operation != "write":
            unread = unread or not _of_document(context, effect, filters)
        unread = unread or (not filters and not either and any(is_handed(context, s) for s in sites))
        names = dict.fromkeys(c for _, c in (*filters, *(b for branch in either for b in branch)))
        weak = [c for c in names if is_searched(context, call, sites, tuple(written), c) or is_wrapped(context, sites, tuple(written), c)]
        asked = calls.get(passed_through(context, effect.site)[:2], call)
        found.append(
            Lookup(
                effect=effect,
                call=asked,
                filters=tuple(filters),
                sorts=tuple(sorts),
                scoped=is_scoped(context, call),
                unread=unread,
                either=tuple(either),
                joins=tuple(joins),
                weak=tuple(weak),
            )
        )
    return found


def passed_through(context: Context, site: Site) -> Site:
    """The call that says what is asked for: above functions that do nothing but hand what they are given to a library."""
    for _ in range(MAX_WRAPPERS):
        view = context.view(site.file)
        call = view.facts.calls[site.call]
        given = {p.name for p in view.symbol(call.owner).params}
        frame = site.env.frame(SymbolId(site.file, call.owner)) if site.env is not None else None
        passes = bool(call.args) and all(isinstance(a.value, Name) and a.value.id in given for a in call.args)
        if frame is None or frame.site is None or not passes:
            break
        site = frame.site
    return site


def _of_document(context: Context, effect: Effect, filters: dict[tuple[str, str], None]) -> bool:
    """Reads the columns of a filter that is a document, behind the context that some libraries take first; False when it is not known."""
    view = context.view(effect.site.file)
    name = callee_name(view.facts.calls[effect.site.call]) or ""
    if context.language == "rust":
        call = view.facts.calls[effect.site.call]
        lines = context.snapshot.lines(effect.site.file)[call.line - 1 : call.end_line]
        text = " ".join(lines)[:2_000]
        named = _KEY_OF_MACRO.findall(text)
        filters.update({(effect.target, key): None for key in named})
        return bool(named) or _NO_FILTER.search(text) is not None
    if context.language != "go" or name[:1].lower() + name[1:] not in _FILTERS | {"find", "updateMany", "deleteMany"}:
        return True
    for position in (1, 0):
        thunk = context.graph.ev.arg_thunk(effect.site, position)
        for option in options(context.graph.ev.thunk(thunk)) if thunk is not None else ():
            keys = _document_keys(context, option)
            if keys is not None:
                filters.update({(effect.target, key): None for key in keys if not key.startswith("$")})
                return True
    return False


def _document_keys(context: Context, value: AV) -> list[str] | None:
    """The keys of `bson.M{"email": email}`, or of pairs (`bson.D{{"email", email}}`, `bson.D{{Key: "email", ...}}`); None when neither."""
    if isinstance(value, Obj):
        return list(value.fields)
    if not isinstance(value, Ext) or value.site is None or not value.path.endswith((".D()", ".M()")):
        return None
    keys: list[str] = []
    args = context.view(value.site.file).facts.calls[value.site.call].args
    for arg in args:
        firsts = [arg.value.items[0]] if isinstance(arg.value, Seq) and arg.value.items else []
        firsts += [v for k, v in arg.value.items if k == "Key"] if isinstance(arg.value, Record) else []
        keys += [v.value for v in firsts if isinstance(v, Lit) and isinstance(v.value, str)]
    return keys if len(keys) == len(args) else None


def _sites(context: Context, call: ChainCall, effect: Effect) -> list[Site]:
    found = [call.site, *later_steps(context, call)]
    values: list[AV] = [*call.callee]
    if effect.statement is not None:
        values.extend(options(effect.statement))
    for value in values:
        for site in chain_sites(value):
            found.append(site)
    return list({(s.file, s.call): s for s in found}.values())


def _of_site(context: Context, site: Site, target: str, filters: dict[tuple[str, str], None], sorts: dict[tuple[str, str], None]) -> None:
    call: Call = context.view(site.file).facts.calls[site.call]
    name = callee_name(call) or ""
    into = sorts if name in _SORTS else filters
    for arg in call.args:
        if arg.name is not None:
            if name in _FILTERS and arg.name not in _NO_COLUMNS and not arg.spread:
                filters[target, arg.name.partition("__")[0]] = None
            elif name in _FILTERS and arg.name in ("where", "filter"):
                _of_record(context, site, arg.value, target, filters)
            continue
        ranged = isinstance(arg.value, Op) and arg.value.op in ("<", "<=", ">", ">=", "!=", "is not")
        for base, column in _members(context, arg.value, site.file, 0):
            if name in _FILTERS or name in _SORTS:  # a range bounds where reading starts; it does not look rows up
                (sorts if ranged else into)[base, column] = None
        given = [arg.value] if name in _FILTERS else []
        given += [v for k, v in arg.value.items if k == "where"] if isinstance(arg.value, Record) else []
        filters.update({(target, column): None for value in given for column in _compared(context, value, site.file, 0)})
        if name in _SORTS and isinstance(arg.value, Lit) and isinstance(arg.value.value, str):
            sorts[target, arg.value.value.lstrip("-")] = None
    if name in _CONDITIONS and call.args:
        filters.update({(target, column): None for column in _of_condition(call.args[0].value)})
    for position in range(min(2, len(call.args))):
        thunk = context.graph.ev.arg_thunk(site, position)
        value = context.graph.ev.thunk(thunk) if thunk is not None else None
        for option in options(value) if value is not None else ():
            if not isinstance(option, Obj):
                continue
            if "where" in option.fields or any(k in _NO_COLUMNS for k in option.fields):
                _keys(context, option.fields.get("where"), target, filters)
                for word in ("order", "orderBy", "sort"):
                    _sort_keys(context, option.fields.get(word), target, sorts)
            elif position == 0 and name in _FILTERS | {"findUnique", "findFirst"}:
                for key in option.fields:
                    if not key.startswith("$"):
                        filters[target, key] = None
            elif position == 0 and name in _SORTS:
                for key in option.fields:
                    sorts[target, key] = None


def _branches(context: Context, site: Site, target: str) -> list[tuple[tuple[str, str], ...]]:
    """The branches of `OR` in the records of a call, and those of `or_(...)`."""
    found: list[tuple[tuple[str, str], ...]] = []
    call = context.view(site.file).facts.calls[site.call]
    for position in range(min(2, len(call.args))):
        thunk = context.graph.ev.arg_thunk(site, position)
        found.extend(either_of(context, thunk, target))
        value = context.graph.ev.thunk(thunk) if thunk is not None else None
        for option in options(value) if value is not None else ():
            held = option.fields.get("where") if isinstance(option, Obj) else None
            found.extend(either_of(context, held, target) if isinstance(held, Thunk) else ())
    for arg in call.args if callee_name(call) in _FILTERS else ():
        inner = context.view(site.file).facts.calls[arg.value.call] if isinstance(arg.value, CallRef) else None
        if inner is not None and callee_name(inner) == "or_":
            found.extend(c for a in inner.args if (c := tuple(_members(context, a.value, site.file, 0))))
    return found


def _joined(context: Context, site: Site) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """The columns that `.join(Order, Line.order_id == Order.id)` compares."""
    call = context.view(site.file).facts.calls[site.call]
    if callee_name(call) not in ("join", "outerjoin"):
        return []
    pairs = [tuple(_members(context, a.value, site.file, 0)) for a in call.args if isinstance(a.value, Op) and a.value.op == "=="]
    return [(p[0], p[1]) for p in pairs if len(p) == 2]


def _of_condition(value: Value) -> Iterator[str]:
    """The columns of a condition as text: `where("email", "=", email)`, `where("user.email = :email")`."""
    if isinstance(value, Lit) and isinstance(value.value, str):
        text = value.value[:500]
        whole = _COLUMN.fullmatch(text)
        yield from [whole[1]] if whole is not None else (m[1] for m in _COMPARED.finditer(text))


def _of_record(context: Context, site: Site, value: Value, target: str, filters: dict[tuple[str, str], None]) -> None:
    call = context.view(site.file).facts.calls[site.call]
    _keys(context, Thunk(site.file, call.owner, value, site.env), target, filters)


def _keys(context: Context, thunk: Thunk | None, target: str, into: dict[tuple[str, str], None]) -> None:
    value = context.graph.ev.thunk(thunk) if thunk is not None else None
    for option in options(value) if value is not None else ():
        if isinstance(option, Obj):
            for key in option.fields:
                if not key.startswith("$") and key not in ("AND", "OR", "NOT"):
                    into[target, key] = None


def _sort_keys(context: Context, thunk: Thunk | None, target: str, into: dict[tuple[str, str], None]) -> None:
    if thunk is None:
        return
    if isinstance(thunk.expr, Record):
        for key, _ in thunk.expr.items:
            if key is not None:
                into[target, key] = None
    for item in thunk.expr.items if isinstance(thunk.expr, Seq) else ():
        first = item.items[0] if isinstance(item, Seq) and item.items else item
        if isinstance(first, Lit) and isinstance(first.value, str):
            into[target, first.value] = None
        elif isinstance(first, Record):
            for key, _ in first.items:
                if key is not None:
                    into[target, key] = None


def _members(context: Context, value: Value, file: str, depth: int) -> Iterator[tuple[str, str]]:
    """`Model.column` on either side of comparisons, below `and_`, `or_`, `col()`, `.desc()` and the like."""
    if depth > 8:
        return
    if isinstance(value, Op):
        for operand in value.operands:
            yield from _members(context, operand, file, depth + 1)
    elif isinstance(value, Member):
        base = dotted(value.base)
        if isinstance(value.base, Name) and base is not None and base[:1].isupper():
            yield base, value.name
        elif isinstance(value.base, Member) and isinstance(value.base.base, Name) and value.base.name[:1].isupper():  # `models.User.email`
            yield value.base.name, value.name
    elif isinstance(value, CallRef):
        call = context.view(file).facts.calls[value.call]
        if isinstance(call.callee, Member):
            yield from _members(context, call.callee.base, file, depth + 1)
        if callee_name(call) in ("and_", "or_", "col", "lower", "desc", "asc", "not_", "coalesce", "eq", "and", "or"):
            for arg in call.args:
                yield from _members(context, arg.value, file, depth + 1)


def _compared(context: Context, value: Value, file: str, depth: int) -> Iterator[str]:
    """The columns of `eq(users.email, email)`, alone or below `and(...)`, `or(...)`, `not(...)`, as functions of a builder compare."""
    call = context.view(file).facts.calls[value.call] if isinstance(value, CallRef) and depth < 6 else None
    if call is None or not isinstance(call.callee, Name):
        return
    if call.callee.id in _JOINING:
        for arg in call.args:
            yield from _compared(context, arg.value, file, depth + 1)
    first = call.args[0].value if call.args and call.callee.id in _COMPARING else None
    if isinstance(first, CallRef):  # `eq(lower(users.email), email)`
        inner = context.view(file).facts.calls[first.call]
        first = inner.args[0].value if inner.args else None
    if isinstance(first, Member) and isinstance(first.base, Name):
        yield first.name


def _of_sql(text: str, filters: dict[tuple[str, str], None], sorts: dict[tuple[str, str], None]) -> bool:
    """The columns of the conditions and of the order; False when the text could not be read as SQL."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    cleaned = re.sub(r"\{[^{}]*\}|%\([\w]+\)s|%s|\?|:\w+|\$\d+", " NULL ", text[:5000])
    try:
        tree = sqlglot.parse_one(cleaned)
    except (SqlglotError, RecursionError):
        return False
    table = tree.find(exp.Table)
    if table is None:
        return False
    aliases = {t.alias_or_name: t.name for t in tree.find_all(exp.Table)}
    where = tree.find(exp.Where)
    for column in where.find_all(exp.Column) if where is not None else ():
        filters[aliases.get(column.table, table.name), column.name] = None
    order = tree.find(exp.Order)
    for column in order.find_all(exp.Column) if order is not None else ():
        sorts[aliases.get(column.table, table.name), column.name] = None
    return True
