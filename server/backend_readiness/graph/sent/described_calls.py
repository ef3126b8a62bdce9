"""Requests that generated clients describe before they send them: `const localVarPath = "/orders"`, `this.request({path, method})`.

Between the description and the client that sends it lie layers that no evaluation gets through; the description says enough.
Cards name its parts (`rules.page_rules.DescribedCallRule`). `"/orders/{id}".replace("{id}", id)` keeps its parameter.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Assign, Call, CallRef, Lit, Member, Name, Record, Value
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.requests import METHODS, with_base
from backend_readiness.graph.urls import Piece, alternatives
from backend_readiness.graph.values import AV, Const, Obj, Site, SymbolId, Thunk, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.page_rules import DescribedCallRule

MAX_REPLACED = 40
MAX_URLS = 4


def described_calls(graph: Graph) -> tuple[ApiCall, ...]:
    """The calls of all files that use the names of a rule."""
    found: list[ApiCall] = []
    for card in graph.knowledge.cards:
        for rule in card.described_calls:
            for path in graph.naming(rule.url_variable or rule.base):
                if path in graph.production:
                    found.extend(_by_variables(graph, rule, card.id, path) if rule.url_variable else _by_calls(graph, rule, card.id, path))
    return tuple(found)


def _by_variables(graph: Graph, rule: DescribedCallRule, card: str, path: str) -> Iterator[ApiCall]:
    view = graph.view(path)
    methods: dict[int, str] = {}
    for assign in view.facts.assigns:
        if assign.target == Name(rule.method_variable) and isinstance(assign.value, Record):
            given = dict(assign.value.items).get(rule.method)
            if isinstance(given, Lit) and str(given.value).upper() in METHODS:
                methods.setdefault(assign.owner, str(given.value).upper())
    seen: set[int] = set()
    for assign in view.facts.assigns:
        if assign.target == Name(rule.url_variable) and assign.value is not None and assign.owner in methods and assign.owner not in seen:
            seen.add(assign.owner)
            value = _text(graph, view, assign.value, assign.owner)
            yield from _call(graph, rule, card, view, value, methods[assign.owner], assign, assign.owner)


def _by_calls(graph: Graph, rule: DescribedCallRule, card: str, path: str) -> Iterator[ApiCall]:
    """`this.request({path, method})` in a class with the base of the rule."""
    view = graph.view(path)
    for number in view.calls_by_name.get(rule.call, ()):
        call = view.facts.calls[number]
        holder = next((view.symbol(i) for i in view.enclosing(call.owner) if view.symbol(i).kind == "class"), None)
        if not isinstance(call.callee, Member) or call.callee.base != Name("self") or holder is None:
            continue
        if not any(last_name(b) == rule.base for b in holder.bases):
            continue
        given = graph.ev.arg_value(Site(path, number, None), 0)
        for option in options(given) if given is not None else ():
            if not isinstance(option, Obj) or rule.url not in option.fields or rule.method not in option.fields:
                continue
            thunk = option.fields[rule.url]
            value = _of_thunk(graph, thunk)
            methods = [o.value for o in options(graph.ev.thunk(option.fields[rule.method])) if isinstance(o, Const)]
            for method in methods[:1]:
                if str(method).upper() in METHODS:
                    yield from _call(graph, rule, card, view, value, str(method).upper(), call, call.owner)


def _of_thunk(graph: Graph, thunk: Thunk) -> AV:
    view = graph.view(thunk.file)
    if isinstance(thunk.expr, Name):
        bound = next((view.bindings[s, thunk.expr.id] for s in view.enclosing(thunk.owner) if (s, thunk.expr.id) in view.bindings), [])
        if bound and not bound[0][1] and bound[0][0].value is not None:
            return _text(graph, view, bound[0][0].value, bound[0][0].owner)
    return _text(graph, view, thunk.expr, thunk.owner)


def _text(graph: Graph, view: FileView, value: Value, owner: int) -> AV:
    """The text that replacements start from."""
    for _ in range(MAX_REPLACED):
        callee = view.facts.calls[value.call].callee if isinstance(value, CallRef) else None
        if not isinstance(callee, Member) or callee.name not in ("replace", "replaceAll"):
            break
        value = callee.base
    return graph.ev.value(value, view.path, owner)


def _call(
    graph: Graph, rule: DescribedCallRule, card: str, view: FileView, value: AV, method: str, at: Assign | Call, owner: int
) -> Iterator[ApiCall]:
    own = [u for u in alternatives(graph.ev, value) if u and isinstance(u[0], str) and u[0].startswith("/")]
    if own:
        based = [with_base(b, u) for u in own for b in _bases(graph, rule, view.path)]
        yield ApiCall(
            method=method, urls=tuple((*based, *own)[:MAX_URLS]), start=at.start,
            place=Place(file=view.path, line=at.line, end_line=at.end_line),
            owner=SymbolId(view.path, owner), card=card,
        )  # fmt: skip


def _bases(graph: Graph, rule: DescribedCallRule, path: str) -> list[tuple[Piece, ...]]:
    """What the variable of the nearest file says stands before all paths, where it is more than a host."""
    if not rule.base_variable:
        return []
    folder = posixpath.dirname(path)
    near = [w for w, d in graph.facts.defining(rule.base_variable) if d.kind == "variable" and folder.startswith(posixpath.dirname(w))]
    for file in sorted(near, key=lambda f: -f.count("/"))[:1]:
        view = graph.view(file)
        for assign, way in view.bindings.get((0, rule.base_variable), ()):
            if assign.value is not None and not way:
                found = alternatives(graph.ev, _text(graph, view, assign.value, 0))
                return [b for b in found if len(b) == 1 and isinstance(b[0], str) and b[0].partition("://")[2].strip("/").count("/")]
    return []
