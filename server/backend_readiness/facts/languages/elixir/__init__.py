"""The Elixir adapter. Its walker and the grammar are loaded when the first file of the language is read."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {".ex": "elixir", ".exs": "elixir"}


def extract(source: bytes, path: str) -> Builder:
    """The facts of one Elixir file in a filled Builder of language `elixir`; never raises. See `elixir.file`."""
    from backend_readiness.facts.languages.elixir.file import facts_of

    return facts_of(source)
