"""Where a user starts: the places of the interface that lead to a route, and the pages on which they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Arg, Element, Lit, Record
from backend_readiness.graph.urls import uniform
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Place

if TYPE_CHECKING:
    from backend_readiness.graph.routes.routing import BoundRoute
    from backend_readiness.graph.sent.linking import Match
    from backend_readiness.graph.steps import Step
    from backend_readiness.graph.trace import Tracer

MAX_CALLS = 6  # API calls that are looked at for one route
_USER = ("event", "load")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A place of the interface. `symbol` is as in the chain (`<button onClick> 'Save'`), `url` the path of its page, if one is known."""

    place: Place
    symbol: str
    url: str | None


def entries_of(tracer: Tracer, bound: BoundRoute) -> tuple[Entry, ...]:
    """The user actions that lead to the route, each place once; a call that no user action reaches is none."""
    found: dict[tuple[str, int], Entry] = {}
    for match in tracer.linking.calls_of(bound)[:MAX_CALLS]:
        entry = _entry(tracer, match)
        if entry is not None:
            found.setdefault((entry.place.file, entry.place.line), entry)
    return tuple(found.values())


def _entry(tracer: Tracer, match: Match) -> Entry | None:
    call = match.call
    if call.kind != "call":
        return Entry(place=call.place, symbol=f"<{call.kind}>", url=None)
    path = next((p for p in tracer.user_paths(call) if p and p[0].kind in _USER), None)
    if path is None:
        return None
    head = path[0]
    page = head if head.kind == "load" else _page_around(tracer, head)
    return Entry(place=head.place, symbol=head.symbol, url=_url(tracer, page) if page is not None else None)


def _page_around(tracer: Tracer, step: Step) -> Step | None:
    """The page that shows the component in which an element stands."""
    view = tracer.graph.view(step.place.file)
    around = [i for i, s in enumerate(view.facts.symbols) if i and s.line <= step.place.line <= s.end_line]
    for index in sorted(around, key=lambda i: view.symbol(i).end - view.symbol(i).start):
        where = SymbolId(step.place.file, index)
        if tracer.ui.is_component(where):
            page = tracer.ui.page_of(where)
            return page[0] if page and page[0].kind == "load" else None
    return None


def _url(tracer: Tracer, page: Step) -> str | None:
    """The path that is written in the registration of a page; folders that only group routes (`_layout`, `(shop)`) are no part of it."""
    facts = tracer.graph.view(page.place.file).facts
    element = next((e for e in facts.elements if e.line == page.place.line and _path_of(e)), None)
    if element is not None:
        around = [e for e in facts.elements if e.start <= element.start and element.end <= e.end]
        path = "/".join(p for e in sorted(around, key=lambda e: e.start) if (p := _path_of(e)))
    else:
        calls = [c for c in facts.calls if c.line <= page.place.line <= c.end_line and c.end_line <= page.place.end_line]
        path = next((t for call in calls for arg in call.args[:4] for t in _texts(arg) if t.startswith("/")), "")
    if not path:
        return None
    kept = [s for s in path.split("/") if s and not s.startswith(("_", "("))]
    return uniform("/" + "/".join(kept))


def _path_of(element: Element) -> str:
    return next((_text(a.value) for a in element.attrs if a.name == "path"), "")


def _texts(arg: Arg) -> Iterator[str]:
    if isinstance(arg.value, Record):
        yield from (_text(value) for key, value in arg.value.items if key == "path")
    else:
        yield _text(arg.value)


def _text(value: object) -> str:
    return value.value if isinstance(value, Lit) and isinstance(value.value, str) else ""
