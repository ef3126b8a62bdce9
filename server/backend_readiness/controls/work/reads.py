"""The reads of a flow: how many rows each may give, and what bounds them."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.controls.work.declared_reads import declared_read, is_boundless
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Alt, CallRef, Index, Lit, Member, Name, Op, Param, Record, Seq, Value
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.references import argument
from backend_readiness.graph.values import AV, Const, Ext, InstV, Obj, Site, SymbolId, Thunk, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Link
from backend_readiness.rules.data_rules import QueryRule

_CAPS = regex.compile(r"(?i)^(min|clamp\w*|coerceAtMost|minimum|cap\w*|bound\w*|limit_to|max_?value)$")
_ASKS = regex.compile(
    r"(?i)^(query_?params?|default_?query|form_?value|get_?query|get_?parameter|query_?int|query_?value|input|integer)$|^(Query|query|Params)$"
)
_CAP_WORDS = ("le", "lt", "max", "maximum", "max_value", "le_", "multiple_of")
_STEPS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One read of the chain. `kind`: many, single, pages, unknown. `limit`: where its bound is written, if anywhere."""

    call: ChainCall
    path: str
    target: str
    kind: str
    limit: Thunk | None
    limited_by: str = ""


def reads(context: Context) -> list[Read]:
    """Database reads of the flow, in the order of the chain."""
    wanted: dict[tuple[str, int], tuple[str, Link]] = {
        (e.site.file, e.site.call): (e.target, link)
        for e, link in context.effects
        if e.operation == "read" and e.kind in ("orm", "sql", "nosql")
    }
    effects = {(e.site.file, e.site.call): e for e, _ in context.effects}
    found: list[Read] = []
    for call in context.calls:
        key = (call.site.file, call.site.call)
        for value in call.callee:
            if not isinstance(value, Ext):
                continue
            match = next(iter(context.graph.knowledge.queries.matches(value)), None)
            if match is None or (match[0][1].bare and call.call.args):
                continue
            kind, rule = match[0]
            if kind == "many" and key not in wanted and last_step(value.path) in rule.read_only:
                continue  # the same call runs writes, and this one is no read
            if kind == "many" and (_counts(context, call, rule) or _into_one(context, call, rule)):
                kind = "single"
            word, limit = _limit(context, call, value, rule)
            if kind == "pages" and rule.page_size is not None:
                limit = argument(context.graph, call.site, rule.page_size)
            word, limit = (word, limit) if word or limit is not None else _slice(context, call.site.file, _outermost(context, call))
            word, limit = ("", None) if limit is not None and is_boundless(limit) else (word, limit)
            target = next((t for k, (t, _) in wanted.items() if k == key), "")
            found.append(Read(call=call, path=value.path, target=target, kind=kind, limit=limit, limited_by=word))
            break
        else:
            if key in wanted:
                kind, word, limit = declared_read(context, effects[key])
                path = call.paths[0] if call.paths else ""
                found.append(Read(call=call, path=path, target=wanted[key][0], kind=kind, limit=limit, limited_by=word))
    return _without_inner(context, found)


def _into_one(context: Context, call: ChainCall, rule: QueryRule) -> bool:
    """Are the rows read into one object, which takes the first?"""
    thunk = argument(context.graph, call.site, rule.into) if rule.into is not None else None
    value = context.graph.ev.thunk(thunk) if thunk is not None else None
    found = options(value) if value is not None else ()
    return bool(found) and all(isinstance(v, InstV) for v in found)


def _without_inner(context: Context, found: list[Read]) -> list[Read]:
    """Drop reads that are part of a longer chain which was matched too: `.find()` in `.find().toArray()`."""
    kept = []
    for read in found:
        call = read.call.call
        longer = [
            o
            for o in found
            if o is not read and o.call.site.file == read.call.site.file and o.call.call.start == call.start and o.call.call.end > call.end
        ]
        if not longer:
            kept.append(read)
    return kept


def _limit(context: Context, call: ChainCall, callee: Ext, rule: QueryRule) -> tuple[str, Thunk | None]:
    """The step or key that bounds the query, with its argument."""
    for start in (callee, *statements(context, call, rule)):
        current: AV | None = start
        for _ in range(_STEPS):
            if not isinstance(current, Ext):
                break
            step = last_step(current.path)
            if step in rule.limit_steps and current.path.endswith(")") and current.site is not None:
                return step, context.graph.ev.arg_thunk(current.site, rule.limit_arg) or context.graph.ev.arg_thunk(current.site, 999, step)
            current = current.base
    calls = [call.site, *chain_sites(callee)]
    for site in calls:
        for arg in context.view(site.file).facts.calls[site.call].args:
            if arg.name in rule.limit_keys:
                return arg.name or "", context.graph.ev.arg_thunk(site, 999, arg.name)
        for position in range(3):
            value = context.graph.ev.arg_value(site, position)
            for option in options(value) if value is not None else ():
                if isinstance(option, Obj):
                    for key in rule.limit_keys:
                        if key in option.fields:
                            return key, option.fields[key]
    after = later_steps(context, call)
    for site in after:
        name = callee_name(context.view(site.file).facts.calls[site.call])
        if name in rule.limit_steps:
            return name or "", context.graph.ev.arg_thunk(site, rule.limit_arg)
    return "", None


