"""Paths that say in front how they are meant: `regex:^/files/(?<name>.*)$`, `glob:/pages/**`, `prefix:/files`.

The option `path_marks` of a rule gives what each mark means: `plain` (nothing), `regex` (a regular expression), `below` (everything below).
`param_mark` has the signs that a parameter begins with: `/users/@id:int`. `spelling` is how a router writes what this program writes
otherwise: pairs of a regular expression and what stands in its place, one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from backend_readiness.graph.optional_parts import with_optional_captures
from backend_readiness.graph.urls import from_regex, with_optional_braces, with_optional_tail


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


def spelled(path: str, spelling: Iterable[tuple[str, str]]) -> str:
    """The path with everything that `spelling` names written as this program writes it."""
    for pattern, put in spelling:
        path = re.sub(pattern, put, path)
    return path


_GROUPS = re.compile(r"\((?!:)[^()]{0,200}(?:\([^()]{0,200}\)[^()]{0,200}){0,5}\)")


def as_written(options: Mapping[str, Any], paths: list[str]) -> list[str]:
    """The paths that the texts of a rule mean, each optional part left out and put in."""
    paths = [spelled(p, options.get("spelling", ())) for p in paths]
    if options.get("regex"):
        paths = ["/" + from_regex(t).lstrip("/") for p in paths for t in with_optional_captures(p)]
    if options.get("groups"):  # a regular expression in brackets stands for a part, the rest is written as it is
        paths = [_GROUPS.sub("{arg}", p) for p in paths]
    paths = [marked(p, options.get("param_mark", "")) for p in paths]
    if options.get("below"):  # all below the path; one that ends with a parameter (`PathPrefix("/-{id}")`) names what it answers
        paths = [p if p.endswith("}") else p.rstrip("/") + "/{path*}" for p in paths]
    if options.get("path_marks"):
        paths = [unmarked(p, options["path_marks"]) for p in paths]
    if options.get("optional_groups"):
        paths = [t for p in paths for t in with_optional_braces(p)]
    if options.get("optional_tail"):
        paths = [t for p in paths for t in with_optional_tail(p)]
        paths = [t.rstrip("/") or t for t in paths] if options["optional_tail"] == "trimmed" else paths
    return paths
