"""Spans and metrics that are made and given no way out: a provider without a processor, exporters in a function that nobody calls."""

from __future__ import annotations

import re

from backend_readiness.controls.application import Player
from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_test
from backend_readiness.facts.model import Name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_MAKES = re.compile(sign("unsent_telemetry", "makes_provider"))
_SENDS = signs("unsent_telemetry", "sends")
_ADDS = signs("unsent_telemetry", "adds_exporter")
_MODIFIERS = frozenset(signs("unsent_telemetry", "modifiers"))
_COMMENTS = ("//", "#", "*", "/*")


def without_way_out(context: Context, players: list[Player]) -> Evidence | None:
    """Where a provider of spans is made, when no line of the backend gives any provider what sends them."""
    made = next((p for p in players if _MAKES.search(p.path.removesuffix("()")) is not None), None)
    return context.at_place(made.place) if made is not None and not context.is_found(_SENDS) else None


def dead_exporters(context: Context) -> Evidence | None:
    """The function in which every exporter of the application is added, when no line calls it."""
    hits = [h for h in context.hits(_ADDS) if not is_test(h[0]) and not h[2].lstrip().startswith(_COMMENTS)]
    heads = [_uncalled(context, file, line) for file, line, _ in hits]
    return next((h for h in heads if h is not None), None) if heads and None not in heads else None


def _uncalled(context: Context, file: str, line: int) -> Evidence | None:
    """The head of the function around a line, when its name stands nowhere else in the repository."""
    symbols = context.view(file).facts.symbols if file in context.graph.facts.files else ()
    around = [s for s in symbols if s.kind in ("function", "method") and s.name and s.line <= line <= s.end_line]
    outer = max(around, key=lambda s: s.line, default=None)
    marked = outer is not None and any(not isinstance(d, Name) or d.id not in _MODIFIERS for d in outer.decorators)
    if outer is None or marked or outer.name in ("main", "Main", "init"):
        return None
    called = re.compile(rf"(?<!\w){re.escape(outer.name)}\s*[(<]")
    for path in (file, *context.graph.naming(outer.name)):
        for number, text in enumerate(context.snapshot.lines(path), 1):
            head = path == file and outer.line <= number <= outer.line + 2
            if not head and called.search(text[:1000]) is not None and not text.lstrip().startswith(_COMMENTS):
                return None
    return context.at(file, outer.line)
