"""Globs with braces, as models write them, are not taken for names that no file has."""

from __future__ import annotations

import pytest
from tests.conftest import MakeRepo

from backend_readiness.errors import UnusableInput
from backend_readiness.tools import Tools
from backend_readiness.tools.searching import alternatives, named
from backend_readiness.tools.workspaces import Workspaces


@pytest.mark.parametrize(
    ("pattern", "globs"),
    [
        ("**/*.py", ("**/*.py",)),
        ("**/*.{py,ts}", ("**/*.py", "**/*.ts")),
        ("{a,b}/*.{x,y}", ("a/*.x", "a/*.y", "b/*.x", "b/*.y")),
        ("a{}b", ("a{}b",)),
    ],
)
def test_braces_stand_for_each_of_their_parts(pattern: str, globs: tuple[str, ...]) -> None:
    assert alternatives(pattern) == globs


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ("", ["a.py", "b.ts", "c.md", "web/d.ts"]),
        ("*.{py,ts}", ["a.py", "b.ts", "web/d.ts"]),
        ("*.py, c.md", ["a.py", "c.md"]),
        ("!*.{md,py}", ["b.ts", "web/d.ts"]),
        ("*.ts,!web/**", ["b.ts"]),
        ("*.go", []),
        ("!", ["a.py", "b.ts", "c.md", "web/d.ts"]),
    ],
)
def test_globs_stand_side_by_side_and_take_away(make_repo: MakeRepo, files: str, found: list[str]) -> None:
    snapshot = Workspaces([make_repo(dict.fromkeys(("a.py", "b.ts", "c.md", "web/d.ts"), "x\n"))]).open(".").snapshot
    assert list(named(snapshot, files)) == found


def test_a_glob_of_no_file_is_said(make_repo: MakeRepo) -> None:
    found = Tools(Workspaces([make_repo({"a.py": "x\n"})])).grep(pattern="x", files="*.go")
    assert any("no file has a name" in gap for gap in found.about.left_out)


def test_too_many_alternatives_are_refused() -> None:
    with pytest.raises(UnusableInput, match="more than 64"):
        alternatives("{a,b}" * 8)
