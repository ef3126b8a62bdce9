"""What a `verify` hook answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend_readiness.model import Evidence, FindingStatus, Severity, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict with its evidence. `why` is one or two sentences for a reader; `severity` overrides the card's."""

    verdict: Verdict
    why: str
    evidence: tuple[Evidence, ...] = ()
    status: FindingStatus | None = None
    severity: Severity | None = None

    def with_evidence(self, *more: Evidence) -> Judgement:
        """The same verdict, with more places behind those it has."""
        return replace(self, evidence=(*self.evidence, *more))


def passed(why: str, *evidence: Evidence) -> Judgement:
    return Judgement(verdict=Verdict.PASS, why=why, evidence=evidence)


def failed(why: str, *evidence: Evidence, status: FindingStatus = FindingStatus.MISSING, severity: Severity | None = None) -> Judgement:
    """It does not hold. `status`: what is missing altogether, there in part, or there and doing nothing."""
    return Judgement(verdict=Verdict.FAIL, why=why, evidence=evidence, status=status, severity=severity)


def partial(why: str, *evidence: Evidence, severity: Severity | None = None) -> Judgement:
    return Judgement(verdict=Verdict.PARTIAL, why=why, evidence=evidence, status=FindingStatus.PARTIAL, severity=severity)


def not_applicable(why: str, *evidence: Evidence) -> Judgement:
    return Judgement(verdict=Verdict.NOT_APPLICABLE, why=why, evidence=evidence)


def unverified(why: str, *evidence: Evidence) -> Judgement:
    """Neither side is proved; `why` says what stands in the way. The card's question goes with it."""
    return Judgement(verdict=Verdict.UNVERIFIED, why=why, evidence=evidence)
