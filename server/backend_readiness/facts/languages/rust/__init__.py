"""The Rust adapter. Its walker and the grammar are loaded when the first file of the language is read."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {".rs": "rust"}


def extract(source: bytes, path: str) -> Builder:
    """The facts of one Rust file in a filled Builder of language `rust`; never raises. See `rust.file`."""
    from backend_readiness.facts.languages.rust.file import facts_of

    return facts_of(source)
