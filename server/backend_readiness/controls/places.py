"""What kind of evidence a file gives."""

from __future__ import annotations

from backend_readiness.model import EvidenceKind
from backend_readiness.snapshot.places import DOCUMENTS, is_production, is_test

_CODE = (
    ".py",
    ".js",
    ".jsx",
    ".ts",
    ".tsx",
    ".mjs",
    ".cjs",
    ".mts",
    ".cts",
    ".vue",
    ".svelte",
    ".go",
    ".java",
    ".kt",
    ".cs",
    ".php",
    ".rb",
    ".rs",
    ".ex",
    ".exs",
    ".scala",
    "bin/www",
    ".html",
    ".ejs",
    ".pug",
    ".hbs",
    ".jinja",
    ".j2",
    ".sql",
)


def kind_of(path: str) -> EvidenceKind:
    """Code, document, or configuration, by the name of the file."""
    if path.endswith(DOCUMENTS):
        return EvidenceKind.DOC
    return EvidenceKind.CODE if path.endswith(_CODE) else EvidenceKind.CONFIG


__all__ = ["is_production", "is_test", "kind_of"]
