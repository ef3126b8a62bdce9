"""The files that may have routes which are values: those that import a module of the rule (option `imports`), and those that use all names
of `named` together, which a base of the repository brings (`class Orders extends Dsl` with `case GET -> Root / "orders"`)."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card


def files_with_routes(graph: Graph, card: Card, rule: RouteRule) -> Iterator[str]:
    wanted = tuple(rule.options.get("imports", ()))
    named = frozenset(rule.options.get("named", ()))
    spoken = card.languages or (card.id.partition("/")[0],)
    for path, index in graph.production.items():
        if index.language not in spoken:
            continue
        if any(m == w or m.startswith(f"{w}.") for m in index.modules for w in wanted) or (named and named <= set(index.names)):
            yield path