def statements(context: Context, call: ChainCall, rule: QueryRule) -> list[AV]:
    if rule.statement is None:
        return []
    found: list[AV] = []
    for value in call.callee:
        if isinstance(value, Ext):
            for site in (call.site, *chain_sites(value)):
                thunk = argument(context.graph, site, rule.statement)
                if thunk is not None:
                    found.extend(options(context.graph.ev.thunk(thunk)))
    return found


def chain_sites(value: AV | None) -> list[Site]:
    found: list[Site] = []
    for _ in range(_STEPS):
        if not isinstance(value, Ext):
            break
        if value.site is not None:
            found.append(value.site)
        value = value.base
    return found


def later_steps(context: Context, call: ChainCall) -> list[Site]:
    """Calls that are chained on this one: `.limit(10)` in `Model.find().limit(10)`."""
    view = context.view(call.site.file)
    inner = call.call
    return [
        Site(call.site.file, n, call.site.env)
        for n in view.calls_of.get(inner.owner, ())
        if view.facts.calls[n].start == inner.start and view.facts.calls[n].end > inner.end
    ]


def _outermost(context: Context, call: ChainCall) -> int:
    later = later_steps(context, call)
    return max(later, key=lambda s: context.view(s.file).facts.calls[s.call].end).call if later else call.site.call


def _slice(context: Context, file: str, number: int) -> tuple[str, Thunk | None]:
    """A slice right behind the call: `query.all()[:50]` of a query that is read lazily."""
    end = context.view(file).facts.calls[number].end
    tail = context.snapshot.source(file)[end : end + 60].split(b"]")[0]
    return ("slice", None) if tail.startswith(b"[") and b":" in tail and not tail.endswith(b":") else ("", None)


def _counts(context: Context, call: ChainCall, rule: QueryRule) -> bool:
    """Does the statement ask for numbers only: `select(func.count())`?"""
    for value in statements(context, call, rule):
        sites = chain_sites(value)
        if sites:
            first = context.graph.ev.arg_value(sites[-1], 0)
            if any(isinstance(o, Ext) and ".func." in o.path for o in (options(first) if first is not None else ())):
                return True
    return False


# ---------------------------------------------------------------- does a bound hold?


def cap_of(context: Context, limit: Thunk) -> str:
    """`fixed` a number of the code's own, `capped` from the client with an upper bound, `open` from the client without, `unknown`."""
    return _cap(context, limit.expr, limit.file, limit.owner, limit.env, 0)


def _cap(context: Context, expr: Value, file: str, owner: int, env: object, depth: int) -> str:
    if depth > 6:
        return "unknown"
    view = context.view(file)
    if isinstance(expr, Lit):
        return "fixed" if isinstance(expr.value, int | float) or expr.value is None else "unknown"
    if isinstance(expr, CallRef):
        call = view.facts.calls[expr.call]
        if _CAPS.match(callee_name(call) or "") is not None:
            return "capped"
        if _ASKS.match(callee_name(call) or "") is not None and isinstance(call.callee, Member):
            return "open"
        states = [_cap(context, a.value, file, owner, env, depth + 1) for a in call.args[:3]]
        return (
            "open"
            if "open" in states
            else "capped"
            if "capped" in states
            else "fixed"
            if states and set(states) == {"fixed"}
            else "unknown"
        )
    if isinstance(expr, Alt):
        if any(isinstance(o, Lit) and o.value is None for o in expr.options):
            return "unknown"  # `all ? undefined : 20`: no limit at all in one of the cases
        states = [_cap(context, o, file, owner, env, depth + 1) for o in expr.options]
        return next((s for s in ("open", "unknown", "capped") if s in states), "fixed")
    if isinstance(expr, Op):
        states = [_cap(context, o, file, owner, env, depth + 1) for o in expr.operands]
        return next((s for s in ("open", "unknown", "capped") if s in states), "fixed")
    if isinstance(expr, Name):
        return _cap_of_name(context, expr.id, view, owner, depth)
    name = dotted(expr) or ""
    if regex.search(r"(?i)(^|\.)(query|params|args|body|GET)(\.|$)", name) is not None:
        return "capped" if _compared(view, owner, expr, context) else "open"
    value = context.graph.ev.value(expr, file, owner)
    if any(isinstance(o, Const) and isinstance(o.value, int) for o in options(value)):
        return "fixed"
    return "unknown"


