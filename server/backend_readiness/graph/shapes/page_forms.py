"""Forms of component files that the browser posts to their own page: `<EditForm FormName="login" OnValidSubmit="Enter">` of `/login`.

Options of the rule: `language` of the files; `directive`, the call that gives a page its path; `needs`, calls one of which the repository
has when pages are drawn on the server; `named`, attributes that only a form which is posted has; `handlers`, those that say what answers.
Of several forms on one page each is a route of its own, at its own place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend_readiness.facts.model import Element, Lit, Name, Value
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.routes.routing import BoundRoute, Registration, functions_in
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.linking import Match
from backend_readiness.graph.values import AV, ClassV, InstV, SymbolId
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus, Place
from backend_readiness.rules.card_rules import RouteRule

SHAPE = "page_forms"
POSTED = frozenset({SHAPE, "bean_actions"})
MAX_FORMS = 20


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape != SHAPE or not any(scan.graph.naming(n) for n in rule.options["needs"]):
                continue
            for path, index in scan.graph.production.items():
                if index.language != rule.options["language"] or rule.options["directive"] not in index.names:
                    continue
                view = scan.graph.view(path)
                forms = list(_forms(view, rule))[:MAX_FORMS]
                for element, name, value in forms:
                    handler = _handler(scan, view, element, value)
                    for address, line in _addresses(view, rule) if handler is not None else ():
                        at = line if len(forms) == 1 else element.line
                        place = Place(file=path, line=at, end_line=at)
                        scan.routing.registrations.append(
                            Registration(
                                router=None, method="POST", path=address, place=place,
                                start=element.start, card=card, rule=rule, handler=handler,
                                name=f"{address}?{name}" if len(forms) > 1 else "",
                            )
                        )  # fmt: skip


def form_matches(graph: Graph, routes: Sequence[BoundRoute]) -> Iterator[Match]:
    """The requests of these forms, each matched to its own handler."""
    for bound in routes:
        if bound.registration.rule.shape in POSTED:
            view = graph.view(bound.route.place.file)
            element = next((e for e in view.facts.elements if e.start == bound.registration.start), None)
            if element is not None:
                place = Place(file=view.path, line=element.line, end_line=element.end_line)
                owner = SymbolId(view.path, element.owner)
                urls = ((bound.route.endpoint.path,),)
                method = bound.route.endpoint.method
                call = ApiCall(method=method, urls=urls, place=place, start=element.start, owner=owner, card="html", kind="form")
                yield Match(call=call, route=bound, status=LinkStatus.CONFIRMED, why="the form is posted to its own page")


def _addresses(view: FileView, rule: RouteRule) -> Iterator[tuple[str, int]]:
    for call in view.facts.calls:
        first = call.args[0].value if call.args else None
        if callee_name(call) == rule.options["directive"] and isinstance(first, Lit):
            yield str(first.value), call.line


def _forms(view: FileView, rule: RouteRule) -> Iterator[tuple[Element, str, Value]]:
    """(form, its name, what handles it) of the forms that are posted."""
    for element in view.facts.elements:
        attrs = {a.name: a.value for a in element.attrs}
        named = next((attrs[n] for n in rule.options["named"] if n in attrs), None)
        handled = next((v for n in rule.options["handlers"] if (v := attrs.get(n)) is not None), None)
        if named is not None and handled is not None:
            yield element, str(named.value) if isinstance(named, Lit) else str(getattr(named, "id", "")), handled


def _handler(scan: Scan, view: FileView, element: Element, value: Value) -> AV | None:
    """The method of the component that the attribute names, or the function that stands in it."""
    made = InstV(ClassV(SymbolId(view.path, element.owner)))
    found = members.own_member(scan.graph.ev, made, value.id) if isinstance(value, Name) else None
    found = found if found is not None else scan.graph.ev.value(value, view.path, element.owner)
    return found if functions_in(scan.graph, found) else None
