"""A run is recorded without secrets; from the record it goes on, and its report is built again with no network."""

from __future__ import annotations

import json
import shutil
import socket
import stat
from pathlib import Path
from typing import Any

import pytest
from tests.agent.conftest import ENDPOINT, Auditing, dutiful, is_first, phase_of
from tests.agent.fake_api import Script, Scripted, call, calls, serving

from backend_readiness.agent import auditor, transcript
from backend_readiness.agent.auditor import Audited, Run
from backend_readiness.agent.budget import Budget
from backend_readiness.agent.providers import Settings
from backend_readiness.errors import UnusableInput
from backend_readiness.workspace import Workspace

SECRET = "sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def working() -> Script:
    """Settles one control, and uses a tool before it reviews."""
    place = {"file": "app/orders.py", "line": 29, "text": "session.add(order)", "note": f"has {SECRET}"}
    verdict = {"control": "sec-business-rules", "verdict": "fail", "why": "Nobody checks the stock.", "places": [place]}

    def special(request: dict[str, Any]) -> Scripted | None:
        if "sec-business-rules" in str(request["messages"][0]) and phase_of(request) == "settle" and is_first(request):
            return calls(call("report_fragment", controls=[verdict]))
        if phase_of(request) == "review" and is_first(request):
            return calls(call("grep", pattern="API_TOKEN"))
        return None

    return dutiful(special)


def replayed(orders: Workspace, record: Path) -> Audited:
    flow = orders.resolve_flow("order", [ENDPOINT])
    return auditor.audit(orders, flow, Run(settings=Settings(), budget=Budget(), replay=record), lambda _: None)


@pytest.mark.parametrize("stream", [True, False])
def test_a_replay_gives_the_same_report_without_a_network(
    auditing: Auditing, orders: Workspace, tmp_path: Path, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tmp_path / "run.jsonl"
    live = auditing(working(), stream=stream, record=record)
    before = record.read_bytes()

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    again = replayed(orders, record)
    assert (again.ended, again.report) == ("", live.report)
    assert record.read_bytes() == before


def test_the_record_is_private_and_holds_no_secret(auditing: Auditing, tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    auditing(working(), record=record)
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    found = rows(record)
    assert [found[0]["kind"], found[-1]["kind"]] == ["start", "end"]
    assert {row["kind"] for row in found} == {"start", "answer", "tool", "end"}
    assert any(row.get("tool") == "grep" for row in found)
    assert SECRET not in record.read_text()
    assert "sk_live" not in record.read_text()


def test_a_run_that_a_budget_ended_goes_on_where_it_was(auditing: Auditing, orders: Workspace, tmp_path: Path) -> None:
    record, whole = tmp_path / "run.jsonl", tmp_path / "whole.jsonl"
    complete = auditing(working(), record=whole)
    part = auditing(working(), Budget(max_turns=3), record=record)
    assert part.ended.startswith("The budget")
    flow = orders.resolve_flow("order", [ENDPOINT])
    with serving(working()) as fake:
        run = Run(settings=Settings(base_url=fake.url, retries=0), budget=Budget(), resume=record)
        resumed = auditor.audit(orders, flow, run, lambda _: None)
        assert complete.report.run.agent is not None
        assert len(fake.requests) == complete.report.run.agent.turns - 3
    assert resumed.report == complete.report
    assert replayed(orders, record).report == complete.report


def test_a_replay_of_a_partial_run_is_as_partial(auditing: Auditing, orders: Workspace, tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    part = auditing(working(), Budget(max_turns=3), record=record)
    again = replayed(orders, record)
    assert part.ended.rstrip(".") in again.ended
    assert again.report.controls == part.report.controls


def test_a_record_that_was_cut_off_is_read_to_its_last_whole_line(auditing: Auditing, orders: Workspace, tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    auditing(working(), record=record)
    text = record.read_text()
    record.write_text(text[: len(text) * 2 // 3])
    assert replayed(orders, record).ended != ""


def test_a_record_of_other_bytes_or_another_flow_is_refused(auditing: Auditing, orders: Workspace, tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    auditing(working(), record=record)
    changed = tmp_path / "changed"
    shutil.copytree(orders.snapshot.root, changed)
    (changed / "app/orders.py").write_text("a = 1\n" + (changed / "app/orders.py").read_text())
    other = Workspace(changed)
    with pytest.raises(UnusableInput, match="changed since"):
        replayed(other, record)
    flow = orders.resolve_flow("login", ["POST /api/login"])
    with pytest.raises(UnusableInput, match="another run"):
        auditor.audit(orders, flow, Run(settings=Settings(), budget=Budget(), replay=record), lambda _: None)


@pytest.mark.parametrize(
    "text", ["", "{}\n", "[]\n{}\n", '{"kind": "start", "version": 99}\n', '{"kind": "start"\nxx\nyy\n', "[" * 100_000]
)
def test_what_is_no_record_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(UnusableInput, match="transcript"):
        transcript.read(path)