def _cap_of_name(context: Context, name: str, view: FileView, owner: int, depth: int) -> str:
    if _compared(view, owner, Name(name), context):
        return "capped"
    for scope in view.enclosing(owner):
        bound = view.bindings.get((scope, name))
        if bound:
            states = []
            for assign, path in bound[-4:]:
                if assign.value is None:
                    states.append("unknown")
                elif path and isinstance(assign.value, CallRef):  # `limit, err := strconv.Atoi(c.QueryParam("limit"))`
                    states.append(_cap(context, assign.value, view.path, scope, None, depth + 1))
                elif path:
                    source = dotted(assign.value) or ""
                    states.append("open" if regex.search(r"(?i)(^|\.)(query|args|body|params)$", source) is not None else "unknown")
                else:
                    states.append(_cap(context, assign.value, view.path, scope, None, depth + 1))
            return next((s for s in ("capped", "open", "unknown") if s in states), "fixed")
        for param in view.symbol(scope).params:
            if param.name == name:
                return _cap_of_param(context, param, SymbolId(view.path, scope), depth)
    value = context.graph.ev.lookup(name, view.path, owner)
    return "fixed" if any(isinstance(o, Const) and isinstance(o.value, int) for o in options(value)) else "unknown"


def _cap_of_param(context: Context, param: Param, where: SymbolId, depth: int) -> str:
    view = context.view(where.file)
    for value, owner in ((param.default, where.index), (param.type, where.index)):
        if value is not None and _says_maximum(context, value, view, owner, 0):
            return "capped"
    if any(h.file == where.file and h.line == view.symbol(where.index).line for h in context.handlers):
        return "open"
    states: list[str] = []
    for reached in context.functions:
        symbol = reached.function.symbol
        for call in context.calls_in(symbol):
            if callee_name(call.call) != view.symbol(where.index).name:
                continue
            formal = [p for p in view.symbol(where.index).params if p.name != "self"]
            given = next((a.value for a in call.call.args if a.name == param.name), None)
            positional = [a.value for a in call.call.args if a.name is None]
            position = formal.index(param) if param in formal else 99
            given = given if given is not None else positional[position] if position < len(positional) else param.default
            if given is not None:
                states.append(_cap(context, given, symbol.file, call.call.owner, None, depth + 1))
    return next((s for s in ("open", "unknown", "capped", "fixed") if s in states), "unknown")


def _says_maximum(context: Context, value: Value, view: FileView, owner: int, depth: int) -> bool:
    """Does a default or an annotation name an upper bound: `Query(le=100)`, `Annotated[int, Field(le=100)]`, an alias of it?"""
    if depth > 5:
        return False
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        return any(a.name in _CAP_WORDS for a in call.args) or any(
            _says_maximum(context, a.value, view, owner, depth + 1) for a in call.args
        )
    if isinstance(value, Index):
        return _says_maximum(context, value.key, view, owner, depth + 1)
    if isinstance(value, Seq):
        return any(_says_maximum(context, i, view, owner, depth + 1) for i in value.items)
    if isinstance(value, Record):
        return any(k in _CAP_WORDS for k, _ in value.items)
    if isinstance(value, Name) or dotted(value) is not None:
        from backend_readiness.graph.evaluation import exports

        place = exports.assigned_at(context.graph.ev, value, view.path, owner)
        return place is not None and _says_maximum(context, place[1], place[0], 0, depth + 1)
    return False


def _compared(view: FileView, owner: int, expr: Value, context: Context | None = None) -> bool:
    """Is the value compared with an upper bound in the same function (`if limit > 100:`)?"""
    wanted = dotted(expr)
    for scope in view.enclosing(owner)[:3]:
        for block in view.blocks_of.get(scope, ()):
            if block.kind == "if" and wanted is not None and _compares(block.subject, wanted, 0):
                return True
        if context is not None and wanted is not None and _checked_elsewhere(context, view, scope, wanted):
            return True
    return False


def _checked_elsewhere(context: Context, view: FileView, scope: int, wanted: str) -> bool:
    """Is the value handed to a function of the repository that compares it with an upper bound (`checkPage(page, size)`)?"""
    for number in view.calls_of.get(scope, ()):
        call = view.facts.calls[number]
        position = next((i for i, a in enumerate(call.args) if a.name is None and dotted(a.value) == wanted), None)
        if position is None:
            continue
        for edge in context.tracer.edges.of_call(Site(view.path, number, None)):
            target = context.view(edge.target.symbol.file)
            formal = [p for p in target.symbol(edge.target.symbol.index).params if p.name != "self"]
            if edge.kind == "call" and position < len(formal):
                name = formal[position].name
                blocks = [b for s in target.body(edge.target.symbol.index) for b in target.blocks_of.get(s, ())]
                if any(b.kind == "if" and _compares(b.subject, name, 0) for b in blocks):
                    return True
    return False


def _compares(value: Value | None, wanted: str, depth: int) -> bool:
    if not isinstance(value, Op) or depth > 6:
        return False
    if value.op in (">", ">=", "<", "<=") and any(dotted(o) == wanted for o in value.operands):
        return any(isinstance(o, Lit) and isinstance(o.value, int) and o.value > 1 for o in value.operands) or any(
            (dotted(o) or "").rpartition(".")[2].isupper() for o in value.operands
        )
    return any(_compares(o, wanted, depth + 1) for o in value.operands)
