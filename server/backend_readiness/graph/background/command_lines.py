"""Command lines that an operating system or an orchestrator runs at certain times: crontabs, and documents of cron jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import TYPE_CHECKING

import yaml

from backend_readiness.graph.background.job_documents import Entry
from backend_readiness.graph.routes.openapi import entries, read_document
from backend_readiness.rules.schedule_files import load_schedule_files
from backend_readiness.snapshot.places import is_production

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_FILES = 100
MAX_CHARS = 200_000
MAX_LINES = 2_000
MAX_LINE_CHARS = 1_000
MAX_DEPTH = 14
MAX_DOCUMENTS = 60
_LINE = re.compile(r"\s*(?P<when>@[a-z]{4,9}|[\d*][\d*/,~-]*(?:\s+[\w*/,?#~-]{1,40}){4})\s+(?P<command>\S.*)")
_TEMPLATE = re.compile(r"\{\{[^{}\n]{0,400}\}\}")
_BETWEEN = re.compile(r"^---", re.MULTILINE)


def scheduled_lines(graph: Graph) -> Iterator[Entry]:
    """Each command line with its times and its place; `task` is the whole line."""
    known = load_schedule_files()
    names = [f.path for f in graph.snapshot.files if is_production(f.path)]
    for path in [p for p in names if any(fnmatch(p, g) or fnmatch(p, f"*/{g}") for g in known.crontabs)][:MAX_FILES]:
        yield from _of_crontab(path, graph.text(path))
    for path in [p for p in names if any(fnmatch(p, g) for g in known.documents)][:MAX_FILES]:
        text = graph.text(path)[:MAX_CHARS]
        if any(kind in text for kind in known.kinds):
            yield from _of_documents(path, text)


def _of_crontab(path: str, text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n")[:MAX_LINES], 1):
        match = _LINE.match(line[:MAX_LINE_CHARS])
        if match is not None:
            yield Entry(path, number, match["command"], " ".join(match["when"].split()))


def _of_documents(path: str, text: str) -> Iterator[Entry]:
    """A file may hold several documents; what a template would fill in stands as `x`, lines that are nothing else are left out."""
    lines = ["" if line.strip().startswith("{{") and line.strip().endswith("}}") else _TEMPLATE.sub("x", line) for line in text.split("\n")]
    start = 0
    for part in _BETWEEN.split("\n".join(lines))[:MAX_DOCUMENTS]:
        for line, when, command in _timed(read_document(part), 0):
            yield Entry(path, start + line, command, when)
        start += part.count("\n")


def _timed(node: yaml.Node | None, depth: int) -> Iterator[tuple[int, str, str]]:
    known = load_schedule_files()
    times = [(v, line) for key, v, line in entries(node) if key in known.times and isinstance(v, yaml.ScalarNode)]
    for value, line in times[:1]:
        for command in _commands(node, depth):
            yield line, str(value.value)[:200], command
    if times or depth > MAX_DEPTH:
        return
    inner = [v for _, v, _ in entries(node)] if isinstance(node, yaml.MappingNode) else []
    for each in inner if not isinstance(node, yaml.SequenceNode) else node.value:
        yield from _timed(each, depth + 1)


def _commands(node: yaml.Node | None, depth: int) -> Iterator[str]:
    """The command with its arguments of each container below."""
    known = load_schedule_files()
    if depth > MAX_DEPTH:
        return
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _commands(each, depth + 1)
        return
    said = [(key, value) for key, value, _ in entries(node) if key in known.commands]
    words = [w for name in known.commands for key, value in said if key == name for w in _words(value)]
    if words:
        yield " ".join(words)[:MAX_LINE_CHARS]
    for key, value, _ in entries(node):
        if key not in known.commands:
            yield from _commands(value, depth + 1)


def _words(node: yaml.Node) -> list[str]:
    if isinstance(node, yaml.ScalarNode):
        return [str(node.value)]
    return [str(v.value) for v in node.value if isinstance(v, yaml.ScalarNode)] if isinstance(node, yaml.SequenceNode) else []
