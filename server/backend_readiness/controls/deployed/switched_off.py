"""Lines under a switch that nothing turns on: `def setup(app, make_tables=False): ... if make_tables: make()`."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.facts.model import Lit, Name
from backend_readiness.graph.views import FileView

_SOURCES = (".py", ".js", ".ts", ".mjs", ".cjs")
_FALSE = frozenset(("False", "false", "bool", "boolean"))


def is_off(context: Context, file: str, line: int) -> bool:
    """Does the line stand in a branch on a parameter that is false unless it is given, and no call of the sources gives it?"""
    if not file.endswith(_SOURCES):
        return False
    view = context.graph.view(file)
    for block in view.facts.blocks:
        if block.kind != "if" or not block.line < line <= block.end_line or not isinstance(block.subject, Name):
            continue
        owner = _false_by_itself(view, block.owner, block.subject.id)
        if owner is None:
            continue
        name = re.escape(block.subject.id)
        given = [m.group(1) for _, _, t in context.hits((rf"\b{name}\s*[=:]",)) for m in re.finditer(rf"\b{name}\s*[=:]\s*(\w+)", t)]
        in_place = context.hits((rf"\b{re.escape(owner)}\(.*\b[Tt]rue\b",))
        if set(given) <= _FALSE and not in_place:
            return True
    return False


def _false_by_itself(view: FileView, owner: int, name: str) -> str | None:
    """The function around `owner` that has the parameter, where its default is false."""
    for scope in view.enclosing(owner):
        symbol = view.symbol(scope)
        for param in symbol.params:
            if param.name == name:
                return symbol.name if isinstance(param.default, Lit) and param.default.value is False else None
    return None
