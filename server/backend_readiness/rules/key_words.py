"""How source reads a key (`key_words.yml`): what changes its form, what reads it from outside, what makes one."""

from __future__ import annotations

from functools import cache

from backend_readiness.rules import yaml_files
from backend_readiness.rules.card_rules import Closed


class KeyWords(Closed):
    """Names of calls; `makes` and `anew` are patterns over the whole written callee."""

    wraps: frozenset[str]
    reads: frozenset[str]
    without_default: frozenset[str]
    makes: str
    anew: str


@cache
def load_key_words() -> KeyWords:
    """The table. Errors: `ValidationError` for an unknown key."""
    return KeyWords.model_validate(yaml_files.read("key_words.yml"))
