"""Tokens that the backend has by a library's settings: how long they live, and where their key comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.startup import settings
from backend_readiness.controls.kept import once
from backend_readiness.controls.lifetimes import UNITS, written_hours
from backend_readiness.model import Evidence
from backend_readiness.rules.token_kinds import TokenKind, load_token_kinds

ENVIRONMENT = (".env", ".env.*", "**/.env", "**/.env.*")
_NAMED_UNIT = re.compile(r"(days|hours|minutes|seconds)\s*=\s*(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryTokens:
    """A kind of token that the backend uses. `at` is the line that switches it on, `life_at` the one that says how long it lives;
    `hours` is 0 for ever, None where a setting says it whose value is not known. `known_key` is
    the line that gives the key a value for lack of one, `shipped_key` a private key that is committed where the
    settings look for one, `unrotated` the line that gives out refresh tokens which stay valid when they are used."""

    kind: TokenKind
    at: Evidence
    hours: float | None
    life_at: Evidence | None
    key_at: Evidence | None
    known_key: Evidence | None = None
    shipped_key: Evidence | None = None
    unrotated: Evidence | None = None


def library_tokens(context: Context) -> LibraryTokens | None:
    """The first kind of the flow's language that the backend switches on."""
    return once(context, _found)


def _found(context: Context) -> LibraryTokens | None:
    root = f"{context.backend_root}/" if context.backend_root else ""
    for kind in load_token_kinds().get(context.language, ()):
        used = [h for h in context.hits(kind.when, kind.paths) if h[0].startswith(root)]
        if not used or (kind.needs and not _is_there(context, kind.needs)):
            continue
        hours: float | None = kind.hours
        life_at = None
        for file, line, text in _everywhere(context, (*kind.life, *kind.forever)):
            life_at = context.at(file, line)
            match = next((m for p in kind.life if (m := re.search(p, text)) is not None), None)
            hours = _hours(match.group(1), kind.unit) if match is not None else 0.0
            break
        if life_at is None and (named := _everywhere(context, kind.life_named)):
            hours, life_at = _of_setting(context, kind, named[0])
        keys = _everywhere(context, kind.key)
        key_at = context.at(*keys[0][:2]) if keys else None
        known = _everywhere(context, kind.key_known)
        refreshed = _everywhere(context, kind.refreshed) if not _everywhere(context, kind.rotated) else []
        return LibraryTokens(
            kind=kind,
            at=context.at(*used[0][:2]),
            hours=hours,
            life_at=life_at,
            key_at=key_at,
            known_key=context.at(*known[0][:2]) if known else None,
            shipped_key=_shipped(context, kind, root),
            unrotated=context.at(*refreshed[0][:2]) if refreshed else None,
        )
    return None


def _is_there(context: Context, needs: str) -> bool:
    """Does an application of the repository depend on it? True where no dependency of any was read."""
    names = [n for a in context.snapshot.applications for n in a.dependencies]
    return not names or any(re.search(needs, n) for n in names)


def _of_setting(context: Context, kind: TokenKind, named: tuple[str, int, str]) -> tuple[float | None, Evidence]:
    """How long the tokens live by the variable of the environment that a line names."""
    file, line, text = named
    name = next((m.group(1) for p in kind.life_named if (m := re.search(p, text)) is not None), "")
    for setting in settings(context):
        if setting.name == name and setting.value.strip("\"'").isdigit():
            return _hours(setting.value, kind.unit), context.at(setting.file, setting.line)
    for path, number, value in context.hits((rf"^\s*{re.escape(name)}\s*=\s*[\"']?\d+[\"']?\s*$",), ENVIRONMENT):
        return _hours(value.partition("=")[2], kind.unit), context.at(path, number)
    return None, context.at(file, line)


def _shipped(context: Context, kind: TokenKind, root: str) -> Evidence | None:
    """The private key in the repository that a file of the environment names."""
    for path, line, text in context.hits(kind.key_file, ENVIRONMENT) if kind.key_file else ():
        match = next((m for p in kind.key_file if (m := re.search(p, text)) is not None), None)
        if match is None or not path.startswith(root):
            continue
        key = f"{root}{match.group(1)}"
        if any("PRIVATE KEY" in t for t in (context.snapshot.lines(key) if key in {f.path for f in context.snapshot.files} else ())[:3]):
            return context.at(path, line)
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
