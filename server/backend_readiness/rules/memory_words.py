"""What makes and changes a collection in each language, and where one lives as long as the process; the lists stand in `memory.yml`."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter

from backend_readiness.rules import yaml_files
from backend_readiness.rules.card_rules import Closed


class MemoryWords(Closed):
    """The keys are described at the head of the file."""

    makers: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    shared: str = ""
    kept: tuple[str, ...] = ()
    kept_by: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()


_FILE = TypeAdapter(dict[str, MemoryWords])


@cache
def load_memory_words() -> dict[str, MemoryWords]:
    """Language -> its words. Errors: `ValidationError` for a file that is wrong."""
    return _FILE.validate_python(yaml_files.read("memory.yml"))


def words_for(language: str) -> MemoryWords:
    """The words of a language; none for one that the file does not name."""
    return load_memory_words().get(language, MemoryWords())
