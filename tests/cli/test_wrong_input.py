"""What cannot be worked with ends with status 2 and one line that says what to do, never with a traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.cli.running import Ran, Run
from tests.conftest import MakeRepo

from backend_readiness.cli import reading
from backend_readiness.errors import BudgetExceeded


def refused(ran: Ran, *words: str) -> None:
    assert ran.status == 2
    assert ran.out == ""
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1, "one line"
    for word in words:
        assert word in ran.err


def test_a_folder_that_does_not_exist_is_refused(run: Run, tmp_path) -> None:
    refused(run("routes", tmp_path / "nowhere"), "does not exist", "name the folder")


def test_a_file_is_no_repository(run: Run, orders_repo) -> None:
    refused(run("audit", orders_repo / "app/main.py", "--flow", "login"), "is a file")


@pytest.mark.parametrize("git", [True, False])
def test_an_empty_repository_is_refused(run: Run, make_repo: MakeRepo, git: bool) -> None:
    empty = make_repo({}, git=git)
    for command in (["routes", empty], ["flows", empty], ["trace", "GET /", "--repo", empty], ["audit", empty, "--flow", "login"]):
        refused(run(*command), "no file that can be read")


def test_an_unknown_flow_names_the_nearest(run: Run, orders_repo) -> None:
    refused(run("audit", orders_repo, "--flow", "zzzlogni"), "no flow 'zzzlogni'", "the nearest: ", "login")


def test_an_unknown_flow_of_a_repository_without_endpoints_says_what_to_name(run: Run, make_repo: MakeRepo) -> None:
    refused(run("audit", make_repo({"notes.md": "#\n"}), "--flow", "login"), "--endpoint")


def test_an_unknown_endpoint_names_the_nearest(run: Run, orders_repo) -> None:
    refused(run("audit", orders_repo, "--flow", "x", "--endpoint", "POST /api/logn"), "no endpoint POST /api/logn", "POST /api/login")
    refused(run("trace", "POST /api/logn", "--repo", orders_repo), "POST /api/login")


def test_an_unknown_place_is_refused(run: Run, orders_repo) -> None:
    refused(run("trace", "app/nowhere.py:3", "--repo", orders_repo), "app/nowhere.py")


@pytest.mark.parametrize("start", ["", "   ", "xyzzy plugh"])
def test_words_that_nothing_fits_are_refused(run: Run, orders_repo, start: str) -> None:
    refused(run("trace", start, "--repo", orders_repo))


def test_an_unknown_control_names_the_nearest(run: Run, orders_repo) -> None:
    refused(run("check", "sec-corz", "--repo", orders_repo), "sec-cors")
    refused(run("check", "securty", "--repo", orders_repo), "security")
    refused(run("check", "--repo", orders_repo), "check --list")


@pytest.mark.parametrize(
    "arguments,word",
    [
        (["rotes"], "did you mean routes?"),
        (["zzz"], "there are audit, routes"),
        ([], "COMMAND"),
        (["trace"], "START"),
        (["audit", "."], "--flow"),
        (["routes", "--formt", "json"], "--formt"),
        (["routes", "--format", "xml"], "xml"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(run: Run, arguments: list[str], word: str) -> None:
    refused(run(*arguments), word)


def test_an_engine_that_does_not_exist_is_refused(run: Run, orders_repo) -> None:
    refused(run("audit", orders_repo, "--flow", "login", "--engine", "guess"), "static or agent")


def test_an_unknown_severity_and_format_are_told_before_anything_is_read(run: Run, tmp_path) -> None:
    refused(run("audit", tmp_path / "nowhere", "--flow", "x", "--fail-on", "severe"), "critical, high, medium, low")
    refused(run("audit", tmp_path / "nowhere", "--flow", "x", "--format", "docx"), "md")


def test_a_baseline_or_report_that_cannot_be_read_is_refused(run: Run, orders_repo, tmp_path) -> None:
    refused(run("audit", orders_repo, "--flow", "login", "--baseline", "gone.json"), "gone.json")
    refused(run("validate", "gone.json", "--repo", orders_repo), "gone.json")
    (tmp_path / "no.json").write_text("{")
    refused(run("audit", orders_repo, "--flow", "login", "--baseline", "no.json"), "no JSON")


def test_an_output_that_cannot_be_written_is_refused(run: Run, orders_repo) -> None:
    ran = run("audit", orders_repo, "--flow", "login", "--output", "nowhere/report.md")
    assert ran.status == 2
    assert "cannot be written" in ran.err


def test_an_interrupt_ends_quietly_with_130(run: Run, orders_repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "routes", interrupted)
    ran = run("routes", orders_repo)
    assert (ran.status, ran.err) == (130, "interrupted\n")


def test_an_exhausted_budget_ends_with_3_and_says_partial(run: Run, orders_repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(_: object) -> int:
        raise BudgetExceeded("60 s have passed:\nrun again with --exclude")

    monkeypatch.setattr(reading, "routes", exhausted)
    ran = run("routes", orders_repo)
    assert (ran.status, ran.err) == (3, "partial: 60 s have passed: run again with --exclude\n")


def test_a_bug_is_told_in_one_line_too(run: Run, orders_repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> int:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(reading, "routes", broken)
    refused(run("routes", orders_repo), "this is a bug: ZeroDivisionError: by zero")


def test_a_reader_that_leaves_early_is_no_error(orders_repo) -> None:
    command = [sys.executable, "-m", "backend_readiness", "routes", str(orders_repo), "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0
