"""What libraries are called stands in cards and tables: a control that names one would have to be edited for the next one."""

from __future__ import annotations

import ast
import re

from tests.architecture.sources import Source, package_sources

from backend_readiness.rules.cards import load_cards

# Words that a package bears as its name and that mean something without it, by what they mean.
MEAN_MORE = {
    "a word of English": "again connect databases events fresh limits nest next plug request requests schedule secure silent web",
    "a term of the field": (
        "backoff compression config cors cron csp environ health_check healthcheck limiter log logging mail mediator metrics ratelimit"
        " req socket tracing validator"
    ),
    "a protocol or a format": "amqp graphql http https jsonschema jwt oauth2 prisma svelte vue",
    "an algorithm": "argon2 bcrypt md5 pbkdf2 sha1",
    "a database: its dialect, its scheme in an address, its image": "mongo mongodb mssql mysql mysql2 postgres redis sqlite sqlite3",
    "a tool of the command line": "bun docker",
}
_ESCAPE = re.compile(r"\\[A-Za-z]")  # `\b` and `\w` of patterns
_NAME = re.compile(r"@?[A-Za-z][\w-]*(?:[/.][\w-]+)*")


def judging() -> list[Source]:
    """The modules that judge: the operations of controls, and the hooks beside their cards."""
    return [s for s in package_sources() if s.module.startswith(("controls.", "rules.controls."))]


def packages() -> dict[str, str]:
    """Lower-case names by which cards recognise their package, with one of the cards."""
    return {n.lower(): c.id for c in load_cards().values() for n in (*c.detect.imports, *c.detect.manifests)}


def texts(tree: ast.Module) -> list[tuple[int, str]]:
    """The string literals of a module that are no docstrings, with their lines."""
    holders = (n for n in ast.walk(tree) if isinstance(n, ast.Module | ast.FunctionDef | ast.ClassDef))
    said = {id(n.body[0].value) for n in holders if n.body and isinstance(n.body[0], ast.Expr)}
    return [(n.lineno, n.value) for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in said]


def names_in(text: str) -> set[str]:
    """The names that a text holds, whole and in their parts: `django`, `middleware` and all of `django.middleware`."""
    return {part.lower() for name in _NAME.findall(_ESCAPE.sub(" ", text).replace("\\", "")) for part in (name, *re.split(r"[/.]", name))}


def test_controls_name_no_package_that_a_card_speaks_of() -> None:
    known = packages()
    free = {word for words in MEAN_MORE.values() for word in words.split()}
    found = [
        f"{source}:{line} says {name}: let {known[name]} or a table of rules/signs say it"
        for source in judging()
        for line, text in texts(source.tree)
        for name in sorted((names_in(text) & known.keys()) - free)
    ]
    assert found == []


def test_every_word_that_means_more_is_the_name_of_a_package_and_is_used() -> None:
    known = packages()
    used = {name for source in judging() for _, text in texts(source.tree) for name in names_in(text)}
    free = {word for words in MEAN_MORE.values() for word in words.split()}
    assert sorted(free - (known.keys() & used)) == []


def test_the_modules_that_judge_are_found() -> None:
    assert {s.module.partition(".")[0] for s in judging()} == {"controls", "rules"}


def test_a_name_is_seen_within_patterns_and_paths() -> None:
    assert {"django", "express-session", "@scope/thing"} <= names_in(r"(?i)django\.middleware|[\"']express-session[\"']|^@scope/thing$")
