"""Fields of classes of settings: those that must be supplied, and those that the environment overrides."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

# An attribute by which a field is filled from the environment and has no default.
_FILLED = re.compile(sign("settings_classes", "filled"))
MAX_LINE = 120  # characters of the line above a field


def declared(context: Context, name: str) -> Evidence | None:
    """A field of a settings class that has no default, or that says it is filled from the environment: it must be supplied."""
    for file in context.graph.facts.naming(name):
        view = context.view(file)
        for (cls, field), assigns in view.fields.items():
            if field != name or assigns[0].value is not None:
                continue
            above = context.snapshot.lines(file)[max(0, assigns[0].line - 4) : assigns[0].line - 1]
            said = next((t for t in reversed(above) if t.strip()), "")
            if any("Settings" in written(b) for b in view.symbol(cls).bases) or _FILLED.search(said[:MAX_LINE]) is not None:
                return context.at(file, assigns[0].line)
    return None


def is_setting(context: Context, at: Evidence | None) -> bool:
    """Does the literal stand in a class whose fields the environment overrides?"""
    if at is None or at.file is None or at.line is None or at.file not in context.graph.facts.files:
        return False
    view = context.view(at.file)
    return any(
        s.kind == "class" and s.line <= (at.line or 0) <= s.end_line and any("Settings" in written(b) for b in s.bases)
        for s in view.facts.symbols
    )
