"""What kind of flow it is follows from its addresses, its handlers and the name that whoever asks gives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_readiness.controls.context import Context
from backend_readiness.controls.subjects import Subject
from backend_readiness.facts.store import collect
from backend_readiness.graph.trace import Tracer
from backend_readiness.graph.world import Graph
from backend_readiness.model import Flow
from backend_readiness.snapshot import take

_APP = """from fastapi import FastAPI
app = FastAPI()
@app.post("/authorizations")
def issue(body: dict):
    return {}
@app.get("/authorizations")
def page():
    return {}
"""


def subject(folder: Path, name: str, method: str) -> Subject:
    (folder / "main.py").write_text(_APP, encoding="utf-8")
    snapshot = take(folder)
    tracer = Tracer(Graph(snapshot, collect(snapshot)))
    bound = tracer.by_endpoint(method, "/authorizations")
    flow = Flow(name=name, endpoints=tuple(b.route.endpoint for b in bound), methods=(method,))
    return Subject(Context(tracer, snapshot, flow, [t for b in bound for t in tracer.from_route(b)]))


@pytest.mark.parametrize("name", ["login", "sign-in", "user login", "SignIn", "sign-on", "logon"])
def test_a_flow_that_is_called_a_sign_in_is_one_whatever_its_address(tmp_path: Path, name: str) -> None:
    assert subject(tmp_path, name, "POST").sign_in


@pytest.mark.parametrize("name", ["register", "sign_up", "registration"])
def test_a_flow_that_is_called_a_sign_up_is_one_whatever_its_address(tmp_path: Path, name: str) -> None:
    found = subject(tmp_path, name, "POST")
    assert found.sign_up
    assert not found.sign_in


@pytest.mark.parametrize("name", ["login page views", "create an authorization", "register a webhook"])
def test_other_names_say_nothing(tmp_path: Path, name: str) -> None:
    assert not subject(tmp_path, name, "POST").credentials


def test_a_flow_that_only_shows_something_is_no_sign_in_by_its_name(tmp_path: Path) -> None:
    assert not subject(tmp_path, "login", "GET").sign_in
