"""What people vouch for in the configuration file, as verdicts. It settles what is open and never overrules what code proves."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace

from backend_readiness.configuration import FILE_NAME, Attestation
from backend_readiness.model import ControlResult, Evidence, EvidenceKind, Flow, Verdict, VerifiedBy
from backend_readiness.snapshot import Snapshot

_OPEN = (Verdict.FAIL, Verdict.PARTIAL)


def with_attestations(
    results: Iterable[ControlResult], attestations: Sequence[Attestation], flow: Flow, snapshot: Snapshot, today: datetime.date
) -> tuple[ControlResult, ...]:
    """The results, those that are `unverified` settled by an attestation of this flow or of all flows that has not run out."""
    valid = {a.control: a for a in attestations if is_valid(a, flow, today)}
    return tuple(_settled(result, valid.get(result.id), snapshot) for result in results)


def is_valid(attestation: Attestation, flow: Flow, today: datetime.date) -> bool:
    """Is it about this flow, made already, and not run out?"""
    a = attestation
    return a.flow in (None, flow.name) and a.date <= today and (a.expires is None or a.expires >= today)


def _settled(result: ControlResult, attestation: Attestation | None, snapshot: Snapshot) -> ControlResult:
    if attestation is None:
        return result
    said = f"{attestation.owner} attested on {attestation.date.isoformat()} that this {_CLAIM[attestation.verdict]}."
    if result.verdict in _OPEN:
        return replace(result, why=f"{result.why} {said} What was found here says otherwise.")
    if result.verdict is not Verdict.UNVERIFIED:
        return result
    places = _places(attestation, snapshot)
    if not places:
        return result
    return replace(
        result,
        verdict=Verdict(attestation.verdict),
        why=f"{said} {attestation.note or ''}".strip(),
        verified_by=VerifiedBy.ATTESTATION,
        evidence=places,
        question="",
    )


_CLAIM = {"pass": "holds", "not_applicable": "does not apply"}


def _places(attestation: Attestation, snapshot: Snapshot) -> tuple[Evidence, ...]:
    """The line of the attestation, and the document that it names; empty when either is not there."""
    key = f'"{attestation.control}"'
    line = next((n for n, text in enumerate(snapshot.lines(FILE_NAME), 1) if key in text.replace("'", '"')), None)
    if line is None:
        return ()
    found = [Evidence(kind=EvidenceKind.CONFIG, file=FILE_NAME, line=line, end_line=line, note="attestation")]
    if attestation.evidence is not None:
        if snapshot.file(attestation.evidence) is None or not snapshot.lines(attestation.evidence):
            return ()
        found.append(Evidence(kind=EvidenceKind.DOC, file=attestation.evidence, line=1, end_line=1, note="named by the attestation"))
    return tuple(found)
