"""Scala that is written to break the walk: facts may be left out, and nothing else may happen."""

from __future__ import annotations

import msgspec
import pytest

from backend_readiness.facts.languages.scala import extract
from backend_readiness.facts.model import FileFacts

DEEP = 10_000
SOURCES = {
    "parentheses": "val x = " + "(" * DEEP + "1" + ")" * DEEP,
    "calls": "val x = " + "f(" * DEEP + "1" + ")" * DEEP,
    "operators": "val x = " + "a ~ " * DEEP + "b",
    "mixed operators": "val x = " + "a + b * " * DEEP + "b",
    "members": "val x = a" + ".b(c)" * DEEP,
    "argument lists": "val x = f" + "(a)" * DEEP,
    "blocks": "{" * DEEP + "}" * DEEP,
    "objects": "object A { " * DEEP + "}" * DEEP,
    "matches": "x match { case y => " * DEEP + "1" + "}" * DEEP,
    "functions": "val x = " + "a => " * DEEP + "1",
    "branches": "if (a) b else " * DEEP + "c",
    "types": "type X = " + "A[" * DEEP + "B" + "]" * DEEP,
    "paths of types": "type X = a" + ".b" * DEEP,
    "patterns": "x match { case " + "A(" * DEEP + "b" + ")" * DEEP + " => 1 }",
    "operators of patterns": "x match { case a" + ' / "b"' * DEEP + " => 1 }",
    "annotations": "@A " * DEEP + "class X",
    "texts": "val x = " + 's"${' * 2000 + "x" + '}"' * 2000,
    "signs": "val x = " + "! " * DEEP + "a",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_deep_nesting_leaves_facts_out_and_can_still_be_kept(source: str) -> None:
    facts = extract(source.encode(), "file.scala").facts()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts


def test_bytes_that_are_no_text_and_broken_syntax_leave_the_rest() -> None:
    assert extract(bytes(range(256)) * 50, "file.scala").errors > 0
    broken = extract(b"class A { def f( = }\nobject B { def g(x: Int) = x }\n", "file.scala")
    assert broken.errors > 0
    assert "g" in {s.name for s in broken.facts().symbols}
