"""Tokens that a library makes and checks by its settings (`token_kinds.yml`)."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import TypeAdapter, field_validator

from backend_readiness.rules import yaml_files
from backend_readiness.rules.card_rules import Closed
from backend_readiness.snapshot.matching import compile_patterns


class TokenKind(Closed):
    """One kind of token; the keys are explained at the head of the table. `hours`: 0 means for ever."""

    says: str
    when: tuple[str, ...]
    paths: tuple[str, ...]
    life: tuple[str, ...] = ()
    life_named: tuple[str, ...] = ()
    forever: tuple[str, ...] = ()
    unit: Literal["s", "m", "h", "d"] = "s"
    hours: float
    revoked: bool = False
    signed: bool = True
    in_cookie: bool = False
    needs: str = ""
    refreshed: tuple[str, ...] = ()
    rotated: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    key_known: tuple[str, ...] = ()
    key_file: tuple[str, ...] = ()

    @field_validator("when", "life", "life_named", "forever", "refreshed", "rotated", "key", "key_known", "key_file")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        compile_patterns(patterns)
        return patterns


@cache
def load_token_kinds() -> dict[str, tuple[TokenKind, ...]]:
    """Language -> its kinds. Errors: `ValidationError` for an unknown key, `BadSearch` for a pattern that RE2 does not take."""
    return TypeAdapter(dict[str, tuple[TokenKind, ...]]).validate_python(yaml_files.read("token_kinds.yml"))
