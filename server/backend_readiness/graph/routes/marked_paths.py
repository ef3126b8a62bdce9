"""Paths that say in front how they are meant: `regex:^/files/(?<name>.*)$`, `glob:/pages/**`, `prefix:/files`.

The option `path_marks` of a rule gives what each mark means: `plain` (nothing), `regex` (a regular expression), `below` (everything below).
`param_mark` has the signs that a parameter begins with: `/users/@id:int`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from backend_readiness.graph.urls import from_regex


def unmarked(path: str, marks: Mapping[str, str]) -> str:
    """The path behind its mark; a path without one as it is."""
    mark = next((m for m in marks if path.startswith(m)), "")
    rest = path.removeprefix(mark)
    match marks.get(mark, "plain") if mark else "plain":
        case "regex":
            return "/" + from_regex(rest.replace("(?<", "(?P<")).lstrip("/")
        case "below":
            return rest.rstrip("/") + "/{path*}"
    return rest


def marked(path: str, signs: str) -> str:
    """The path with the parameters that begin with one of the signs; as it is without any."""
    return re.sub(rf"(?<=/)[{re.escape(signs)}]\??(\w+)(?::\w+)?", r"{\1}", path) if signs else path
