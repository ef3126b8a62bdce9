"""One step of the frontend on the way from the user to an API call."""

from __future__ import annotations

from dataclasses import dataclass

from backend_readiness.facts.model import Element
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import LinkStatus, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the frontend. `kind`: `event` and `load` are user actions, `function` is a handler."""

    kind: str
    place: Place
    symbol: str
    status: LinkStatus
    why: str
    where: SymbolId | None = None
    element: Element | None = None
    attribute: str = ""
    registered: Place | None = None  # where a script put the listener on the element


def event_step(file: str, element: Element, attribute: str) -> Step:
    """A user action: the element with its event attribute."""
    label = f" {element.text!r}" if element.text else ""
    return Step(
        kind="event",
        place=Place(file=file, line=element.line, end_line=element.end_line),
        symbol=f"<{element.tag} {attribute}>{label}",
        status=LinkStatus.CONFIRMED,
        why=f"{attribute} of <{element.tag}>",
        where=None,
        element=element,
        attribute=attribute,
    )
