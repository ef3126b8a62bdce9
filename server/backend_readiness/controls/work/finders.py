"""Columns of look-ups as more languages write them: names of finders, texts of conditions, predicates, structs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Call, CallRef, Func, Lit, Member, Name, Op, Value
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.values import Const, Obj, Site, options
from backend_readiness.graph.views import FileView, callee_name

# Languages whose look-ups this reads; in the others one without a known column was by a key, or of all rows.
LANGUAGES = frozenset({"go", "java", "kotlin", "csharp", "php", "ruby", "rust", "elixir", "scala"})
# Rules of uniqueness that a library checks in code, by a query before the write.
UNIQUE_BY_CODE = (
    r"validates_uniqueness_of|uniqueness:\s*(true|\{)|['\"|]unique:\w+|Rule::unique\(|unsafe_validate_unique|unique_constraint\(|#\[Unique|UniqueEntity|MustBeUnique|existsBy[A-Z]",
)
_SCOPING = frozenset({"ruby", "php"})  # associations give relations that can be searched further
_DERIVED = re.compile(
    r"^(?:find|get|read|query|search|exists|count|delete|remove|stream)[A-Z]?\w*?By(?=[A-Z])(\w+)$"
    r"|^find_by_(\w+?)[!?]?$|^where(?=[A-Z])(\w+)$"
)
_PART = re.compile(
    r"(IsNotNull|IsNull|NotNull|IgnoreCase|Containing|Contains|StartingWith|EndingWith|Between|LessThanEqual|LessThan|GreaterThanEqual"
    r"|GreaterThan|NotIn|In|NotLike|Like|Before|After|IsNot|Not|Is|Equals|True|False)$"
)
_COLUMN = re.compile(r"^[A-Za-z_][\w.]*$")
_CONDITION = re.compile(r"(?i)([A-Za-z_][\w.`\"]*)\s*(?:=|\bin\b|\blike\b|\bilike\b|\bis\b)")
_TEXTS = frozenset(
    "where orWhere andWhere firstWhere whereIn Where Or And First Find Take Last find_by findWhere find get_where first_where".split()  # noqa: SIM905
)
_PREDICATES = frozenset(
    """Where First FirstOrDefault Single SingleOrDefault Any All Count FirstAsync FirstOrDefaultAsync SingleAsync SingleOrDefaultAsync
    AnyAsync AllAsync CountAsync ExecuteDeleteAsync ExecuteUpdateAsync filter""".split()  # noqa: SIM905
)
_CONDITIONED = frozenset(("filter", "or_filter"))
_COMPARES = frozenset("eq ne eq_any like ilike is is_null is_not_null is_in eq_or_null contains starts_with".split())  # noqa: SIM905
_BY_KEY = frozenset(
    """find find! find_or_fail findOrFail findOrNew findMany findById getById getOne getReferenceById getReference existsById deleteById
    findByPk Find FindAsync get get! Get GetByIdAsync load reload refresh fresh preload update delete Delete Save Update Preload
    find_by_id""".split()  # noqa: SIM905
)


def columns_of(view: FileView, call: Call) -> Iterator[str]:
    """Columns by which one call looks rows up; none when it is written in no form that is known."""
    name = callee_name(call) or ""
    derived = _DERIVED.match(name)
    if derived is not None:
        words = (derived.group(1) or derived.group(2) or derived.group(3)).partition("OrderBy")[0]
        for part in re.split(r"_and_|And(?=[A-Z])|Or(?=[A-Z])", words):
            plain = _PART.sub("", part)
            yield plain[:1].lower() + plain[1:]
    if name in _TEXTS:
        given = [a.value for a in call.args if a.name is None]
        for value in given[:2]:
            yield from _of_text(value, len(given))
        for value in given:
            if isinstance(value, CallRef) and view.facts.calls[value.call].kind == "new":
                yield from (a.name for a in view.facts.calls[value.call].args if a.name)
    if name in _CONDITIONED:
        for arg in call.args:
            yield from _of_comparison(view, arg.value, 0)
    if name in _PREDICATES:
        for arg in call.args:
            if isinstance(arg.value, Func):
                params = {p.name for p in view.symbol(arg.value.symbol).params}
                for item in view.returns.get(arg.value.symbol, ()):
                    yield from _compared(view, item.value, params, 0)


def _of_comparison(view: FileView, value: Value, depth: int) -> Iterator[str]:
    """`email.eq(x)`, `users::email.eq(x).and(active.eq(true))`, `user::Column::Email.eq(x)`: the column that it is called on."""
    if depth > 8 or not isinstance(value, CallRef):
        return
    call = view.facts.calls[value.call]
    if not isinstance(call.callee, Member):
        return
    base, name = call.callee.base, call.callee.name
    if name in ("and", "or"):
        for part in (base, *(a.value for a in call.args)):
            yield from _of_comparison(view, part, depth + 1)
    elif name in _COMPARES:
        if isinstance(base, Name | Member):
            yield base.id if isinstance(base, Name) else base.name
        else:
            yield from _of_comparison(view, base, depth + 1)


def columns_of_text(text: str) -> Iterator[str]:
    """Columns of the conditions of a query over objects (`SELECT v FROM Vote v WHERE v.poll.id = :poll`): `poll.id`."""
    named = re.search(r"(?i)\b(?:from|update)\s+[\w.]{1,200}\s+(?:as\s+)?(\w{1,60})\b", text[:5_000])
    asked = re.split(r"(?i)\bwhere\b", text[:5_000], maxsplit=1)
    if named is None or len(asked) < 2:
        return
    conditions = re.split(r"(?i)\b(?:group|order)\s+by\b|\bhaving\b", asked[1], maxsplit=1)[0]
    for match in re.finditer(rf"(?i)\b{re.escape(named.group(1))}\.([\w.]{{1,200}})\s*\)?\s*(?:=|\bin\b|\blike\b|\bis\b)", conditions):
        yield match.group(1)


def is_scoped(context: Context, call: ChainCall) -> bool:
    """Does it look among the rows of another row, `user.orders.find_by(code: x)`? Then the key of that one finds them first."""
    if context.language not in _SCOPING:
        return False
    view = context.view(call.site.file)
    value: Value = call.call.callee
    for _ in range(40):
        if isinstance(value, CallRef):
            value = view.facts.calls[value.call].callee
        elif isinstance(value, Member):
            value = value.base
        else:
            break
    return not (isinstance(value, Name) and value.id[:1].isupper())


_BY_CONDITION = frozenset(("find", "findOne", "findAll", "findMany", "findAndCountAll", "countDocuments", "paginate"))
_KEY = re.compile(r"(?i)id$|key$|^(req|request|ctx)\.params\.")


def is_unread(context: Context, effect: Effect, call: ChainCall, steps: set[str]) -> bool:
    """Is it a look-up whose columns could not be read, rather than one by a key? `steps`: the names of the calls of its chain."""
    if context.language not in LANGUAGES or effect.operation != "read" or effect.kind not in ("orm", "sql"):
        return False
    narrowed = bool(steps & {"where", "Where", "filter", "andWhere", "orWhere", "Or", "join", "joins"})
    return narrowed or (callee_name(call.call) or "") not in _BY_KEY or effect.kind == "sql"


def is_handed(context: Context, site: Site) -> bool:
    """Is a call given its whole condition as a value of which no column is known (`find(options)`, `filter(**given)`)?"""
    call = context.view(site.file).facts.calls[site.call]
    name = callee_name(call) or ""
    if context.language == "python":
        return name in ("filter", "filter_by", "exclude") and any(a.spread for a in call.args)
    if context.language != "javascript" or name not in _BY_CONDITION or not call.args or call.args[0].name is not None:
        return False
    value = call.args[0].value
    if not isinstance(value, Name | Member | CallRef) or _KEY.search(dotted(value) or "") is not None:
        return False
    thunk = context.graph.ev.arg_thunk(site, 0)
    found = options(context.graph.ev.thunk(thunk)) if thunk is not None else ()
    return not any(isinstance(v, Obj | Const) for v in found)


def _of_text(value: Value, count: int) -> Iterator[str]:
    if not isinstance(value, Lit) or not isinstance(value.value, str):
        return
    text = value.value[:500]
    if _COLUMN.match(text) is not None:
        if count > 1:
            yield text.rpartition(".")[2]
        return
    for match in _CONDITION.finditer(text):
        yield match.group(1).replace("`", "").replace('"', "").rpartition(".")[2]


def _compared(view: FileView, value: Value | None, params: set[str], depth: int) -> Iterator[str]:
    if isinstance(value, CallRef) and callee_name(view.facts.calls[value.call]) == "Contains":  # `names.Contains(x.Name)`: one of them
        for arg in view.facts.calls[value.call].args:
            if isinstance(arg.value, Member) and isinstance(arg.value.base, Name) and arg.value.base.id in params:
                yield arg.value.name
    if depth > 6 or not isinstance(value, Op):
        return
    if value.op in ("==", "="):
        for operand in value.operands:
            base = operand.base if isinstance(operand, Member) else None
            if isinstance(operand, Member) and isinstance(base, Name) and base.id in params:
                yield operand.name
    elif value.op in ("&&", "||", "and", "or"):
        for operand in value.operands:
            yield from _compared(view, operand, params, depth + 1)
