"""What the application has by configuration, a dependency or a line at start, by the forms that `rules/setups` names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import is_selected
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.model import Evidence
from backend_readiness.rules.setup_rules import SetupLines, SetupRule, SetupTopic, load_setups
from backend_readiness.snapshot.matching import MAX_LINE_CHARS, compile_patterns
from backend_readiness.snapshot.places import is_for_development

MAX_ABOVE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A form that was found. `at` is its line; `off` the line that switches it off, or that it is for development only."""

    rule: SetupRule
    at: Evidence
    off: Evidence | None = None


def setup_of(context: Context, topic: SetupTopic) -> Setup | None:
    """The first form that holds, whole ones before those in part; else one that is switched off; None when nothing is set up."""
    found = list(setups_of(context, topic))
    holding = sorted((s for s in found if s.off is None), key=lambda s: s.rule.partly)
    return holding[0] if holding else found[0] if found else None


def setups_of(context: Context, topic: SetupTopic, *, each: bool = False) -> Iterator[Setup]:
    """Every form of the topic that stands in the backend, in the order of the rules; with `each` every line of it, not the first alone."""
    for rule in load_setups(context.language).get(topic, ()):
        places = [_lines(context, wanted) for wanted in rule.all]
        if rule.same_file:
            files = set.intersection(*({f for f, _, _ in hits} for hits in places))
            places = [[h for h in hits if h[0] in files] for hits in places]
        if not all(places):
            continue
        off = next((context.at(f, n) for wanted in rule.none for f, n, _ in _lines(context, wanted)), None)
        for hits in places:  # what only development has, production has not
            if off is None and all(stands_in_development(context, f, n) for f, n, _ in hits):
                off = context.at(*hits[0][:2])
        live = [h for h in places[0] if not stands_in_development(context, h[0], h[1])] or places[0]
        for file, number, _ in live if each else live[:1]:
            yield Setup(rule=rule, at=context.at(file, number), off=off)


def lines_of(context: Context, topic: SetupTopic) -> list[tuple[str, int, str]]:
    """(file, line, text) of every line that a form of the topic names; of a form of several lines the first, where all are there."""
    found: list[tuple[str, int, str]] = []
    for rule in load_setups(context.language).get(topic, ()):
        places = [_lines(context, wanted) for wanted in rule.all]
        if all(places):
            found.extend(places[0])
    return found


def is_written_at(context: Context, patterns: tuple[str, ...], file: str, line: int, end_line: int) -> bool:
    """Does a line of the function, or of the comment and attributes above it, match?"""
    pattern = compile_patterns(patterns)
    lines = context.snapshot.lines(file)
    first = line - 1
    while first > 0 and line - first < MAX_ABOVE and re.match(r"\s*(//|/?\*|#|@|\[|\)|\"|\w+\s*[=(:]|\()", lines[first - 1]):
        first -= 1
    return pattern is not None and any(pattern.search(_bytes(t)) is not None for t in lines[first : max(line, min(end_line, line + 3))])


def _lines(context: Context, wanted: SetupLines) -> list[tuple[str, int, str]]:
    but = compile_patterns(wanted.but) if wanted.but else None
    return [
        (file, number, text)
        for file, number, text in context.hits(wanted.lines, wanted.paths)
        if (but is None or but.search(_bytes(text)) is None) and (not wanted.paths or (_belongs(context, file) and _ships(context, file)))
    ]


def _ships(context: Context, file: str) -> bool:
    return is_selected(context, file) or not is_for_development(file.rpartition("/")[2])


def _bytes(text: str) -> bytes:
    return text[:MAX_LINE_CHARS].encode("utf-8", "replace")


def _belongs(context: Context, file: str) -> bool:
    """Is the file one of the backend, or of a folder around it?"""
    folder = file.rpartition("/")[0]
    return not folder or context.is_backend(file) or context.backend_root.startswith(f"{folder}/")
