"""Functions of the repository that draw a link or a form for the address that they are given: `def drop_button(link, options = {})`.

They call a function that a card knows (key `helpers`), or one another, with a parameter as the address. The request stands where a page
calls the outermost of them with an address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.facts.model import Alt, CallRef, Func, Lit, Member, Name, Record, Value
from backend_readiness.graph.routes.route_names import linked_paths
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.values import Ext, FuncV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.page_rules import HelperRule

MAX_ROUNDS = 3
MAX_CALLS = 400
MAX_DEPTH = 6
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapper:
    """A function whose parameter at `address` is one. Its method is written (`method`), or in what it is given at `attributes`."""

    function: SymbolId
    name: str
    address: int
    attributes: int | None
    method: str | None
    rule: HelperRule


class HelperWrappers:
    """The wrappers of one repository; `add` collects, `requests` follows them up to their calls in pages."""

    def __init__(self, graph: Graph, routes: tuple[BoundRoute, ...]) -> None:
        self.graph = graph
        self.routes = routes
        self._found: dict[str, list[Wrapper]] = {}

    def add(self, view: FileView, number: int, rule: HelperRule) -> None:
        """A call of a known function that drew nothing by itself: is its address a parameter of the function around it?"""
        owner = view.facts.calls[number].owner
        for position, arg in enumerate(a for a in view.facts.calls[number].args if a.name is None):
            if isinstance(arg.value, Name) and (wrapper := self._wrapper(view, owner, number, arg.value, position, rule, None)) is not None:
                self._keep(wrapper)
                return

    def requests(self) -> list[ApiCall]:
        """The links and forms that calls of wrappers draw."""
        found: list[ApiCall] = []
        known: set[str] = set()
        for _ in range(MAX_ROUNDS):
            names = [n for n in self._found if n not in known]
            known.update(names)
            for name in names:
                if len({w.function for w in self._found[name]}) == 1:  # of two functions of one name nobody knows which one a page calls
                    found.extend(self._calls(self._found[name]))
        return found

    def _calls(self, several: list[Wrapper]) -> Iterator[ApiCall]:
        """The calls of one function, which may draw a link or a form as its attributes say."""
        count, wrapper = 0, several[0]
        for file in self.graph.calling(wrapper.name):
            view = self.graph.view(file)
            for number in view.calls_by_name.get(wrapper.name, ()) if file in self.graph.production else ():
                call = view.facts.calls[number]
                given = [a.value for a in call.args if a.name is None]
                value = self.graph.ev.value(call.callee, file, call.owner)
                meant = any(
                    v.symbol == wrapper.function if isinstance(v, FuncV) else isinstance(v, Ext) and v.path == f"~{wrapper.name}"
                    for v in options(value)
                )
                if not meant or wrapper.address >= len(given) or count >= MAX_CALLS:
                    continue
                count += 1
                written = given[wrapper.address]
                paths = linked_paths(self.graph, self.routes, self.graph.ev.value(written, file, call.owner))
                if paths:
                    chosen, method = _chosen(several, view, call.owner, given)
                    yield ApiCall(
                        method=method or chosen.rule.default_method,
                        urls=tuple((p,) for p in paths),
                        place=Place(file=file, line=call.line, end_line=call.end_line),
                        start=call.start,
                        owner=SymbolId(file, call.owner),
                        card="html",
                        kind=chosen.rule.kind,
                    )
                elif isinstance(written, Name):
                    outer = (self._wrapper(view, call.owner, number, written, w.address, w.rule, w) for w in several)
                    for around in outer:
                        if around is not None:
                            self._keep(around)

    def _keep(self, wrapper: Wrapper) -> None:
        several = self._found.setdefault(wrapper.name, [])
        if wrapper not in several:
            several.append(wrapper)

    def _wrapper(
        self, view: FileView, owner: int, number: int, address: Name, position: int, rule: HelperRule, inner: Wrapper | None
    ) -> Wrapper | None:
        """The function around a call that hands a parameter on as the address."""
        symbol = view.symbol(owner)
        names = [p.name for p in symbol.params]
        if symbol.kind not in ("function", "method") or not symbol.name or address.id not in names:
            return None
        given = [a.value for a in view.facts.calls[number].args if a.name is None and not isinstance(a.value, Func)]
        place = inner.attributes if inner is not None else position + 1
        attributes = given[place] if place is not None and place < len(given) else None
        written = inner.method if inner is not None and inner.method else _method(view, owner, attributes, rule, 0)
        if inner is None and written is None:
            keywords = tuple((a.name, a.value) for a in view.facts.calls[number].args if a.name is not None)
            written = _method(view, owner, Record(keywords), rule, 0)
        handed = next((names.index(n) for n in _merged(view, attributes) if n in names), None)
        return Wrapper(
            function=SymbolId(view.path, owner),
            name=symbol.name,
            address=names.index(address.id),
            attributes=handed,
            method=written,
            rule=rule,
        )


def _chosen(several: list[Wrapper], view: FileView, owner: int, given: list[Value]) -> tuple[Wrapper, str | None]:
    """Which of the ways a function draws is meant at a call, and the method that is said there."""
    said: list[tuple[Wrapper, str | None]] = []
    for wrapper in several:
        attributes = given[wrapper.attributes] if wrapper.attributes is not None and wrapper.attributes < len(given) else None
        said.append((wrapper, wrapper.method or _method(view, owner, attributes, wrapper.rule, 0)))
    reads = [(w, m) for w, m in said if w.rule.default_method == "GET"]
    changes = [(w, m) for w, m in said if m not in (None, "GET") and w.rule.default_method != "GET"]
    return (changes or reads or said)[0]


def _merged(view: FileView, written: Value | None) -> list[str]:
    """The names of attributes: `properties`, also merged with others (`properties.merge(class: css)`)."""
    if isinstance(written, Name):
        return [written.id]
    call = view.facts.calls[written.call] if isinstance(written, CallRef) else None
    if call is None or callee_name(call) != "merge" or not isinstance(call.callee, Member):
        return []
    return [part.id for part in (call.callee.base, *(a.value for a in call.args)) if isinstance(part, Name)]


def _method(view: FileView, owner: int, written: Value | None, rule: HelperRule, depth: int) -> str | None:
    """The method that attributes say where they are written: `{ method: :put }`, also in a merge of several or under a local name."""
    if depth > MAX_DEPTH or written is None:
        return None
    if isinstance(written, Record):
        said = next((_said(v) for k, v in written.items if k in ("method", *rule.method_keys) and _said(v)), None)
        inner = (v for _, v in written.items if isinstance(v, Record))
        return said or next((m for v in inner if (m := _method(view, owner, v, rule, depth + 1))), None)
    if isinstance(written, CallRef):
        call = view.facts.calls[written.call]
        if callee_name(call) == "merge" and isinstance(call.callee, Member):
            parts = [*(a.value for a in call.args), call.callee.base]
            return next((m for part in parts if (m := _method(view, owner, part, rule, depth + 1))), None)
    if isinstance(written, Name):
        bound = (assign.value for assign, _ in view.bindings.get((owner, written.id), ()))
        return next((m for value in bound if value != written and (m := _method(view, owner, value, rule, depth + 1))), None)
    return None


def _said(value: Value) -> str | None:
    """A method, or the one that is written for none (`options[:method] || :delete`)."""
    if isinstance(value, Lit):
        return str(value.value).upper() if str(value.value).upper() in _METHODS else None
    if isinstance(value, Alt):
        return next((said for item in reversed(value.options) if (said := _said(item))), None)
    return None
