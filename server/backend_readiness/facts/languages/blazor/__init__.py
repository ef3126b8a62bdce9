"""Blazor components: markup with C# in it, lowered by the walker of C#. What comes out stands in `reading`."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {".razor": "blazor"}


def extract(source: bytes, path: str) -> Builder:
    """As `reading.read`; the grammar is loaded by the first file."""
    from backend_readiness.facts.languages.blazor.reading import read

    return read(source)
