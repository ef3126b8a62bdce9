"""Frameworks that write the parameters of each request to the log, and what an application tells them to leave out."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, states
from backend_readiness.controls.judgement import Judgement, failed, unverified

NEAR = 8
_ENDS = re.compile(r"\]")
_OPEN = re.compile(r"\[")
_COMPUTED = re.compile(r"\[\s*[A-Z/]|=\s*[\w.]+\s*$|\*\w|lambda|->|\bproc\b|\bActive")


def unfiltered_parameters(context: Context) -> Judgement | None:
    """A judgement where passwords among the parameters reach the log; None where the framework logs none, or leaves them out."""
    rule = states(context, "logged_parameters")
    found = default_of(context, "logged_parameters")
    if rule is None or found is None or found.otherwise is not None or rule.place == ():
        return None
    hits = context.hits(rule.place, rule.paths)
    if not hits:
        why = "The framework logs the parameters of each request; no line that leaves passwords out was found."
        return unverified(why, found.at or context.at_route()) if rule.when else None
    for file, line, _ in hits:
        text = "\n".join(_list(context.snapshot.lines(file)[line - 1 : line + NEAR]))
        if rule.value in text or _COMPUTED.search(text) is not None:
            return None
    return failed(rule.says_not, context.at(*hits[0][:2]))


def _list(lines: tuple[str, ...]) -> list[str]:
    """The lines up to the end of the list that begins on the first of them, without comments."""
    found: list[str] = []
    for text in lines:
        found.append(text.partition("#")[0])
        if _ENDS.search(text) is not None or (len(found) == 1 and _OPEN.search(text) is None):
            break
    return found
