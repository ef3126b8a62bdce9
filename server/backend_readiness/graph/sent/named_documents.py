"""The operations that the documents of a GraphQL client define, by their names: what generated hooks and constants stand for."""

from __future__ import annotations

from backend_readiness.graph.routes.sdl import SCHEMA_FILES, operations, written
from backend_readiness.graph.world import Graph
from backend_readiness.snapshot.places import is_production

_TAGS = frozenset({"gql", "graphql"})
Asked = tuple[str, str]  # method, operation of the schema


def named_documents(graph: Graph) -> dict[str, list[Asked]]:
    """Name of an operation -> what it asks for, from files of documents and from tagged templates and calls of `gql`, `graphql`."""
    found: dict[str, list[Asked]] = {}

    def note(text: str) -> None:
        for kind, name, field in operations(text):
            if name:
                found.setdefault(name, []).append((kind.upper(), field))

    for file in graph.snapshot.files:
        if file.path.endswith(SCHEMA_FILES) and is_production(file.path):
            note(graph.text(file.path))
    for path, index in graph.production.items():
        if _TAGS.isdisjoint(index.names):
            continue
        for call in graph.view(path).facts.calls:
            if call.args and getattr(call.callee, "id", "") in _TAGS:
                note(written(call.args[0].value))
    return {name: list(dict.fromkeys(asks)) for name, asks in found.items()}
