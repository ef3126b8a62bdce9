"""Does an answer hold the conditions of a rule? Each kind of condition is one question about the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

from backend_readiness.model import Endpoint, Verdict
from backend_readiness.probe.exchange import Answer
from backend_readiness.rules.probe_cards import Condition, Rule
from backend_readiness.snapshot.matching import Pattern, compile_patterns

# Two answers to paths that nothing serves differ by the path that they name.
_ALIKE_BYTES = 200
_PARAM = re.compile(r"\{[^{}/]*\}")
_MAX_PATHS = 5_000


class Span(Protocol):
    def start(self) -> int: ...
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An answer with what it is compared with: the scheme, what a path gets that is not there, what the analysis said, the flow."""

    answer: Answer
    scheme: str
    absent: Answer | None
    static: Verdict
    endpoints: Sequence[Endpoint]


def fits(rule: Rule, seen: Seen) -> bool:
    return all(holds(c, seen) for c in rule.when) and not any(holds(c, seen) for c in rule.unless)


def holds(condition: Condition, seen: Seen) -> bool:
    """All that the condition names must hold."""
    answer, c = seen.answer, condition
    return (
        (not c.status or any(_is_status(answer.status, code) for code in c.status))
        and (c.header is None or _header_holds(c, answer))
        and (c.cookie is None or any(_cookie_holds(c, cookie) for cookie in cookies(answer)))
        and (c.body is None or body_match(c.body, answer) is not None)
        and (c.min_body is None or len(answer.body) >= c.min_body)
        and (c.scheme is None or c.scheme == seen.scheme)
        and (c.distinct is None or c.distinct == _is_distinct(seen))
        and (not c.static or seen.static in c.static)
        and (c.lists is None or _lists(c.lists, seen))
        and (not c.either or any(holds(one, seen) for one in c.either))
    )


def _is_status(status: int, code: str) -> bool:
    return str(status) == code or (code.endswith("xx") and str(status)[:1] == code[:1])


def _header_holds(c: Condition, answer: Answer) -> bool:
    assert c.header is not None
    values = answer.values(c.header)
    if c.absent:
        return not values
    return bool(values) and (c.matches is None or any(pattern_of(c.matches).search(v.encode("utf-8", "replace")) for v in values))


def _is_distinct(seen: Seen) -> bool:
    """Without an answer to the path that is not there, nothing can be told apart from it."""
    there, nowhere = seen.answer, seen.absent
    if nowhere is None or (there.status in (404, 405, 501) and there.status >= 400):
        return False
    if there.status != nowhere.status:
        return True
    if there.first("content-type") != nowhere.first("content-type") or there.first("location") != nowhere.first("location"):
        return True
    return there.body != nowhere.body and abs(len(there.body) - len(nowhere.body)) > _ALIKE_BYTES


# ---------------------------------------------------------------- cookies


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """`attributes` are lower case, `samesite=lax` with its value."""

    name: str
    attributes: frozenset[str]


def cookies(answer: Answer) -> list[Cookie]:
    """The cookies that an answer sets; one that it deletes is none."""
    found = []
    for line in answer.values("set-cookie")[:50]:
        first, *rest = line.split(";")
        name, _, value = first.partition("=")
        attributes = frozenset("=".join(part.strip().lower() for part in item.split("=", 1)) for item in rest)
        if value.strip().strip('"') and "max-age=0" not in attributes:
            found.append(Cookie(name=name.strip(), attributes=attributes))
    return found


def _cookie_holds(c: Condition, cookie: Cookie) -> bool:
    assert c.cookie is not None
    if pattern_of(c.cookie).search(cookie.name.encode("utf-8", "replace")) is None:
        return False
    kept = {wanted for wanted in (*c.has, *c.lacks) if any(_is_attribute(wanted.lower(), a) for a in cookie.attributes)}
    return all(wanted in kept for wanted in c.has) and (not c.lacks or any(wanted not in kept for wanted in c.lacks))


def _is_attribute(wanted: str, attribute: str) -> bool:
    return attribute == wanted or attribute.startswith(f"{wanted}=")


# ---------------------------------------------------------------- bodies


@cache
def pattern_of(text: str) -> Pattern:
    found = compile_patterns((text,))
    assert found is not None
    return found


def body_match(pattern: str, answer: Answer) -> tuple[int, int] | None:
    """From where to where in the body the pattern matches first."""
    found = cast("Span | None", pattern_of(pattern).search(answer.body))
    return None if found is None else (found.start(), found.end())


def _lists(wanted: str, seen: Seen) -> bool:
    """Does the body, as an OpenAPI document, name all or some endpoints of the flow? Parameters may have other names."""
    documented = _documented(seen.answer)
    if documented is None or not seen.endpoints:
        return False
    known = [any(_is_same(endpoint, one) for one in documented) for endpoint in seen.endpoints]
    return all(known) if wanted == "all" else any(known)


def _documented(answer: Answer) -> list[tuple[str, str]] | None:
    """(METHOD, path) of an OpenAPI document in the body; None for anything else."""
    if answer.cut:
        return None
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not (document.get("openapi") or document.get("swagger")):
        return None
    paths = document.get("paths")
    base = document.get("basePath")
    prefix = base.rstrip("/") if isinstance(base, str) else ""
    if not isinstance(paths, dict):
        return None
    return [
        (str(method).upper(), prefix + str(path))
        for path, item in list(paths.items())[:_MAX_PATHS]
        if isinstance(item, dict)
        for method in item
    ]


def _is_same(endpoint: Endpoint, documented: tuple[str, str]) -> bool:
    method, path = documented
    mine, theirs = (_PARAM.sub("{}", p).rstrip("/") or "/" for p in (endpoint.path, path))
    return mine == theirs and (endpoint.method in ("ANY", method))
