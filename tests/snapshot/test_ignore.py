"""Ignore rules against git's own answer."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import GIT_ENV, MakeRepo, run_git

from backend_readiness.snapshot import ignore


def ignored_by_git(root: Path, paths: list[str]) -> list[bool]:
    """Asks git about files that need not be there; a path's folders exist only in its name."""
    answer = subprocess.run(
        ["git", "check-ignore", "--no-index", "--verbose", "--non-matching", "-z", "--stdin"],
        cwd=root, env={**os.environ, **GIT_ENV}, input="\0".join(paths), capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    return [bool(answer[at]) and not answer[at + 2].startswith("!") for at in range(0, len(answer) - 1, 4)]


def ignored_by_us(rules: str, path: str) -> bool:
    parsed = ignore.parse(rules, "")
    chain = (parsed,) if parsed else ()
    parts = path.split("/")
    folders = ("/".join(parts[:end]) for end in range(1, len(parts)))
    return any(ignore.is_ignored(folder, True, chain) for folder in folders) or ignore.is_ignored(path, False, chain)


@pytest.mark.parametrize(
    "rules",
    [
        "*.log\n!keep.log\n",
        "build/\n",
        "/build\n",
        "# note\n\\#file\n\\!x\n",
        "a/**/c\n!a/b/c\n",
        "trailing   \nescaped\\ \n",
        "*\n!*/\n!*.py\n",
        "**/x\r\nb\r\n",
        "a/*\n!a/b\n",
    ],
)
def test_rules_mean_what_they_mean_to_git(rules: str, make_repo: MakeRepo) -> None:
    root = make_repo({".gitignore": rules})
    paths = [
        "a.log",
        "keep.log",
        "x/keep.log",
        "build/a",
        "x/build/a",
        "#file",
        "!x",
        "a/c",
        "a/b/c",
        "a/z/c",
        "trailing",
        "escaped ",
        "m.py",
    ]
    paths += ["x/m.py", "x", "y/x", "b", "a/b/d", "a/d"]
    assert [ignored_by_us(rules, path) for path in paths] == ignored_by_git(root, paths)


def says_what_git_documents(line: str) -> bool:
    """Not so `**` beside anything but a slash: git compares the plain text in front of the first `*` on its own and matches the
    rest as if it stood at the start, so that `a**/a` reads as `a` and then `**/a`; its manual says that it is `a*/a`.
    """
    return re.search(r"[^/]\*\*|\*\*[^/]", line.removeprefix("!")) is None


LINE = st.text(alphabet="ab*/!", min_size=1, max_size=6).filter(says_what_git_documents)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINE, min_size=1, max_size=4))
def test_any_rules_mean_what_they_mean_to_git(lines: list[str], make_repo: MakeRepo) -> None:
    rules = "\n".join(lines) + "\n"
    root = make_repo({}, git=False)
    run_git(root, "init", "--quiet")
    (root / ".gitignore").write_text(rules)
    paths = ["a", "b", "ab", "a/b", "b/a", "ab/a", "a/a/b", "b/ab/a", "a/b/a/b", "aab"]
    assert [ignored_by_us(rules, path) for path in paths] == ignored_by_git(root, paths)


def test_an_empty_file_and_one_of_comments_have_no_rules() -> None:
    assert ignore.parse("", "") is None
    assert ignore.parse("# nothing\n\n   \n", "") is None
