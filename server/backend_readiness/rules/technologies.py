"""`references/frameworks.md`: what the framework and library cards make the tool understand, generated from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from backend_readiness.rules.cards import Card, load_cards

_LANGUAGES = {
    "python": "Python",
    "javascript": "JavaScript and TypeScript",
    "go": "Go",
    "java": "Java",
    "kotlin": "Kotlin",
    "csharp": "C#",
    "php": "PHP",
    "ruby": "Ruby",
    "rust": "Rust",
    "elixir": "Elixir",
    "scala": "Scala",
    "html": "Markup",
}
# What a part of a card makes the tool resolve, in the order in which it is told.
_PARTS = (
    ("routes", "routes"),
    ("views", "classes that answer requests"),
    ("middleware", "middleware and guards"),
    ("dependencies", "dependencies of handlers"),
    ("procedure_calls", "procedures"),
    ("service_clients", "calls of generated clients"),
    ("server_modules", "what no page sends"),
    ("clients", "API calls"),
    ("documents", "calls of GraphQL operations"),
    ("components", "components"),
    ("pages", "pages"),
    ("forms", "forms"),
    ("listeners", "events of the interface"),
    ("data", "data and services"),
    ("tables", "schema"),
    ("queries", "bounds of queries"),
    ("buses", "command and query buses"),
    ("service_requests", "requests to other programs of the repository"),
    ("declared_requests", "declared clients"),
    ("gateways", "paths of gateways"),
    ("method_calls", "calls of methods behind a route"),
    ("jobs", "scheduled jobs"),
    ("injections", "injection"),
    ("bindings", "injection"),
    ("timeouts", "timeouts"),
    ("roles", "roles for the controls"),
    ("defaults", "defaults of the framework"),
)


def frameworks_document(head: str) -> str:
    """The document; `head` is the note that it is generated."""
    by_language: dict[str, list[Card]] = defaultdict(list)
    for card in load_cards().values():
        by_language[card.id.partition("/")[0]].append(card)
    names = [*(n for n in _LANGUAGES if n in by_language), *sorted(by_language.keys() - _LANGUAGES.keys())]
    lines = [
        head,
        "# Frameworks and libraries",
        "",
        "Each line is a card under `rules/`; its examples run as tests. What no card knows is no endpoint and no touch of data: it is left",
        "out, and what depends on it is `unverified`.",
    ]
    for name in names:
        lines += [
            "",
            f"## {_LANGUAGES.get(name, name)}",
            "",
            "| Card | What it is | What is resolved | Examples |",
            "| --- | --- | --- | ---: |",
        ]
        lines += [
            f"| `{card.id}` | {card.title or '-'} | {', '.join(_resolved(card)) or '-'} | {len(card.examples)} |"
            for card in by_language[name]
        ]
    return "\n".join(lines) + "\n"


def _resolved(card: Card) -> Iterator[str]:
    """What the card has rules for, each said once."""
    yield from dict.fromkeys(said for part, said in _PARTS if getattr(card, part))
    kinds = sorted({rule.kind for rule in card.data})
    if kinds:
        yield f"kinds: {' '.join(kinds)}"
