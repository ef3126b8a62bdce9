"""Calls that a loop over a known list repeats: `routes.forEach(r => app.use(r.path, r.router))`, `for (const r of routes) ...`.

Each round is the call's site with the loop's variable bound, so that what belongs together stays together.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Assign, Lit, Op, Seq
from backend_readiness.graph.evaluation import params
from backend_readiness.graph.evaluation.elements import own_list
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.values import AV, UNKNOWN, Const, Env, Ext, InstV, ListV, Obj, Site, SymbolId, Thunk, options
from backend_readiness.graph.views import FileView, callee_name

MAX_ROUNDS = 60
_OVER_TABLES = frozenset({"go"})  # where a loop goes over a table as over a list
_EACH = {"forEach", "map", "each", "flatMap", "filter"}


def rounds(ev: Evaluator, view: FileView, number: int) -> list[Site]:
    """The sites that one written call stands for: one for each round of the innermost loop over a known list, else itself."""
    call = view.facts.calls[number]
    envs = bindings(ev, view, call.owner, call.start, call.end)
    return [Site(view.path, number, env) for env in envs] if envs else [Site(view.path, number, None)]


def bindings(ev: Evaluator, view: FileView, owner: int, start: int, end: int) -> list[Env]:
    """The bindings of each round of the innermost loop over a known list around what is written there; empty without one."""
    return next((e for e in (_callback(ev, view, owner), _statement(ev, view, owner, start, end)) if e), [])


def _callback(ev: Evaluator, view: FileView, owner: int) -> list[Env]:
    for scope in view.enclosing(owner):
        passed = view.passed_in.get(scope)
        symbol = view.symbol(scope)
        if passed is None or passed[1] != 0 or passed[2] is not None or not symbol.params:
            continue
        outer = view.facts.calls[passed[0]]
        if callee_name(outer) not in _EACH:
            continue
        callee = ev.value(outer.callee, view.path, outer.owner)
        items = [i for o in options(callee) if isinstance(o, Ext) and o.base is not None for i in elements(ev, o.base)]
        param = symbol.params[0]
        return [Env(SymbolId(view.path, scope), {params.key_of(param, symbol): ev.thunk(i)}, None, None, 1) for i in items[:MAX_ROUNDS]]
    return []


def _statement(ev: Evaluator, view: FileView, owner: int, start: int, end: int) -> list[Env]:
    for scope in view.enclosing(owner):
        for head in heads(view, scope, start, end):
            return [Env(SymbolId(view.path, scope), args, None, None, 1) for args in passes(ev, view, head)]
    return []


def heads(view: FileView, scope: int, start: int, end: int) -> list[list[Assign]]:
    """What the loops of a symbol around a place bind in each pass, the outermost first."""
    found: list[list[Assign]] = []
    for block in view.blocks_of.get(scope, ()):
        if block.kind == "loop" and block.start <= start <= end <= block.end:
            bound = [
                a for a in view.facts.assigns if a.kind == "for" and a.owner == scope and block.start <= a.start < block.end and a.value
            ]
            found.extend([[a for a in bound if a.start == bound[0].start]] if bound else [])
    return found


def passes(ev: Evaluator, view: FileView, head: list[Assign], env: Env | None = None) -> list[dict[str, AV]]:
    """What the variables of one loop are in each pass over a list, or over a table, that is written out."""
    keyed = {n for a in head if isinstance(a.value, Op) and a.value.op == "keys" for n, _ in bound_names(a.target)}
    items = next((a for a in head if not (isinstance(a.value, Op) and a.value.op == "keys")), None)
    first = items.value if items is not None else head[0].value
    over = first.operands[0] if items is None and isinstance(first, Op) else first
    found: list[dict[str, AV]] = []
    if over is None:
        return found
    for key, item in list(_pairs(ev, ev.value(over, view.path, head[0].owner, env), tables=view.language in _OVER_TABLES))[:MAX_ROUNDS]:
        args: dict[str, AV] = dict.fromkeys(keyed, UNKNOWN if key is None else Const(key))
        for name, path in bound_names(items.target) if items is not None else ():
            value = ev.thunk(item)
            for step in path:
                value = ev.member(value, step)
            args[name] = value
        found.append(args)
    return found


def _pairs(ev: Evaluator, value: AV, *, tables: bool) -> Iterator[tuple[str | None, Thunk]]:
    """Key and value of each pass; a list has no keys that say anything."""
    for option in options(params.given_by_callers(ev, value)):
        if tables and isinstance(option, Obj):
            yield from option.fields.items()
        else:
            yield from ((None, item) for item in _elements(ev, option))


def elements(ev: Evaluator, value: AV) -> list[Thunk]:
    """The elements of a list that is written out; `Object.entries(o)` and `Object.values(o)` of an object that is."""
    return list(_elements(ev, value))


def _elements(ev: Evaluator, value: AV) -> Iterator[Thunk]:
    for option in options(params.given_by_callers(ev, value)):
        if isinstance(option, ListV):
            yield from option.items
        elif isinstance(option, InstV) and option.site is not None and own_list(ev, option.cls) is not None:  # `Routes{{...}, {...}}`
            call = ev.world.view(option.site.file).facts.calls[option.site.call]
            yield from (Thunk(option.site.file, call.owner, a.value, option.site.env) for a in call.args if a.name is None)
        elif (
            isinstance(option, Ext)
            and option.site is not None
            and option.path in ("~Object.entries()", "~Object.values()", "~Object.keys()")
        ):
            of = ev.arg_value(option.site, 0)
            for key, thunk in of.fields.items() if isinstance(of, Obj) else ():
                if option.path == "~Object.values()":
                    yield thunk
                elif option.path == "~Object.keys()":
                    yield Thunk(thunk.file, 0, Lit(key), None)
                else:
                    yield Thunk(thunk.file, thunk.owner, Seq((Lit(key), thunk.expr)), thunk.env)
