"""Flows: what a user can do. One for each endpoint, or for each place of the interface that leads to several."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend_readiness.errors import UnknownFlow, UnknownStart
from backend_readiness.graph import flow_names
from backend_readiness.graph.interface.entries import Entry, entries_of
from backend_readiness.graph.route_texts import document, interface_texts, path_words
from backend_readiness.graph.routes.webhooks import caller_of
from backend_readiness.graph.search import rank
from backend_readiness.graph.sentences import parse, words
from backend_readiness.graph.urls import shape, uniform
from backend_readiness.model import Endpoint, Flow

if TYPE_CHECKING:
    from backend_readiness.graph.routes.routing import BoundRoute
    from backend_readiness.graph.trace import Tracer

MAX_TOGETHER = 8  # endpoints of one flow
_CLOSE = 0.85  # of the best score: still part of what was meant
_ACTOR = 0.3  # the weight of who does it lies below
_COVERED = 0.5  # of the words, by weight, must name the route; at just half, the others must occur below it
_FURTHER = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE|QUERY|MUTATION|RPC|WS)\s+(/\S*)")
_LEADING = re.compile(r"\s*([A-Za-z]+)\s+(/\S*|\*|[\w{][\w./:{}-]*)")


def flows_of(tracer: Tracer) -> tuple[Flow, ...]:
    """All flows: those that something of the interface leads to first, then the endpoints that only a client calls; each by path."""
    together: dict[tuple[str, int], _Group] = {}
    lone: list[_Group] = []
    for bound in tracer.routes:
        entries = entries_of(tracer, bound)
        for entry in entries:
            together.setdefault((entry.place.file, entry.place.line), _Group(entry)).add(bound)
        if not entries:
            lone.append(_Group(None, [bound]))
    distinct: dict[tuple[Endpoint, ...], _Group] = {}
    for group in (*together.values(), *lone):
        distinct.setdefault(group.endpoints, group)
    groups = list(distinct.values())
    names = flow_names.Names()
    named = {id(g): names.take(g.routes, g.entry.symbol if g.entry else "") for g in sorted(groups, key=_generality)}
    return tuple(
        Flow(
            name=named[id(group)],
            endpoints=group.endpoints,
            entry_url=group.entry.url if group.entry else None,
            place=group.entry.place if group.entry else group.routes[0].route.place,
            description=flow_names.description(group.endpoints, group.entry, _caller(tracer, group)),
        )
        for group in groups
    )


def _caller(tracer: Tracer, group: _Group) -> str:
    return caller_of(tracer.graph, group.routes[0]) if group.entry is None else ""


@dataclass(slots=True)
class _Group:
    """The routes of one flow in the making."""

    entry: Entry | None
    routes: list[BoundRoute] = field(default_factory=list)

    def add(self, bound: BoundRoute) -> None:
        if len(self.routes) < MAX_TOGETHER and bound.route.endpoint not in self.endpoints:
            self.routes.append(bound)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        return tuple(bound.route.endpoint for bound in self.routes)


def _generality(group: _Group) -> tuple[bool, bool, int, int]:
    """The short names go to what a user reaches, to what changes something, then to the shorter paths."""
    endpoint = group.routes[0].route.endpoint
    return (group.entry is None, endpoint.method in ("GET", "HEAD"), len(group.routes), endpoint.path.count("/"))


def whole(tracer: Tracer) -> Flow:
    """Everything that the repository offers, as one flow. For checks that are not of one flow."""
    return Flow(name="repository", endpoints=tuple(dict.fromkeys(b.route.endpoint for b in tracer.routes)), description="all endpoints")


def routes_of(tracer: Tracer, flow: Flow) -> list[BoundRoute]:
    """The routes behind the endpoints of a flow, in its order."""
    wanted = {endpoint: position for position, endpoint in enumerate(flow.endpoints)}
    found = [bound for bound in tracer.routes if bound.route.endpoint in wanted]
    return sorted(found, key=lambda bound: wanted[bound.route.endpoint])


# ---------------------------------------------------------------- what a name means


def resolve_flow(tracer: Tracer, name: str, endpoints: Sequence[str] = (), known: Sequence[Flow] | None = None) -> Flow:
    """The flow of that name; else the endpoints that its words fit best. With `endpoints` it is these. `known`: the flows, if at hand.

    Errors: `UnknownFlow` with the three nearest names, `UnknownStart` for an endpoint that is not there.
    """
    if endpoints:
        bound = [b for text in endpoints for b in (*endpoint_routes(tracer, text), *_also_named(tracer, text))]
        return Flow(
            name=name,
            endpoints=tuple(dict.fromkeys(b.route.endpoint for b in bound)),
            place=bound[0].route.place,
            methods=tuple(dict.fromkeys(m[1].upper() for text in endpoints if (m := _LEADING.fullmatch(text.strip())))),
        )
    flows = known if known is not None else flows_of(tracer)
    wanted = flow_names.kebab(name)
    exact = [f for f in flows if f.name == wanted] or [f for f in flows if f.name == name.strip()]
    if exact:
        return exact[0]
    leading = _LEADING.fullmatch(name)
    if leading and leading[2].startswith("/"):
        bound = endpoint_routes(tracer, name)
        return Flow(name=wanted, endpoints=tuple(b.route.endpoint for b in bound), place=bound[0].route.place)
    ranked = rank(tracer, name)
    best = _meant(tracer, name, ranked)
    if not best:
        near = _nearest(flows, wanted, [bound for _, bound in ranked[:3]])
        hint = f"the nearest: {', '.join(near)}" if near else "the repository has no endpoint that was recognised; name one with --endpoint"
        raise UnknownFlow(f"no flow {name!r}; {hint}")
    return Flow(name=wanted or "flow", endpoints=tuple(dict.fromkeys(b.route.endpoint for b in best)), place=best[0].route.place)


def _meant(tracer: Tracer, text: str, ranked: Sequence[tuple[float, BoundRoute]]) -> list[BoundRoute]:
    """The best route that has enough of the words, and those close to it that work on the same resource."""
    asked = _subject(parse(text).weights)
    meant = next(((score, bound) for score, bound in ranked[:MAX_TOGETHER] if _fits(tracer, asked, bound)), None)
    if meant is None:
        return []
    resource = path_words(meant[1])
    close = [b for score, b in ranked if _CLOSE * meant[0] <= score <= meant[0] and path_words(b) == resource]
    return close[:MAX_TOGETHER]


def _fits(tracer: Tracer, asked: dict[str, float], bound: BoundRoute) -> bool:
    named = _named(tracer, bound)
    share = sum(n for word, n in asked.items() if word in named) / sum(asked.values())
    return share > _COVERED or (share == _COVERED and asked.keys() <= document(tracer, bound).weights.keys())


def _subject(weights: dict[str, float]) -> dict[str, float]:
    """What a sentence is about: its words without those of any deed (create, list) and, if others are left, without who does it."""
    deeds = set(words(flow_names.DEEDS))
    about = {word: n for word, n in weights.items() if word not in deeds}
    return {word: n for word, n in about.items() if n > _ACTOR} or about or weights


def _named(tracer: Tracer, bound: BoundRoute) -> set[str]:
    """The words of all that names the route. What it touches on the way (guards, tables) names other routes as well."""
    route = bound.route
    shown = [text for match in tracer.linking.calls_of(bound)[:6] for text in interface_texts(tracer, match)]
    own = [route.endpoint.path, route.handler.symbol if route.handler else "", route.place.file.rpartition("/")[2]]
    return {word for text in (*own, *shown, flow_names.verb_of(route.endpoint.method)) for word in words(text)}


def _nearest(flows: Sequence[Flow], wanted: str, ranked: Sequence[BoundRoute]) -> list[str]:
    """Three names of flows: those of the routes that share a word, then those that are spelled alike."""
    shared = [f.name for b in ranked for f in flows if b.route.endpoint in f.endpoints]
    return list(dict.fromkeys([*shared, *difflib.get_close_matches(wanted, [f.name for f in flows], 3, 0.0)]))[:3]


def _also_named(tracer: Tracer, text: str) -> list[BoundRoute]:
    """Further endpoints in the same words: `POST /items (and GET /items for the list)`. One that is not there is no error."""
    leading = _LEADING.match(text)
    rest = text[leading.end() :] if leading is not None else ""
    return [b for m in _FURTHER.finditer(rest) for b in tracer.by_endpoint(m[1], m[2].rstrip(").,;"))]


def endpoint_routes(tracer: Tracer, text: str) -> list[BoundRoute]:
    """The routes of an endpoint as a person writes it: parameters by any name, a trailing slash or a mount prefix more or less.

    Only the leading `METHOD /path` counts here; without a method any does. Errors: `UnknownStart` with the nearest endpoints.
    """
    leading = _LEADING.match(text)
    if leading is not None:
        method, path = leading[1].upper(), leading[2]
    else:
        method, path = "ANY", text.strip().split(" ")[0]
    found = tracer.by_endpoint(method, path)
    if not found:
        tail = shape(uniform(path))
        fits = [b for b in tracer.routes if _ends_alike(shape(b.route.endpoint.path), tail) and method in ("ANY", b.route.endpoint.method)]
        if len({b.route.endpoint for b in fits}) == 1:
            found = fits
    if not found:
        found = _answering(tracer, method, tuple(part.lower() for part in shape(path)))
    if not found:
        near = tracer.nearest(f"{method} {path}")
        raise UnknownStart(f"no endpoint {method} {path} in the repository" + (f"; the nearest: {', '.join(near)}" if near else ""))
    return found


def _answering(tracer: Tracer, method: str, asked: tuple[str, ...]) -> list[BoundRoute]:
    """The routes that answer a concrete path (`/articles/feed` is answered by `/articles/{slug}`): those with the most literal segments."""
    fits: list[tuple[int, BoundRoute]] = []
    for bound in tracer.routes:
        mine = tuple(part.lower() for part in shape(bound.route.endpoint.path))
        literal = sum(a == b for a, b in zip(mine, asked, strict=False))
        alike = len(mine) == len(asked) and all(map(_takes, mine, asked))
        if alike and literal and method in ("ANY", bound.route.endpoint.method):
            fits.append((literal, bound))
    best = max((n for n, _ in fits), default=0)
    return [b for n, b in fits if n == best]


def _takes(pattern: str, segment: str) -> bool:
    """Does a segment of a path fit one of a route? A version (`v{}`) takes `v1`."""
    if pattern in (segment, "{}"):
        return True
    before, hole, after = pattern.partition("{}")
    return bool(hole) and len(segment) > len(before + after) and segment.startswith(before) and segment.endswith(after)


def _ends_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Is one the other with a prefix?"""
    shorter = min(len(one), len(other))
    return shorter > 0 and one[-shorter:] == other[-shorter:]
