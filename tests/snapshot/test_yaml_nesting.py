"""YAML that is nested without end is seen before a parser meets it."""

from __future__ import annotations

import pytest

from backend_readiness.controls.deployed.yamlfile import documents
from backend_readiness.snapshot.yaml_nesting import is_nested_too_deep

HOSTILE = {
    "lists": "[" * 30_000,
    "lists over lines": "[\n" * 30_000,
    "maps": "{a: " * 30_000,
    "entries of one line": "- " * 30_000,
    "keys of one line": "? " * 30_000,
    "indented": "\n".join(" " * i + "a:" for i in range(1_200)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_what_would_end_the_process_is_not_parsed(text: str) -> None:
    assert is_nested_too_deep(text)
    assert documents(text) == []


def test_many_brackets_beside_each_other_are_no_depth() -> None:
    text = "".join(f"- {{a: [1, 2], b: '{{{{ x }}}}'}} # case {i})\n" for i in range(3_000))
    assert not is_nested_too_deep(text)
    assert len(list(documents(text)[0].each())) == 2_000
