"""`routes`, `flows` and `trace`: their answers are those that other programs were promised."""

from __future__ import annotations

import pytest
from tests.cli.running import Run
from tests.conftest import MakeRepo, run_git

from backend_readiness.report.schema import TraceOut


def test_routes_are_printed_as_promised(run: Run, orders_repo) -> None:
    ran = run("routes", orders_repo, "--format", "json")
    assert (ran.status, ran.err) == (0, "")
    assert set(ran.json) == {"schema", "commit", "routes"}
    assert ran.json["schema"] == "backend-readiness/routes/1"
    assert ran.json["commit"] == run_git(orders_repo, "rev-parse", "HEAD").strip()
    deleting = next(r for r in ran.json["routes"] if r["method"] == "DELETE")
    assert set(deleting) == {"method", "path", "file", "line", "framework", "handler", "params", "middleware"}
    assert (deleting["path"], deleting["file"], deleting["framework"]) == ("/api/orders/{order_id}", "app/orders.py", "fastapi")
    assert deleting["handler"]["symbol"] == "delete_order"
    assert deleting["handler"]["line"] <= deleting["handler"]["end_line"]
    assert {"name": "order_id", "in": "path"} in deleting["params"]
    assert any(set(m) == {"symbol", "file", "line"} and m["symbol"] == "current_user" for m in deleting["middleware"])


def test_flows_are_named_by_what_a_user_does(run: Run, orders_repo) -> None:
    ran = run("flows", orders_repo, "--format", "json")
    flows = {f["name"]: f for f in ran.json["flows"]}
    assert {"login", "create-order", "list-orders", "delete-order"} <= set(flows)
    assert flows["login"]["endpoints"] == ["POST /api/login"]
    assert (flows["login"]["file"], flows["login"]["line"]) == ("web/src/Login.tsx", 8)
    assert [f["file"].startswith("web/") for f in ran.json["flows"]][:2] == [True, True], "what the interface leads to stands first"


@pytest.mark.parametrize(
    "start,kind",
    [("POST /api/login", "route"), ("web/src/Login.tsx:8", "location"), ("app/orders.py:14", "location"), ("user signs in", "text")],
)
def test_a_chain_is_found_from_every_kind_of_start(run: Run, orders_repo, start: str, kind: str) -> None:
    ran = run("trace", start, "--repo", orders_repo, "--format", "json")
    assert (ran.status, ran.err) == (0, "")
    answer = TraceOut.model_validate(ran.json)
    assert answer.start.kind == kind
    first = answer.chains[0]
    assert first.endpoint is not None
    assert (first.endpoint.method, first.endpoint.path) == ("POST", "/api/login")
    stages = [link.stage.value for link in first.links]
    assert [s for s in stages if s in ("user_action", "api_call", "route", "handler", "data")] == [
        "user_action",
        "api_call",
        "route",
        "handler",
        "data",
    ]


@pytest.mark.parametrize(
    "start",
    [
        "post /api/login",
        "POST /login",
        "POST /api/login/",
        "Login.tsx:8",
        "./web/src/Login.tsx:8",
        "web/src/Login.tsx:8:5",
        "web\\src\\Login.tsx:8",
        "{repo}/web/src/Login.tsx:8",
    ],
)
def test_a_start_is_understood_as_people_write_it(run: Run, orders_repo, start: str) -> None:
    ran = run("trace", start.format(repo=orders_repo), "--repo", orders_repo, "--format", "json")
    assert ran.status == 0, ran.err
    assert ran.json["chains"][0]["endpoint"] == {"method": "POST", "path": "/api/login"}


def test_a_person_reads_a_tree_and_tables(run: Run, orders_repo) -> None:
    assert "└── User action <form onSubmit>" in run("trace", "POST /api/login", "--repo", orders_repo).out
    assert "5 routes" in run("routes", orders_repo).out
    assert "create-order" in run("flows", orders_repo).out


def test_the_current_folder_is_the_repository_when_none_is_named(run: Run, orders_repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(orders_repo)
    assert run("routes", "--format", "json").json["routes"]


def test_excluded_files_are_left_out(run: Run, orders_repo) -> None:
    ran = run("routes", orders_repo, "--format", "json", "--exclude", "app/orders.py")
    assert [r["path"] for r in ran.json["routes"]] == ["/health"]


def test_a_place_that_nothing_goes_through_gives_no_chain_and_says_so(run: Run, orders_repo) -> None:
    ran = run("trace", "app/database.py:1", "--repo", orders_repo, "--format", "json")
    assert (ran.status, ran.json["chains"]) == (0, [])
    assert "no chain goes through" in ran.err


def test_a_repository_without_endpoints_says_what_was_read(run: Run, make_repo: MakeRepo) -> None:
    ran = run("routes", make_repo({"notes.md": "# Notes\n"}), "--format", "json")
    assert (ran.status, ran.json["routes"]) == (0, [])
    assert "no endpoint was recognised in 1 files" in ran.err
