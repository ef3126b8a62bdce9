"""The demo of `make audit`: its changes apply together, and the audit finds them all."""

from __future__ import annotations

from pathlib import Path

import pytest
from evals.demo import build_demo, demo, demo_changes
from evals.seeded import SHOP, Seeded
from tests.conftest import run_git

from backend_readiness.catalogue import controls
from backend_readiness.model import Layer, Severity, Verdict
from backend_readiness.report.schema import Report
from backend_readiness.workspace import Workspace

JUDGED = [seeded for seeded in demo_changes() if seeded.control is not None and controls()[seeded.control].hook is not None]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_demo(tmp_path_factory.mktemp("demo") / "shop")


@pytest.fixture(scope="module")
def report(shop: Path) -> Report:
    workspace = Workspace(shop)
    return workspace.audit(workspace.resolve_flow(demo().flow))


def test_the_demo_breaks_each_layer_of_one_flow() -> None:
    assert {seeded.layer for seeded in demo_changes()} == set(Layer)
    assert {seeded.flow for seeded in demo_changes()} == {demo().flow}


def test_the_changes_of_the_demo_apply_together_and_are_committed_alike(shop: Path, tmp_path: Path) -> None:
    assert run_git(shop, "status", "--porcelain") == ""
    assert run_git(build_demo(tmp_path / "again"), "rev-parse", "HEAD") == run_git(shop, "rev-parse", "HEAD")
    for seeded in demo_changes():
        for place in seeded.expect:
            before = SHOP / place.file
            assert not before.exists() or before.read_bytes() != (shop / place.file).read_bytes(), (seeded.id, place.file)


@pytest.mark.parametrize("seeded", JUDGED, ids=lambda seeded: seeded.id)
def test_the_audit_finds_a_defect_of_the_demo_in_the_file_it_stands_in(report: Report, seeded: Seeded) -> None:
    [control] = [control for control in report.controls if control.id == seeded.control]
    assert control.verdict in (Verdict.FAIL, Verdict.PARTIAL), control.why
    assert {e.file for e in control.evidence} & {place.file for place in seeded.expect}


def test_what_the_audit_finds_severe_in_the_demo_was_seeded_there(report: Report) -> None:
    seeded = {name for change in demo_changes() for name in (change.control, *change.also)}
    severe = [f.control for f in report.findings if f.severity in (Severity.CRITICAL, Severity.HIGH)]
    assert [name for name in severe if name not in seeded] == []
    assert set(severe) & seeded
