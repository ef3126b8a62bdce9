"""The verdicts of a run so far: static ones, and those that a model settled and that hold.

A model can move a verdict only with evidence that stands in the snapshot, never by words: not the score, which follows from the
verdicts, not a severity, and not by what the repository says of itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import yaml

from backend_readiness.agent.fragment import Fragment, Observed, Settled
from backend_readiness.agent.proof import absence_evidence, evidence_of, is_prose
from backend_readiness.model import ControlResult, Evidence, FindingStatus, Verdict, VerifiedBy
from backend_readiness.render.plain import one_line
from backend_readiness.report.redact import redact
from backend_readiness.rules.control_cards import load_controls
from backend_readiness.snapshot import Snapshot

MAX_RETURNS = 2  # how often one answer is sent back before it is demoted
_OPEN = (Verdict.FAIL, Verdict.PARTIAL)
_DOCUMENTED = Path(__file__).with_name("documented.yml")


@cache
def documented() -> frozenset[str]:
    """The controls that a document can prove."""
    return frozenset(yaml.safe_load(_DOCUMENTED.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """An answer that does not hold, with what is wrong."""

    name: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    accepted: tuple[str, ...]
    returned: tuple[Returned, ...]
    demoted: tuple[Returned, ...]


@dataclass(slots=True)
class Session:
    """`results` starts as the static verdicts, in the order of the catalogue."""

    snapshot: Snapshot
    results: dict[str, ControlResult]
    static: dict[str, ControlResult] = field(init=False)
    settled: set[str] = field(default_factory=set)
    _returns: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.static = dict(self.results)

    def take(self, fragment: Fragment) -> Outcome:
        """Applies what holds; sends back what does not, and demotes it when it does not hold again and again."""
        accepted: list[str] = []
        returned: list[Returned] = []
        demoted: list[Returned] = []
        answers: list[tuple[str, ControlResult | list[str]]] = [(one.control, self._settled(one)) for one in fragment.controls]
        answers += [(one.title, self._observed(one)) for one in fragment.observations]
        for name, answer in answers:
            if isinstance(answer, ControlResult):
                self.results[answer.id] = answer
                self.settled.add(answer.id)
                accepted.append(answer.id)
                continue
            self._returns[name] = self._returns.get(name, 0) + 1
            item = Returned(name=one_line(name, 80), problems=tuple(answer))
            if self._returns[name] > MAX_RETURNS and name in self.results:
                self._demote(name, item)
                demoted.append(item)
            else:
                returned.append(item)
        return Outcome(accepted=tuple(accepted), returned=tuple(returned), demoted=tuple(demoted))

    def unsettled(self, ids: Iterable[str]) -> list[str]:
        return [name for name in ids if name not in self.settled]

    def give_up(self, ids: Iterable[str]) -> None:
        """Answers that were sent back and not mended: the reason goes into the report."""
        for name in ids:
            if name in self._returns and name not in self.settled and name in self.results:
                self._demote(name, Returned(name=name, problems=("its evidence did not hold and was not mended",)))

    # ------------------------------------------------------------ one answer

    def _settled(self, one: Settled) -> ControlResult | list[str]:
        card = load_controls().get(one.control)  # a control of the repository's own has none
        before = self.results.get(one.control)
        if before is None:
            return [f"there is no control {one_line(one.control, 80)!r}"]
        verdict = Verdict(one.verdict)
        evidence, problems = self._evidence(one)
        problems += self._not_enough(one, before, verdict, evidence)
        if problems:
            return problems
        is_open = verdict in _OPEN
        kept = tuple(e for e in before.evidence if e not in evidence) if is_open and before.verdict in _OPEN else ()
        return replace(
            before,
            title=(card.title_fail if is_open else card.title) if card else before.title,
            verdict=verdict,
            why=redact(one.why),
            verified_by=VerifiedBy.AGENT,
            evidence=(*evidence, *kept),
            status=(one.status or _STATUS[verdict]) if is_open else None,
            fix=tuple(redact(step) for step in (one.fix or before.fix or (card.fix if card else ()))) if is_open else (),
            question=(card.ask if card else before.question) if verdict is Verdict.UNVERIFIED else "",
        )

    def _not_enough(self, one: Settled, before: ControlResult, verdict: Verdict, evidence: Sequence[Evidence]) -> list[str]:
        if verdict is Verdict.UNVERIFIED:
            if before.verdict in _OPEN and not evidence:
                return ["a finding is taken back only with a place that speaks against it"]
            return []
        if not evidence:
            return [f"{verdict.value} needs a place, or an absence with its search"]
        better = verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.PARTIAL)
        if better and one.control not in documented() and is_prose(evidence, self.snapshot):
            return ["documents and comments prove nothing here: name the code or configuration that does it"]
        return []

    def _evidence(self, one: Settled) -> tuple[tuple[Evidence, ...], list[str]]:
        found, problems = self._places(one)
        if one.absence is None:
            return tuple(found), problems
        absent = absence_evidence(one.absence, found[0] if found else None, self.snapshot)
        if isinstance(absent, str):
            return tuple(found), [*problems, absent]
        return (absent, *found[1:]), problems

    def _places(self, one: Settled | Observed) -> tuple[list[Evidence], list[str]]:
        found: list[Evidence] = []
        problems: list[str] = []
        for place in one.places:
            answer = evidence_of(place, self.snapshot)
            if isinstance(answer, str):
                problems.append(answer)
            else:
                found.append(answer)
        return found, problems

    def _observed(self, one: Observed) -> ControlResult | list[str]:
        found, problems = self._places(one)
        if not problems and is_prose(found, self.snapshot):
            problems.append("documents and comments alone show no defect: name the code or configuration that has it")
        if problems:
            return problems
        name = re.sub(r"[^a-z0-9]+", "-", one.title.lower()).strip("-")[:60]
        return ControlResult(
            id=f"observed-{name}",
            layer=one.layer,
            title=one_line(redact(one.title), 80),
            severity=one.severity,
            verdict=Verdict.FAIL,
            why=redact(one.why),
            verified_by=VerifiedBy.AGENT,
            evidence=tuple(found),
            status=FindingStatus.PARTIAL,
            fix=tuple(redact(step) for step in one.fix),
        )

    def _demote(self, name: str, item: Returned) -> None:
        """A claim that never held: a static verdict stays, and the reason is said; what was open stays unverified."""
        before = self.static.get(name, self.results[name])
        reason = one_line(redact("; ".join(item.problems)), 300)
        self.results[name] = replace(
            before, why=f"{before.why} An agent's answer was left out, as its evidence does not hold: {reason}.".strip()
        )
        self.settled.add(name)


_STATUS = {Verdict.FAIL: FindingStatus.MISSING, Verdict.PARTIAL: FindingStatus.PARTIAL}

__all__ = ["MAX_RETURNS", "Outcome", "Returned", "Session"]
