"""The scoreboard counts what it says: on audits made by hand, and once on real ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from evals.audits import EVERY_ENDPOINT, Audited, Audits, Span, Verdicted
from evals.board import as_text, table
from evals.score import Landed, Outcome, Scoreboard, score
from evals.seeded import Expected, PatchFailed, Seeded, load_seeded, shop_copy

from backend_readiness.cli import main
from backend_readiness.model import Layer, Severity, Verdict
from evals import run

KEY = ("checkout", "POST /orders")


def audited(**verdicts: Verdict | tuple[Verdict, str, int, int]) -> Audited:
    """`limits=Verdict.PASS`, or `limits=(Verdict.FAIL, file, line, end_line)`; every control is of high severity."""
    controls = {}
    for name, given in verdicts.items():
        verdict, places = given if isinstance(given, Verdict) else given[0], ()
        if isinstance(given, tuple):
            verdict, places = given[0], (Span(file=given[1], line=given[2], end_line=given[3]),)  # type: ignore[assignment]
        controls[name] = Verdicted(verdict=verdict, severity=Severity.HIGH, why="because", places=places)
    return Audited(controls=controls, seconds=0.1)


DEFECT = Seeded(
    id="a-defect", kind="defect", title="t", flow=KEY[0], endpoint=KEY[1], why="w", patch="p",
    control="limits", layer=Layer.RELIABILITY, severity=Severity.HIGH, expect=[Expected(file="a.py", line=10, end_line=12)], also=["logs"],
)  # fmt: skip
BENIGN = Seeded(id="a-benign", kind="benign", title="t", flow=KEY[0], endpoint=KEY[1], why="w", patch="p", watch=["limits"])


def board(good: Audited, twin: Audited, seeded: Seeded = DEFECT, everywhere: Audited | None = None) -> Scoreboard:
    audits = Audits(good={KEY: good, EVERY_ENDPOINT: everywhere or audited()}, twins={seeded.id: twin})
    return score([seeded], audits, frozenset({"limits"}), 1.0)


@pytest.mark.parametrize(
    "good,twin,outcome",
    [
        (Verdict.PASS, Verdict.FAIL, Outcome.FOUND),
        (Verdict.UNVERIFIED, Verdict.PARTIAL, Outcome.FOUND),
        (Verdict.FAIL, Verdict.FAIL, Outcome.OPEN_BEFORE),
        (Verdict.PASS, Verdict.PASS, Outcome.FALSE_PASS),
        (Verdict.PASS, Verdict.UNVERIFIED, Outcome.UNVERIFIED),
        (Verdict.PASS, Verdict.NOT_APPLICABLE, Outcome.NOT_APPLICABLE),
    ],
)
def test_a_defect_is_found_when_its_control_turns_open(good: Verdict, twin: Verdict, outcome: Outcome) -> None:
    scored = board(audited(limits=good), audited(limits=twin))
    assert [row.outcome for row in scored.defects] == [outcome]
    tally = scored.tally()
    assert (tally.recall.hits, tally.recall.of, tally.false_passes) == (outcome is Outcome.FOUND, 1, outcome is Outcome.FALSE_PASS)


def test_an_audit_that_broke_off_finds_nothing_and_is_named() -> None:
    scored = board(audited(limits=Verdict.PASS), Audited(controls={}, seconds=0.1, error="ValueError: x"))
    assert [row.outcome for row in scored.defects] == [Outcome.NO_AUDIT]
    assert "ValueError: x" in as_text(scored)


@pytest.mark.parametrize(
    "file,line,end_line,landed",
    [
        ("a.py", 12, 20, Landed.AT_PLACE),
        ("a.py", 1, 10, Landed.AT_PLACE),
        ("a.py", 13, 13, Landed.SAME_FILE),
        ("b.py", 10, 12, Landed.ELSEWHERE),
    ],
)
def test_evidence_lands_at_the_place_when_it_shares_a_line_with_it(file: str, line: int, end_line: int, landed: Landed) -> None:
    scored = board(audited(limits=Verdict.PASS), audited(limits=(Verdict.FAIL, file, line, end_line)))
    assert [row.landed for row in scored.defects] == [landed]


def test_findings_that_the_change_explains_or_the_good_app_has_are_not_extra() -> None:
    good = audited(limits=Verdict.PASS, old=Verdict.FAIL)
    twin = audited(limits=Verdict.FAIL, logs=Verdict.FAIL, old=Verdict.FAIL, more=Verdict.PARTIAL)
    [row] = board(good, twin).defects
    assert [finding.control for finding in row.extra] == ["more"]


def test_a_change_that_adds_an_endpoint_is_compared_with_all_endpoints_of_the_good_app() -> None:
    nothing = Audited(controls={}, seconds=0.0, error="no such endpoint: POST /orders")
    scored = board(nothing, audited(limits=Verdict.FAIL, old=Verdict.FAIL), everywhere=audited(limits=Verdict.PASS, old=Verdict.FAIL))
    assert [row.outcome for row in scored.defects] == [Outcome.FOUND]
    assert scored.defects[0].extra == ()
    assert scored.good_problems == ()


def test_false_alarms_are_findings_on_the_good_app_and_new_ones_on_benign_twins() -> None:
    quiet = board(audited(limits=Verdict.PASS), audited(limits=Verdict.PASS), BENIGN)
    assert run.false_alarms(quiet) == 0
    loud = board(audited(limits=Verdict.PASS), audited(limits=Verdict.FAIL), BENIGN)
    assert run.false_alarms(loud) == 1
    assert loud.benign[0].turned == ("limits: pass -> fail",)
    assert run.false_alarms(board(audited(limits=Verdict.FAIL), audited(limits=Verdict.FAIL), BENIGN)) == 1


def test_a_table_keeps_its_columns_whatever_stands_in_a_cell() -> None:
    assert table(("a", "b"), [("x|y\nz", "")]).splitlines() == ["| a      | b |", "| ------ | - |", "| x\\|y z |   |"]


def test_a_patch_that_does_not_fit_says_whose_it_is(tmp_path: Path) -> None:
    with pytest.raises(PatchFailed, match="a-defect"):
        shop_copy(tmp_path / "shop", [DEFECT])


def test_the_command_audits_the_twins_that_are_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = tmp_path / "scores.json"
    status = run.main(["--only", "catalogue-limit-uncapped", "--only", "benign-page-size-shared", "--jobs", "1", "--json", str(answer)])
    scores = json.loads(answer.read_text())
    assert [(row["id"], row["outcome"], row["landed"]) for row in scores["defects"]] == [
        ("catalogue-limit-uncapped", "found", "at the place")
    ]
    assert [row["new"] for row in scores["benign"]] == [[]]
    assert [finding for finding in scores["good"] if finding["severity"] in ("critical", "high")] == []
    assert status == 0
    assert "| performance" in capsys.readouterr().out


def test_an_unknown_change_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run.main(["--only", "catalogue-limit"])
    assert ended.value.code == 2
    assert "catalogue-limit-uncapped" in capsys.readouterr().err
    assert "catalogue-limit-uncapped" in load_seeded()


def test_the_command_line_hands_every_option_on_to_the_scorer(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "--help"]) == 0
    assert "--only ID" in capfd.readouterr().out
    assert main(["eval", "--only", "no-such-change"]) == 2
    assert "no seeded change 'no-such-change'" in capfd.readouterr().err
