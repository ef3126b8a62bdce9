"""Markup and templates: HTML, Vue, Svelte, Angular, and the server's Jinja, EJS and Handlebars families.

A template language is a sibling module with a `DIALECT` (or several `DIALECTS`); it is found by walking, with its
suffixes and its sniffing. What comes out, beside what `facts/model.py` says:

- An `Element`'s `start`..`end` is the whole element, its lines as in the model; names of tags and attributes are kept as written.
- What stands in an HTML comment is not there, even where a server would render it.
- Attributes: no value is None; plain text a Lit; with template output a Concat; branches inside one an Alt. Bindings (`@click`, `(click)`,
  `on:click`, `onclick`, `:url`, `[x]`, `v-if`, `x-data`, `ng-click` ...) are lowered expressions, and an event with several statements is
  the Func of a lambda that owns them. A loop (`v-for`, `*ngFor`, `{#each}`, `{% for %}`) is an Assign of kind `for`.
- **Unescaped output** is the attribute `v-html`, `[innerHTML]`, `x-html`, `ng-bind-html`, or a Call of `Name("raw_output")` with the
  expression: `{{{x}}}`, `<%- x %>`, `{@html x}`, `x|safe`, any output where `autoescape` is off.
- Filters and pipes are `Op("|", (value, Name or CallRef))`.
- Server tags that are no control flow are Calls by their name: `{% url 'orders' %}`, `{% csrf_token %}`. Includes, layouts and partials
  are in `template`.
- Inline scripts are facts of the same file at their true lines and bytes, template output in them included.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import PurePosixPath

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages import markup
from backend_readiness.facts.languages.markup import SUFFIXES
from backend_readiness.facts.languages.markup.elements import collect
from backend_readiness.facts.languages.markup.page import Dialect, Page

_NO_MARKUP = frozenset(
    {"txt", "text", "yml", "yaml", "json", "toml", "ini", "conf", "cfg", "env", "sh", "bash", "py", "js", "mjs", "ts", "tsx", "jsx",
    "sql", "md", "rst", "css", "scss", "less", "tf", "service", "properties", "go", "java", "rb", "c", "h", "csv", "lock", "xml"}
)  # fmt: skip


@cache
def dialects() -> dict[str, Dialect]:
    """All template languages by name."""
    found: dict[str, Dialect] = {}
    for module in pkgutil.iter_modules(markup.__path__):
        loaded = import_module(f"{markup.__name__}.{module.name}")
        several = getattr(loaded, "DIALECTS", None) or (getattr(loaded, "DIALECT", None),)
        found |= {dialect.language: dialect for dialect in several if dialect is not None}
    return found


def extract(source: bytes, path: str) -> Builder:
    """The facts of one markup file; `Builder.language` is the language found. Never raises for any bytes."""
    dialect = dialect_of(source, path)
    builder = Builder(dialect.language, source)
    inner = PurePosixPath(PurePosixPath(path).stem).suffix.lstrip(".").lower()
    collect(Page(builder, source, dialect), markup=inner not in _NO_MARKUP)
    return builder


def template_into(builder: Builder, source: bytes, *, language: str, owner: int, line: int, start: int) -> None:
    """Add the facts of a template that stands inside another file (`template: \\`...\\``) at `line` and byte `start`."""
    collect(Page(builder, source, dialects()[language], owner=owner, first_line=line, base=start))


def dialect_of(source: bytes, path: str) -> Dialect:
    """By suffix; an `.html` file may be any of them, so there its content decides."""
    name = PurePosixPath(path).name.lower()
    language = SUFFIXES.get("".join(PurePosixPath(name).suffixes[-2:])) or SUFFIXES.get(PurePosixPath(name).suffix, "html")
    known = dialects()
    if language != "html":
        return known[language]
    return max(known.values(), key=lambda dialect: (dialect.looks_like(source, name), dialect.language))
