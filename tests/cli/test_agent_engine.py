"""`audit --engine agent` from the command line: exit status, report, transcript, cost; and options that do not belong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.agent.conftest import dutiful
from tests.agent.fake_api import Scripted, serving
from tests.orders_app import orders_repo as orders_repo

from backend_readiness.cli import main

AUDIT = ["--flow", "order", "--endpoint", "POST /api/orders", "--engine", "agent"]


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none-is-needed-here")


def test_a_whole_run_writes_report_and_transcript(orders_repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(dutiful()) as fake:
        status = main(["audit", str(orders_repo), *AUDIT, "--base-url", fake.url, "--max-usd", "5"])
    told = capsys.readouterr()
    assert status == 0
    assert "claude-sonnet-5-5: 0 verdicts in" not in told.out
    assert "claude-sonnet-5-5" in told.err
    assert "$" in told.err
    report = Path("backend-readiness-audit-order.md").read_text()
    assert "| Model | claude-sonnet-5-5" in report
    assert Path("backend-readiness-audit-order.transcript.jsonl").is_file()
    assert (
        main(["audit", str(orders_repo), *AUDIT, "--replay", "backend-readiness-audit-order.transcript.jsonl", "--output", "again.md"]) == 0
    )
    assert Path("again.md").read_text() == report


def test_an_early_end_writes_the_partial_report_and_exits_with_three(orders_repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(lambda _: Scripted(status=400)) as fake:
        status = main(["audit", str(orders_repo), *AUDIT, "--base-url", fake.url, "--output", "r.json", "--no-stream"])
    assert status == 3
    assert "partial: The run broke off" in capsys.readouterr().err
    report = json.loads(Path("r.json").read_text())
    assert report["engine"] == "agent"
    assert any("400" in reason for reason in report["run"]["incomplete"])
    assert main(["validate", "r.json", "--repo", str(orders_repo)]) == 0


@pytest.mark.parametrize(
    "arguments,words",
    [
        (["--engine", "static", "--model", "x"], "--model belongs to --engine agent"),
        (["--engine", "static", "--no-stream"], "--no-stream belongs"),
        (["--engine", "other"], "static or agent"),
        (["--provider", "other"], "anthropic, bedrock"),
        (["--max-usd", "0"], "more than 0"),
        (["--max-usd", "1", "--model", "unheard-of"], "--price"),
        (["--price", "x"], "INPUT,OUTPUT"),
        (["--resume", "a", "--replay", "b"], "one of them"),
        (["--replay", "gone.jsonl"], "transcript"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_asked(
    orders_repo: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    base = AUDIT[:-2] if "--engine" in arguments else AUDIT
    assert main(["audit", str(orders_repo), *base, *arguments]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1
