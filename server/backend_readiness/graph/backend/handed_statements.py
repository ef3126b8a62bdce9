"""SQL text and records that a function takes from its callers (`run("insert ...")`): each call of it is a touch of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backend_readiness.facts.model import Name
from backend_readiness.graph.backend.edges import Edges
from backend_readiness.graph.backend.effects import Effect, effect_of
from backend_readiness.graph.backend.sql_texts import is_statement, sql_effect
from backend_readiness.graph.evaluation.earlier_names import callee_value
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import Const, Env, FuncV, Site
from backend_readiness.graph.world import Graph

MAX_DEPTH = 3
MAX_CALLS = 60  # calls of one function that are looked into
MAX_STATEMENTS = 8


def each(graph: Graph, effect: Effect) -> list[Effect]:
    """One touch for each statement that a call runs; the touch itself where it runs one, or none that is known."""
    found: dict[tuple[str, str], str] = {}
    for text in texts(graph.ev, effect.statement) if effect.statement is not None else ():
        if is_statement(text):
            found.setdefault(sql_effect(text), text)
    if len(found) < 2 or not all(t for _, t in found):
        return [effect]
    return [replace(effect, operation=o, target=t, statement=Const(text)) for (o, t), text in [*found.items()][:MAX_STATEMENTS]]


def takes_statement(graph: Graph, edges: Edges, function: FuncV, env: Env | None) -> bool:
    """Does the function run a statement that only its callers know?"""
    symbol = graph.view(function.symbol.file).symbol(function.symbol.index)
    if env is None or not symbol.params or next(handed(graph, edges, function, env), None) is None:
        return False
    return next(handed(graph, edges, function, None), None) is None


def names_record(graph: Graph, effect: Effect, site: Site) -> bool:
    """Does only the caller say which records a call is about: `func (d *store) Create(doc any) { d.db.Create(doc) }`?"""
    if effect.kind != "orm" or not effect.target or site.env is None:
        return False
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    given = {p.name for scope in view.enclosing(call.owner) for p in view.symbol(scope).params}
    return any(isinstance(a.value, Name) and a.value.id in given for a in call.args[:2])


def handed(graph: Graph, edges: Edges, function: FuncV, env: Env | None, depth: int = 0) -> Iterator[Effect]:
    """The statements that a function runs with these arguments, itself or in what it hands them on to."""
    view = graph.view(function.symbol.file)
    numbers = [n for s in view.body(function.symbol.index) for n in view.calls_of.get(s, ())]
    for number in numbers[:MAX_CALLS]:
        site = Site(function.symbol.file, number, env)
        effect = effect_of(graph, callee_value(graph.ev, view, number, env), site)
        if effect is not None:
            if effect.statement is not None and any(is_statement(t) for t in texts(graph.ev, effect.statement)):
                yield from each(graph, effect)
            elif names_record(graph, effect, site):
                yield effect
        elif env is not None and depth < MAX_DEPTH and view.facts.calls[number].args:
            for edge in edges.of_call(site):
                if edge.kind == "call" and edge.target.symbol != function.symbol:
                    yield from handed(graph, edges, edge.target, graph.ev.bind(edge.target, edge.site), depth + 1)
