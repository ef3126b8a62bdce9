"""What files of a schema are, beyond what their text says; the lists stand in `schema_files.yml`."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import AfterValidator

from backend_readiness.rules import yaml_files
from backend_readiness.rules.card_rules import Closed
from backend_readiness.snapshot.matching import Pattern, compile_patterns


def _compiles(pattern: str) -> str:
    compile_patterns((pattern,) if pattern else ())
    return pattern


Regex = Annotated[str, AfterValidator(_compiles)]


class Unused(Closed):
    """SQL files that make the schema only where an application of the repository depends on something that `needs` matches."""

    files: Regex
    needs: Regex


class TakenBack(Closed):
    """Migrations that their tool undoes by itself: files of `files` with a line `says` and none of `unless`."""

    files: Regex
    says: Regex
    unless: Regex


class Returned(Closed):
    """Migrations whose functions `up` and `down` give back SQL text: files of `files` with a line `says`."""

    files: Regex
    says: Regex
    up: str
    down: str


class OneWay(Closed):
    """A line of a migration, in files of `files`, that its tool cannot take back, unless it has a part of `but`; a file with a line of
    `spared` says itself how it is taken back."""

    files: Regex
    line: Regex
    but: Regex = ""
    spared: Regex = ""


class Built(Closed):
    """Steps on the builder of a table that change what is there, by their names; `ignore` are those that change no column."""

    drop: tuple[str, ...]
    drop_rules: tuple[str, ...]
    rename: tuple[str, ...]
    nullable: tuple[str, ...]
    required: tuple[str, ...]
    ignore: tuple[str, ...]


class SchemaFiles(Closed):
    built: Built
    unused: tuple[Unused, ...]
    taken_back: tuple[TakenBack, ...]
    returned: tuple[Returned, ...]
    one_way: tuple[OneWay, ...]
    destroys: Regex
    nameless: Regex


@cache
def load_schema_files() -> SchemaFiles:
    """All of them. Errors: `ValidationError` for a file that is wrong."""
    return SchemaFiles.model_validate(yaml_files.read("schema_files.yml"))


@cache
def _compiled(pattern: str) -> Pattern | None:
    return compile_patterns((pattern,))


def fits(pattern: str, text: str) -> bool:
    """Does the pattern match the text? An empty one matches nothing."""
    compiled = _compiled(pattern) if pattern else None
    return compiled is not None and compiled.search(text.encode("utf-8", "replace")) is not None
