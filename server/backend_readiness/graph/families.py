"""Which languages share their cards."""

from __future__ import annotations

from collections.abc import Iterable

from backend_readiness.facts.file_index import FileIndex

_FAMILY = {
    "blazor": "csharp",
    "blade": "php",
    "eex": "elixir",
    "erb": "ruby",
    "haml": "ruby",
    "heex": "elixir",
    "jsp": "java",
    "slim": "ruby",
    "templ": "gotemplate",
    "typescript": "javascript",
    "vue": "javascript",
    "svelte": "javascript",
    "astro": "javascript",
    "angular": "javascript",
}


# Languages whose files make up one program: a class of one is called from another.
_KIN = {"kotlin": "jvm", "java": "jvm", "scala": "jvm", "groovy": "jvm"}


def are_kin(one: str, other: str) -> bool:
    """Do files of two families of languages stand in one program, as Java and Kotlin do?"""
    return _KIN.get(one, one) == _KIN.get(other, other)


# Templates, whose scripts are those of a browser; of a language with a family of its own these stand in `<script>` alone.
PAGES = frozenset(
    {"html", "jinja", "ejs", "handlebars", "gotemplate", "razor", "aspx", "twirl", "freemarker", "blade", "php", "erb", "haml", "slim",
     "heex", "eex", "jsp", "templ"}
)  # fmt: skip
SCRIPTS = "html"
# Templates whose elements stand in functions, which the program calls by their name.
CALLED = frozenset({"templ"})
# Languages whose files are components themselves.
COMPONENTS = frozenset({"vue", "svelte", "astro"})


def has_scripts(language: str) -> bool:
    """Do files of a server's language hold markup with scripts, which cards of another language speak of?"""
    return language in PAGES and (language in _FAMILY or language in ("aspx", "freemarker", "php", "razor", "twirl"))


def families_of(language: str, elements: int) -> tuple[str, ...]:
    """The languages whose cards apply to a file with so many elements of markup."""
    return (family(language), SCRIPTS) if elements and has_scripts(language) else (family(language),)


def languages_in(files: Iterable[FileIndex]) -> frozenset[str]:
    """The languages whose cards may speak of one of the files."""
    return frozenset(f for i in files for f in families_of(i.language, i.elements))


def family(language: str) -> str:
    """The language whose cards apply to a file: TypeScript, Vue and Svelte files use those of JavaScript."""
    return _FAMILY.get(language, language)
