"""From verdicts to a report: evidence filled in and checked, findings, scores, checklist, digest."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend_readiness.model import Chain, ControlResult, FindingStatus, Flow, Layer, Severity, Skipped, Verdict
from backend_readiness.report import canonical, score
from backend_readiness.report.absence import Searcher
from backend_readiness.report.accepted import Acceptance, acceptance_of, accepted_controls
from backend_readiness.report.chains import chain_out
from backend_readiness.report.evidence import fill
from backend_readiness.report.fingerprint import finding_id, fingerprint
from backend_readiness.report.redact import redact
from backend_readiness.report.schema import (
    AgentOut,
    AttestedOut,
    ChecklistItemOut,
    ControlOut,
    Engine,
    EvidenceOut,
    FindingOut,
    FlowOut,
    Report,
    RepositoryOut,
    RunOut,
    ScoreOut,
    SkippedOut,
    ToolOut,
)
from backend_readiness.report.source import Source

TOOL = "backend-readiness"
_LAYER_RANK = {layer: rank for rank, layer in enumerate(Layer)}
_NEEDS_EVIDENCE = (Verdict.PASS, Verdict.FAIL, Verdict.PARTIAL)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A result after its evidence was checked."""

    result: ControlResult
    control: ControlOut


def build(
    source: Source,
    flow: Flow,
    chains: Sequence[Chain],
    results: Iterable[ControlResult],
    *,
    engine: Engine,
    tool_version: str,
    incomplete: Sequence[str] = (),
    skipped: Sequence[Skipped] = (),
    acceptances: Sequence[Acceptance] = (),
    attestations: Sequence[AttestedOut] = (),
    today: datetime.date | None = None,
    agent: AgentOut | None = None,
) -> Report:
    """The report on one flow. Same input, same bytes: nothing of it depends on the order of `results`, on time or chance.

    `incomplete` says why the run ended early; it withholds `ready`. `skipped` are files that the snapshot has and a later
    stage could not work with; `acceptances` are risks that an owner accepted, as of `today`. A verdict whose evidence does not stand in the
    snapshot becomes `unverified` and says so.
    """
    ordered = sorted(results, key=lambda r: (_LAYER_RANK[r.layer], r.id))
    searcher = Searcher.over(source, (e.search for r in ordered for e in r.evidence if e.search))
    judged = [_Judged(result, _control(result, source, searcher)) for result in ordered]
    controls = tuple(item.control for item in judged)
    day = today or datetime.date.max
    findings = tuple(
        f.model_copy(update={"accepted": acceptance_of(acceptances, f.control, f.fingerprint, flow.name, day)}) for f in _findings(judged)
    )
    accepted = accepted_controls(findings)
    decision = score.decide(controls, incomplete=bool(incomplete), accepted=accepted)
    draft = Report(
        tool=ToolOut(name=TOOL, version=tool_version),
        engine=engine,
        repository=RepositoryOut(commit=source.commit, dirty=source.dirty),
        flow=FlowOut(
            name=flow.name,
            entry_url=flow.entry_url,
            success_criteria=flow.success_criteria,
            endpoints=tuple(str(endpoint) for endpoint in flow.endpoints),
        ),
        chains=tuple(chain_out(chain, source) for chain in chains),
        layers=score.layers(controls, accepted),
        controls=controls,
        findings=findings,
        score=score_out(controls, findings, decision),
        checklist=checklist(controls, findings),
        attestations=tuple(attestations),
        run=RunOut(
            files=len(source.files),
            skipped=_skipped([*source.skipped, *skipped]),
            incomplete=tuple(redact(reason) for reason in incomplete),
            agent=agent,
        ),
        integrity="0" * 64,
    )
    return seal(draft)


def _skipped(skipped: Sequence[Skipped]) -> tuple[SkippedOut, ...]:
    return tuple(SkippedOut(path=path, reason=reason) for path, reason in sorted({(s.path, s.reason) for s in skipped}))


def seal(report: Report) -> Report:
    """The report with the digest of its content."""
    return report.model_copy(update={"integrity": canonical.integrity(canonical.plain(report))})


