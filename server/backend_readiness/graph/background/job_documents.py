"""Schedules that stand in documents of settings: `config/schedule.yml` with `purge: {cron: "0 3 * * *", class: PurgeJob}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import TYPE_CHECKING, NamedTuple

import yaml

from backend_readiness.graph.routes.openapi import child, entries, read_document
from backend_readiness.snapshot.places import is_production

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph
    from backend_readiness.rules.job_rules import JobRule

MAX_FILES = 200
MAX_ENTRIES = 500
MAX_DEPTH = 4
_TEMPLATE = re.compile(r"<%(?:(?!%>)[^\n]){0,400}%>")


class Entry(NamedTuple):
    """One entry of a schedule: the line of its name, what its task and its times say."""

    file: str
    line: int
    task: str
    when: str


def scheduled_in(graph: Graph, rule: JobRule) -> Iterator[Entry]:
    """The entries of the documents that the rule names; each once, though an anchor repeats it, and none of what the rule skips."""
    paths = [f.path for f in graph.snapshot.files if any(fnmatch(f.path, g) for g in rule.documents) and is_production(f.path)]
    for path in paths[:MAX_FILES]:
        seen: set[int] = set()
        for entry in _below(read_document(_TEMPLATE.sub("x", graph.text(path))), path, rule, MAX_DEPTH):
            if entry.line not in seen and len(seen) < MAX_ENTRIES:
                seen.add(entry.line)
                yield entry


def _below(node: yaml.Node | None, path: str, rule: JobRule, depth: int) -> Iterator[Entry]:
    for key, value, line in list(entries(node))[:MAX_ENTRIES]:
        if key.lstrip(":") in rule.skips:
            continue
        task, when = _said(value, rule.task_key), _said(value, rule.when_key)
        if task and when:
            yield Entry(path, line, task, when)
        elif depth > 0:
            yield from _below(value, path, rule, depth - 1)


def _said(node: yaml.Node, name: str) -> str:
    """The text under a name, which may be written as a symbol (`:class`); of a list its first."""
    value = child(node, name) or child(node, f":{name}")
    if isinstance(value, yaml.SequenceNode) and value.value:
        value = value.value[0]
    return str(value.value)[:200] if isinstance(value, yaml.ScalarNode) else ""
