"""Calls in a loop over what their function was given: `func AddRoutes(routes []Route, r *mux.Router) { for _, x := range routes { ... } }`.

Such a call stands for one call for each element that each caller of the function gives, with the caller's other arguments.
"""

from __future__ import annotations

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Assign, CallRef, Index, Member, Name, Op, Value
from backend_readiness.graph.evaluation import loops, params
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.routes.given_calls import sites_for_callers
from backend_readiness.graph.values import AV, Env, ParamV, Site, SymbolId, UnionV
from backend_readiness.graph.views import FileView

MAX_SITES = 400
MAX_STEPS = 20


def rounds_given(ev: Evaluator, view: FileView, number: int) -> list[Site]:
    """The sites that one written call stands for; empty when no loop around it goes over what its function was given."""
    call = view.facts.calls[number]
    scope = next((i for i in view.enclosing(call.owner) if _has_callers(view, i)), call.owner)
    symbol = view.symbol(scope)
    if symbol.kind not in ("function", "method", "lambda") or not symbol.name or not symbol.params:
        return []
    heads = loops.heads(view, scope, call.start, call.end)
    if not heads or not _goes_over(view, heads, {p.name for p in symbol.params if p.name and p.name != "self"}):
        return []
    found: list[Site] = []
    for site in sites_for_callers(ev, SymbolId(view.path, scope), symbol.name, number):
        envs: list[Env | None] = [_settled(ev, site.env)]
        for head in heads:
            inner = [_within(scope, view, env, args) for env in envs for args in loops.passes(ev, view, head, env) or [{}]]
            envs = [*inner[:MAX_SITES]]
        found.extend(Site(view.path, number, env) for env in envs)
    return found[:MAX_SITES]


def _has_callers(view: FileView, index: int) -> bool:
    """Is it a function that is called by its name, not one that is handed on (`exports.register = (app, routes) => { ... }`)?"""
    symbol = view.symbol(index)
    return symbol.kind != "lambda" or (bool(symbol.name) and index not in view.passed_in)


def _settled(ev: Evaluator, env: Env | None) -> Env | None:
    """The bindings with what the only callers further out give for the parameters that the caller hands on."""
    if env is None or not any(isinstance(v, ParamV) for v in env.args.values()):
        return env
    given = {k: params.given_by_callers(ev, v) if isinstance(v, ParamV) else v for k, v in env.args.items()}
    args = {k: env.args[k] if isinstance(v, UnionV) else v for k, v in given.items()}
    return Env(env.symbol, args, env.self_value, env.outer, env.depth, env.site)


def _within(scope: int, view: FileView, env: Env | None, args: dict[str, AV]) -> Env:
    if env is None:
        return Env(SymbolId(view.path, scope), args, None, None, 1)
    return Env(env.symbol, {**env.args, **args}, env.self_value, env.outer, env.depth, env.site)


def _goes_over(view: FileView, heads: list[list[Assign]], names: set[str]) -> bool:
    """Is what one of the loops goes over a parameter, or reached through one?"""
    for head in heads:
        root = next((r for a in head if a.value is not None and (r := _root(view, a.value)) is not None), None)
        if root in names:
            return True
        names = names | ({n for a in head for n, _ in bound_names(a.target)} if root in names else set())
    return False


def _root(view: FileView, value: Value) -> str | None:
    """The name that an expression starts from."""
    for _ in range(MAX_STEPS):
        match value:
            case Name():
                return value.id
            case Member() | Index():
                value = value.base
            case CallRef():
                value = view.facts.calls[value.call].callee
            case Op(op="keys"):
                value = value.operands[0]
            case _:
                return None
    return None
