"""The Kotlin adapter. The grammar and the walk are loaded with the first file of the language."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {".kt": "kotlin", ".kts": "kotlin"}


def extract(source: bytes, path: str) -> Builder:
    """The facts of one Kotlin file in a filled Builder of language `kotlin`. Errors: `ValueError` when it cannot be parsed in time."""
    from backend_readiness.facts.languages.kotlin.walker import extract_kotlin

    return extract_kotlin(source)
