"""Globs as in .gitignore: what they match, and that none of them runs away."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from backend_readiness.snapshot import globs


@pytest.mark.parametrize(
    "pattern,matching,other",
    [
        ("**/*.py", ["a.py", "x/y/a.py"], ["a.pyi", "a.py.txt"]),
        ("*.py", ["a.py", "x/y/a.py"], ["py"]),
        ("Dockerfile*", ["Dockerfile", "deploy/Dockerfile.prod"], ["xDockerfile"]),
        ("src/**/*.ts", ["src/a.ts", "src/x/y/a.ts"], ["a.ts", "lib/src/a.ts"]),
        ("/a.py", ["a.py"], ["x/a.py"]),
        ("src", ["src/a.py", "x/src/b/c.py", "src"], ["srcs/a.py"]),
        ("src/", ["src/a.py", "x/src/a.py"], ["src", "x/src"]),
        ("a/**/b/**/c", ["a/b/c", "a/x/b/y/z/c", "a/b/b/c"], ["a/c", "b/c", "xa/b/c"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "b/a/c"]),
        ("[ab]?.*", ["ax.y", "x/bz.q"], ["cx.y", "a.y"]),
        ("[!a]b", ["xb", "d/xb"], ["ab", "/b"]),
        ("[[:digit:]]*.sql", ["001.sql"], ["a.sql"]),
        (r"\*.py", ["*.py"], ["a.py"]),
        ("a*b*c", ["abc", "axbxbc", "abcc"], ["abd", "ab/c"]),
        ("[", ["["], ["a"]),
        ("[z-a]", [], ["z", "a", "-"]),
        ("ä*.ts", ["äb.ts"], ["ab.ts"]),
    ],
)
def test_a_pattern_matches_what_git_says(pattern: str, matching: list[str], other: list[str]) -> None:
    match = globs.matcher((pattern,)).match
    assert [path for path in matching if not match(path)] == []
    assert [path for path in other if match(path)] == []


def test_several_patterns_match_what_one_of_them_does() -> None:
    match = globs.matcher(("*.js", "/Makefile")).match
    assert match("x/a.js")
    assert match("Makefile")
    assert not match("x/Makefile")
    assert not globs.matcher(()).match("a")


NAME = st.text(alphabet="ab*?.", min_size=1, max_size=5)
PATTERN = st.builds("/".join, st.lists(st.one_of(NAME, st.just("**")), min_size=1, max_size=4))
PATH = st.builds("/".join, st.lists(st.text(alphabet="ab", min_size=1, max_size=5), min_size=1, max_size=4))


@settings(max_examples=400, deadline=None)
@given(pattern=PATTERN, paths=st.lists(PATH, max_size=8))
def test_patterns_mean_what_they_mean_to_pathspec(pattern: str, paths: list[str]) -> None:
    if any("**" in name and name != "**" for name in pattern.split("/")):
        return  # two stars inside a name: git takes them as one, pathspec has changed its mind over time
    spec = GitIgnoreSpec.from_lines([pattern])
    match = globs.matcher((pattern,)).match
    assert [bool(match(path)) for path in paths] == [spec.match_file(path) for path in paths]


@settings(max_examples=300, deadline=None)
@given(pattern=st.text(max_size=40), path=st.text(max_size=40))
def test_no_pattern_raises_an_error(pattern: str, path: str) -> None:
    globs.matcher((pattern,)).match(path)


@pytest.mark.parametrize(
    "pattern,path",
    [
        ("*a" * 100 + "b", "a" * 4_000),
        ("**/" + "a/**/" * 100 + "b", "a/" * 2_000 + "c"),
        ("/".join(["*a*a*b"] * 50), "/".join(["a" * 60] * 60)),
        ("*?" * 200 + "b", "a" * 4_000),
    ],
)
def test_a_pattern_made_to_backtrack_ends_at_once(pattern: str, path: str) -> None:
    started = time.process_time()
    globs.matcher((pattern,)).match(path)
    assert time.process_time() - started < 2


NAMES = st.sampled_from(["a", "b.py", "*", "**", "*.py", "[ab]", "\\a", "?", "[!a]b.py"])


@given(
    pattern=st.lists(NAMES, min_size=1, max_size=3).map("/".join),
    end=st.sampled_from(["", "/"]),
    path=st.lists(st.sampled_from(["a", "b", "b.py", "ab.py", "x"]), min_size=1, max_size=4).map("/".join),
)
def test_what_a_pattern_matches_holds_its_tail(pattern: str, end: str, path: str) -> None:
    if globs.matcher((pattern + end,)).match(path):
        assert globs.tail(pattern + end) in path
