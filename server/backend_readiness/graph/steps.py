"""One step of the frontend on the way from the user to an API call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Element
from backend_readiness.graph.values import FuncV, SymbolId, options
from backend_readiness.model import LinkStatus, Place

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph


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


def own_name(graph: Graph, where: SymbolId) -> str:
    """The name of a function, or that of the result which it is (`const save = useCallback(() => ...)`); empty when it has none."""
    view = graph.view(where.file)
    symbol = view.symbol(where.index)
    passed = view.passed_in.get(where.index)
    held = view.result_names.get(passed[0]) if passed is not None else None
    if held is not None and passed is not None and not symbol.name:
        given = graph.ev.value(view.keep(CallRef(passed[0])), where.file, view.facts.calls[passed[0]].owner)
        held = held if any(isinstance(v, FuncV) and v.symbol == where for v in options(given)) else None
    return symbol.name or held or ""


def function_name(graph: Graph, where: SymbolId) -> str:
    """What a function is called: its own name, or where it stands."""
    view = graph.view(where.file)
    parent = view.symbol(view.symbol(where.index).parent)
    return own_name(graph, where) or (f"callback in {parent.name}" if view.symbol(where.index).parent > 0 and parent.name else "callback")
