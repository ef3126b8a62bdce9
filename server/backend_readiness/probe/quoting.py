"""What is shown of an answer: status, the headers that matter, the place in the body; never a secret, never a control character."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backend_readiness.probe.conditions import body_match
from backend_readiness.probe.exchange import Answer, Request
from backend_readiness.render.plain import one_line
from backend_readiness.report.redact import redact
from backend_readiness.rules.probe_cards import Condition, ProbeCard, Rule

MAX_LINE = 240
_MAX_OF_ONE = 4
_BEFORE, _AFTER = 20, 140
_HIDDEN = "[redacted]"


def noted(request: Request, answer: Answer) -> str:
    """The request and the status, in one line: `GET /orders without credentials was answered 200 OK`."""
    sent = "".join(f", {name}: {value}" for name, value in request.headers)
    return one_line(redact(f"{request}{sent} was answered {answer.status} {answer.reason}".rstrip()), MAX_LINE)


def quoted(card: ProbeCard, rule: Rule, answer: Answer) -> str:
    """The lines of the answer on which the verdict rests."""
    lines = [one_line(f"{answer.status} {answer.reason}", MAX_LINE)]
    for name in dict.fromkeys((*card.shows, *_headers_of(rule.when))):
        if card.shows_absent or answer.values(name):
            lines += _header(name, answer)
    for pattern in _bodies_of(rule.when):
        found = body_match(pattern, answer)
        if found is not None:
            lines.append(_around(answer.body, *found, hides=rule.hides))
    return "\n".join(redact(line) for line in lines)


def _header(name: str, answer: Answer) -> list[str]:
    values = answer.values(name)
    if not values:
        return [f"(no {name})"]
    shown = [_without_value(value) if name == "set-cookie" else value for value in values[:_MAX_OF_ONE]]
    return [one_line(f"{name}: {value}", MAX_LINE) for value in shown]


def _without_value(cookie: str) -> str:
    """A cookie with its attributes: its value may be somebody's session."""
    first, sign, rest = cookie.partition(";")
    name, _, value = first.partition("=")
    return f"{name}={_HIDDEN if value.strip() else ''}{sign}{rest}"


def _around(body: bytes, start: int, end: int, *, hides: bool) -> str:
    """The part of a line around a match; with `hides` only up to its end."""
    begin = max(body.rfind(b"\n", 0, start) + 1, start - _BEFORE)
    if hides:
        return one_line(body[begin:end].decode("utf-8", "replace"), MAX_LINE) + _HIDDEN
    stop = body.find(b"\n", start, start + _AFTER)
    piece = body[begin : stop if stop >= 0 else start + _AFTER]
    return one_line(piece.decode("utf-8", "replace"), MAX_LINE)


def _headers_of(conditions: Iterable[Condition]) -> Iterator[str]:
    for condition in conditions:
        if condition.header is not None:
            yield condition.header.lower()
        if condition.cookie is not None:
            yield "set-cookie"
        yield from _headers_of(condition.either)


def _bodies_of(conditions: Iterable[Condition]) -> Iterator[str]:
    for condition in conditions:
        if condition.body is not None:
            yield condition.body
        yield from _bodies_of(condition.either)
