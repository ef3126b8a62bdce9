"""By which words, names and patterns hooks recognise technologies in text: one table for each hook or module, in `signs/`.

What a library does stands in its card; a table holds what is looked for in text that is no call of it: declared dependencies, settings,
documents, deployments, and the words that speak of a thing in any language before its absence may be claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import TypeAdapter

from backend_readiness.errors import BadCard
from backend_readiness.rules import yaml_files

_Sign = str | tuple[str, ...] | dict[str, str | tuple[str, ...]]
_FILE: TypeAdapter[dict[str, _Sign]] = TypeAdapter(dict[str, _Sign])


@cache
def _table(name: str) -> Mapping[str, _Sign]:
    return _FILE.validate_python(yaml_files.read("signs", f"{name}.yml"))


def sign(table: str, key: str) -> str:
    """One pattern. Errors: `BadCard` when the table holds none under the key."""
    found = _table(table).get(key)
    if not isinstance(found, str):
        raise BadCard(f"signs/{table}.yml has no pattern {key}")
    return found


def signs(table: str, key: str) -> tuple[str, ...]:
    """Several words or patterns. Errors: `BadCard` as with `sign`."""
    found = _table(table).get(key)
    if not isinstance(found, tuple):
        raise BadCard(f"signs/{table}.yml has no list {key}")
    return found


def signs_by(table: str, key: str) -> dict[str, tuple[str, ...]]:
    """Words or patterns by language or kind. Errors: `BadCard` as with `sign`."""
    found = _table(table).get(key)
    if not isinstance(found, dict):
        raise BadCard(f"signs/{table}.yml has no groups {key}")
    return {k: (v,) if isinstance(v, str) else v for k, v in found.items()}
