"""Pages of a Java server (JSP): markup with Java, expressions and tags in it. What comes out stands in `reading`."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {".jsp": "jsp", ".jspx": "jsp", ".jspf": "jsp"}


def extract(source: bytes, path: str) -> Builder:
    """As `reading.read`; the grammar is loaded by the first file."""
    from backend_readiness.facts.languages.jsp.reading import read

    return read(source)
