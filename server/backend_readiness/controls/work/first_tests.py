"""Where the tests of a repository begin: the place beside which a missing one would stand."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence

MAX_FILES = 40
_STARTS = re.compile(
    r"^\s*(?:(?:async )?def test|(?:pub )?(?:async )?fn test|func Test|@Test\b|\[(?:Fact|Test)|(?:it|test)\(|public function "
    r"|test \"|it [\"'])"
)


def first_test(context: Context, files: Iterable[str]) -> Evidence | None:
    """The first test of the first file that has one; without any, the first file that is not empty."""
    bare: Evidence | None = None
    for path, _ in zip(files, range(MAX_FILES), strict=False):
        lines = context.snapshot.lines(path)
        start = next((n for n, t in enumerate(lines, 1) if _STARTS.search(t[:200]) is not None), None)
        if start is not None:
            return context.at(path, start)
        bare = bare or (context.at(path, 1) if lines else None)
    return bare
