"""A probe of a repository's flow against a server on this machine, from the command line to the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import MakeRepo
from tests.probe.server import by_path, serving, target_of_head

from backend_readiness.cli import main
from backend_readiness.errors import UnusableInput
from backend_readiness.model import ControlResult, Endpoint, Evidence, EvidenceKind, Flow, Layer, Severity, Verdict, VerifiedBy
from backend_readiness.probe.address import target_of
from backend_readiness.probe.client import Limits
from backend_readiness.probe.running import probe
from backend_readiness.probe.schema import joined, with_runtime
from backend_readiness.workspace import Judged, Workspace

APP = """\
import sqlite3

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPBearer
from app.tokens import user_of

app = FastAPI()
bearer = HTTPBearer()


def database():
    return sqlite3.connect("shop.db")


def current_user(token=Depends(bearer)):
    user = user_of(token.credentials)
    if user is None:
        raise HTTPException(401)
    return user


@app.get("/orders")
def orders(user=Depends(current_user)):
    return database().execute("select * from orders where owner = ?", (user["id"],)).fetchall()


@app.post("/orders")
def create(item: str, user=Depends(current_user)):
    connection = database()
    connection.execute("insert into orders values (?, ?)", (item, user["id"]))
    connection.commit()


@app.get("/orders/archive")
def archive():
    connection = database()
    connection.execute("update orders set state = 1")
    connection.commit()


@app.get("/logout")
def logout():
    return {}


@app.get("/healthz")
def healthz():
    return {"status": "ok"}
"""
TOKENS = """\
import jwt


def user_of(token):
    return jwt.decode(token, key(), algorithms=["HS256"])
"""
FLOW = ["--flow", "orders", "--endpoint", "GET /orders", "--endpoint", "POST /orders"]
OPEN_ORDERS = {
    "GET /": "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{}",
    "GET /orders": 'HTTP/1.1 200 OK\nContent-Type: application/json\n\n[{"id": 1}]',
    "GET /healthz": 'HTTP/1.1 200 OK\nContent-Type: application/json\n\n{"status": "ok"}',
}


@pytest.fixture
def shop(make_repo: MakeRepo) -> Path:
    return make_repo({"app/main.py": APP, "app/tokens.py": TOKENS, "requirements.txt": "fastapi\n"})


def controls(text: str) -> dict[str, Mapping[str, Any]]:
    return {c["id"]: c for c in json.loads(text)["controls"]}


def test_the_json_answer_names_server_commit_requests_and_what_was_left_out(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(by_path(OPEN_ORDERS)) as (url, seen):
        assert main(["probe", url, "--repo", str(shop), *FLOW, "--format", "json"]) == 0
    text = capsys.readouterr().out
    answer = json.loads(text)
    assert answer["schema"] == "backend-readiness/probe/1"
    assert (answer["base_url"], answer["requests"]) == (url, len(seen))
    assert len(answer["commit"]) == 40
    assert answer["left_out"][0].startswith("POST /orders: a probe sends only GET")
    orders = controls(text)["sec-authn-required"]
    assert (orders["verdict"], orders["verified_by"]) == ("fail", "runtime")
    [evidence] = orders["evidence"]
    assert evidence["kind"] == "runtime"
    assert evidence["note"] == "GET /orders was answered 200 OK"
    assert evidence["quote"].startswith("200 OK")
    assert controls(text)["obs-health-check"]["verdict"] == "pass"


def test_only_reading_requests_reach_the_server_and_none_that_may_act(shop: Path) -> None:
    found = Workspace(shop)
    named = ("GET /orders", "POST /orders", "GET /orders/archive", "GET /logout")
    flow = found.resolve_flow("orders", named)
    with serving(by_path(OPEN_ORDERS)) as (url, seen):
        probing = probe(found, target_of(url), flow)
    sent = {target_of_head(head) for head in seen}
    assert {line.split(" ")[0] for line in sent} <= {"GET", "HEAD", "OPTIONS"}
    assert "OPTIONS /orders" in sent
    assert not [line for line in sent if line.startswith("GET ") and ("archive" in line or "logout" in line)]
    left = "\n".join(probing.left_out)
    assert "GET /orders/archive: its GET may do something (write orders at app/main.py:" in left
    assert "GET /logout: its GET may do something" in left


def test_a_handler_of_every_method_that_acts_is_not_asked_at_all(make_repo: MakeRepo) -> None:
    urls = """\
from django.urls import path
from shop.models import Order


