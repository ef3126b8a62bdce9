"""Which languages share their cards."""

from __future__ import annotations

_FAMILY = {
    "blade": "php",
    "eex": "elixir",
    "erb": "ruby",
    "haml": "ruby",
    "heex": "elixir",
    "slim": "ruby",
    "typescript": "javascript",
    "vue": "javascript",
    "svelte": "javascript",
    "angular": "javascript",
}


def family(language: str) -> str:
    """The language whose cards apply to a file: TypeScript, Vue and Svelte files use those of JavaScript."""
    return _FAMILY.get(language, language)
