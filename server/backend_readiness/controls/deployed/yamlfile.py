"""YAML of the audited repository with line numbers, bounded: deployment files, workflows, manifests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from backend_readiness.rules.yaml_files import LOADER
from backend_readiness.snapshot.yaml_nesting import is_nested_too_deep

MAX_CHARS = 300_000
MAX_NODES = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A node of a document. `line` and `end_line` count from 1. Keys of a mapping are texts."""

    node: yaml.Node
    line: int
    end_line: int

    @property
    def text(self) -> str:
        """The scalar as written; empty for a mapping or a list."""
        return str(self.node.value) if isinstance(self.node, yaml.ScalarNode) else ""

    def items(self) -> Iterator[tuple[str, Entry]]:
        """(key, value) of a mapping; the entry's `line` is that of the key. Nothing for other nodes.

        Keys that a merge (`<<: *base`) brings come last, unless the mapping has them itself.
        """
        if not isinstance(self.node, yaml.MappingNode):
            return
        seen: set[str] = set()
        merged: list[yaml.Node] = []
        for key, value in self.node.value[:2_000]:
            if isinstance(key, yaml.ScalarNode) and key.value == "<<":
                merged.extend(value.value[:20] if isinstance(value, yaml.SequenceNode) else (value,))
            elif isinstance(key, yaml.ScalarNode):
                seen.add(str(key.value))
                yield str(key.value), Entry(value, key.start_mark.line + 1, _last_line(value))
        for node in merged:
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value[:2_000]:
                    if isinstance(key, yaml.ScalarNode) and str(key.value) not in seen and key.value != "<<":
                        seen.add(str(key.value))
                        yield str(key.value), Entry(value, key.start_mark.line + 1, _last_line(value))

    def each(self) -> Iterator[Entry]:
        """The items of a list."""
        if isinstance(self.node, yaml.SequenceNode):
            for value in self.node.value[:2_000]:
                yield _entry(value)

    def get(self, *keys: str) -> Entry | None:
        """The value under a chain of keys."""
        current: Entry | None = self
        for key in keys:
            current = next((v for k, v in current.items() if k == key), None) if current is not None else None
        return current

    def texts(self) -> list[str]:
        """A scalar as a list of one; the scalars of a list."""
        return [self.text] if self.text else [e.text for e in self.each() if e.text]

    def walk(self, depth: int = 0, budget: list[int] | None = None) -> Iterator[tuple[str, Entry]]:
        """Every (key, value) below, in document order; bounded, so aliases cannot blow it up."""
        left = budget if budget is not None else [MAX_NODES]
        if depth > 30 or left[0] <= 0:
            return
        for key, value in self.items():
            left[0] -= 1
            yield key, value
            yield from value.walk(depth + 1, left)
        for value in self.each():
            left[0] -= 1
            yield from value.walk(depth + 1, left)


def _entry(node: yaml.Node) -> Entry:
    return Entry(node, node.start_mark.line + 1, _last_line(node))


def _last_line(node: yaml.Node) -> int:
    mark = node.end_mark
    last: int = mark.line + (1 if mark.column > 0 else 0)
    return max(last, node.start_mark.line + 1)


def documents(text: str) -> list[Entry]:
    """The documents of a file; none when it is no YAML (a template of Helm or Jinja often is not)."""
    if len(text) > MAX_CHARS or is_nested_too_deep(text):
        return []
    try:
        return [_entry(n) for n in yaml.compose_all(text, Loader=LOADER) if n is not None]
    except (yaml.YAMLError, RecursionError, ValueError):
        return []
