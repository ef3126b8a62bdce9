"""The report for code scanning: SARIF 2.1.0. Known findings are marked `unchanged`, never removed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from backend_readiness.render.plain import accepted_text, one_line, searched, visible

if TYPE_CHECKING:
    from backend_readiness.report.schema import ControlOut, EvidenceOut, FindingOut, Report

FORMAT = "sarif"
SUFFIX = ".sarif"
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
# Code scanning ranks by this figure, on the scale of CVSS.
_RANK = {"critical": "9.5", "high": "8.0", "medium": "5.0", "low": "2.0"}
_STATE = {"new": "new", "known": "unchanged"}


def render(report: Report, *, width: int | None = None, color: bool = False) -> str:
    """One run; a rule for each control, a result for each finding. `width` and `color` mean nothing to it."""
    rules = {control.id: control for control in report.controls}
    index = {name: number for number, name in enumerate(rules)}
    run: dict[str, object] = {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "semanticVersion": report.tool.version,
                "rules": [_rule(control, report) for control in rules.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the audited repository"}}},
        "invocations": [
            {
                "executionSuccessful": not report.run.incomplete,
                "toolExecutionNotifications": [{"level": "warning", "message": _message(why)} for why in report.run.incomplete],
            }
        ],
        "automationDetails": {"id": f"{report.tool.name}/{quote(report.flow.name, safe='')}/"},
        "results": [_result(finding, index[finding.control], report) for finding in report.findings],
        "properties": {
            "commit": report.repository.commit,
            "dirty": report.repository.dirty,
            "verdict": report.score.verdict,
            "score": report.score.overall,
            "verifiedShare": report.score.verified_share,
            "integrity": report.integrity,
        },
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=True) + "\n"


def _message(text: str) -> dict[str, str]:
    """Plain text: `[text](target)` would be a link and `{0}` a placeholder."""
    escaped = re.sub(r"([\\\[\]])", r"\\\1", visible(text))
    return {"text": re.sub(r"\{(\d+)\}", r"{{\1}}", escaped)}


def _rule(control: ControlOut, report: Report) -> dict[str, object]:
    steps = next((finding.fix for finding in report.findings if finding.control == control.id), ())
    help_text = " ".join(f"{number}. {step.rstrip('.')}." for number, step in enumerate(steps, start=1))
    return {
        "id": control.id,
        "name": "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", control.id)),
        "shortDescription": _message(one_line(control.title)),
        "help": _message(help_text or f"What must hold: {one_line(control.title)}"),
        "defaultConfiguration": {"level": _LEVEL[control.severity]},
        "properties": {
            "tags": [control.layer.value],
            "problem.severity": _LEVEL[control.severity].replace("note", "recommendation"),
            "security-severity": _RANK[control.severity],
            "verdict": control.verdict.value,
        },
    }


def _result(finding: FindingOut, rule_index: int, report: Report) -> dict[str, object]:
    searches = [searched(e) for e in finding.evidence if e.search]
    places = [location for e in finding.evidence if (location := _location(e))]
    result: dict[str, object] = {
        "ruleId": finding.control,
        "ruleIndex": rule_index,
        "level": _LEVEL[finding.severity],
        "message": _message(" ".join([f"{one_line(finding.title)}.", one_line(finding.why), *searches])),
        "locations": places[:1] or _entry(report),
        "partialFingerprints": {"backendReadiness/v1": finding.fingerprint},
        "properties": {"id": finding.id, "layer": finding.layer.value, "severity": finding.severity.value, "status": finding.status.value},
    }
    if places[1:]:
        result["relatedLocations"] = [place | {"id": number} for number, place in enumerate(places[1:], start=1)]
    if finding.is_accepted and finding.accepted is not None:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": one_line(accepted_text(finding.accepted))}]
    if finding.baseline:
        result["baselineState"] = _STATE[finding.baseline]
    return result


def _location(evidence: EvidenceOut) -> dict[str, object] | None:
    if evidence.file is None:
        return None
    region: dict[str, object] = {"startLine": evidence.line or 1, "endLine": evidence.end_line or evidence.line or 1}
    if evidence.quote is not None:
        region["snippet"] = {"text": evidence.quote}
    return _physical(evidence.file, region)


def _physical(file: str, region: dict[str, object]) -> dict[str, object]:
    uri = quote(file, safe="/")
    return {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "SRCROOT"}, "region": region}}


def _entry(report: Report) -> list[dict[str, object]]:
    """The first route of the flow: what is missing without a place of its own is missing there."""
    for chain in report.chains:
        for link in chain.links:
            if link.stage == "route":
                return [_physical(link.file, {"startLine": link.line, "endLine": link.end_line})]
    return []
