"""Of a function that sets several cookies, the lines that speak of one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAME = re.compile(r"[A-Za-z_]\w*")
_GIVEN = re.compile(r"(?:^|\s)(\w+)\s*:?=(?!=)")
_LONGEST = 20  # lines of a statement


def own_lines(body: Sequence[str], line: str, sets: Sequence[re.Pattern[str]]) -> list[str]:
    """The statement of `line`, those that the variable of the cookie is used in, and those that give it its options.

    All lines of the body where it sets one cookie only.
    """
    starts = [i for i, t in enumerate(body) if any(p.search(t) for p in sets)]
    at = next((i for i in starts if body[i] == line), None)
    if len(starts) < 2 or at is None:
        return list(body)
    own = _statement(body, at)
    said = " ".join(own)
    given = _GIVEN.search(line)
    used = [t for t in body if given is not None and re.search(rf"(?<![\w.]){re.escape(given.group(1))}\s*[.)\[-]", t)]
    words = set(_NAME.findall(said))
    made = [i for i, t in enumerate(body) if (m := _GIVEN.search(t)) is not None and m.group(1) in words and i not in starts]
    return [*own, *used, *(t for i in made for t in _statement(body, i))]


def _statement(body: Sequence[str], at: int) -> list[str]:
    """The lines from `at` until its brackets are closed, and those that go on with a dot."""
    depth = 0
    found: list[str] = []
    for text in body[at : at + _LONGEST]:
        if found and depth <= 0 and not text.lstrip().startswith((".", "->", "?.")):
            break
        found.append(text)
        depth += sum(text.count(c) for c in "([{") - sum(text.count(c) for c in ")]}")
    return found
