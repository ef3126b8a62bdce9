"""`audit`, `check` and `validate`: files, formats and exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.running import Run

from backend_readiness.cli.judging import file_name
from backend_readiness.controls import runner
from backend_readiness.model import ControlResult, Evidence, EvidenceKind, Severity, Verdict
from backend_readiness.report.schema import Report
from backend_readiness.rules.control_cards import load_controls


@pytest.fixture
def one_failure(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every control is unverified, but for one of severity high that fails at the route of the sign-in."""
    monkeypatch.setenv("BACKEND_READINESS_CACHE", str(tmp_path_factory.mktemp("cache")))  # these reports are of no use to others

    def run(tracer, snapshot, flow, traced, only=None, errors=None, **configured):
        results = []
        for card in load_controls().values():
            if only is not None and card.id not in only:
                continue
            fails = card.id == "sec-brute-force-protection"
            place = Evidence(kind=EvidenceKind.CODE, file="app/orders.py", line=13, end_line=13)
            results.append(
                ControlResult(
                    id=card.id,
                    layer=card.layer,
                    title=card.title,
                    severity=Severity.HIGH if fails else card.severity,
                    verdict=Verdict.FAIL if fails else Verdict.UNVERIFIED,
                    why="Said by the test.",
                    evidence=(place,) if fails else (),
                    question="" if fails else card.ask,
                    fix=card.fix,
                )
            )
        return tuple(results)

    monkeypatch.setattr(runner, "run", run)


def test_an_audit_writes_the_report_of_the_flow_here_and_prints_it(run: Run, orders_repo) -> None:
    ran = run("audit", orders_repo, "--flow", "login")
    assert ran.status == 0
    report = Path("backend-readiness-audit-login.md")
    assert report.read_text("utf-8").startswith("# Backend readiness audit: login")
    assert ran.out.startswith("Backend readiness: login")
    assert "written: backend-readiness-audit-login.md" in ran.err


def test_json_goes_to_standard_output_alone(run: Run, orders_repo) -> None:
    ran = run("audit", orders_repo, "--flow", "login", "--format", "json")
    report = Report.model_validate_json(ran.out)
    assert [c.id for c in report.controls] == list(load_controls())
    assert report.flow.endpoints == ("POST /api/login",)
    assert report.chains
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("format_name", ["md", "json", "sarif", "html", "terminal"])
def test_a_dash_prints_any_format(run: Run, orders_repo, format_name: str) -> None:
    ran = run("audit", orders_repo, "--flow", "login", "--format", format_name, "--output", "-")
    assert ran.status == 0
    assert len(ran.out) > 500
    assert list(Path().iterdir()) == []


def test_the_name_of_the_output_decides_the_format(run: Run, orders_repo) -> None:
    run("audit", orders_repo, "--flow", "login", "--output", "r.json")
    assert json.loads(Path("r.json").read_text("utf-8"))["schema"] == "backend-readiness/report/1"


def test_what_the_person_says_of_the_flow_stands_in_the_report(run: Run, orders_repo) -> None:
    said = ["--entry-url", "/login", "--success", "a session exists", "--success", "it survives a restart"]
    flow = run("audit", orders_repo, "--flow", "login", *said, "--format", "json").json["flow"]
    assert flow["entry_url"] == "/login"
    assert flow["success_criteria"] == ["a session exists", "it survives a restart"]


@pytest.mark.parametrize(
    "written",
    ["POST /api/orders", "POST /api/orders/", "post /api/orders", "POST /orders", "POST /api/orders (see also GET /api/nowhere)"],
)
def test_an_endpoint_is_found_as_people_write_it(run: Run, orders_repo, written: str) -> None:
    flow = run("audit", orders_repo, "--flow", "any name", "--endpoint", written, "--format", "json").json["flow"]
    assert (flow["name"], flow["endpoints"]) == ("any name", ["POST /api/orders"])


def test_names_of_parameters_do_not_count(run: Run, orders_repo) -> None:
    flow = run("audit", orders_repo, "--flow", "x", "--endpoint", "DELETE /api/orders/:id", "--format", "json").json["flow"]
    assert flow["endpoints"] == ["DELETE /api/orders/{order_id}"]


def test_every_endpoint_that_is_named_belongs_to_the_flow(run: Run, orders_repo) -> None:
    written = "POST /api/orders (and GET /api/orders/{order_id} for what was ordered, DELETE /api/orders/{id})"
    flow = run("audit", orders_repo, "--flow", "x", "--endpoint", written, "--format", "json").json["flow"]
    assert "DELETE /api/orders/{order_id}" in flow["endpoints"]
    assert flow["endpoints"][0] == "POST /api/orders"


