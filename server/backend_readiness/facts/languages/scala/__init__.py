"""The Scala adapter. The grammar and the walk are loaded with the first file of the language."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {".scala": "scala", ".sc": "scala"}


def extract(source: bytes, path: str) -> Builder:
    """The facts of one Scala file in a filled Builder of language `scala`. Errors: `ValueError` when it cannot be parsed in time."""
    from backend_readiness.facts.languages.scala.walker import extract_scala

    return extract_scala(source)
