"""Pages that are found by their folders, and the forms on them: `action="?/save"` is sent to the page that it stands on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.shown_forms import shown_in
from backend_readiness.graph.shapes.actions import page_path
from backend_readiness.graph.urls import Piece, uniform
from backend_readiness.graph.world import Graph

MAX_PAGES = 8


def page_of_file(graph: Graph, path: str) -> str | None:
    """The path of the page in whose folder a file stands, where pages are found by their folders."""
    for card in graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "actions":
                page = page_path(path.rpartition("/")[0], str(rule.options["root"]))
                return uniform(page) if page is not None else None
    return None


def on_own_pages(
    graph: Graph, path: str, owner: int, urls: Sequence[tuple[Piece, ...]], routes: tuple[BoundRoute, ...]
) -> list[tuple[Piece, ...]]:
    """The addresses of an element with those of actions behind the page that it stands on; of a component that pages elsewhere show,
    behind those that have such an action."""
    own = page_of_file(graph, path)
    if own is not None:
        return [(f"{own}{u[0]}", *u[1:]) if _is_action(u) else u for u in urls]
    return [resolved for u in urls for resolved in (_of_pages(graph, path, owner, str(u[0]), routes) if _is_action(u) else (u,))]


def _is_action(url: tuple[Piece, ...]) -> bool:
    return bool(url) and isinstance(url[0], str) and url[0].startswith("?/")


def _of_pages(graph: Graph, path: str, owner: int, action: str, routes: tuple[BoundRoute, ...]) -> Iterator[tuple[Piece, ...]]:
    known = {b.route.endpoint.path for b in routes}
    pages = dict.fromkeys(page_of_file(graph, file) for file in shown_in(graph, path, owner))
    found = [page + action for page in pages if page is not None and page + action in known]
    yield from ((text,) for text in (found if found and len(found) <= MAX_PAGES else [action]))
