from __future__ import annotations

import random

import pytest
from tests.report.folder_source import CHAIN, LOGIN, RESULTS, FolderSource, login_app, login_report, place, result

from backend_readiness.model import Evidence, EvidenceKind, Layer, Search, Severity, Skipped, Verdict
from backend_readiness.render import json
from backend_readiness.report import canonical
from backend_readiness.report.build import build
from backend_readiness.report.schema import ControlOut, Report

FAIL, PASS, PARTIAL, UNVERIFIED, NA = Verdict.FAIL, Verdict.PASS, Verdict.PARTIAL, Verdict.UNVERIFIED, Verdict.NOT_APPLICABLE
GONE = place("gone.py", 3)
HELD = place("app/models.py", 11)


def report_on(*results: object, incomplete: tuple[str, ...] = ()) -> Report:
    return build(login_app(), LOGIN, [CHAIN], results, engine="static", tool_version="0.1.0", incomplete=incomplete)  # type: ignore[arg-type]


def judged(verdict: Verdict, *evidence: Evidence, **more: object) -> ControlOut:
    report = report_on(result("sec-x", Layer.SECURITY, verdict, Severity.HIGH, *evidence, **more))
    return report.controls[0]


def test_the_same_input_gives_the_same_bytes_in_any_order() -> None:
    texts = set()
    for seed in range(20):
        shuffled = list(RESULTS)
        random.Random(seed).shuffle(shuffled)
        texts.add(json.render(build(login_app(), LOGIN, [CHAIN], shuffled, engine="static", tool_version="0.1.0")))
    assert len(texts) == 1


def test_findings_come_from_fail_and_partial_and_stand_by_severity() -> None:
    report = login_report()
    assert [(f.id, f.severity.value, f.status.value) for f in report.findings] == [
        ("BR-sec-rate-limit-auth", "critical", "missing"),
        ("BR-sec-secrets-in-code", "high", "missing"),
        ("BR-inf-no-stub-response", "medium", "stubbed"),
    ]
    assert [f.title for f in report.findings][1:] == ["A secret stands in the code", "The token is a stub"]


def test_a_partial_without_a_status_of_its_own_is_partial() -> None:
    assert report_on(result("sec-x", Layer.SECURITY, PARTIAL, Severity.LOW, HELD)).findings[0].status.value == "partial"


def test_findings_of_one_severity_stand_in_the_order_of_layers_then_controls() -> None:
    report = report_on(
        result("data-b", Layer.DATA, FAIL, Severity.HIGH, HELD),
        result("sec-b", Layer.SECURITY, FAIL, Severity.HIGH, HELD),
        result("sec-a", Layer.SECURITY, FAIL, Severity.HIGH, HELD),
    )
    assert [f.control for f in report.findings] == ["sec-a", "sec-b", "data-b"]


def test_a_second_finding_of_a_control_has_an_id_of_its_own() -> None:
    report = report_on(*(result("sec-x", Layer.SECURITY, FAIL, Severity.HIGH, place("app/models.py", n)) for n in (10, 11)))
    assert [f.id for f in report.findings] == ["BR-sec-x", "BR-sec-x-2"]


def test_all_six_layers_stand_in_the_report_in_order() -> None:
    assert [layer.id for layer in report_on().layers] == list(Layer)


# ---------------------------------------------------------------- evidence that does not hold


def test_a_finding_whose_only_place_does_not_exist_becomes_unverified_with_the_reason() -> None:
    control = judged(FAIL, GONE)
    assert control.verdict is UNVERIFIED
    assert "gone.py is not among the files that were read" in control.why
    assert control.question == "Is this so: sec-x holds?"


def test_a_finding_stands_while_one_of_its_places_does_and_names_what_was_left_out() -> None:
    control = judged(FAIL, GONE, HELD)
    assert control.verdict is FAIL
    assert len(control.evidence) == 1
    assert "Left out, as it does not hold: gone.py" in control.why


@pytest.mark.parametrize("verdict", [PASS, NA])
def test_one_place_that_does_not_exist_ends_a_pass(verdict: Verdict) -> None:
    assert judged(verdict, GONE, HELD).verdict is UNVERIFIED


