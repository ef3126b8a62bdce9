"""Rules of uniqueness that a library checks in code; the list stands in `unique_by_code.yml`."""

from __future__ import annotations

from functools import cache

import regex
from pydantic import TypeAdapter, field_validator

from backend_readiness.rules import yaml_files
from backend_readiness.rules.card_rules import Closed


class UniqueByCode(Closed):
    """Patterns with the groups `columns` and `table`."""

    model: tuple[str, ...] = ()
    input: tuple[str, ...] = ()

    @field_validator("model", "input")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            regex.compile(pattern)
        return patterns


_FILE = TypeAdapter(dict[str, UniqueByCode])


@cache
def load_unique_by_code() -> dict[str, UniqueByCode]:
    """Language -> its patterns. Errors: `ValidationError` for a file that is wrong."""
    return _FILE.validate_python(yaml_files.read("unique_by_code.yml"))
