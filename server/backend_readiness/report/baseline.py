"""What is new since an earlier report. Known findings are marked, never removed."""

from __future__ import annotations

from dataclasses import dataclass

from backend_readiness.model import Severity
from backend_readiness.report.build import seal
from backend_readiness.report.load import load
from backend_readiness.report.schema import FindingOut, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The findings of an earlier report, by fingerprint."""

    findings: dict[str, FindingOut]


def read(report_json: bytes | str) -> Baseline:
    """The baseline in an earlier report. Errors: `InvalidReport` when it is no report."""
    return Baseline(findings={f.fingerprint: f for f in load(report_json).findings})


def mark(report: Report, baseline: Baseline) -> Report:
    """The report with every finding marked `new` or `known`."""
    marked = tuple(f.model_copy(update={"baseline": "known" if f.fingerprint in baseline.findings else "new"}) for f in report.findings)
    return seal(report.model_copy(update={"findings": marked}))


def fixed(report: Report, baseline: Baseline) -> tuple[FindingOut, ...]:
    """The findings of the baseline that are gone, in its order."""
    now = {f.fingerprint for f in report.findings}
    return tuple(f for print_, f in baseline.findings.items() if print_ not in now)


def that_count(report: Report, fail_on: Severity) -> tuple[FindingOut, ...]:
    """The findings at or above `fail_on`; those known from the baseline and accepted risks do not count."""
    return tuple(f for f in report.findings if f.severity.rank >= fail_on.rank and f.baseline != "known" and not f.is_accepted)
