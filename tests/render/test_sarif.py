from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from tests.render.hostile import hostile_report
from tests.report.folder_source import login_report

from backend_readiness.render import render
from backend_readiness.report import baseline
from backend_readiness.report.schema import Report


def run_of(report: Report) -> dict[str, Any]:  # SARIF is read as a consumer would, without our models
    log = json.loads(render(report, "sarif"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_each_control_is_a_rule_and_each_finding_a_result_of_its_rule() -> None:
    report = login_report()
    run = run_of(report)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [control.id for control in report.controls]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert [result["properties"]["id"] for result in run["results"]] == [finding.id for finding in report.findings]


def test_levels_follow_the_severity_and_fingerprints_the_findings() -> None:
    report = login_report()
    results = run_of(report)["results"]
    assert [result["level"] for result in results] == ["error", "error", "warning"]
    assert [result["partialFingerprints"] for result in results] == [{"backendReadiness/v1": f.fingerprint} for f in report.findings]


def test_a_place_is_relative_to_the_root_with_its_lines_and_quote() -> None:
    place = run_of(login_report())["results"][2]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "app/sessions.py", "uriBaseId": "SRCROOT"}
    assert (place["region"]["startLine"], place["region"]["endLine"]) == (23, 24)
    assert place["region"]["snippet"]["text"].startswith("def issue")


def test_known_findings_are_marked_and_stay() -> None:
    report = login_report()
    marked = baseline.mark(report, baseline.Baseline(findings={report.findings[0].fingerprint: report.findings[0]}))
    assert [result["baselineState"] for result in run_of(marked)["results"]] == ["unchanged", "new", "new"]


def test_hostile_names_are_encoded_in_addresses_and_escaped_in_messages() -> None:
    report = hostile_report()
    for result in run_of(report)["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9_./~%-]+", uri)
        assert unquote(uri) == report.findings[0].evidence[0].file
        assert not re.search(r"(?<!\\)[\[\]]", result["message"]["text"])


def test_an_early_end_is_said() -> None:
    invocation = run_of(hostile_report())["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert len(invocation["toolExecutionNotifications"]) == len(hostile_report().run.incomplete)
    assert run_of(login_report())["invocations"][0]["executionSuccessful"] is True


def test_what_is_missing_without_a_place_points_at_the_route() -> None:
    from tests.report.folder_source import CHAIN, LOGIN, login_app

    from backend_readiness.model import ControlResult, Evidence, EvidenceKind, Layer, Search, Severity, Verdict
    from backend_readiness.report.build import build

    absent = Evidence(kind=EvidenceKind.ABSENCE, search=Search(scope="the repository", paths=("*.lock",)))
    lost = ControlResult(
        id="inf-x", layer=Layer.INFRASTRUCTURE, title="x", severity=Severity.LOW, verdict=Verdict.FAIL, why="", evidence=(absent,)
    )
    report = build(login_app(), LOGIN, [CHAIN], [lost], engine="static", tool_version="1")
    place = run_of(report)["results"][0]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("app/sessions.py", 14)
