"""The texts that say what a route is for, each with what it is: its path, its handler, its comment, the buttons that lead to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Lit
from backend_readiness.graph.families import family
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.linking import Match
from backend_readiness.graph.sentences import stems, words
from backend_readiness.graph.values import Ext, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Stage
from backend_readiness.rules.words import load_words

if TYPE_CHECKING:
    from backend_readiness.graph.backend.backend import Backend
    from backend_readiness.graph.trace import Tracer

Said = tuple[str, str]  # what a text is (a key of `WEIGHTS`), and the text
WEIGHTS = {
    "end": 3.0,  # the last part of the path
    "above": 2.0,  # what is above it
    "parameter": 0.7,
    "handler": 3.0,
    "called": 2.0,  # by a handler without a name
    "doc": 1.0,
    "comment": 1.5,
    "file": 0.8,
    "guard": 0.5,
    "shown": 0.8,  # names and labels around the calls of the interface
    "label": 3.0,  # of the element that a user presses
    "touched": 0.5,
    "inside": 0.3,
    "role": 4.0,
}
_NAMES = ("end", "above", "handler", "called", "label")  # what is written there is meant as it is written
MAX_FUNCTIONS = 8
MAX_CALLS = 6
_COMMENT = re.compile(r"\s*(?://|/?\*|#|--|<!--|\{/\*|%|\"\"\"|')")
_MARK = re.compile(r"\s*(?:@|\[|#\[)")
_PROSE = re.compile(r"\"([^\"\n]*[A-Za-z] [A-Za-z][^\"\n]*)\"|'([^'\n]*[A-Za-z] [A-Za-z][^'\n]*)'")
_ABOVE = 8  # lines above a registration or a handler in which its comment is looked for


@dataclass(slots=True)
class Document:
    """Concept -> weight of all that names a route, and the stems that its names are written with."""

    weights: dict[str, float] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    shown: bool = False  # the interface asks for it
    changes: bool = False  # what was seen of its handler writes or deletes something

    def add(self, said: list[Said]) -> None:
        for kind, text in said:
            for word in set(words(text)):
                self.weights[word] = self.weights.get(word, 0.0) + WEIGHTS[kind]
            self.shown = self.shown or kind == "shown"
            if kind in _NAMES:
                self.written.update(stems(text))


def document(tracer: Tracer, bound: BoundRoute) -> Document:
    """What names the route, without a look into its handler."""
    found = Document()
    found.add(names_of(tracer, bound))
    return found


def path_words(bound: BoundRoute) -> list[str]:
    fixed = re.sub(r"\{[^{}]*\}", " ", bound.route.endpoint.path)
    return [w for w in words(fixed) if w not in ("api", "v1", "v2")]


def names_of(tracer: Tracer, bound: BoundRoute) -> list[Said]:
    """Path, handler, its first line of documentation, file, guards, and what stands around the calls of the interface."""
    route = bound.route
    above, _, last = re.sub(r"/\{[^{}]*\}", "", route.endpoint.path).rstrip("/").rpartition("/")
    at_end = set(words(last))
    found = [("end", last)]
    found.extend(("above", w) for w in dict.fromkeys(re.sub(r"\{[^{}]*\}", " ", above).split("/")) if not at_end & set(words(w)))
    found.extend(("parameter", name) for name in re.findall(r"\{([^{}*]*)", route.endpoint.path))
    if route.handler is not None:
        found.append(("handler", route.handler.symbol))
        symbol = next((s for s in tracer.graph.view(route.handler.file).facts.symbols if s.line == route.handler.line), None)
        if symbol is not None and symbol.doc:
            found.append(("doc", symbol.doc))
    found.append(("file", route.place.file.rpartition("/")[2].partition(".")[0]))
    found.extend(("guard", guard.symbol) for guard in route.middleware)
    found.extend(("shown", t) for match in tracer.linking.calls_of(bound)[:MAX_CALLS] for t in interface_texts(tracer, match))
    return found


def look_inside(tracer: Tracer, bound: BoundRoute, asked: frozenset[str], into: Document) -> None:
    """Add what the handler calls and touches, what that says it does, and what is written above it. `asked`: the concepts in question."""
    walk = tracer.sketch(bound)
    into.changes = any(effect.operation in ("write", "delete") for effect, _ in walk.effects)
    into.add(_inside_of(tracer, bound, asked, walk))


def _inside_of(tracer: Tracer, bound: BoundRoute, asked: frozenset[str], walk: Backend) -> list[Said]:
    found: list[Said] = []
    for word, roles in load_words().roles.items():
        if words(word)[0] in asked and any(_plays(tracer.graph, r.function.symbol, roles) for r in walk.functions[:MAX_FUNCTIONS]):
            found.append(("role", word))
    found.extend(("touched", effect.target) for effect, _ in walk.effects[:12])
    for reached in walk.functions[:4]:
        view = tracer.graph.view(reached.function.symbol.file)
        if walk.links[reached.link].stage is not Stage.HANDLER:
            continue
        calls = [c for i in view.body(reached.function.symbol.index) for c in view.calls_of.get(i, ())]
        names = [n for c in calls if (n := callee_name(view.facts.calls[c]))]
        bound_names = [n for (owner, n) in view.bindings if owner == reached.function.symbol.index]
        found.append(("inside", " ".join(sorted({*names, *bound_names}))))
        if len(names) == 1 and not view.symbol(reached.function.symbol.index).name:  # `(req, res) => createOrder(req, res)`
            found.append(("called", names[0]))
    places = [(bound.route.place.file, bound.route.place.line)]
    if bound.route.handler is not None:
        places.append((bound.route.handler.file, bound.route.handler.line))
    found.extend(("comment", text) for file, line in dict.fromkeys(places) if (text := comment_above(tracer.graph, file, line)))
    return found


def comment_above(graph: Graph, file: str, line: int) -> str:
    """The comment that ends right above a line, and the prose that annotations there have as arguments (`summary = "Lists all orders"`)."""
    if not graph.has(file) or not 0 < line <= len(lines := graph.snapshot.lines(file)):
        return ""
    found: list[str] = []
    for text in reversed(lines[max(0, line - 1 - _ABOVE) : line - 1]):
        text = text[:300]
        if _MARK.match(text):
            found.extend(a or b for a, b in _PROSE.findall(text))
        elif _COMMENT.match(text):
            found.append(text)
        else:
            break
    found.extend(a or b for a, b in _PROSE.findall(lines[line - 1][:300]) if _MARK.match(lines[line - 1]))
    return " ".join(found)


def labels_of(tracer: Tracer, bound: BoundRoute) -> list[Said]:
    """The text of the elements with which a user begins."""
    found: list[Said] = []
    for match in tracer.linking.calls_of(bound)[:2]:
        if match.call.kind == "call":
            for path in tracer.user_paths(match.call)[:2]:
                element = path[0].element if path else None
                if element is not None:
                    view = tracer.graph.view(path[0].place.file)
                    inside = [e for e in view.facts.elements if element.start <= e.start and e.end <= element.end]
                    text = " ".join(dict.fromkeys(e.text for e in (element, *inside[:12]) if e.text))
                    found.append(("label", text))
    return found


def _plays(graph: Graph, where: SymbolId, roles: tuple[str, ...]) -> bool:
    """Does a function call something of one of the roles?"""
    view = graph.view(where.file)
    names = {n for role in roles for n in graph.knowledge.names_of_role(role, family(view.language))}
    calls = [view.facts.calls[c] for i in view.body(where.index) for c in view.calls_of.get(i, ())]
    likely = [c for c in calls if callee_name(c) in names][:MAX_FUNCTIONS]
    values = [v for c in likely for v in options(graph.ev.value(c.callee, where.file, c.owner))]
    return any(isinstance(v, Ext) and any(t.rule in roles for t, _ in graph.knowledge.roles.matches(v)) for v in values)


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
