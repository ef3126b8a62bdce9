"""A start given in words: routes ranked by the words of their paths, handlers, files and interface."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Lit
from backend_readiness.graph.background.job_search import jobs_named, speaks_of_jobs
from backend_readiness.graph.families import family
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.linking import Match
from backend_readiness.graph.values import Ext, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Stage
from backend_readiness.rules.words import load_words

if TYPE_CHECKING:
    from backend_readiness.graph.trace import Traced, Tracer

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
MAX_ROUTES = 4
MAX_LOOKED_INTO = 40
MAX_FUNCTIONS = 8


@cache
def vocabulary() -> tuple[dict[str, str], frozenset[str], dict[str, frozenset[str]]]:
    """(synonym -> its concept, words that mean nothing, method -> concepts that speak for it), from `rules/words.yml`."""
    data = load_words()
    concepts = {stem(w): stem(group[0]) for group in data.synonyms for w in group}
    methods = {m: frozenset(concepts.get(stem(w), stem(w)) for w in several) for m, several in data.methods.items()}
    return concepts, frozenset(stem(w) for w in data.stop), methods


def stem(word: str) -> str:
    """A crude stem: plural, -ing, -ed, -er and -ion endings off."""
    w = word.lower()
    for ending, keep in (
        ("ies", "y"),
        ("sses", "ss"),
        ("ations", "ate"),
        ("ation", "ate"),
        ("ing", ""),
        ("ers", ""),
        ("er", ""),
        ("ed", ""),
        ("es", ""),
        ("s", ""),
    ):
        if w.endswith(ending) and len(w) - len(ending) + len(keep) >= 3:
            if ending == "s" and w.endswith("ss"):
                break
            w = w[: len(w) - len(ending)] + keep
            break
    return w[:-1] if w.endswith("e") and len(w) > 3 else w


_SIGNED = re.compile(r"\b(?:signed|logged)[\s-]in\b(?=\s+\w)", re.I)
_PHRASE = re.compile(r"\b(sign|log)(?:s|ed|ing|ging|ged)?[\s_-]+(in|up|out|on|off)\b", re.I)
_JOINED = re.compile(r"(sign|log)(In|Up|Out|On|Off)(?![a-z])")
_ASIDE = re.compile(r"\([^()]*\)|;.*|\b(?:with|using|via)\b.*", re.S)


def stems(text: str) -> list[str]:
    """The stems of a text, identifiers taken apart; `sign in`, `signs in` and `logIn` are one word each."""
    joined = _JOINED.sub(lambda m: m.group(1) + m.group(2).lower(), _PHRASE.sub(r"\1\2", text))
    return [stem(w) for w in _WORD.findall(joined)]


def words(text: str) -> list[str]:
    """The concepts of a text: its stems without words that mean nothing, synonyms folded."""
    concepts, stop, _ = vocabulary()
    return [concepts.get(s, s) for s in stems(text) if len(s) > 1 and s not in stop]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: concepts with weights, the methods that its verbs speak for, and these verbs."""

    weights: dict[str, float]
    methods: frozenset[str]
    verbs: frozenset[str]


def parse(text: str) -> Query:
    """Take a sentence apart: who does it counts little, what stands in brackets, behind a semicolon or behind "with" half."""
    concepts, _, verbs = vocabulary()
    text = _SIGNED.sub(" ", text[:500])
    weights: dict[str, float] = {}
    aside = " ".join(_ASIDE.findall(text))
    main = _ASIDE.sub(" ", text)
    found = words(main)
    lead = stems(main)[:3]
    actors = {stem(a) for a in load_words().actors}
    actor = next((concepts.get(s, s) for s in lead if s in actors), None)
    for position, word in enumerate(found):
        weight = 0.25 if word == actor and position < 2 and found.count(word) == 1 and len(found) > 1 else 1.0
        weights[word] = max(weights.get(word, 0.0), weight)
    for word in words(aside):
        weights.setdefault(word, 0.25)
    spoken = {concepts.get(s, s) for s in stems(main)}
    methods = frozenset(m for m, several in verbs.items() if several & spoken)
    return Query(weights, methods, frozenset(v for m in methods for v in verbs[m] & spoken))


def from_text(tracer: Tracer, text: str) -> list[Traced]:
    """Chains of the best routes for a text, and of what runs without a request. Empty when no word of it occurs."""
    ranked = rank(tracer, text)
    found: list[Traced] = []
    for _, bound in ranked[:MAX_ROUTES]:
        found.extend(tracer.from_route(bound)[:2] if len(ranked) > 1 else tracer.from_route(bound))
    jobs = [tracer.from_job(job) for job in jobs_named(tracer, text)]
    return [*jobs, *found] if speaks_of_jobs(text) else [*found, *jobs]


def rank(tracer: Tracer, text: str) -> list[tuple[float, BoundRoute]]:
    """Routes with their scores, best first; routes that share no word are left out.

    Where there are many, only the best by their names are looked into.
    """
    query = parse(text)
    named = [(bound, document(tracer, bound)) for bound in tracer.routes]
    if len(named) > MAX_LOOKED_INTO:
        first = _scored(query, named)
        inside = {id(bound) for _, bound in first[:MAX_LOOKED_INTO]}
    else:
        inside = {id(bound) for bound, _ in named}
    whole = [(bound, _with_inside(tracer, bound, weights, query) if id(bound) in inside else weights) for bound, weights in named]
    return _scored(query, whole)


