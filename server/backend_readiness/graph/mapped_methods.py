"""Registrations that name the methods of a controller in a text: `web.Router("/orders", &Orders{}, "get:List;post:Create")`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.graph import members
from backend_readiness.graph.values import AV, ClassV, InstV, options

if TYPE_CHECKING:
    from backend_readiness.graph.scan import Hit, Scan

MAX_MAPPED = 24


def mapped(scan: Scan, hit: Hit, handler: AV | None) -> Iterator[tuple[str, AV | None]]:
    """(HTTP method, method of the controller) for each part of the text; nothing without one.

    The rule's option `mapping` says where it stands; without it the methods of the controller answer that `answers` lists. `*` is every
    method; a method that the controller has not is left unresolved.
    """
    ref = hit.rule.options.get("mapping")
    if ref is None:
        return
    from backend_readiness.rules.card_rules import Ref

    found = scan.texts(hit, Ref(**ref))[:1]
    for verb, names in hit.rule.options.get("answers", {}).items() if not found else ():
        inner = next((f for n in names if (f := _method(scan, handler, n)) is not None), None)
        if inner is not None:
            yield verb, inner
    for text in found:
        for part in text.split(";")[:MAX_MAPPED]:
            verbs, colon, name = part.strip().rpartition(":")
            for verb in verbs.split(",") if colon else ():
                method = "ANY" if verb.strip() == "*" else verb.strip().upper()
                if method.isalpha():
                    yield method, _method(scan, handler, name.strip())


def _method(scan: Scan, handler: AV | None, name: str) -> AV | None:
    for option in options(handler) if handler is not None else ():
        found = members.own_member(scan.graph.ev, InstV(option) if isinstance(option, ClassV) else option, name)
        if found is not None:
            return found
    return None
