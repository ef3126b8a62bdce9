"""The cache file may be damaged, locked, unwritable or shared; nobody but the clock notices."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.conftest import MakeRepo
from tests.facts.toy_language import Toy, toy

from backend_readiness.facts import cache as cache_module
from backend_readiness.facts.cache import Cache
from backend_readiness.facts.extraction import Extracted
from backend_readiness.facts.store import collect
from backend_readiness.snapshot import take

__all__ = ["toy"]

FILES = {"a.toy": "def f\n", "b.toy": "def g\n"}


def row(number: int, size: int = 10) -> tuple[bytes, Extracted]:
    return number.to_bytes(16, "big"), Extracted(b"index%d" % number, bytes([number % 256]) * size)


def known(cache: Cache, *numbers: int) -> list[int]:
    found = cache.indexes([row(number)[0] for number in numbers])
    return [number for number in numbers if row(number)[0] in found]


def test_rows_outlive_the_connection(tmp_path: Path) -> None:
    first = Cache(tmp_path / "new/folder")
    first.put([row(1), row(2)])
    first.put_suffixes("v1", [".py", ".ts"])
    first.close()
    second = Cache(tmp_path / "new/folder")
    assert known(second, 1, 2, 3) == [1, 2]
    assert second.facts(row(1)[0]) == row(1)[1].facts
    assert second.facts(row(3)[0]) is None
    assert second.suffixes("v1") == {".py", ".ts"}
    assert second.suffixes("v2") == frozenset()
    second.close()


def test_more_rows_than_fit_into_one_question_are_found(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put([row(number) for number in range(1_500)])
    assert known(cache, *range(1_501)) == list(range(1_500))
    cache.close()


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database " * 1_000)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9_000])


def scribbled(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    path.write_bytes(bytes(content))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def other_layout(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def other_bodies(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE indexes SET body = x'c1ff00'")
        connection.execute("UPDATE facts SET body = x'00'")
    connection.close()


def no_facts(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM facts")
    connection.close()


@pytest.mark.parametrize("damage", [garbage, cut_off, scribbled, empty, other_layout, other_bodies, no_facts])
def test_a_damaged_cache_is_begun_anew(damage: object, toy: Toy, make_repo: MakeRepo, tmp_path: Path) -> None:
    assert callable(damage)
    root = make_repo(FILES)
    collect(take(root), cache_dir=tmp_path / "cache")
    damage(tmp_path / "cache/facts.sqlite3")
    for _ in range(2):
        facts = collect(take(root), cache_dir=tmp_path / "cache")
        assert list(facts.files) == ["a.toy", "b.toy"]
        assert [facts.of(path).symbols[1].name for path in facts.files] == ["f", "g"]
        del facts
    toy.extracted()
    collect(take(root), cache_dir=tmp_path / "cache")
    assert toy.extracted() == []


def test_a_cache_that_cannot_be_made_is_done_without(toy: Toy, make_repo: MakeRepo, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "taken/facts.sqlite3").mkdir(parents=True)
    root = make_repo(FILES)
    for folder in (tmp_path / "file/cache", tmp_path / "taken"):
        facts = collect(take(root), cache_dir=folder)
        assert [facts.of(path).symbols[1].name for path in facts.files] == ["f", "g"]
    assert (tmp_path / "file").read_text() == "x"


def test_a_cache_that_cannot_be_written_is_read_and_what_is_new_kept_in_memory(
    toy: Toy, make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_repo(FILES)
    collect(take(root), cache_dir=tmp_path / "cache")
    toy.extracted()
    monkeypatch.setattr(cache_module, "_BUSY_S", 0.05)
    other = sqlite3.connect(tmp_path / "cache/facts.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    (root / "a.toy").write_text("def changed\n")
    facts = collect(take(root), cache_dir=tmp_path / "cache")
    assert toy.extracted() == ["file.toy def changed;"]
    assert facts.of("a.toy").symbols[1].name == "changed"
    assert facts.of("b.toy").symbols[1].name == "g"
    other.execute("ROLLBACK")
    other.close()


def test_the_cache_forgets_what_was_not_used_for_longest(tmp_path: Path) -> None:
    cache = Cache(tmp_path, max_bytes=2_000_000)
    cache.put([row(number, size=1_000) for number in range(1_000)])
    cache.prune()
    assert known(cache, 0, 999) == [0, 999]  # within its bounds
    with sqlite3.connect(tmp_path / "facts.sqlite3") as connection:
        connection.execute("UPDATE indexes SET used = used - 30")
        connection.execute("UPDATE indexes SET used = used - 30 WHERE key < ?", (row(600)[0],))
    connection.close()
    assert known(cache, 3) == [3]  # used today
    cache.put([row(number, size=1_000) for number in range(1_000, 2_000)])
    cache.prune()
    left = known(cache, *range(2_000))
    assert 3 in left
    assert set(range(1_000, 2_000)) <= set(left)
    assert 0 < len(left) < 1_500
    assert not set(left) & set(range(10, 500))
    assert cache.facts(row(10)[0]) is None
    cache.close()


def test_a_cache_in_memory_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cache = Cache(None)
    cache.put([row(1)])
    assert known(cache, 1) == [1]
    cache.prune()
    cache.close()
    assert list(tmp_path.iterdir()) == []
