"""Lines of code that say a field must be given; the list stands in `required_fields.yml`."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter, field_validator

from backend_readiness.rules import yaml_files
from backend_readiness.rules.card_rules import Closed
from backend_readiness.snapshot.matching import compile_patterns


class RequiredFields(Closed):
    """Patterns with `{name}` for the field."""

    model: tuple[str, ...] = ()
    flow: tuple[str, ...] = ()

    @field_validator("model", "flow")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        compile_patterns(tuple(p.replace("{name}", "name") for p in patterns))
        return patterns


_FILE = TypeAdapter(dict[str, RequiredFields])


@cache
def load_required_fields() -> dict[str, RequiredFields]:
    """Language -> its lines. Errors: `ValidationError` for a file that is wrong."""
    return _FILE.validate_python(yaml_files.read("required_fields.yml"))
