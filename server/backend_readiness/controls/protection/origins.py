"""Patterns of origins, and which hosts they let in that nobody can have meant."""

from __future__ import annotations

import re

import regex

from backend_readiness.controls.callees import Found, constants
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, unverified
from backend_readiness.graph.values import AV, Obj, options
from backend_readiness.model import Evidence, Verdict

_STRANGERS = ("https://a.example", "https://qx7.stranger.test")
_EXAMPLE = re.compile(r"(?i)^\s*(?:export\s+)?\w*(?:cors|origins?)\w*\s*=\s*[\"']?\*[\"']?\s*(?:#.*)?$")
# Names of hosts in a pattern, their points escaped or not.
_HOSTS = re.compile(r"(?<![\w.])((?:[\w-]+\\?\.){1,3}(?:com|net|org|io|app|dev|co|example|test))\b")


def of_resources(found: Found, value: AV | None, keys: tuple[str, ...]) -> list[object] | None:
    """The origins that a table of resources gives (`{r"/api/*": {"origins": "*"}}`), `*` for one that names none; None when not read."""
    tables = list(options(value)) if value is not None else []
    said: list[object] = []
    for table in tables:
        if not isinstance(table, Obj) or table.spreads or not table.fields:
            return None
        for thunk in table.fields.values():
            inner = found.context.graph.ev.thunk(thunk)
            if not isinstance(inner, Obj) or inner.spreads:
                return None
            given = [constants(found.context, found.context.graph.ev.thunk(inner.fields[k])) for k in keys if k in inner.fields]
            if any(not g for g in given):
                return None
            said.extend(given[0] if given else ["*"])
    return said or None


def matches_any(pattern: object) -> bool:
    """Does the pattern match origins that nobody can have meant?"""
    if not isinstance(pattern, str) or len(pattern) > 300:
        return False
    try:
        written = regex.compile(pattern)
        return all(written.fullmatch(o, timeout=0.05) is not None for o in _STRANGERS)
    except (regex.error, TimeoutError):
        return False


def matches_lookalikes(pattern: object) -> bool:
    """Does a host that only begins or ends like one that the pattern names match it too: a point that is not escaped, no anchor?"""
    if not isinstance(pattern, str) or len(pattern) > 300:
        return False
    hosts = [h.replace("\\", "") for h in _HOSTS.findall(pattern)]
    alike = [o for h in hosts[:6] for o in (f"https://stranger{h}", f"https://{h}.stranger.test")]
    try:
        written = regex.compile(pattern)
        return any(written.fullmatch(o, timeout=0.05) is not None for o in alike)
    except (regex.error, TimeoutError):
        return False


def any_by_example(context: Context) -> Evidence | None:
    """The line of an example of the environment that lets every origin in: `CORS_ORIGIN=*`."""
    for path in context.snapshot.glob("**/.env*", "**/*.env", "**/*env.example", "**/*env.sample"):
        for number, text in enumerate(context.snapshot.lines(path)[:400], 1):
            if _EXAMPLE.match(text[:200]) is not None:
                return context.at(path, number)
    return None


def doubted_by_example(context: Context, judged: Judgement) -> Judgement:
    """The judgement, unless it passes origins that only a setting names, for which the repository's own example gives every origin."""
    every = any_by_example(context) if judged.verdict is Verdict.PASS else None
    spans = [(e.file, e.line, e.end_line or e.line) for e in judged.evidence if e.file is not None and e.line is not None]
    if every is None or any("://" in t for file, first, last in spans for t in context.snapshot.lines(file)[first - 1 : last]):
        return judged
    return unverified("The origins come from a setting, for which the repository's own example gives every origin.", every)
