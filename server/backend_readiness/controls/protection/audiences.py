"""Tokens that another party issues: whether the backend asks for whom one was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.rules.signs import signs, signs_by

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context
    from backend_readiness.model import Evidence

_SETTINGS = signs("audiences", "settings")


def audience_open(context: Context) -> Evidence | None:
    """The setting that names who issues the tokens, where the framework compares no audience by itself and nothing makes it."""
    issued = signs_by("audiences", "issued").get(context.language, ())
    asked = signs_by("audiences", "asked").get(context.language, ())
    if not issued or not asked:
        return None
    if context.is_found(asked) or context.is_found(asked, _SETTINGS):
        return None
    found = [h for h in (*context.hits(issued, _SETTINGS), *context.hits(issued)) if not stands_in_development(context, *h[:2])]
    found = found or [*context.hits(issued, _SETTINGS)]
    return context.at(*found[0][:2]) if found else None
