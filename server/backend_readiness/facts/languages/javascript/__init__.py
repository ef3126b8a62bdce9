"""JavaScript, TypeScript, JSX and TSX."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    "www": "javascript",  # the start script that the generator of Express writes has no suffix
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
}


def extract(source: bytes, path: str) -> Builder:
    """As `scripts.extract`; the grammars and the walker are loaded by the first file."""
    from backend_readiness.facts.languages.javascript import scripts

    return scripts.extract(source, path)