def _control(result: ControlResult, source: Source, searcher: Searcher) -> ControlOut:
    kept: list[EvidenceOut] = []
    problems: list[str] = []
    for evidence in result.evidence:
        filled = fill(evidence, source, searcher)
        if filled.evidence is not None:
            kept.append(filled.evidence)
        else:
            problems.append(filled.problem)
    verdict, why, question = result.verdict, redact(result.why), redact(result.question)
    if not result.evidence and verdict in _NEEDS_EVIDENCE:
        problems.append("no evidence was named")
    if problems:
        named = "; ".join(problems)
        if _falls(verdict, kept):
            why = f"Was {verdict.value}, and is unverified because its evidence does not hold: {named}. {why}".strip()
            verdict = Verdict.UNVERIFIED
        else:
            why = f"{why} Left out, as it does not hold: {named}.".strip()
    if verdict is Verdict.UNVERIFIED:
        question = question or f"Is this so: {result.title.rstrip('.?')}?"
    return ControlOut(
        id=result.id,
        title=result.title,
        layer=result.layer,
        verdict=verdict,
        severity=result.severity,
        why=why,
        verified_by=result.verified_by,
        question=question,
        evidence=tuple(kept),
    )


def _falls(verdict: Verdict, kept: Sequence[EvidenceOut]) -> bool:
    """Whether evidence that does not hold takes the verdict with it.

    A false pass is worse than a false alarm: one bad place ends a pass; a finding stands while one place of it does.
    """
    if verdict in (Verdict.FAIL, Verdict.PARTIAL):
        return not kept
    return verdict is not Verdict.UNVERIFIED


def _findings(judged: Sequence[_Judged]) -> tuple[FindingOut, ...]:
    seen: dict[str, int] = {}
    found = []
    for item in judged:
        control = item.control
        if not score.is_open(control):
            continue
        seen[control.id] = seen.get(control.id, 0) + 1
        default = FindingStatus.MISSING if control.verdict is Verdict.FAIL else FindingStatus.PARTIAL
        found.append(
            FindingOut(
                id=finding_id(control.id, seen[control.id]),
                title=control.title,
                layer=control.layer,
                severity=control.severity,
                status=item.result.status or default,
                control=control.id,
                why=control.why,
                evidence=control.evidence,
                fix=item.result.fix,
                fingerprint=fingerprint(control.id, control.evidence),
            )
        )
    return tuple(sorted(found, key=finding_order))


def finding_order(finding: FindingOut) -> tuple[int, int, str, str]:
    """Most severe first, then by layer and control."""
    return (-finding.severity.rank, _LAYER_RANK[finding.layer], finding.control, finding.id)


def score_out(controls: Sequence[ControlOut], findings: Sequence[FindingOut], decision: score.Decision) -> ScoreOut:
    """The score of the report; 0 when nothing was verified."""
    return ScoreOut(
        overall=score.score(controls) or 0,
        verdict=decision.verdict,
        verified_share=score.verified_share(controls),
        blockers=tuple(f.id for f in findings if f.control in decision.blockers),
        reasons=decision.reasons,
    )


def checklist(controls: Sequence[ControlOut], findings: Sequence[FindingOut]) -> tuple[ChecklistItemOut, ...]:
    """What to do, in the order of the findings; then what to settle before `ready` can be said: the unverified critical controls."""
    items = []
    for finding in findings:
        for number, step in enumerate(finding.fix or (finding.title,), start=1):
            items.append(
                ChecklistItemOut(id=f"{finding.id}.{number}", text=step, severity=finding.severity, layer=finding.layer, finding=finding.id)
            )
    pending = [c for c in controls if c.verdict is Verdict.UNVERIFIED and c.severity is Severity.CRITICAL]
    for control in sorted(pending, key=lambda c: (_LAYER_RANK[c.layer], c.id)):
        items.append(
            ChecklistItemOut(
                id=f"settle-{control.id}",
                text=f"Settle: {control.question}",
                severity=control.severity,
                layer=control.layer,
                finding=None,
            )
        )
    return tuple(items)
