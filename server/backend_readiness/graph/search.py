"""A start given in words: routes ranked by the words of their paths, handlers, files and interface."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from backend_readiness.graph.linking import Match
from backend_readiness.graph.routing import BoundRoute
from backend_readiness.rules.words import load_words

if TYPE_CHECKING:
    from backend_readiness.graph.trace import Traced, Tracer

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
MAX_ROUTES = 4


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
    for ending, keep in (("ies", "y"), ("sses", "ss"), ("ations", "ate"), ("ation", "ate"), ("ing", ""), ("ers", ""), ("er", ""), ("ed", ""), ("es", ""), ("s", "")):
        if w.endswith(ending) and len(w) - len(ending) + len(keep) >= 3:
            if ending == "s" and w.endswith("ss"):
                break
            w = w[: len(w) - len(ending)] + keep
            break
    return w[:-1] if w.endswith("e") and len(w) > 3 else w


def words(text: str) -> list[str]:
    """The concepts of a text, identifiers taken apart; `sign in` and `log in` are one word before that."""
    concepts, stop, _ = vocabulary()
    joined = re.sub(r"\b(sign|log)(?:s|ed|ing|ged|ging)?[\s_-]+(in|up|out|on|off)\b", r"\1\2", text, flags=re.I)
    joined = re.sub(r"(sign|log)(In|Up|Out|On|Off)(?![a-z])", lambda m: m.group(1) + m.group(2).lower(), joined)
    found = []
    for word in _WORD.findall(joined):
        s = stem(word)
        if len(s) > 1 and s not in stop:
            found.append(concepts.get(s, s))
    return found


def from_text(tracer: Tracer, text: str) -> list[Traced]:
    """Chains of the best routes for a text. Empty when no word of it occurs."""
    ranked = rank(tracer, text)
    found: list[Traced] = []
    for _, bound in ranked[:MAX_ROUTES]:
        found.extend(tracer.from_route(bound)[:2] if len(ranked) > 1 else tracer.from_route(bound))
    return found


def rank(tracer: Tracer, text: str) -> list[tuple[float, BoundRoute]]:
    """Routes with their scores, best first; routes that share no word are left out."""
    query = Counter(words(text))
    documents = [(bound, document(tracer, bound)) for bound in tracer.routes]
    seen_in = Counter(w for _, d in documents for w in d)
    total = max(1, len(documents))
    _, _, methods = vocabulary()
    scored: list[tuple[float, BoundRoute]] = []
    for bound, weights in documents:
        score = sum(min(w, 6.0) * math.log(1 + total / (1 + seen_in[q])) * n**0.5 for q, n in query.items() if (w := weights.get(q, 0.0)))
        if score <= 0:
            continue
        method = bound.route.endpoint.method
        fits = [m for m, concepts in methods.items() if concepts & query.keys()]
        if fits:
            score *= 1.3 if method in fits or method == "ANY" else 0.75
        specific = [w for w in path_words(bound) if w not in query]
        score /= 1 + 0.12 * len(specific)
        scored.append((score, bound))
    scored.sort(key=lambda s: (-s[0], len(s[1].route.endpoint.path), s[1].route.endpoint.path, s[1].route.endpoint.method))
    return scored


def path_words(bound: BoundRoute) -> list[str]:
    fixed = re.sub(r"\{[^{}]*\}", " ", bound.route.endpoint.path)
    return [w for w in words(fixed) if w not in ("api", "v1", "v2")]


def document(tracer: Tracer, bound: BoundRoute) -> dict[str, float]:
    """Concept -> weight of all that names the route: handler and path most, then interface, then files."""
    route = bound.route
    weights: dict[str, float] = {}

    def add(text: str, weight: float) -> None:
        for word in set(words(text)):
            weights[word] = weights.get(word, 0.0) + weight

    add(re.sub(r"\{[^{}]*\}", " ", route.endpoint.path), 3.0)
    for name in re.findall(r"\{([^{}*]*)", route.endpoint.path):
        add(name, 0.7)
    if route.handler is not None:
        add(route.handler.symbol, 3.0)
        symbol = next((s for s in tracer.graph.view(route.handler.file).facts.symbols if s.line == route.handler.line), None)
        if symbol is not None and symbol.doc:
            add(symbol.doc, 1.0)
    add(route.place.file.rpartition("/")[2].partition(".")[0], 0.8)
    for match in tracer.linking.calls_of(bound)[:6]:
        for text in interface_texts(tracer, match):
            add(text, 0.8)
    return weights


def interface_texts(tracer: Tracer, match: Match) -> list[str]:
    """Names and labels around an API call: its function, its file, and the text of the elements of a form."""
    call = match.call
    view = tracer.graph.view(call.place.file)
    owner = view.symbol(call.owner.index)
    found = [owner.name, call.place.file.rpartition("/")[2].partition(".")[0]]
    if call.kind != "call":
        inside = [e for e in view.facts.elements if e.line >= call.place.line and e.line <= call.place.line + 60]
        found.extend(e.text for e in inside[:40] if e.tag in ("button", "h1", "h2", "legend", "label", "a") and e.text)
    return found
