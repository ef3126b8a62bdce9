"""Ruby, and what is written in it: Rake files, Rack's `config.ru`, Jbuilder views, templates in ERB, Haml and Slim."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_readiness.facts.builder import Builder

SUFFIXES = {
    ".rb": "ruby",
    ".ru": "ruby",
    ".rake": "ruby",
    ".jbuilder": "ruby",
    "rakefile": "ruby",
    ".erb": "erb",
    ".haml": "haml",
    ".slim": "slim",
}


def extract(source: bytes, path: str) -> Builder:
    """The facts of one file of Ruby, or of a template with Ruby in it. See `ruby.file` and `ruby.erb`."""
    if path.endswith(".erb"):
        from backend_readiness.facts.languages.ruby import erb

        return erb.extract(source, path)
    if path.endswith((".haml", ".slim")):
        from backend_readiness.facts.languages.ruby import indented

        return indented.extract(source, path.rpartition(".")[2])
    from backend_readiness.facts.languages.ruby.file import extract as read

    return read(source, path)
