"""The source that verdicts stand on, each line once: what a reader would otherwise open file by file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from backend_readiness.model import Verdict
from backend_readiness.snapshot.skips import is_lock
from backend_readiness.tools import answers
from backend_readiness.tools.chains import TRACE_CHARS, draw
from backend_readiness.tools.text import shown, spans

if TYPE_CHECKING:
    from backend_readiness.model import Flow
    from backend_readiness.report.schema import ControlOut, EvidenceOut
    from backend_readiness.workspace import Workspace

MAX_CHARS = 10_000  # of all excerpts of one question
BEFORE, AFTER = 2, 6  # lines around a place: what it begins tells more than what it follows
_MAX_SPAN = 24  # lines of one place
_MAX_LINE = 120
_PLACES = 3  # of one control
_NEAR = 5  # lines between two excerpts that are worth showing with them
_TRACES = 5  # endpoints of a flow
_ORDER = (Verdict.UNVERIFIED, Verdict.PASS, Verdict.PARTIAL, Verdict.FAIL)


def excerpts(found: Workspace, controls: Iterable[ControlOut], flow: Flow | None = None) -> tuple[answers.SourceRow, ...]:
    """The lines around the places that `controls` cite, files in the order in which they are first cited.

    Verdicts whose line in an answer quotes nothing come first. Left out are prose, lock files and keys, and what the trace of the
    endpoints of `flow` shows by default.
    """
    wanted: dict[str, set[int]] = {}
    traced = _traced(found, flow) if flow is not None else frozenset()
    room = MAX_CHARS
    for place in _places(controls):
        lines = found.snapshot.lines(place.file) if place.file and found.snapshot.file(place.file) is not None else ()
        if place.file is None or place.line is None or not 1 <= place.line <= len(lines):
            continue
        last = min(place.end_line or place.line, place.line + _MAX_SPAN)
        window = range(max(1, place.line - BEFORE), min(len(lines), max(last, place.line + AFTER)) + 1)
        new = [n for n in window if n not in wanted.get(place.file, ()) and (place.file, n) not in traced]
        room -= sum(min(len(lines[number - 1]), _MAX_LINE) + 2 for number in new)
        if room < 0:
            break
        if new:
            wanted.setdefault(place.file, set()).update(new)
    return tuple(_rows(found, wanted))


def _traced(found: Workspace, flow: Flow) -> frozenset[tuple[str, int]]:
    """The lines that the trace of each endpoint shows."""
    first_of = {traced.chain.endpoint: traced.chain for traced in reversed(found.chains(flow))}
    return frozenset(place for chain in islice(first_of.values(), _TRACES) for place in draw(found, chain, TRACE_CHARS).shown)


def _places(controls: Iterable[ControlOut]) -> Iterator[EvidenceOut]:
    for control in sorted((c for c in controls if c.verdict in _ORDER), key=lambda c: (_ORDER.index(c.verdict), -c.severity.rank)):
        placed = [e for e in control.evidence if e.file is not None and not _is_dull(e.file)]
        yield from placed[:_PLACES]


def _is_dull(file: str) -> bool:
    return is_lock(file.rpartition("/")[2]) or file.lower().endswith((".md", ".rst", ".txt", ".key", ".pem"))


def _rows(found: Workspace, wanted: dict[str, set[int]]) -> Iterator[answers.SourceRow]:
    for file, numbers in wanted.items():
        lines = found.snapshot.lines(file)
        for first, last in spans(sorted(numbers), _NEAR):
            while first < last and not lines[first - 1].strip():
                first += 1
            while last > first and not lines[last - 1].strip():
                last -= 1
            taken = [line.rstrip().expandtabs(2) for line in shown(lines, first, last, _MAX_LINE)]
            if not any(line.strip() for line in taken):
                continue
            margin = min((len(line) - len(line.lstrip()) for line in taken if line.strip()), default=0)
            yield answers.SourceRow(at=f"{file}:{first}-{last}", text="\n".join(line[margin:] for line in taken))
