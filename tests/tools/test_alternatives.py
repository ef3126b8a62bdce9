"""Globs with braces, as models write them, are not taken for names that no file has."""

from __future__ import annotations

import pytest

from backend_readiness.errors import UnusableInput
from backend_readiness.tools.searching import alternatives


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


def test_too_many_alternatives_are_refused() -> None:
    with pytest.raises(UnusableInput, match="more than 64"):
        alternatives("{a,b}" * 8)
