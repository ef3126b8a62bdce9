"""Calls that a loop over a known list repeats: `routes.forEach(r => app.use(r.path, r.router))`, `for (const r of routes) ...`.

Each round is the call's site with the loop's variable bound, so that what belongs together stays together.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Lit, Seq
from backend_readiness.graph.evaluation import params
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.values import AV, Env, Ext, ListV, Obj, Site, SymbolId, Thunk, options
from backend_readiness.graph.views import FileView, callee_name

MAX_ROUNDS = 60
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
        for block in view.blocks_of.get(scope, ()):
            if block.kind != "loop" or not block.start <= start <= end <= block.end:
                continue
            for assign in view.facts.assigns:
                if assign.kind == "for" and assign.owner == scope and block.start <= assign.start < block.end and assign.value is not None:
                    found = []
                    for item in elements(ev, ev.value(assign.value, view.path, scope))[:MAX_ROUNDS]:
                        args: dict[str, AV] = {}
                        for name, path in bound_names(assign.target):
                            value = ev.thunk(item)
                            for step in path:
                                value = ev.member(value, step)
                            args[name] = value
                        found.append(Env(SymbolId(view.path, scope), args, None, None, 1))
                    return found
    return []


def elements(ev: Evaluator, value: AV) -> list[Thunk]:
    """The elements of a list that is written out; `Object.entries(o)` and `Object.values(o)` of an object that is."""
    return list(_elements(ev, value))


def _elements(ev: Evaluator, value: AV) -> Iterator[Thunk]:
    for option in options(params.given_by_callers(ev, value)):
        if isinstance(option, ListV):
            yield from option.items
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
