"""Ruby, and what is written in it: Rake files, Rack's `config.ru`, Jbuilder views."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_readiness.facts.builder import Builder

SUFFIXES = {".rb": "ruby", ".ru": "ruby", ".rake": "ruby", ".jbuilder": "ruby", "rakefile": "ruby"}


def extract(source: bytes, path: str) -> Builder:
    """The facts of one Ruby file. See `ruby.file`."""
    from backend_readiness.facts.languages.ruby.file import extract as read

    return read(source, path)
