"""Findings of other scanners join the report under their controls, marked with their tool."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.orders_app import orders_repo as orders_repo

from backend_readiness.controls.imported import control_of, read_sarif
from backend_readiness.errors import UnusableInput
from backend_readiness.model import Verdict
from backend_readiness.report.validate import is_valid, validate
from backend_readiness.rules.control_cards import load_controls
from backend_readiness.workspace import Workspace


def sarif(tool: str, rule: str, file: str = "app/orders.py", line: int = 3, **more: object) -> str:
    place = {"physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": line}}}
    result = {"ruleId": rule, "message": {"text": "said by the tool"}, "locations": [place], **more}
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": tool}}, "results": [result]}]})


def test_every_control_of_the_table_is_in_the_catalogue() -> None:
    from backend_readiness.controls import imported

    named = {control for rules in imported._rules().values() for control in rules.values()}
    assert named <= set(load_controls())


@pytest.mark.parametrize(
    ("tool", "rule", "control"),
    [
        ("checkov", "CKV_DOCKER_3", "sec-container-nonroot"),
        ("Trivy", "CVE-2024-12345", "sec-dependency-scan"),
        ("hadolint", "DL3002", "sec-container-nonroot"),
        ("Semgrep OSS", "python.sqlalchemy.sql-injection", "sec-sql-injection"),
        ("Semgrep OSS", "python.style.long-line", None),
        ("nobody", "X1", None),
    ],
)
def test_rules_of_tools_have_their_control(tool: str, rule: str, control: str | None) -> None:
    assert control_of(tool, rule) == control


def test_a_result_joins_its_control_with_the_name_of_its_tool(orders_repo: Path) -> None:
    space = Workspace(orders_repo)
    report = space.audit(space.resolve_flow("login"), read_sarif(sarif("semgrep", "a.ssrf.b"), "x.sarif"))
    joined = next(c for c in report.controls if c.id == "sec-ssrf")
    assert joined.verdict is Verdict.PARTIAL
    assert "semgrep reports a.ssrf.b" in joined.why
    assert any(e.file == "app/orders.py" and e.line == 3 and e.note.startswith("semgrep a.ssrf.b: ") for e in joined.evidence)
    assert is_valid(validate(report.model_dump_json(), space.snapshot))


@pytest.mark.parametrize("place", [("app/gone.py", 1), ("app/orders.py", 9_999), ("../../etc/passwd", 1)])
def test_a_place_that_is_not_in_the_repository_is_left_out(orders_repo: Path, place: tuple[str, int]) -> None:
    space = Workspace(orders_repo)
    flow = space.resolve_flow("login")
    with_it = space.audit(flow, read_sarif(sarif("semgrep", "a.ssrf.b", *place), "x.sarif"))
    assert with_it.controls == space.audit(flow).controls


def test_suppressed_and_passing_results_do_not_count() -> None:
    assert read_sarif(sarif("semgrep", "a.ssrf", suppressions=[{"kind": "inSource"}]), "x") == ()
    assert read_sarif(sarif("semgrep", "a.ssrf", kind="pass"), "x") == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"runs": 3}', "[" * 100_000])
def test_what_is_no_sarif_is_refused(text: str) -> None:
    with pytest.raises(UnusableInput, match=r"x\.sarif"):
        read_sarif(text, "x.sarif")


@pytest.mark.parametrize(
    "text", ['{"runs": [1, null, {"results": [1, {"locations": "x"}, {"locations": [3]}]}]}', '{"runs": [{"results": 5}]}']
)
def test_odd_shapes_do_not_break_the_reader(text: str) -> None:
    assert read_sarif(text, "x.sarif") == ()
