"""Patterns of origins, and which hosts they let in that nobody can have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

import regex

from backend_readiness.controls.callees import Found, constants
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.startup import override_settings, settings
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.graph.values import AV, Obj, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence, Verdict
from backend_readiness.rules.signs import signs

_STRANGERS = ("https://a.example", "https://qx7.stranger.test")
_HOSTERS = signs("origins", "hosters")
_COMPARES = frozenset({"includes", "has", "test", "match", "indexOf", "some", "find", "startsWith", "endsWith"})
# What a function calls that lets an origin in, and what a function writes that refuses one or answers with a comparison.
_ALLOWS = re.compile(r"\b\w+\(\s*null\s*,\s*true\s*\)")
_REFUSES = re.compile(r"\bError\b|\bfalse\b|\bthrow\b|\(\s*null\s*,|\(\s*null\s*\)|\breturn\s+(?!\w+\(\s*\)|;)[^\n;]")
_NAMED = re.compile(r"(?i)cors|origin")
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


def by_patterns(patterns: Iterable[object], at: Evidence, *, credentials: bool) -> Judgement | None:
    """Whom patterns of origins let in beside those that are meant; None when nobody else is known."""
    given = list(patterns)
    if any(matches_any(p) for p in given):
        return failed(f"The pattern of allowed origins matches any origin{', with credentials' if credentials else ''}.", at)
    if any(matches_lookalikes(p) for p in given):
        return failed("The pattern of allowed origins also matches hosts whose names only look alike.", at)
    shared = next((host for p in given if (host := _shared(p)) is not None), None)
    return partial(f"The pattern allows every name under `{shared}`, where anybody may have one.", at) if shared is not None else None


def _shared(pattern: object) -> str | None:
    """The domain of a hoster of which the pattern matches any name."""
    if not isinstance(pattern, str) or len(pattern) > 300:
        return None
    plain = pattern.replace("\\", "")
    try:
        written = regex.compile(pattern)
        return next((h for h in _HOSTERS if h in plain and written.match(f"https://stranger.{h}", timeout=0.05) is not None), None)
    except (regex.error, TimeoutError):
        return None


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


def by_function(context: Context, file: str, symbol: int, at: Evidence) -> Judgement:
    """A function decides: it must compare the whole origin with something, and refuse the others."""
    view = context.view(file)
    scopes = view.body(symbol)
    tested = any(view.blocks_of.get(s) for s in scopes) or any(
        (callee_name(view.facts.calls[n]) or "") in _COMPARES for s in scopes for n in view.calls_of.get(s, ())
    )
    if not tested:
        return failed("The origin of the request is sent back as allowed without a check.", at)
    held = view.symbol(symbol)
    text = "\n".join(t for t in context.snapshot.lines(file)[held.line - 1 : held.end_line] if not t.lstrip().startswith("//"))[:6_000]
    if _ALLOWS.search(text) is not None and _REFUSES.search(_ALLOWS.sub("", text)) is None:
        return failed("The function lets every origin in, whatever it compares.", at)
    origin = re.escape(held.params[0].name) if held.params and held.params[0].name else "origin"
    for way, _, part in re.findall(rf"\b{origin}\s*\??\.(includes|indexOf|startsWith|endsWith)\(\s*(['\"`])([^'\"`]{{1,200}})\2", text):
        if not ((way == "startsWith" and part.endswith((":", "/"))) or (way == "endsWith" and part.startswith((".", "/")))):
            return failed("Only a part of the origin is compared, which hosts whose names look alike have too.", at)
    if any(matches_any(p) or matches_lookalikes(p) for p in re.findall(r"/((?:[^/\\\n\[]|\\.|\[[^\]\n]*\]){3,200})/[a-z]*\.test\(", text)):
        return failed("The pattern of allowed origins also matches hosts whose names only look alike.", at)
    if re.search(rf"\b{origin}\s*\??\.(includes|indexOf|startsWith|endsWith)\(", text) is not None:
        return unverified("A part of the origin is compared; whether hosts whose names look alike have it was not settled.", at)
    return passed("A function compares the origin before it is allowed.", at)


def any_by_example(context: Context) -> Evidence | None:
    """The line of an example of the environment that lets every origin in: `CORS_ORIGIN=*`."""
    for path in context.snapshot.glob("**/.env*", "**/*.env", "**/*env.example", "**/*env.sample"):
        for number, text in enumerate(context.snapshot.lines(path)[:400], 1):
            if _EXAMPLE.match(text[:200]) is not None:
                return context.at(path, number)
    for said in (*settings(context), *override_settings(context)):  # `CORS_ORIGINS=*` of the deployment
        if _NAMED.search(said.name) is not None and said.value.strip("\"'[] ") == "*":
            return context.at(said.file, said.line)
    return None


def doubted_by_example(context: Context, judged: Judgement) -> Judgement:
    """The judgement, unless it passes origins that only a setting names, for which the repository's own example gives every origin."""
    every = any_by_example(context) if judged.verdict is Verdict.PASS else None
    spans = [(e.file, e.line, e.end_line or e.line) for e in judged.evidence if e.file is not None and e.line is not None]
    if every is None or any("://" in t for file, first, last in spans for t in context.snapshot.lines(file)[first - 1 : last]):
        return judged
    return unverified("The origins come from a setting, for which the repository's own example gives every origin.", every)
