"""What of a report comes from the configuration file of the repository, made from it and checked against it."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.configuration import FILE_NAME, Configuration, parse
from backend_readiness.errors import UnusableInput
from backend_readiness.report.accepted import Acceptance
from backend_readiness.report.schema import AttestedOut, Report
from backend_readiness.report.source import Source


def attestations_of(configured: Configuration) -> tuple[AttestedOut, ...]:
    return tuple(
        AttestedOut(
            control=a.control,
            item=a.item,
            owner=a.owner,
            date=a.date.isoformat(),
            expires=a.expires.isoformat() if a.expires else None,
            evidence=a.evidence,
        )
        for a in configured.attestations
    )


def acceptances_of(configured: Configuration) -> tuple[Acceptance, ...]:
    return tuple(Acceptance(**risk.model_dump()) for risk in configured.accepted_risks)


def problems(report: Report, source: Source) -> Iterator[tuple[str, str]]:
    """(path in the report, what is wrong) where the report says what the configuration of the repository does not."""
    try:
        configured = parse("\n".join(source.lines(FILE_NAME))) if source.file(FILE_NAME) is not None else Configuration()
    except UnusableInput as error:
        yield "attestations", str(error)
        return
    if report.attestations != attestations_of(configured):
        yield "attestations", f"are not those of {FILE_NAME}"
    known = {(a.reason, a.owner, a.expires.isoformat()) for a in acceptances_of(configured)}
    for f, finding in enumerate(report.findings):
        accepted = finding.accepted
        if accepted is not None and (accepted.reason, accepted.owner, accepted.expires) not in known:
            yield f"findings[{f}].accepted", f"{FILE_NAME} accepts no such risk"
