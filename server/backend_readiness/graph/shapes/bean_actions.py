"""Pages whose elements name methods of beans: `<h:commandButton action="#{orders.place(order)}"/>` of `webapp/orders/new.xhtml`.

The browser posts to the page itself, so each such element is a route `POST /orders/new.xhtml` of its own, at its own place. `callee` of the
rule are the marks that make a class a bean; their argument without a name, or one of `options.keys`, is its name, else that of the class
with a small first letter. Options: `suffixes` of the pages, `roots` (the folders that the container serves), `inside` (folders of them
that it keeps to itself), `attributes` that hold the method, `loads` (tags whose method runs while the page is asked for: method GET).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import Element, Lit
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.routing import Registration, functions_in
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Ext, InstV, SymbolId, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

SHAPE = "bean_actions"
MAX_ACTIONS = 100
MAX_STEPS = 6
_METHOD = re.compile(r"\s*[#$]\{\s*(\w+(?:\.\w+){1,6})\s*(?:\([^{}]*\))?\s*\}\s*")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == SHAPE:
                _register(scan, card, rule)


def _register(scan: Scan, card: Card, rule: RouteRule) -> None:
    pages = [(p, a) for p in scan.graph.production if (a := _address(p, rule)) is not None]
    beans = _beans(scan, card, rule) if pages else {}
    for path, address in pages if beans else ():
        found = list(_actions(scan, path, rule, beans))[:MAX_ACTIONS]
        for element, said, handler in found:
            loads = element.tag.rpartition(":")[2] in rule.options["loads"]
            scan.routing.registrations.append(
                Registration(
                    router=None, method="GET" if loads else "POST", path=address, card=card, rule=rule, handler=handler,
                    place=Place(file=path, line=element.line, end_line=element.end_line), start=element.start,
                    name=f"{address}?{said}" if len(found) > 1 else "",
                )
            )  # fmt: skip


def _address(path: str, rule: RouteRule) -> str | None:
    """The path below which the container serves a page; None for another file, or one that it keeps to itself."""
    if not path.endswith(tuple(rule.options["suffixes"])):
        return None
    for root in rule.options["roots"]:
        before, found, below = f"/{path}".rpartition(f"/{root}/")
        if found and before is not None and not any(part in rule.options["inside"] for part in below.split("/")):
            return f"/{below}"
    return None


def _actions(scan: Scan, path: str, rule: RouteRule, beans: dict[str, list[ClassV]]) -> Iterator[tuple[Element, str, AV]]:
    """(element, method as it is written, what it runs) of a page."""
    for element in scan.graph.view(path).facts.elements:
        for attr in element.attrs:
            written = attr.value.value if attr.name in rule.options["attributes"] and isinstance(attr.value, Lit) else None
            named = _METHOD.fullmatch(written) if isinstance(written, str) else None
            handler = _method(scan, named.group(1).split("."), beans) if named is not None else None
            if named is not None and handler is not None:
                yield element, named.group(1), handler


def _method(scan: Scan, steps: list[str], beans: dict[str, list[ClassV]]) -> AV | None:
    """`orders.place` of the only bean of that name, which may have dots; `orders.form.save` through a property of it."""
    for length in range(len(steps) - 1, 0, -1):
        found = beans.get(".".join(steps[:length]), [])
        if len(found) != 1:
            continue
        value: AV | None = InstV(found[0])
        for step in steps[length:]:
            value = (
                next((m for o in options(value) if (m := members.own_member(scan.graph.ev, o, step)) is not None), None) if value else None
            )
        return value if value is not None and functions_in(scan.graph, value) else None
    return None


def _beans(scan: Scan, card: Card, rule: RouteRule) -> dict[str, list[ClassV]]:
    """Name -> the classes that are beans of it."""
    found: dict[str, list[ClassV]] = {}
    marks = tuple(scan.graph.knowledge.patterns(card, rule.callee))
    for file in dict.fromkeys(f for m in marks for f in scan.graph.naming(last_step(m)) if f in scan.graph.production):
        view = scan.graph.view(file)
        for number, symbol in enumerate(view.facts.symbols):
            where = SymbolId(file, number)
            for mark in of_kind(decorators_of(scan.graph, where), marks)[:1] if symbol.kind == "class" and symbol.decorators else ():
                name = _said(scan, mark, rule.options["keys"]) or _decapitalised(symbol.name)
                found.setdefault(name, []).append(ClassV(where))
    return found


def _said(scan: Scan, mark: Ext, keys: list[str]) -> str:
    """The name that a mark gives; empty when it gives none."""
    call = scan.graph.view(mark.site.file).facts.calls[mark.site.call] if mark.site is not None else None
    given = [a.value for a in call.args if a.name is None or a.name in keys] if call is not None else []
    found = [
        t
        for v in given
        if mark.site is not None and call is not None
        for t in texts(scan.graph.ev, scan.graph.ev.value(v, mark.site.file, call.owner))
    ]
    return next((t for t in found if t), "")


def _decapitalised(name: str) -> str:
    """`orderForm` of `OrderForm`, `URLForm` of itself."""
    return name if name[:2].isupper() and len(name) > 1 else name[:1].lower() + name[1:]
