"""Python."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {".py": "python", ".pyi": "python"}


def extract(source: bytes, path: str) -> Builder:
    """As `module.extract`; the grammar and the walker are loaded by the first file."""
    from backend_readiness.facts.languages.python import module

    return module.extract(source, path)
