"""Reading gives the bytes of the snapshot or an error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import MakeRepo

from backend_readiness.errors import UnusableInput
from backend_readiness.snapshot import ChangedWhileRead, take


def test_text_has_no_mark_replaces_what_is_no_utf8_and_keeps_line_ends(make_repo: MakeRepo) -> None:
    snapshot = take(make_repo({"a.py": b"\xef\xbb\xbfx\r\ny\xff\n"}))
    assert snapshot.read("a.py") == b"\xef\xbb\xbfx\r\ny\xff\n"
    assert snapshot.text("a.py") == "x\r\ny\ufffd\n"
    assert snapshot.lines("a.py") == ("x", "y\ufffd")


def test_two_bytes_a_letter_are_read_where_the_program_would_read_them(make_repo: MakeRepo) -> None:
    wide = "flask==3.0.0\r\nredis==5.0.0\r\n".encode("utf-16")
    code = "class Späti { }\r\n".encode("utf-16")
    data = b"\xff\xfe" + bytes(64)
    snapshot = take(make_repo({"requirements.txt": wide, "a.py": wide, "Shop.cs": code, "data.json": data}))
    assert snapshot.lines("requirements.txt") == ("flask==3.0.0", "redis==5.0.0")
    assert snapshot.lines("Shop.cs") == ("class Späti { }",)
    assert snapshot.source("Shop.cs") == "class Späti { }\r\n".encode()
    assert [f.path for f in snapshot.files] == ["Shop.cs", "requirements.txt"]


@pytest.mark.parametrize(
    "content,lines",
    [
        ("", ()),
        ("\n", ("",)),
        ("a", ("a",)),
        ("a\n", ("a",)),
        ("a\n\n", ("a", "")),
        ("a\rb\n\x0c\x1d\u2028c\v", ("a\rb", "\x0c\x1d\u2028c\v")),
    ],
)
def test_only_a_newline_ends_a_line(content: str, lines: tuple[str, ...], make_repo: MakeRepo) -> None:
    assert take(make_repo({"a.txt": content}, git=False)).lines("a.txt") == lines


@given(content=st.binary(max_size=200))
def test_any_bytes_can_be_read(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("any")
    (root / "a.txt").write_bytes(content)
    snapshot = take(root)
    if snapshot.files:
        assert snapshot.read("a.txt") == content
        assert len(snapshot.lines("a.txt")) in (content.count(b"\n"), content.count(b"\n") + 1)


def test_a_path_that_was_not_read_is_refused_with_the_reason(make_repo: MakeRepo) -> None:
    snapshot = take(make_repo({"a.py": "", "node_modules/x.js": "", "logo.png": ""}))
    for path, why in {"none.py": "not among", "node_modules/x.js": "vendored", "logo.png": "binary", "../a.py": "not among"}.items():
        with pytest.raises(UnusableInput, match=why):
            snapshot.read(path)
    with pytest.raises(UnusableInput):
        snapshot.blob("none.py")
    assert snapshot.file("none.py") is None
    assert snapshot.blob("a.py") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def test_a_file_that_changes_shrinks_grows_or_goes_after_the_snapshot_is_refused(make_repo: MakeRepo) -> None:
    root = make_repo(dict.fromkeys(("same", "short", "long", "gone", "pipe", "kept"), "12345"))
    snapshot = take(root)
    (root / "same").write_text("12346")
    (root / "short").write_text("1")
    (root / "long").write_text("12345" * 1_000_000)
    (root / "gone").unlink()
    (root / "pipe").unlink()
    os.mkfifo(root / "pipe")
    for path in ("same", "short", "long", "gone", "pipe"):
        with pytest.raises(ChangedWhileRead, match=path):
            snapshot.read(path)
    assert snapshot.read("kept") == b"12345"


def test_a_link_that_is_put_in_the_way_brings_in_no_other_bytes(make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo({"a.py": "inside", "folder/b.py": "inside"})
    (tmp_path / "b.py").write_text("secret")
    snapshot = take(root)
    (root / "a.py").unlink()
    (root / "a.py").symlink_to(tmp_path / "b.py")
    (root / "folder").rename(root / "moved")
    (root / "folder").symlink_to(tmp_path)
    for path in ("a.py", "folder/b.py"):
        with pytest.raises(ChangedWhileRead):
            snapshot.text(path)


def test_a_text_once_read_stays_what_it_was(make_repo: MakeRepo) -> None:
    root = make_repo({"a.py": "before"})
    snapshot = take(root)
    assert snapshot.text("a.py") == "before"
    (root / "a.py").write_text("after")
    assert snapshot.text("a.py") == "before"


def test_globs_find_files_in_sorted_order(make_repo: MakeRepo) -> None:
    snapshot = take(make_repo({"b.py": "", "a/c.py": "", "Dockerfile": "", "deploy/Dockerfile.prod": "", "x.ts": ""}))
    assert snapshot.glob("**/*.py", "Dockerfile*") == ("Dockerfile", "a/c.py", "b.py", "deploy/Dockerfile.prod")
    assert snapshot.glob("a/") == ("a/c.py",)
    assert snapshot.glob("nothing") == snapshot.glob() == ()


def test_the_digest_follows_every_path_and_byte(make_repo: MakeRepo) -> None:
    digests = {
        take(make_repo(files, git=False)).digest
        for files in ({}, {"a": "x"}, {"a": "y"}, {"b": "x"}, {"a": "x", "b": "x"}, {"a": "x", "logo.png": "skipped"})
    }
    assert len(digests) == 5
