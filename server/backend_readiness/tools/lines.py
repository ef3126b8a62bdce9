"""Rows of answers as single lines: what an agent reads unless it asks for full detail."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from backend_readiness.model import Flow, Route, Severity, Verdict
from backend_readiness.render.plain import one_line, place_of
from backend_readiness.report.redact import redact

if TYPE_CHECKING:
    from backend_readiness.report.schema import ControlOut

_MAX_WHY = 240
_MAX_QUOTE = 90
_MAX_IDS = 12  # ids on one line
_VERDICTS = (Verdict.FAIL, Verdict.PARTIAL, Verdict.UNVERIFIED, Verdict.PASS, Verdict.NOT_APPLICABLE)


def _text(text: str, limit: int = 120) -> str:
    return one_line(redact(text), limit)


def shared_middleware(routes: Sequence[Route]) -> tuple[str, ...]:
    """What stands before every one of at least two routes: worth saying once."""
    if len(routes) < 2:
        return ()
    first = [m.symbol for m in routes[0].middleware]
    return tuple(name for name in dict.fromkeys(first) if all(any(m.symbol == name for m in r.middleware) for r in routes[1:]))


def routes(shared: Collection[str] = ()) -> Callable[[Route], str]:
    """Lines of routes in a row, without `shared` middleware: one in the file of the line before names only its line."""
    above = ""

    def line(route: Route) -> str:
        nonlocal above
        handler = route.handler
        place = f"{handler.file}:{handler.line}-{handler.end_line}" if handler else str(route.place)
        file = handler.file if handler else route.place.file
        if file == above:
            place = place[len(file) :]
        above = file
        own = [_text(m.symbol, 60) for m in route.middleware if m.symbol not in shared]
        via = f" via {', '.join(own)}" if own else ""
        return f"{_text(str(route.endpoint), 200)} {place} {_text(handler.symbol, 80) if handler else '(handler not resolved)'}{via}"

    return line


def flow(one: Flow) -> str:
    """`login: POST /api/login (web/Login.tsx:8)`"""
    place = f" ({one.place})" if one.place is not None else ""
    return f"{_text(one.name, 80)}: {', '.join(_text(str(e)) for e in one.endpoints)}{place}"


def verdicts(controls: Iterable[ControlOut]) -> Iterator[str]:
    """One line a control, worst first; those that do not apply are only named, several on a line."""
    ordered = sorted(controls, key=lambda c: (_VERDICTS.index(c.verdict), -c.severity.rank))
    absent = [c.id for c in ordered if c.verdict is Verdict.NOT_APPLICABLE]
    yield from (_verdict(c) for c in ordered if c.verdict is not Verdict.NOT_APPLICABLE)
    for start in range(0, len(absent), _MAX_IDS):
        yield f"not_applicable: {', '.join(absent[start : start + _MAX_IDS])}"


def _verdict(control: ControlOut) -> str:
    head = f"{control.verdict.value} {control.severity.value} {control.id}"
    if control.verdict is Verdict.UNVERIFIED:
        return f"{head}: {_text(control.question, _MAX_WHY)}{_evidence(control, quoted=False)}"
    if control.verdict is Verdict.PASS and control.severity in (Severity.MEDIUM, Severity.LOW):
        return f"{head}{_evidence(control, quoted=False)}"
    return f"{head}: {_text(control.why, _MAX_WHY)}{_evidence(control, quoted=control.verdict is not Verdict.PASS)}"


def _evidence(control: ControlOut, *, quoted: bool) -> str:
    """The first place that has one, with its quote when it is `quoted`, and how many more there are."""
    placed = [e for e in control.evidence if e.file is not None]
    if not placed:
        return ""
    first = placed[0]
    missing = "should stand at " if first.kind == "absence" else ""
    quote = f" {_text(first.quote, _MAX_QUOTE)}" if quoted and first.quote and not missing else ""
    more = f" (+{len(placed) - 1})" if len(placed) > 1 else ""
    return f" | {missing}{place_of(first)}{quote}{more}"
