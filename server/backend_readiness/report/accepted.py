"""Risks that their owner accepted: the findings stay in the report, and do not block while the acceptance runs."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from backend_readiness.report.schema import AcceptedOut, FindingOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """One entry of the configuration. Exactly one of `finding` (a fingerprint) and `control` is set."""

    finding: str | None
    control: str | None
    flow: str | None
    reason: str
    owner: str
    expires: datetime.date


def acceptance_of(acceptances: Sequence[Acceptance], control: str, fingerprint: str, flow: str, today: datetime.date) -> AcceptedOut | None:
    """The acceptance of a finding; an expired one is shown as such and counts for nothing."""
    fits = [
        a
        for a in acceptances
        if (a.flow is None or a.flow == flow) and (a.finding == fingerprint if a.finding is not None else a.control == control)
    ]
    if not fits:
        return None
    chosen = max(fits, key=lambda a: a.expires)
    return AcceptedOut(reason=chosen.reason, owner=chosen.owner, expires=chosen.expires.isoformat(), expired=chosen.expires < today)


def accepted_controls(findings: Sequence[FindingOut]) -> frozenset[str]:
    """The controls all of whose findings are accepted."""
    held = {f.control for f in findings if not f.is_accepted}
    return frozenset(f.control for f in findings if f.is_accepted) - held
