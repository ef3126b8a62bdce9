"""What the audits are worth: which seeded defects were found, where the evidence landed, and what was said that is not so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend_readiness.model import Layer, Severity, Verdict
from evals.audits import EVERY_ENDPOINT, Audited, Audits
from evals.seeded import Seeded


class Outcome(StrEnum):
    """What became of the broken control."""

    FOUND = "found"
    UNVERIFIED = "unverified"
    FALSE_PASS = "false pass"
    NOT_APPLICABLE = "not applicable"
    OPEN_BEFORE = "open on the good app"
    NO_AUDIT = "no audit"


class Landed(StrEnum):
    """Where the evidence of a defect that was found stands."""

    AT_PLACE = "at the place"
    SAME_FILE = "in the file"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    control: str
    severity: Severity
    where: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectScore:
    """One broken twin. `extra` are findings that the good app has not and that the change does not explain."""

    id: str
    layer: Layer
    control: str
    judged: bool  # the control has a hook: static analysis tries to settle it
    outcome: Outcome
    landed: Landed | None
    extra: tuple[Finding, ...]
    seconds: float
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenignScore:
    """One benign twin. `new` are findings that the good app has not; `turned` the watched controls whose verdict got worse."""

    id: str
    new: tuple[Finding, ...]
    turned: tuple[str, ...]
    seconds: float
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of so many."""

    hits: int
    of: int

    def __str__(self) -> str:
        return f"{self.hits}/{self.of} ({self.hits / self.of:.0%})" if self.of else "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The defects of one layer, or of all. `judged` counts only those whose control has a hook."""

    recall: Share
    judged: Share
    at_place: Share
    same_file: Share
    false_passes: int
    extra: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoreboard:
    """`good` are the findings on the good app, each control once, over all its flows."""

    defects: tuple[DefectScore, ...]
    benign: tuple[BenignScore, ...]
    good: tuple[Finding, ...]
    good_problems: tuple[str, ...]
    seconds: float

    def tally(self, layer: Layer | None = None) -> Tally:
        rows = [row for row in self.defects if layer is None or row.layer is layer]
        found = [row for row in rows if row.outcome is Outcome.FOUND]
        landed = Counter(row.landed for row in found)
        return Tally(
            recall=Share(hits=len(found), of=len(rows)),
            judged=Share(hits=sum(row.judged for row in found), of=sum(row.judged for row in rows)),
            at_place=Share(hits=landed[Landed.AT_PLACE], of=len(found)),
            same_file=Share(hits=landed[Landed.AT_PLACE] + landed[Landed.SAME_FILE], of=len(found)),
            false_passes=sum(row.outcome is Outcome.FALSE_PASS for row in rows),
            extra=sum(len(row.extra) for row in rows),
        )


def score(changes: Iterable[Seeded], audits: Audits, judged: frozenset[str], seconds: float) -> Scoreboard:
    """Compares each twin with the good app. `judged` are the controls with a hook."""
    rows = sorted(changes, key=lambda seeded: seeded.id)
    good: dict[str, Finding] = {}
    for audited in audits.good.values():
        for finding in findings_of(audited):
            good.setdefault(finding.control, finding)
    # That the good app lacks the endpoint of a change that adds one is no problem.
    problems = {p for key, audited in audits.good.items() for p in _problems(audited) if not audited.error or key == EVERY_ENDPOINT}
    return Scoreboard(
        defects=tuple(_defect(s, _base(s, audits), audits.twins[s.id], judged) for s in rows if s.kind == "defect"),
        benign=tuple(_benign(s, _base(s, audits), audits.twins[s.id]) for s in rows if s.kind == "benign"),
        good=tuple(sorted(good.values(), key=lambda f: (-f.severity.rank, f.control))),
        good_problems=tuple(sorted(problems)),
        seconds=seconds,
    )


def findings_of(audited: Audited) -> tuple[Finding, ...]:
    found = []
    for control, verdicted in audited.controls.items():
        if verdicted.open:
            place = verdicted.places[0] if verdicted.places else None
            where = f"{place.file}:{place.line}" if place else ""
            found.append(Finding(control=control, severity=verdicted.severity, where=where, why=verdicted.why))
    return tuple(found)


def _base(seeded: Seeded, audits: Audits) -> Audited:
    """The good app's audit to compare with; where it has no such endpoint, that of all its endpoints."""
    base = audits.good[seeded.flow, seeded.endpoint]
    return base if not base.error else audits.good[EVERY_ENDPOINT]


def _problems(audited: Audited) -> tuple[str, ...]:
    return ((audited.error,) if audited.error else ()) + audited.incomplete


def _is_open(audited: Audited, control: str) -> bool:
    return control in audited.controls and audited.controls[control].open


def _new(base: Audited, twin: Audited, explained: Sequence[str] = ()) -> tuple[Finding, ...]:
    return tuple(f for f in findings_of(twin) if f.control not in explained and not _is_open(base, f.control))


def _defect(seeded: Seeded, base: Audited, twin: Audited, judged: frozenset[str]) -> DefectScore:
    assert seeded.control is not None  # `Seeded` holds it of a defect
    assert seeded.layer is not None
    outcome = _outcome(seeded.control, base, twin)
    return DefectScore(
        id=seeded.id,
        layer=seeded.layer,
        control=seeded.control,
        judged=seeded.control in judged,
        outcome=outcome,
        landed=_landed(seeded, twin) if outcome is Outcome.FOUND else None,
        extra=_new(base, twin, (seeded.control, *seeded.also)),
        seconds=round(twin.seconds, 2),
        problems=_problems(twin),
    )


def _outcome(control: str, base: Audited, twin: Audited) -> Outcome:
    verdicted = twin.controls.get(control)
    if verdicted is None:
        return Outcome.NO_AUDIT
    if verdicted.open:
        return Outcome.OPEN_BEFORE if _is_open(base, control) else Outcome.FOUND
    kinds = {Verdict.PASS: Outcome.FALSE_PASS, Verdict.NOT_APPLICABLE: Outcome.NOT_APPLICABLE}
    return kinds.get(verdicted.verdict, Outcome.UNVERIFIED)


def _landed(seeded: Seeded, twin: Audited) -> Landed:
    places = twin.controls[seeded.control or ""].places
    same = [(place, want) for place in places for want in seeded.expect if place.file == want.file]
    if any(place.line <= want.end_line and want.line <= place.end_line for place, want in same):
        return Landed.AT_PLACE
    return Landed.SAME_FILE if same else Landed.ELSEWHERE


_WORTH = {Verdict.FAIL: 0, Verdict.PARTIAL: 1, Verdict.UNVERIFIED: 2, Verdict.NOT_APPLICABLE: 3, Verdict.PASS: 3}


def _benign(seeded: Seeded, base: Audited, twin: Audited) -> BenignScore:
    turned = []
    for control in seeded.watch:
        before, after = base.controls.get(control), twin.controls.get(control)
        if before and after and _WORTH[after.verdict] < _WORTH[before.verdict]:
            turned.append(f"{control}: {before.verdict.value} -> {after.verdict.value}")
    return BenignScore(id=seeded.id, new=_new(base, twin), turned=tuple(turned), seconds=round(twin.seconds, 2), problems=_problems(twin))
