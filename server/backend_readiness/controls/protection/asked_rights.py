"""Rights that a guard asks for: administrators may use every object, while a seller or a manager may use their own only."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.constant_answers import asks_nothing
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_RIGHT = re.compile(sign("asked_rights", "right"))
_ADMINISTRATORS = re.compile(sign("asked_rights", "administrators"))
_OR_OTHERS = re.compile(sign("asked_rights", "or_others"))
_GENERIC = re.compile(sign("asked_rights", "generic"))
_GIVEN = re.compile(r"[^,()\[\]{}]*[\w][^,()\[\]{}]*")


def rights_of_guards(context: Context) -> tuple[Evidence | None, Evidence | None]:
    """(guard, guard): one that only administrators pass, and one that asks for another right, which says nothing of the object."""
    right: Evidence | None = None
    for guard in context.guards:
        for function in context.roles.functions(guard.value):
            if asks_nothing(context, function.symbol):
                continue
            name = _GENERIC.sub("", _named(context, function.symbol))
            if _RIGHT.search(name) is None:
                continue
            text = " ".join(context.snapshot.lines(guard.place.file)[guard.place.line - 1 : guard.place.end_line])
            if only_administrators(name) or _given_administrators(name, text):
                return context.at_place(guard.place), right
            right = right or context.at_place(guard.place)
    return None, right


def only_administrators(name: str) -> bool:
    """Does a name speak of administrators, and of nobody beside them: not `isSellerOrAdmin`?"""
    return _ADMINISTRATORS.search(name) is not None and _OR_OTHERS.search(name) is None


def _given_administrators(name: str, text: str) -> bool:
    """Is the guard asked for administrators alone: `role("admin")`, and not `role("admin", "seller")`?"""
    for word in name.split():
        called = re.search(rf"\b{re.escape(word)}\(\s*([^()]*)\)", text)
        given = _GIVEN.findall(called.group(1)) if called is not None else []
        if given and all(only_administrators(g) for g in given):
            return True
    return False


def _named(context: Context, where: SymbolId) -> str:
    """The name of a function, with that of its class."""
    view = context.graph.view(where.file)
    symbol = view.symbol(where.index)
    holder = view.symbol(symbol.parent) if symbol.parent is not None else None
    return f"{holder.name} {symbol.name}" if holder is not None and holder.kind == "class" else symbol.name
