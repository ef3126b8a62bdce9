"""How source sets a cookie and its flags, for languages whose calls are read as text (`cookie_words.yml`)."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter, field_validator

from backend_readiness.rules import yaml_files
from backend_readiness.rules.card_rules import Closed
from backend_readiness.snapshot.matching import compile_patterns


class CookieWords(Closed):
    """`same_site` patterns have one group: the mode. The defaults are those without a word.

    `secure_everywhere`: a line of the backend by which all cookies are sent over TLS alone.
    """

    sets: tuple[str, ...]
    http_only: tuple[str, ...]
    secure: tuple[str, ...]
    same_site: tuple[str, ...]
    default_http_only: bool = False
    default_same_site: str = ""
    secure_everywhere: tuple[str, ...] = ()

    @field_validator("sets", "http_only", "secure", "same_site", "secure_everywhere")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        compile_patterns(patterns)
        return patterns


@cache
def load_cookie_words() -> dict[str, CookieWords]:
    """Language -> its words. Errors: `ValidationError` for an unknown key, `BadSearch` for a pattern that RE2 does not take."""
    return TypeAdapter(dict[str, CookieWords]).validate_python(yaml_files.read("cookie_words.yml"))
