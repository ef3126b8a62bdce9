"""Modules of settings that another one takes in only where a condition holds: `if ENV == "prod": from .server import *`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context


def taken_under_a_condition(context: Context, file: str) -> bool:
    """Is the module imported whole, and each time inside of a block?"""
    if not file.endswith(".py"):
        return False
    stem = file.rpartition("/")[2].removesuffix(".py")
    found = context.hits((rf"^\s*from\s+[\w.]*\b{re.escape(stem)}\s+import\s+\*",))
    return bool(found) and all(text[:1].isspace() for _, _, text in found)
