from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report.folder_source import CHAIN, LOGIN, RESULTS, FolderSource, login_app, login_report

from backend_readiness.errors import InvalidReport
from backend_readiness.model import ControlResult, Severity
from backend_readiness.render import json
from backend_readiness.report import baseline
from backend_readiness.report.build import build
from backend_readiness.report.validate import validate


def earlier() -> baseline.Baseline:
    """A report from before the signing key was a literal."""
    results = [r for r in RESULTS if r.id != "sec-secrets-in-code"]
    return baseline.read(json.render(build(login_app(), LOGIN, [CHAIN], results, engine="static", tool_version="0.1.0")))


def test_findings_are_marked_and_none_is_removed() -> None:
    marked = baseline.mark(login_report(), earlier())
    assert {f.control: f.baseline for f in marked.findings} == {
        "sec-rate-limit-auth": "known",
        "sec-secrets-in-code": "new",
        "inf-no-stub-response": "known",
    }


def test_a_marked_report_is_still_valid() -> None:
    assert validate(json.render(baseline.mark(login_report(), earlier())), login_app()) == []


def test_only_new_findings_count() -> None:
    marked = baseline.mark(login_report(), earlier())
    assert baseline.that_count(marked, Severity.CRITICAL) == ()
    assert [f.control for f in baseline.that_count(marked, Severity.HIGH)] == ["sec-secrets-in-code"]


def test_without_a_baseline_every_finding_at_or_above_the_severity_counts() -> None:
    assert [len(baseline.that_count(login_report(), severity)) for severity in Severity] == [1, 2, 3, 3]


def test_findings_that_are_gone_are_fixed() -> None:
    now = build(login_app(), LOGIN, [CHAIN], RESULTS[1:2], engine="static", tool_version="0.1.0")
    assert {f.control for f in baseline.fixed(now, earlier())} == {"sec-rate-limit-auth", "inf-no-stub-response"}


def test_a_file_that_is_no_report_is_refused() -> None:
    with pytest.raises(InvalidReport, match="no JSON"):
        baseline.read("# Backend readiness")
    with pytest.raises(InvalidReport, match="does not fit the schema at tool"):
        baseline.read("{}")


def test_findings_stay_known_when_their_lines_move() -> None:
    texts = {path: ("\n\n# moved\n" + text if path == "app/main.py" else text) for path, text in login_app().texts.items()}
    moved = [r if r.id != "sec-secrets-in-code" else _at(r, 12) for r in RESULTS if r.id != "inf-database-real"]
    now = build(FolderSource(texts), LOGIN, [CHAIN], moved, engine="static", tool_version="0.1.0")
    marked = baseline.mark(now, baseline.read(json.render(login_report())))
    assert {f.baseline for f in marked.findings} == {"known"}


def _at(result: ControlResult, line: int) -> ControlResult:
    return replace(result, evidence=tuple(replace(e, line=line, end_line=line) for e in result.evidence))
