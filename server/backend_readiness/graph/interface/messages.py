"""Messages that a page sends to the object on the server that shows it: `<form phx-submit="save">` runs `handle_event("save", ...)`.

Cards say which attributes name a message and which methods receive it (`messages`). Of a method the clause is meant whose first parameter
is the message's own text, or all of one that takes any. The page belongs to the class that it is written in, or to the one of the file
beside its template. A class without a route of its own is shown by the routed classes that name it, which receive what it does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Alt, Attr, CallRef, Element, Func, Lit, Op, Value
from backend_readiness.graph.classes import parts
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.linking import Match
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus, Place
from backend_readiness.rules.page_rules import MessageRule

Receiver = tuple[FuncV, Place | None]  # the method, with its clause for the message
MAX_MESSAGES = 4_000
MAX_SHOWN = 4
MAX_PARTS = 24


def message_matches(graph: Graph, routes: Sequence[BoundRoute]) -> list[Match]:
    """One match for each message and route on which its page is shown; the route then runs what receives the message."""
    found: list[Match] = []
    for rule in (r for card in graph.knowledge.cards for r in card.messages):
        shown = _Shown(graph, routes, rule)
        attribute = re.compile(rule.attribute)
        for path, index in graph.production.items():
            if index.language not in rule.languages or len(found) > MAX_MESSAGES:
                continue
            view = graph.view(path)
            for element in view.facts.elements:
                for attr in element.attrs:
                    if attribute.fullmatch(attr.name) or _hands_on(view, rule, attr):
                        found.extend(_matches(graph, rule, shown, view, element, attr))
    return found


class _Shown:
    """The routes that show a class."""

    def __init__(self, graph: Graph, routes: Sequence[BoundRoute], rule: MessageRule) -> None:
        self.graph, self.rule = graph, rule
        self._of: dict[SymbolId, list[BoundRoute]] = {}
        for bound in routes:
            cls = self.class_of(bound)
            if cls is not None:
                self._of.setdefault(cls, []).append(bound)

    @staticmethod
    def class_of(bound: BoundRoute) -> SymbolId | None:
        holder = bound.handler.self_value if isinstance(bound.handler, FuncV) else bound.handler
        cls = holder.cls if isinstance(holder, InstV) else holder
        return cls.symbol if isinstance(cls, ClassV) else None

    def routes(self, cls: SymbolId) -> tuple[list[BoundRoute], LinkStatus]:
        own = self._of.get(cls, [])
        if own:
            return own[:MAX_SHOWN], LinkStatus.CONFIRMED
        name = self.graph.view(cls.file).symbol(cls.index).name
        naming = set(self.graph.naming(name)) if name else set()
        naming.update(path for path, index in self.graph.production.items() if name in index.modules)
        template, code = self.rule.templates
        near = [b for o, bound in self._of.items() if o.file in naming or o.file.removesuffix(code) + template in naming for b in bound]
        return near[:MAX_SHOWN], LinkStatus.INFERRED


def _matches(graph: Graph, rule: MessageRule, shown: _Shown, view: FileView, element: Element, attr: Attr) -> Iterator[Match]:
    message = _message(view, attr, rule)
    cls = _class_of(graph, rule, view, element) if message else None
    if cls is None or message is None:
        return
    own = _receiver(graph, cls, rule, message)
    routes, status = shown.routes(cls)
    answering = [(b, own) for b in routes] if own is not None else _above(graph, rule, shown, cls, routes, message)
    place = Place(file=view.path, line=attr.line, end_line=max(attr.line, element.end_line))
    call = ApiCall(
        method="WS", urls=((message,),), place=place, start=element.start, owner=SymbolId(view.path, element.owner), card="",
        rpc="message", kind=f"{element.tag} {attr.name}",
    )  # fmt: skip
    for bound, receiver in answering:
        run = replace(bound, handler=receiver[0], clause=receiver[1], registration=replace(bound.registration, runs=()))
        yield Match(call=call, route=run, status=status, why="the page's message to its view")


def _above(
    graph: Graph, rule: MessageRule, shown: _Shown, cls: SymbolId, routes: list[BoundRoute], message: str
) -> list[tuple[BoundRoute, Receiver]]:
    """Who receives what a part of a page sends and does not receive itself: the routed classes that show the part."""
    found: list[tuple[BoundRoute, Receiver]] = []
    for bound in routes:
        above = shown.class_of(bound)
        receiver = _receiver(graph, above, rule, message) if above is not None and above != cls else None
        if receiver is not None:
            found.append((bound, receiver))
    return found


def _hands_on(view: FileView, rule: MessageRule, attr: Attr) -> bool:
    """Does an attribute of a component say what is sent: `<.modal on_confirm={JS.push("delete")}>`?"""
    return not isinstance(attr.value, Lit | None) and _message(view, attr, rule, texts=False) is not None


def _message(view: FileView, attr: Attr, rule: MessageRule, *, texts: bool = True) -> str | None:
    """The text of the attribute, or what a call in it sends: `JS.push("save")`; under a condition too: `@open && "close"`, and in a
    function: `fn order -> JS.push("show", value: %{id: order.id}) end`."""
    pending: list[Value] = [attr.value] if attr.value is not None else []
    for _ in range(MAX_PARTS):
        if not pending:
            break
        value = pending.pop()
        if isinstance(value, Lit) and isinstance(value.value, str) and value.value and texts:
            return value.value
        if isinstance(value, Alt | Op):
            pending.extend(v for v in (value.options if isinstance(value, Alt) else value.operands[-1:]) if v is not None)
        if isinstance(value, Func):
            pending.extend(CallRef(n) for n in view.calls_of.get(value.symbol, ())[:MAX_PARTS])
        if isinstance(value, CallRef):
            call = view.facts.calls[value.call]
            said = [a.value.value for a in call.args if isinstance(a.value, Lit) and isinstance(a.value.value, str)]
            if last_name(call.callee) in rule.push and said:
                return said[0]
            if call.args and not isinstance(call.args[0].value, Lit):
                pending.append(call.args[0].value)  # what it is piped on
    return None


def _class_of(graph: Graph, rule: MessageRule, view: FileView, element: Element) -> SymbolId | None:
    """The class that the page belongs to."""
    for index in view.enclosing(element.owner):
        if view.symbol(index).kind == "class":
            return SymbolId(view.path, index)
    template, code = rule.templates
    beside = view.path.removesuffix(template) + code if template and view.path.endswith(template) else ""
    if beside in graph.production:
        other = graph.view(beside)
        classes = [i for i, s in enumerate(other.facts.symbols) if s.kind == "class"]
        return SymbolId(beside, classes[0]) if classes else None
    return None


def _receiver(graph: Graph, cls: SymbolId, rule: MessageRule, message: str) -> Receiver | None:
    """The method that receives messages, with its clause for this one; None when it has clauses for others alone."""
    for name in rule.method:
        for where in reversed(parts.methods(graph.ev, ClassV(cls), name)):
            view = graph.view(where.file)
            clauses = [b for b in view.blocks_of.get(where.index, ()) if b.kind == "case" and isinstance(b.subject, Lit)]
            function = FuncV(where, InstV(ClassV(cls)))
            for block in clauses:
                if block.subject == Lit(message):
                    return function, Place(file=where.file, line=block.line, end_line=block.end_line)
            first = next((p for p in view.symbol(where.index).params if p.name != "self"), None)
            if first is not None and first.name not in ("", "_"):
                return function, None
    return None
