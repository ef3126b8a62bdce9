"""The classes of the root types of a GraphQL schema, by the methods that return them: `func (r *Resolver) Query() QueryResolver`.

See `graph.shapes.schema_classes`, option `returned`.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.builder import last_name
from backend_readiness.graph.evaluation.calls import invoked
from backend_readiness.graph.families import family
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.routes.sdl import SCHEMA_FILES, root_names
from backend_readiness.graph.tagged import spoken
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId, options
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.snapshot.places import is_production


def returned_roots(scan: Scan, card: Card, rule: RouteRule) -> Iterator[tuple[str, ClassV, Card, RouteRule]]:
    """(method of the endpoint, class) for each root type whose method is found."""
    graph = scan.graph
    wanted = str(rule.options["returned"])
    texts = [graph.text(f.path) for f in graph.snapshot.files if f.path.endswith(SCHEMA_FILES) and is_production(f.path)]
    names = {name: kind for text in texts for name, kind in root_names(text).items()}
    for path, index in graph.production.items() if names else ():
        if family(index.language) not in spoken(card) or not any(wanted.replace("{type}", n) in index.names for n in names):
            continue
        view = graph.view(path)
        for number, symbol in enumerate(view.facts.symbols):
            kind = names.get(symbol.name) if symbol.kind == "method" and symbol.returns is not None else None
            if kind is None or symbol.returns is None or last_name(symbol.returns) != wanted.replace("{type}", symbol.name):
                continue
            receiver = InstV(ClassV(SymbolId(path, symbol.parent)))
            for value in options(invoked(graph.ev, FuncV(SymbolId(path, number), receiver))):
                if isinstance(value, InstV):
                    yield kind.upper(), value.cls, card, rule
