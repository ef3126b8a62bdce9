"""The C# adapter: source files of C#, lowered to facts. The grammar is loaded when the first file is read."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {".cs": "csharp"}


def extract(source: bytes, path: str) -> Builder:
    """The facts of one file in a filled Builder of language `csharp`. `path` does not change them."""
    from backend_readiness.facts.languages.csharp.source_file import extract as walk

    return walk(source)
