"""Tokens that the backend has by a library's settings: how long they live, and where their key comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.kept import once
from backend_readiness.controls.lifetimes import UNITS, written_hours
from backend_readiness.model import Evidence
from backend_readiness.rules.token_kinds import TokenKind, load_token_kinds

_NAMED_UNIT = re.compile(r"(days|hours|minutes|seconds)\s*=\s*(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryTokens:
    """A kind of token that the backend uses. `at` is the line that switches it on, `life_at` the one that says how long it lives;
    `hours` is 0 for ever."""

    kind: TokenKind
    at: Evidence
    hours: float
    life_at: Evidence | None
    key_at: Evidence | None


def library_tokens(context: Context) -> LibraryTokens | None:
    """The first kind of the flow's language that the backend switches on."""
    return once(context, _found)


def _found(context: Context) -> LibraryTokens | None:
    root = f"{context.backend_root}/" if context.backend_root else ""
    for kind in load_token_kinds().get(context.language, ()):
        used = [h for h in context.hits(kind.when, kind.paths) if h[0].startswith(root)]
        if not used:
            continue
        hours, life_at = kind.hours, None
        for file, line, text in _everywhere(context, (*kind.life, *kind.forever)):
            life_at = context.at(file, line)
            match = next((m for p in kind.life if (m := re.search(p, text)) is not None), None)
            hours = _hours(match.group(1), kind.unit) if match is not None else 0.0
            break
        keys = _everywhere(context, kind.key)
        key_at = context.at(*keys[0][:2]) if keys else None
        return LibraryTokens(kind=kind, at=context.at(*used[0][:2]), hours=hours, life_at=life_at, key_at=key_at)
    return None


def _everywhere(context: Context, patterns: tuple[str, ...]) -> list[tuple[str, int, str]]:
    if not patterns:
        return []
    return context.hits(patterns) or context.hits(patterns, ("config/**", "**/config/**")) or context.hits(patterns, ("**/.env.example",))


def _hours(text: str, unit: str) -> float:
    named = _NAMED_UNIT.search(text)
    if named is not None:
        return int(named.group(2)[:9]) * UNITS[named.group(1)[0]]
    written = written_hours(text)
    if written is not None:
        return written
    number = re.search(r"\d+", text)
    return int(number.group(0)[:9]) * UNITS[unit] if number is not None else 0.0