def test_several_endpoints_make_one_flow(run: Run, orders_repo) -> None:
    both = ["--endpoint", "POST /api/login", "--endpoint", "POST /api/orders"]
    assert run("audit", orders_repo, "--flow", "x", *both, "--format", "json").json["flow"]["endpoints"] == [
        "POST /api/login",
        "POST /api/orders",
    ]


def test_the_same_repository_gives_the_same_bytes(run: Run, orders_repo) -> None:
    assert len({run("audit", orders_repo, "--flow", "login", "--format", "json").out for _ in range(3)}) == 1


@pytest.mark.parametrize("fail_on,status", [("critical", 0), ("high", 1), ("low", 1)])
def test_a_finding_at_or_above_the_limit_ends_with_1(run: Run, orders_repo, one_failure, fail_on: str, status: int) -> None:
    assert run("audit", orders_repo, "--flow", "login", "--format", "json", "--fail-on", fail_on).status == status


def test_what_stands_in_the_baseline_does_not_count(run: Run, orders_repo, one_failure) -> None:
    Path("base.json").write_text(run("audit", orders_repo, "--flow", "login", "--format", "json").out)
    ran = run("audit", orders_repo, "--flow", "login", "--format", "json", "--fail-on", "low", "--baseline", "base.json")
    assert (ran.status, [f["baseline"] for f in ran.json["findings"]]) == (0, ["known"])


def test_a_report_that_holds_is_valid_and_an_altered_one_is_not(run: Run, orders_repo, one_failure) -> None:
    text = run("audit", orders_repo, "--flow", "login", "--format", "json").out
    Path("r.json").write_text(text)
    assert run("validate", "r.json", "--repo", orders_repo).status == 0
    Path("r.json").write_text(text.replace("app/orders.py", "app/main.py"))
    ran = run("validate", "r.json", "--repo", orders_repo)
    assert ran.status == 1
    assert "does not hold" in ran.out
    answer = run("validate", "r.json", "--repo", orders_repo, "--format", "json")
    assert (answer.status, answer.json["valid"]) == (1, False)
    assert answer.json["problems"]


def test_a_report_on_another_repository_says_so_in_few_lines(run: Run, orders_repo, one_failure, tmp_path) -> None:
    Path("r.json").write_text(run("audit", orders_repo, "--flow", "login", "--format", "json").out)
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.py").write_text("pass\n")
    ran = run("validate", "r.json", "--repo", other)
    assert ran.status == 1
    assert "--repo names the repository" in ran.err
    assert len(ran.out.splitlines()) <= 62


def test_a_file_that_is_no_report_is_invalid(run: Run, orders_repo) -> None:
    Path("r.json").write_text("[]")
    assert run("validate", "r.json", "--repo", orders_repo).status == 1


def test_controls_are_judged_by_id_and_by_layer(run: Run, orders_repo, one_failure) -> None:
    ran = run("check", "sec-brute-force-protection", "reliability", "--repo", orders_repo, "--flow", "login", "--format", "json")
    layers = {c["layer"] for c in ran.json["controls"] if c["id"] != "sec-brute-force-protection"}
    assert layers == {"reliability"}
    assert ran.json["flow"]["name"] == "login"
    finding = ran.json["findings"][0]
    assert finding["evidence"][0]["quote"] == '@router.post("/login")'
    assert finding["fix"]


def test_without_a_flow_all_endpoints_are_judged_together(run: Run, orders_repo) -> None:
    ran = run("check", "sec-cors", "--repo", orders_repo, "--format", "json")
    assert ran.json["flow"] is None
    assert [c["id"] for c in ran.json["controls"]] == ["sec-cors"]


def test_the_catalogue_is_listed_without_a_repository(run: Run) -> None:
    ran = run("check", "--list", "--format", "json")
    assert [c["id"] for c in ran.json["controls"]] == list(load_controls())
    assert "sec-cors" in run("check", "--list").out


@pytest.mark.parametrize(
    "flow,name",
    [
        ("login", "login"),
        ("User signs in", "User-signs-in"),
        ("a/b\\c", "a-b-c"),
        ("../..", "flow"),
        ("..", "flow"),
        ("x\n\x1by", "x-y"),
        ("", "flow"),
    ],
)
def test_a_name_of_a_flow_makes_a_safe_name_of_a_file(flow: str, name: str) -> None:
    assert file_name(flow) == name
