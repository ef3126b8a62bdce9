"""Blocks of extension members: their members are functions that take what the block is about first."""

from __future__ import annotations

from backend_readiness.facts.languages.csharp import extract
from backend_readiness.facts.languages.csharp.extension_blocks import without_blocks

SOURCE = b"""namespace Shop;
public static class Routes
{
    extension<T>(List<T> items) where T : class
    {
        public T Last() { return items[0]; }
        public int Count => 4;
    }
    public static void Map(string path) { }
}
"""


def test_the_members_of_a_block_take_what_it_is_about() -> None:
    symbols = {s.name: s for s in extract(SOURCE, "Routes.cs").symbols}
    assert [(p.name, p.kind) for p in symbols["Last"].params] == [("items", "this")]
    assert [(p.name, p.kind) for p in symbols["Count"].params] == [("items", "this")]
    assert [(p.name, p.kind) for p in symbols["Map"].params] == [("path", "")]
    assert symbols["Last"].line == 6
    assert "extension" not in symbols


def test_bytes_and_lines_stay_as_they_are() -> None:
    changed, blocks = without_blocks(SOURCE)
    assert len(changed) == len(SOURCE)
    assert changed.count(b"\n") == SOURCE.count(b"\n")
    assert len(blocks) == 1


def test_a_call_of_that_name_is_no_block() -> None:
    source = b"class A { void B() { extension(4); if (true) { C(); } } }"
    assert without_blocks(source) == (source, [])
