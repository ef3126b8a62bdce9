"""Settings that hold only where a condition does: a module taken in by one, a flag that a variable asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.controls.deployed.startup import settings
from backend_readiness.rules.default_rules import SessionCookieRule
from backend_readiness.snapshot.places import is_for_development

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context


def taken_under_a_condition(context: Context, file: str) -> bool:
    """Is the module imported whole, and each time inside of a block?"""
    if not file.endswith(".py"):
        return False
    stem = file.rpartition("/")[2].removesuffix(".py")
    found = context.hits((rf"^\s*from\s+[\w.]*\b{re.escape(stem)}\s+import\s+\*",))
    return bool(found) and all(text[:1].isspace() for _, _, text in found)


def asked_for(context: Context, rule: SessionCookieRule) -> bool | None:
    """Is Secure set by a variable that nothing deployed changes? None where something does, False where nothing asks."""
    patterns = [re.compile(p) for p in rule.secure_asked]
    for file, _, text in context.hits(rule.secure_asked, rule.paths) if patterns else ():
        found = next((m for p in patterns if (m := p.search(text)) is not None), None)
        if found is None or is_for_development(file):
            continue
        if any(s.name == found.group("name") for s in settings(context)):
            return None
        return found.groupdict().get("given") is not None
    return False
