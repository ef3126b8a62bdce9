"""Lines that start what runs beside the request; the list stands in `later.yml`."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter, field_validator

from backend_readiness.rules import yaml_files
from backend_readiness.rules.card_rules import Closed
from backend_readiness.snapshot.matching import compile_patterns


class Later(Closed):
    """The keys are described at the head of the file."""

    starts: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    switched_on: tuple[str, ...] = ()
    hands_over: tuple[str, ...] = ()

    @field_validator("starts", "switched_on", "hands_over")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        compile_patterns(patterns)
        return patterns


_FILE = TypeAdapter(dict[str, Later])


@cache
def load_later() -> dict[str, Later]:
    """Language -> its lines. Errors: `ValidationError` for a file that is wrong."""
    return _FILE.validate_python(yaml_files.read("later.yml"))
