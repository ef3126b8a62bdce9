"""A start given in words: routes ranked by the words of their paths, handlers, files and interface."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend_readiness.graph.background.job_search import jobs_named, speaks_of_jobs
from backend_readiness.graph.route_texts import Document, document, labels_of, look_inside, path_words
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sentences import OF_ASIDE, Query, parse, words
from backend_readiness.model import Stage

if TYPE_CHECKING:
    from backend_readiness.graph.trace import Traced, Tracer

MAX_ROUTES = 4
MAX_LOOKED_INTO = 40
MAX_LABELLED = 6
MAX_SHOWN = 24
MAX_NAMING = 8
_SEVERAL = 2
_NEAR = 0.5  # of the best score: may still be the best when the labels of its elements are known
_MOST = 6.0  # what a word counts at most
_LIKE = {"QUERY": ("GET",), "MUTATION": ("POST", "PUT", "PATCH", "DELETE")}
_SHOWN = 1.15  # what a page asks for is what its users do
_TAIL = 0.7  # what takes every path answers what no other route does
_IS_NAMED = 2.0  # from here on a word is a name of the route: what its path says above its end
_SAID_BY = {"POST": "creat", "DELETE": "delet", "PUT": "updat", "PATCH": "updat"}
_SAID_BY_PATHS, _OTHER_DEED = frozenset(("creat", "delet", "updat", "logout")), 3.0  # a path that says another deed is another deed
_OF_METHOD = 3.0  # what a word weighs that only the method says
_MADE = frozenset(("creat", "delet"))
_BELOW, _OF_ONE_THERE = 0.85, 0.85  # for what is made or deleted: a thing below it, and one that is there already
_PARAMETER = re.compile(r"/\{[^{}]*\}")
_NUMBERED = 0.85
_OTHER_THAN_SHOWS = 0.75  # for what a sentence only wants to see: a request that changes something
_ONLY_SHOWS, _OTHER_CHANGE = 0.75, 0.85  # for what a sentence changes: a page, and a request that changes something in another way
_ONLY_ASKS = 0.6  # the page with the form in which it is said: `GET /orders/new`
_QUIET = 1.1  # for what a sentence changes: a handler of every method that was not seen to change anything
_BESIDE = 0.25  # what is left of who does it and with what where nothing else fits
_SYNONYM = 0.8  # what a word counts that is only written with another of the same meaning


def from_text(tracer: Tracer, text: str) -> list[Traced]:
    """Chains of the best routes for a text, and of what runs without a request. Empty when no word of it occurs."""
    ranked = rank(tracer, text)
    found: list[Traced] = []
    for _, bound in ranked[:MAX_ROUTES]:
        chains = meant_first(text, tracer.from_route(bound))
        found.extend(chains[:2] if len(ranked) > 1 else chains)
    jobs = [tracer.from_job(job) for job in jobs_named(tracer, text)]
    return [*jobs, *found] if speaks_of_jobs(text) else [*found, *jobs]


def meant_first(text: str, chains: list[Traced]) -> list[Traced]:
    """Of several ways to one route those whose elements and functions say what the text does come first.

    Of a page that sends messages: what a sentence changes is done by one of them, and not by opening the page.
    """
    if len(chains) < _SEVERAL:
        return chains
    query = parse(text)
    if not any(_is_message(t) for t in chains):
        return sorted(chains, key=lambda t: (t.chain.complete, _shown_as(query, t)), reverse=True)
    changes = bool(query.methods) and "GET" not in query.methods

    def said(traced: Traced) -> float:
        links = [link for link in traced.chain.links if link.stage in (Stage.API_CALL, Stage.SERVICE)][:MAX_NAMING]
        return sum(query.weights.get(w, 0.0) for w in {w for link in links for w in words(link.symbol.rpartition(".")[2])})

    return sorted(chains, key=lambda t: (changes and _is_message(t), said(t)), reverse=True)


def _shown_as(query: Query, traced: Traced) -> float:
    """How much of what a sentence says the functions up to the request say, and once more the element that a user acts on."""
    links = [link for link in traced.chain.links if link.stage in (Stage.USER_ACTION, Stage.FRONTEND_HANDLER, Stage.API_CALL)]
    said = {w for link in links[:MAX_NAMING] for w in words(link.symbol)}
    pressed = {w for link in links if link.stage is Stage.USER_ACTION for w in words(link.symbol)}
    return sum(weight * ((w in said) + (w in pressed)) for w, weight in query.weights.items() if weight > OF_ASIDE)


def _is_message(traced: Traced) -> bool:
    return any(link.symbol.startswith("WS ") for link in traced.chain.links if link.stage is Stage.API_CALL)


def rank(tracer: Tracer, text: str) -> list[tuple[float, BoundRoute]]:
    """Routes with their scores, best first; routes that share no word are left out.

    Where there are many, only the best by their names are looked into.
    """
    query = parse(text)
    asked = frozenset(query.weights)
    documents = [Named.of(bound, document(tracer, bound)) for bound in tracer.routes]
    query = widened(query, documents)
    for named in scored(query, documents)[:MAX_LOOKED_INTO] if len(documents) > MAX_LOOKED_INTO else documents:
        look_inside(tracer, named.bound, asked, named.document)
    first = scored(query, documents)[:MAX_LABELLED]
    for named in _to_label(query, first, documents):
        named.document.add(labels_of(tracer, named.bound))
    return [(named.score, named.bound) for named in scored(query, documents)]


def _to_label(query: Query, first: list[Named], documents: list[Named]) -> list[Named]:
    """Those whose labels may decide: the near ones; all that the interface asks for where not even the best says every word."""
    if all(weight < 1 or (first and w in first[0].document.weights) for w, weight in query.weights.items()):
        return [n for n in first if n.score >= _NEAR * first[0].score]
    known = {id(n) for n in first}
    return [*first, *[d for d in documents if d.document.shown and id(d) not in known][:MAX_SHOWN]]


def widened(query: Query, documents: list[Named]) -> Query:
    """The query, with what a resource is named by where no request that could change something is named as it is said (`sign up`)."""
    if not query.otherwise or any(_is_said(query, d) for d in documents):
        return query
    weights = dict(query.weights)
    for word, weight in query.otherwise.items():
        weights[word] = max(weight, weights.get(word, 0.0))
    return replace(query, weights=weights)


def _is_said(query: Query, d: Named) -> bool:
    return d.bound.route.endpoint.method not in ("GET", "QUERY") and any(
        d.document.weights.get(w, 0.0) >= _IS_NAMED for w in query.supposed
    )


@dataclass(slots=True)
class Named:
    """A route with what names it."""

    bound: BoundRoute
    document: Document
    path: list[str]
    end: list[str]
    handler: list[str]
    score: float = 0.0

    @classmethod
    def of(cls, bound: BoundRoute, document: Document) -> Named:
        handler = words(bound.route.handler.symbol.rpartition(".")[2]) if bound.route.handler is not None else []
        end = words(_PARAMETER.sub("", bound.route.endpoint.path).rstrip("/").rpartition("/")[2])
        return cls(bound, document, path_words(bound), end, handler)


def scored(query: Query, documents: list[Named]) -> list[Named]:
    """Those that share a word with the query, best first."""
    seen_in = Counter(w for d in documents for w, weight in d.document.weights.items() if weight >= 1)
    total = max(1, len(documents))
    answering = Counter(d.bound.route.endpoint for d in documents)
    found: list[Named] = []
    for d in documents:
        counted = {
            w: _counts(max(d.document.weights.get(w, 0.0), _by_method(query, w, d)))
            * math.log(1.2 + total / (1 + seen_in[w]))
            * n
            * _exact(query, w, d.document)
            for w, n in query.weights.items()
            if w in d.document.weights or _by_method(query, w, d)
        }
        beside = sum(n for w, n in counted.items() if query.weights[w] <= OF_ASIDE)
        said = sum(counted.values()) - beside
        d.score = said + min(beside, max(said, _BESIDE * beside))  # who does it and with what counts no more than what is done
        if d.score > 0:
            d.score *= _of_method(query, d) * _of_parameter(query, d)
            named = d.path + (d.handler if answering[d.bound.route.endpoint] > 1 else [])  # several handlers of one path: their names tell
            d.score /= 1 + 0.15 * sum((1 - query.weights.get(w, 0.0)) * (_OTHER_DEED if w in _SAID_BY_PATHS else 1) for w in named)
            d.score *= _of_end(query, d)
            if d.document.shown:
                d.score *= _SHOWN
            if d.bound.route.endpoint.path.endswith("*}"):
                d.score *= _TAIL
            found.append(d)
    found.sort(key=lambda d: (-d.score, len(d.bound.route.endpoint.path), d.bound.route.endpoint.path, d.bound.route.endpoint.method))
    return found


def _of_end(query: Query, d: Named) -> float:
    """What is below the thing that is asked for is another thing."""
    if query.verbs.isdisjoint(_MADE):
        return 1.0
    if d.end and query.weights.keys().isdisjoint(d.end) and not query.weights.keys().isdisjoint(d.path):
        return _BELOW
    if "creat" in query.verbs and d.bound.route.endpoint.path.endswith("}"):
        return _OF_ONE_THERE
    return 1.0


def _by_method(query: Query, word: str, d: Named) -> float:
    """What a word weighs that only the method says: `POST /orders` creates an order without a word for it."""
    method = d.bound.route.endpoint.method
    if word != _SAID_BY.get(method) or method not in query.methods:
        return 0.0
    return _OF_METHOD if d.end and query.weights.keys() >= set(d.end) and word not in d.end else 0.0


def _counts(weight: float) -> float:
    """Further hints add nothing to many."""
    return min(weight, _MOST)


def _exact(query: Query, word: str, document: Document) -> float:
    written = query.written.get(word)
    return 1.0 if not written or not written.isdisjoint(document.written) else _SYNONYM


def _of_method(query: Query, d: Named) -> float:
    """How well the method fits what is done.

    A form cannot send DELETE, and many interfaces have links for what changes something: `POST /orders/{id}/delete` says it in its path,
    and so does `GET /orders/{id}/delete` where it changes something and does not only show the page that asks (`GET /orders/new`).
    """
    method = d.bound.route.endpoint.method
    if not query.methods:
        return 1.0
    said = not query.verbs.isdisjoint(d.path)
    if method == "ANY" and not d.document.changes and "GET" not in query.methods:
        return 1.25 if said else _QUIET  # perhaps the page on which it is done
    if not query.methods.isdisjoint(_LIKE.get(method, (method,))) or (said and method in ("POST", "ANY")):
        return 1.35
    if method == "ANY":
        return 1.25
    if query.methods == {"GET"} and method not in ("GET", "QUERY"):
        return _OTHER_THAN_SHOWS
    if method == "GET" and not d.document.changes and "GET" not in query.methods:
        return _ONLY_SHOWS if _MADE.isdisjoint(d.end) else _ONLY_ASKS
    return 1.0 if said else _OTHER_CHANGE


def _of_parameter(query: Query, d: Named) -> float:
    """What is one's own needs no number of whose it is; one thing of several needs its own."""
    numbered = d.bound.route.endpoint.path.endswith("}")
    if query.one:
        return 1.0 if numbered else _NUMBERED
    return _NUMBERED if "me" in query.weights and numbered else 1.0
