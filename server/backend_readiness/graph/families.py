"""Which languages share their cards."""

from __future__ import annotations

_FAMILY = {
    "blazor": "csharp",
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


# Languages whose files make up one program: a class of one is called from another.
_KIN = {"kotlin": "jvm", "java": "jvm", "scala": "jvm", "groovy": "jvm"}


def are_kin(one: str, other: str) -> bool:
    """Do files of two families of languages stand in one program, as Java and Kotlin do?"""
    return _KIN.get(one, one) == _KIN.get(other, other)


def family(language: str) -> str:
    """The language whose cards apply to a file: TypeScript, Vue and Svelte files use those of JavaScript."""
    return _FAMILY.get(language, language)
