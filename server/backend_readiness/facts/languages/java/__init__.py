"""The Java adapter. The grammar and the walk are loaded with the first file of the language."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {".java": "java"}


def extract(source: bytes, path: str) -> Builder:
    """The facts of one Java file in a filled Builder of language `java`. Errors: `ValueError` when it cannot be parsed in time."""
    from backend_readiness.facts.languages.java.walker import extract_java

    return extract_java(source)
