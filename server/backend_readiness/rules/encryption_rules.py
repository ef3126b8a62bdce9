"""How stored data are encrypted, by the lines that `encryption.yml` lists."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import AfterValidator

from backend_readiness.rules import yaml_files
from backend_readiness.rules.card_rules import Closed
from backend_readiness.snapshot.matching import compile_patterns


def _compiles(patterns: tuple[str, ...]) -> tuple[str, ...]:
    compile_patterns(patterns)
    return patterns


def _compiles_one(pattern: str) -> str:
    compile_patterns((pattern,))
    return pattern


Patterns = Annotated[tuple[str, ...], AfterValidator(_compiles)]
OnePattern = Annotated[str, AfterValidator(_compiles_one)]


class Lines(Closed):
    """A line that matches one of `lines`, in files of `paths`, by default the source of the backend."""

    lines: Patterns
    paths: tuple[str, ...] = ()


class Encryption(Closed):
    """The keys are described in the file."""

    stores: tuple[Lines, ...]
    plain: tuple[Lines, ...]
    unset: tuple[Lines, ...]
    fields: tuple[Lines, ...]
    hints: Patterns
    personal: Patterns
    about_people: OnePattern


@cache
def load_encryption() -> Encryption:
    """All of them. Errors: `ValidationError` for a file that is wrong."""
    return Encryption.model_validate(yaml_files.read("encryption.yml"))
