"""YAML takes the last of two equal keys without a word; a card that says a thing twice has lost half of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from backend_readiness.rules.yaml_files import RULES

FILES = sorted(RULES.rglob("*.yml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(RULES)))
def test_no_key_stands_twice(path: Path) -> None:
    twice: list[str] = []

    def look(node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode):
            names = [key.value for key, _ in node.value]
            twice.extend(f"{key.value} (line {key.start_mark.line + 1})" for n, (key, _) in enumerate(node.value) if key.value in names[:n])
            for _, value in node.value:
                look(value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                look(value)

    loaded = yaml.compose(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if loaded is not None:
        look(loaded)
    assert twice == []
