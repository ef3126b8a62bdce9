"""Forms and links of pages that are written in the language of the server: `Form(Method("post"), Action("/orders"))`.

Cards say which calls draw an element, and how its attributes are written (`drawn_elements`, `drawn_attributes`). A form without an address
is sent to the page that draws it: the route in whose handler it stands, or those whose handlers call the function around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import Assign, Call, CallRef, Func, Index, Lit, Member, Name, Op, Record, Value
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.references import argument
from backend_readiness.graph.routes.route_names import linked_paths
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.drawing_routes import DrawingRoutes
from backend_readiness.graph.urls import Piece, alternatives, texts
from backend_readiness.graph.values import AV, Ext, FuncV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.drawn_rules import DrawnElementRule

_FORM, _LINK, _BUTTONS = "form", "a", ("button", "input")
_ELSEWHERE = ("#", "mailto:", "javascript:", "tel:")
MAX_STEPS = 12
MAX_BETWEEN = 400


class DrawnElements:
    """All of one repository."""

    def __init__(self, graph: Graph, routes: tuple[BoundRoute, ...]) -> None:
        self.graph = graph
        self.routes = routes
        self._pages = DrawingRoutes(graph, routes)
        events = graph.knowledge.events
        self._requests = [(re.compile(t.rule.attribute), t.rule.method, t.card.id) for t in events if t.rule.request]

    def calls(self) -> Iterator[ApiCall]:
        index = self.graph.knowledge.drawn_elements
        for path, file in self.graph.production.items() if index.names else ():
            wanted = index.names_in(family(file.language)).intersection(file.names)
            view = self.graph.view(path) if wanted else None
            for number, call in enumerate(view.facts.calls) if view is not None else ():
                if view is None or callee_name(call) not in wanted:
                    continue
                for value in options(self.graph.ev.value(call.callee, path, call.owner)):
                    hits = index.matches(value) if isinstance(value, Ext) else ()
                    if hits:
                        rule, match = hits[0][0].rule, hits[0][1]
                        yield from self._element(view, number, rule, rule.tag or match.groupdict().get("verb") or "")
                        break

    def _element(self, view: FileView, number: int, rule: DrawnElementRule, tag: str) -> Iterator[ApiCall]:
        call = view.facts.calls[number]
        attributes: dict[str, Value] = {}
        for name, value in self._attributes(view, number, rule):
            attributes.setdefault(name.rstrip("_").replace("_", "-").lower(), value)
        tag = tag.lower()
        sent = False
        for name, value in attributes.items():
            for pattern, method, card in self._requests:
                if pattern.fullmatch(name):
                    sent = True
                    yield from self._request(view, call, value, method or name.rpartition("-")[2].upper(), card, "form")
        if tag == _FORM:
            method = self._method(view, call, attributes.get("method")) or rule.method
            action = attributes.get("action")
            if action is not None:
                yield from self._request(view, call, action, method, "html", "form")
            elif (not sent and "method" in attributes) or rule.method != "GET":
                yield from self._made(view, call, method, self._pages.own(view.path, call.owner, method), "html", "form")
        elif tag == _LINK and "href" in attributes:
            yield from self._request(view, call, attributes["href"], "GET", "html", "link")
        elif tag in _BUTTONS and "formaction" in attributes:
            method = self._method(view, call, attributes.get("formmethod")) or "POST"
            yield from self._request(view, call, attributes["formaction"], method, "html", "form")

    # ------------------------------------------------------------ attributes

    def _attributes(self, view: FileView, number: int, rule: DrawnElementRule) -> Iterator[tuple[str, Value]]:
        call = view.facts.calls[number]
        places = iter(rule.order)
        for arg in call.args:
            place = next(places, "") if arg.name is None else ""
            if arg.name is not None:
                yield arg.name, arg.value
            elif isinstance(arg.value, Record):
                yield from ((k, v) for k, v in arg.value.items if k)
            elif isinstance(arg.value, Op) and rule.sets and arg.value.op == rule.sets and len(arg.value.operands) == 2:
                yield self._set_by(view, arg.value.operands[0]), arg.value.operands[1]
            elif isinstance(arg.value, Func) and rule.block:
                yield from _assigned(view, arg.value.symbol, rule)
                yield from self._handed_on(view, arg.value.symbol, rule)
            elif isinstance(arg.value, CallRef) and (given := self._given(view, arg.value.call)) is not None:
                yield given
            elif place:
                yield place, arg.value
        yield from _chained(view, number, rule) if rule.steps else ()

    def _given(self, view: FileView, number: int) -> tuple[str, Value] | None:
        """The attribute that a call makes."""
        index = self.graph.knowledge.drawn_attributes
        call = view.facts.calls[number]
        if callee_name(call) not in index.names:
            return None
        for value in options(self.graph.ev.value(call.callee, view.path, call.owner)):
            if not isinstance(value, Ext):
                continue
            for tagged, _ in index.matches(value):
                rule, site = tagged.rule, Site(view.path, number, None)
                named = argument(self.graph, site, rule.named) if rule.named is not None else None
                name = named.expr.value if named is not None and isinstance(named.expr, Lit) else last_step(value.path)
                given = argument(self.graph, site, rule.value)
                if given is not None and (rule.named is None or named is not None):
                    return f"{rule.before}{name}", given.expr
        return None

    def _handed_on(self, view: FileView, symbol: int, rule: DrawnElementRule) -> Iterator[tuple[str, Value]]:
        """What calls in a block give to functions that assign it: `fun Tag.hxPost(url: String) { attributes["hx-post"] = url }`."""
        for number in view.calls_of.get(symbol, ()):
            call = view.facts.calls[number]
            if not call.args or callee_name(call) is None:
                continue
            for option in options(self.graph.ev.value(call.callee, view.path, call.owner)):
                if not isinstance(option, FuncV):
                    continue
                other = self.graph.view(option.symbol.file)
                params = [p.name for p in other.symbol(option.symbol.index).params if p.kind != "this"]
                for name, value in _assigned(other, option.symbol.index, rule):
                    at = params.index(value.id) if isinstance(value, Name) and value.id in params else -1
                    if 0 <= at < len(call.args):
                        yield name, call.args[at].value

    def _set_by(self, view: FileView, written: Value) -> str:
        """The name of the attribute on the left side of an operator: a name, or a call that is given one."""
        if isinstance(written, CallRef):
            args = view.facts.calls[written.call].args
            first = args[0].value if args else None
            return str(first.value) if isinstance(first, Lit) else ""
        return written.id if isinstance(written, Name) else written.name if isinstance(written, Member) else ""

    # ------------------------------------------------------------ requests

    def _method(self, view: FileView, call: Call, written: Value | None) -> str:
        """The method that an attribute says, as a text or as the last name of a constant (`FormMethod.post`)."""
        value = self.graph.ev.value(written, view.path, call.owner) if written is not None else None
        names = [last_step(value.path)] if isinstance(value, Ext) else texts(self.graph.ev, value) if value is not None else []
        return next((n.upper() for n in names if n.isalpha()), "")

    def _request(self, view: FileView, call: Call, written: Value, method: str, card: str, kind: str) -> Iterator[ApiCall]:
        value = self.graph.ev.value(written, view.path, call.owner)
        answered = self._answered_by(value, method)
        named = linked_paths(self.graph, self.routes, value)
        urls: list[tuple[Piece, ...]] = [(p,) for p in answered or named or ()] or alternatives(self.graph.ev, value)
        kept = [u for u in urls if u and not (isinstance(u[0], str) and u[0].startswith(_ELSEWHERE))]
        yield from self._made(view, call, method, kept, card, kind)

    def _answered_by(self, value: AV, method: str) -> list[str]:
        """The paths of the routes that a function answers which stands for an address: `hx_post=add`."""
        meant = [v.symbol for v in options(value) if isinstance(v, FuncV)]
        routes = [b for b in self.routes if isinstance(b.handler, FuncV) and b.handler.symbol in meant] if meant else []
        return list(dict.fromkeys(b.route.endpoint.path for b in routes if b.route.endpoint.method in (method, "ANY")))

    def _made(self, view: FileView, call: Call, method: str, urls: list[tuple[Piece, ...]], card: str, kind: str) -> Iterator[ApiCall]:
        if urls:
            place = Place(file=view.path, line=call.line, end_line=call.line)
            owner = SymbolId(view.path, call.owner)
            yield ApiCall(method=method, urls=tuple(urls), place=place, start=call.start, owner=owner, card=card, kind=kind)


def _assigned(view: FileView, symbol: int, rule: DrawnElementRule) -> Iterator[tuple[str, Value]]:
    """What a block assigns: `action = "/orders"`, `attributes["hx-post"] = "/orders"`."""
    for assign in view.facts.assigns:
        if assign.owner == symbol and assign.value is not None:
            name = _target(assign, rule)
            if name:
                yield name, assign.value


def _target(assign: Assign, rule: DrawnElementRule) -> str:
    target = assign.target
    if isinstance(target, Index):
        of_element = isinstance(target.base, Name) and target.base.id == rule.object
        return str(target.key.value) if of_element and isinstance(target.key, Lit) else ""
    return target.id if isinstance(target, Name) else ""


def _chained(view: FileView, number: int, rule: DrawnElementRule) -> Iterator[tuple[str, Value]]:
    """What later steps of the chain set: `form().withAction("/orders")`, `button().attr("hx-post", "/orders")`."""
    calls = view.facts.calls
    for _ in range(MAX_STEPS):
        later = (n for n in range(number + 1, min(len(calls), number + MAX_BETWEEN)) if _is_on(calls[n], number))
        following = next(later, None)
        if following is None:
            return
        number, args = following, calls[following].args
        name = rule.steps.get(callee_name(calls[number]) or "", None)
        if name and args:
            yield name, args[0].value
        elif name is not None and len(args) > 1 and isinstance(args[0].value, Lit):
            yield str(args[0].value.value), args[1].value


def _is_on(call: Call, number: int) -> bool:
    return isinstance(call.callee, Member) and call.callee.base == CallRef(number)
