"""Names of methods in languages that find them in any case: PHP runs `post` for `$app->Post("/orders", ...)`."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from fnmatch import fnmatchcase

from backend_readiness.graph.values import Ext

ANY_CASE = frozenset({"php"})


def known_name(language: str, name: str, wanted: AbstractSet[str]) -> str:
    """The name under which cards know a call: its own, or in a language of any case the one in small letters or with a small first one."""
    if language not in ANY_CASE or name in wanted:
        return name
    return next((n for n in (name.lower(), f"{name[:1].lower()}{name[1:]}") if n in wanted), name)


def respelled(value: Ext, written: str, known: str) -> Ext:
    """The callee with its last step as cards write it."""
    if written == known or not value.path.endswith(f".{written}"):
        return value
    alias = f"{value.alias.removesuffix(written)}{known}" if value.alias.endswith(f".{written}") else value.alias
    return replace(value, path=f"{value.path.removesuffix(written)}{known}", alias=alias)


def is_among(language: str, name: str, names: tuple[str, ...]) -> bool:
    """Is a called name one of the names of a card? One of these may be a glob: `get[A-Z]*` for methods that a library makes up."""
    if name in names or any("*" in n and fnmatchcase(name, n) for n in names):
        return True
    return language in ANY_CASE and name.lower() in {n.lower() for n in names}