def _scored(query: Query, documents: list[tuple[BoundRoute, dict[str, float]]]) -> list[tuple[float, BoundRoute]]:
    seen_in = Counter(w for _, d in documents for w, weight in d.items() if weight >= 1)
    total = max(1, len(documents))
    answering = Counter(bound.route.endpoint for bound, _ in documents)
    scored: list[tuple[float, BoundRoute]] = []
    for bound, weights in documents:
        score = sum(min(weights[w], 6.0) * math.log(1.2 + total / (1 + seen_in[w])) * n for w, n in query.weights.items() if w in weights)
        if score <= 0:
            continue
        method = bound.route.endpoint.method
        named = path_words(bound)
        if query.methods:  # a form cannot send DELETE: `POST /orders/{id}/delete` says it in its path
            said = method == "POST" and not query.verbs.isdisjoint(named)
            score *= 1.35 if method in query.methods or said else 1.25 if method == "ANY" else 0.75
        if answering[bound.route.endpoint] > 1 and bound.route.handler is not None:  # several handlers of one path: their names tell
            named += words(bound.route.handler.symbol.rpartition(".")[2])
        score /= 1 + 0.15 * sum(w not in query.weights for w in named)
        scored.append((score, bound))
    scored.sort(key=lambda s: (-s[0], len(s[1].route.endpoint.path), s[1].route.endpoint.path, s[1].route.endpoint.method))
    return scored


def path_words(bound: BoundRoute) -> list[str]:
    fixed = re.sub(r"\{[^{}]*\}", " ", bound.route.endpoint.path)
    return [w for w in words(fixed) if w not in ("api", "v1", "v2")]


def document(tracer: Tracer, bound: BoundRoute) -> dict[str, float]:
    """Concept -> weight of all that names the route: handler and path most, its end before what is above, then interface, then files."""
    route = bound.route
    weights: dict[str, float] = {}
    above, _, last = re.sub(r"/\{[^{}]*\}", "", route.endpoint.path).rstrip("/").rpartition("/")
    _add(weights, last, 3.0)
    for word in set(words(re.sub(r"\{[^{}]*\}", " ", above))) - set(words(last)):
        weights[word] = weights.get(word, 0.0) + 2.0
    for name in re.findall(r"\{([^{}*]*)", route.endpoint.path):
        _add(weights, name, 0.7)
    if route.handler is not None:
        _add(weights, route.handler.symbol, 3.0)
        symbol = next((s for s in tracer.graph.view(route.handler.file).facts.symbols if s.line == route.handler.line), None)
        if symbol is not None and symbol.doc:
            _add(weights, symbol.doc, 1.0)
    _add(weights, route.place.file.rpartition("/")[2].partition(".")[0], 0.8)
    for guard in route.middleware:
        _add(weights, guard.symbol, 0.5)
    for match in tracer.linking.calls_of(bound)[:6]:
        for text in interface_texts(tracer, match):
            _add(weights, text, 0.8)
    return weights


def _with_inside(tracer: Tracer, bound: BoundRoute, named: dict[str, float], query: Query) -> dict[str, float]:
    """The same with what the handler calls and touches, and what that says it does."""
    weights = dict(named)
    walk = tracer.sketch(bound)
    for word, roles in load_words().roles.items():
        concept = words(word)[0]
        if concept in query.weights and any(_plays(tracer.graph, r.function.symbol, roles) for r in walk.functions[:MAX_FUNCTIONS]):
            weights[concept] = weights.get(concept, 0.0) + 4.0
    for effect, _ in walk.effects[:12]:
        _add(weights, effect.target, 0.5)
    for reached in walk.functions[:4]:
        view = tracer.graph.view(reached.function.symbol.file)
        if walk.links[reached.link].stage is Stage.HANDLER:
            names = {
                n
                for i in view.body(reached.function.symbol.index)
                for c in view.calls_of.get(i, ())
                if (n := callee_name(view.facts.calls[c]))
            }
            names |= {n for (owner, n) in view.bindings if owner == reached.function.symbol.index}
            _add(weights, " ".join(sorted(names)), 0.3)
    return weights


def _plays(graph: Graph, where: SymbolId, roles: tuple[str, ...]) -> bool:
    """Does a function call something of one of the roles?"""
    view = graph.view(where.file)
    names = {n for role in roles for n in graph.knowledge.names_of_role(role, family(view.language))}
    calls = [view.facts.calls[c] for i in view.body(where.index) for c in view.calls_of.get(i, ())]
    likely = [c for c in calls if callee_name(c) in names][:MAX_FUNCTIONS]
    values = [v for c in likely for v in options(graph.ev.value(c.callee, where.file, c.owner))]
    return any(isinstance(v, Ext) and any(t.rule in roles for t, _ in graph.knowledge.roles.matches(v)) for v in values)


def _add(weights: dict[str, float], text: str, weight: float) -> None:
    for word in set(words(text)):
        weights[word] = weights.get(word, 0.0) + weight


def interface_texts(tracer: Tracer, match: Match) -> list[str]:
    """Names and labels around an API call: its function, its file, and the text of the elements of a form."""
    call = match.call
    view = tracer.graph.view(call.place.file)
    owner = view.symbol(call.owner.index)
    found = [owner.name, call.place.file.rpartition("/")[2].partition(".")[0]]
    if call.kind != "call":
        form = next((e for e in view.facts.elements if e.start == call.start), None)
        inside = [e for e in view.facts.elements if form is not None and form.line <= e.line <= form.close_line]
        headings = [e for e in view.facts.elements if e.tag in ("h1", "h2", "h3", "title") and e.text]
        found.extend(e.text for e in (*headings[:4], *inside[:40]) if e.text)
        found.extend(
            str(a.value.value)
            for e in inside[:40]
            for a in e.attrs
            if a.name in ("name", "placeholder", "value") and isinstance(a.value, Lit)
        )
    return found
