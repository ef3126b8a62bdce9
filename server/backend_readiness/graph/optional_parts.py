"""Regular expressions of paths, parts of which may be left out."""

from __future__ import annotations

import re


def with_optional_groups(pattern: str, more: int = 3) -> list[str]:
    """The regular expressions that one with optional groups without a name means: `/files(?:/(?P<id>\\d+))?` without and with the end."""
    start = pattern.find("(?:")
    depth, end = 0, start
    while 0 <= end < min(len(pattern), 2000):
        depth += (pattern[end] == "(") - (pattern[end] == ")")
        end += 1
        if depth == 0:
            break
    if more == 0 or start < 0 or depth or pattern[end : end + 1] != "?" or "|" in re.sub(r"\([^()]*\)", "", pattern[start + 3 : end - 1]):
        return [pattern]
    found = [inner + pattern[end + 1 :] for inner in ("", pattern[start + 3 : end - 1])]
    return [pattern[:start] + rest for tail in found for rest in with_optional_groups(tail, more - 1)]


def with_optional_captures(pattern: str) -> list[str]:
    """The same for groups that take their slash along: `/blog(/\\d+(/\\d+)?)?` without the group, with it, and with the one inside.

    What is left of a group captures what stands behind the slash: `/blog/(\\d+)`.
    """
    start = pattern.find("(/")
    depth, end = 0, start
    while 0 <= end < min(len(pattern), 500):
        depth += (pattern[end] == "(") - (pattern[end] == ")")
        end += 1
        if depth == 0:
            break
    if start < 0 or depth or pattern[end : end + 1] != "?":
        return [pattern]
    own, inner, rest = pattern[start + 2 : end - 1].partition("(/")
    with_it = f"{pattern[:start]}/({own}){inner}{rest}{pattern[end + 1 :]}"
    return [*with_optional_captures(pattern[:start] + pattern[end + 1 :]), *with_optional_captures(with_it)][:16]
