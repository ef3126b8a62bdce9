"""Rules of a schema that let a field hold anything: `note: Joi.any()`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.model_checks import rule_lines
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs_by

_APART = re.compile(sign("open_rules", "apart"))


def open_rule(context: Context, handlers: Sequence[SymbolId]) -> tuple[str, Evidence] | None:
    """(name, line) of the first field which a schema of the flow names, and of which it says nothing."""
    patterns = [re.compile(p) for p in signs_by("open_rules", "anything").get(context.language, ())]
    for file, number, text in rule_lines(context, handlers) if patterns else ():
        for match in (m for p in patterns for m in p.finditer(text[:500])):
            if _APART.match(match.group(1)) is None and not text.lstrip().startswith(("//", "*", "/*")):
                return match.group(1), context.at(file, number)
    return None