@pytest.mark.parametrize("verdict", [PASS, FAIL, PARTIAL])
def test_a_verdict_without_evidence_is_unverified(verdict: Verdict) -> None:
    control = judged(verdict)
    assert control.verdict is UNVERIFIED
    assert "no evidence was named" in control.why


def test_what_does_not_apply_and_what_is_unverified_needs_no_evidence() -> None:
    assert judged(NA).verdict is NA
    assert judged(UNVERIFIED, question="Is it so?").question == "Is it so?"


def test_a_bad_place_of_an_unverified_control_is_named_and_the_verdict_stays() -> None:
    control = judged(UNVERIFIED, GONE, question="Is it so?")
    assert (control.verdict, control.question) == (UNVERIFIED, "Is it so?")
    assert "gone.py" in control.why


def test_a_refuted_absence_becomes_unverified() -> None:
    search = Search(scope="all", paths=("**/*.py",), patterns=("APIRouter",))
    control = judged(FAIL, Evidence(kind=EvidenceKind.ABSENCE, search=search))
    assert control.verdict is UNVERIFIED
    assert "app/sessions.py:3" in control.why


# ---------------------------------------------------------------- the rest of the report


def test_blockers_are_the_ids_of_the_findings_that_block() -> None:
    assert login_report().score.blockers == ("BR-sec-rate-limit-auth",)


def test_the_checklist_has_every_step_and_the_critical_questions() -> None:
    items = login_report().checklist
    assert [item.id for item in items][:3] == [f"BR-sec-rate-limit-auth.{n}" for n in (1, 2, 3)]
    assert (items[-1].text, items[-1].finding) == ("Settle: Does the platform send SIGTERM to uvicorn?", None)


def test_a_finding_without_steps_is_an_item_of_its_own() -> None:
    item = report_on(result("sec-x", Layer.SECURITY, FAIL, Severity.LOW, HELD)).checklist[0]
    assert item.text == "sec-x holds"


def test_skipped_files_and_reasons_of_an_early_end_are_kept() -> None:
    report = report_on(incomplete=("sec-x crashed: ZeroDivisionError",))
    assert report.run.incomplete == ("sec-x crashed: ZeroDivisionError",)
    assert [(s.path, s.reason) for s in report.run.skipped] == [("web/logo.png", "binary")]
    assert report.run.files == len(login_app().files)


def test_files_that_a_later_stage_could_not_read_are_listed_with_the_others() -> None:
    lost = Skipped(path="app/bad.py", reason="does not parse")
    report = build(login_app(), LOGIN, [], [], engine="static", tool_version="1", skipped=(lost, lost))
    assert [s.path for s in report.run.skipped] == ["app/bad.py", "web/logo.png"]
    assert report.run.incomplete == ()


def test_secrets_are_taken_out_of_reasons_and_links_too() -> None:
    secret = "ghp_" + "a1B2c3D4e5" * 4
    report = report_on(result("sec-x", Layer.SECURITY, FAIL, Severity.LOW, place("app/models.py", 11, note=secret), question=secret))
    assert secret not in json.render(report)


def test_a_link_carries_the_text_of_its_line_unless_it_is_too_long() -> None:
    source = FolderSource({**login_app().texts, "web/Login.tsx": "\n" * 3 + "x" * 500 + "\n" * 20})
    quotes = [link.quote for link in build(source, LOGIN, [CHAIN], (), engine="static", tool_version="1").chains[0].links]
    assert quotes[1] is None
    assert quotes[2] == '@router.post("/login")'


def test_ids_and_times_of_a_run_are_outside_the_digest_and_nothing_else_is() -> None:
    report = login_report()
    stamped = report.model_copy(update={"run": report.run.model_copy(update={"id": "r1", "created_at": "2026-01-01T00:00:00Z"})})
    assert canonical.integrity(canonical.plain(stamped)) == report.integrity
    other = report.model_copy(update={"run": report.run.model_copy(update={"files": 99})})
    assert canonical.integrity(canonical.plain(other)) != report.integrity
