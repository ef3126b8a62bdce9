"""The Go adapter. The grammar is loaded when the first Go file is met."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {".go": "go"}


def extract(source: bytes, path: str) -> Builder:
    """The facts of one Go file in a filled Builder of language `go`. Never raises, whatever the bytes."""
    from backend_readiness.facts.languages.go.files import extract_file

    return extract_file(source)