def close(request, id):
    Order.objects.filter(id=id).update(open=False)


def show(request, id):
    return Order.objects.get(id=id)


urlpatterns = [path("orders/<int:id>/close-now/", close), path("orders/<int:id>/", show)]
"""
    models = "from django.db import models\n\n\nclass Order(models.Model):\n    open = models.BooleanField()\n"
    files = {"shop/urls.py": urls, "shop/models.py": models, "requirements.txt": "django\n", "shop/__init__.py": "", "manage.py": ""}
    found = Workspace(make_repo(files | {"shop/settings.py": 'ROOT_URLCONF = "shop.urls"\n'}))
    flow = found.resolve_flow("orders", ["ANY /orders/{id}/close-now/", "ANY /orders/{id}/"])
    with serving(by_path({"GET /": OPEN_ORDERS["GET /"]})) as (url, seen):
        probing = probe(found, target_of(url), flow)
    sent = {target_of_head(head) for head in seen}
    assert {"GET /orders/1/", "OPTIONS /orders/1/"} <= sent
    assert not [line for line in sent if "close" in line]
    assert "close-now" in "".join(probing.left_out)


@pytest.mark.parametrize(
    "file,text",
    [
        ("deploy/nginx.conf", "server { listen 80; location / { proxy_pass http://app:8000; } }\n"),
        ("k8s/web.yaml", "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n"),
        ("compose.yml", "services:\n  front:\n    image: docker.io/library/caddy:2.8\n"),
    ],
)
def test_missing_headers_are_no_finding_where_something_stands_before_the_application(make_repo: MakeRepo, file: str, text: str) -> None:
    with serving(by_path(OPEN_ORDERS)) as (url, _seen):
        bare = probe(Workspace(make_repo({"app.py": "a = 1\n"})), target_of(url))
        fronted = probe(Workspace(make_repo({"app.py": "a = 1\n", file: text})), target_of(url))
    verdicts = [{r.id: r.verdict for r in probing.results}["sec-security-headers"] for probing in (bare, fronted)]
    assert verdicts == [Verdict.FAIL, Verdict.UNVERIFIED]


def test_without_a_flow_only_the_entry_page_health_and_known_addresses_are_asked(shop: Path) -> None:
    with serving(by_path(OPEN_ORDERS)) as (url, seen):
        probing = probe(Workspace(shop), target_of(url))
    assert "GET /orders" not in {target_of_head(head) for head in seen}
    by_id = {r.id: r for r in probing.results}
    assert by_id["obs-health-check"].verdict is Verdict.PASS
    assert by_id["sec-authn-required"].verdict is Verdict.UNVERIFIED


def test_a_path_before_the_application_is_part_of_every_request(shop: Path) -> None:
    with serving(by_path({"GET /shop/": OPEN_ORDERS["GET /"]})) as (url, seen):
        probe(Workspace(shop), target_of(f"{url}/shop"))
    assert {line.partition(" ")[2].startswith("/shop/") for line in map(target_of_head, seen)} == {True}


def test_a_redirect_to_another_host_is_not_followed(shop: Path) -> None:
    away = {"GET /": "HTTP/1.1 302 Found\nLocation: http://127.0.0.1:1/elsewhere\n\n"}
    with serving(by_path(away)) as (url, seen):
        probe(Workspace(shop), target_of(url))
    assert not [head for head in seen if b"elsewhere" in head]


def test_a_loop_of_redirects_ends(shop: Path) -> None:
    loop = {f"GET /{n or ''}": f"HTTP/1.1 302 Found\nLocation: /{n + 1}\n\n" for n in range(50)}
    with serving(by_path(loop)) as (url, seen):
        probe(Workspace(shop), target_of(url))
    assert not [head for head in seen if b"GET /5 " in head]


@pytest.mark.parametrize(
    "answer,said", [("<h1>It works</h1>", "no HTTP"), ("", "no HTTP"), ("HTTP/1.1 200 OK\nX: y\nno header\n\n", "not well formed")]
)
def test_a_server_that_speaks_no_http_is_unusable(shop: Path, capsys: pytest.CaptureFixture[str], answer: str, said: str) -> None:
    with serving(by_path({"GET /": answer})) as (url, _seen):
        assert main(["probe", url, "--repo", str(shop)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://192.0.2.1", "ftp://127.0.0.1", "http://user:pw@127.0.0.1:1"])
def test_an_address_that_cannot_be_used_is_exit_two_with_one_line(shop: Path, capsys: pytest.CaptureFixture[str], url: str) -> None:
    assert main(["probe", url, "--repo", str(shop)]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("error: ")
    assert error.count("\n") == 1


def test_a_probe_that_ends_early_says_so(shop: Path) -> None:
    with serving(by_path(OPEN_ORDERS)) as (url, _seen):
        probing = probe(Workspace(shop), target_of(url), limits=Limits(requests=4))
    assert probing.requests == 4
    assert "4 requests were sent" in probing.ended
    judged = Judged(chains=(), results=(), incomplete=())
    assert "ended early" in with_runtime(judged, probing).incomplete[0]


def test_the_terminal_shows_no_control_characters_of_the_server(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "HTTP/1.1 200 \x1b[2JOK\nX-Frame-Options: \x1b]0;owned\x07deny\nSet-Cookie: sid=verysecretvalue; \x1b[31m\n\nhello"
    with serving(by_path({"GET /": hostile})) as (url, _seen):
        assert main(["probe", url, "--repo", str(shop)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "verysecretvalue" not in out
    assert "sid=[redacted]" in out


def test_an_audit_with_a_probe_joins_both_and_its_report_holds(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.json"
    with serving(by_path(OPEN_ORDERS)) as (url, _seen):
        assert main(["audit", str(shop), *FLOW, "--probe", url, "--format", "json", "-o", str(report)]) == 0
    found = controls(report.read_text())
    orders = found["sec-authn-required"]
    assert (orders["verdict"], orders["verified_by"]) == ("fail", "runtime")
    kinds = [e["kind"] for e in orders["evidence"]]
    assert kinds[0] == "runtime"
    assert "code" in kinds
    assert "The analysis of the code had found" in str(orders["why"])
    assert main(["validate", str(report), "--repo", str(shop)]) == 0
    for form in ("md", "html", "sarif", "terminal"):
        with serving(by_path(OPEN_ORDERS)) as (url, _seen):
            assert main(["audit", str(shop), *FLOW, "--probe", url, "--format", form, "-o", "-"]) == 0
        assert "GET /orders was answered 200 OK" in capsys.readouterr().out or form == "sarif"


def test_the_agent_engine_takes_no_probe(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(shop), *FLOW, "--engine", "agent", "--probe", "http://127.0.0.1:1"]) == 2
    assert "--probe goes with the static engine" in capsys.readouterr().err


def result(verdict: Verdict, by: VerifiedBy, why: str = "w") -> ControlResult:
    kind = EvidenceKind.RUNTIME if by is VerifiedBy.RUNTIME else EvidenceKind.CODE
    return ControlResult(
        id="sec-cors", layer=Layer.SECURITY, title="t", severity=Severity.HIGH, verdict=verdict, why=why, verified_by=by,
        evidence=(Evidence(kind=kind, note=by.value),),
    )  # fmt: skip


P, F, H, U, N = Verdict.PASS, Verdict.FAIL, Verdict.PARTIAL, Verdict.UNVERIFIED, Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    "static,runtime,verdict,by",
    [
        (U, P, P, "runtime"),
        (U, F, F, "runtime"),
        (U, U, U, "static"),
        (P, F, F, "runtime"),
        (P, H, H, "runtime"),
        (P, P, P, "static"),
        (P, U, P, "static"),
        (F, P, F, "static"),
        (F, H, F, "static"),
        (H, F, F, "runtime"),
        (H, P, H, "static"),
        (N, F, N, "static"),
    ],
)
def test_the_worse_of_two_verdicts_stands(static: Verdict, runtime: Verdict, verdict: Verdict, by: str) -> None:
    both = joined(result(static, VerifiedBy.STATIC), result(runtime, VerifiedBy.RUNTIME))
    assert (both.verdict, both.verified_by) == (verdict, by)
    if static is not N and (static is not P or runtime in (F, H)):
        assert {e.note for e in both.evidence} == {"static", "runtime"}


def test_a_control_that_the_server_shows_nothing_of_stays_as_it_was() -> None:
    static = result(U, VerifiedBy.STATIC)
    assert joined(static, None) is static


def test_no_flow_of_the_repository_is_needed_for_its_own_endpoints(shop: Path) -> None:
    flow = Flow(name="orders", endpoints=(Endpoint(method="GET", path="/orders"),))
    with pytest.raises(UnusableInput, match="no answer from"):
        probe(Workspace(shop), target_of("http://127.0.0.1:1"), flow)
