"""The application that the auditor's tests run on, with its flow, and a run against a fake."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from tests.agent.fake_api import Script, Scripted, call, calls, serving, text
from tests.orders_app import orders_repo as orders_repo

from backend_readiness.agent import auditor
from backend_readiness.agent.auditor import Audited, Run
from backend_readiness.agent.budget import Budget
from backend_readiness.agent.providers import Settings
from backend_readiness.workspace import Workspace

ENDPOINT = "POST /api/orders"
_ASKED = re.compile(r"^- `([a-z0-9-]+)` \(", re.MULTILINE)
_FOUND = re.compile(r"^- `([a-z0-9-]+)` \(\w+, (\w+): ", re.MULTILINE)


class Auditing(Protocol):
    def __call__(self, script: Script, budget: Budget | None = None, stream: bool = True, **paths: Path) -> Audited: ...


@pytest.fixture(scope="session")
def orders(orders_repo: Path) -> Workspace:
    return Workspace(orders_repo)


@pytest.fixture
def auditing(orders: Workspace) -> Auditing:
    def audit(script: Script, budget: Budget | None = None, stream: bool = True, **paths: Path) -> Audited:
        flow = orders.resolve_flow("order", [ENDPOINT])
        with serving(script) as fake:
            settings = Settings(base_url=fake.url, stream=stream, retries=0)
            return auditor.audit(orders, flow, Run(settings=settings, budget=budget or Budget(), **paths), lambda _: None)

    return audit


def asked(request: dict[str, Any]) -> list[str]:
    """The controls that the first message of a conversation asks for."""
    return _ASKED.findall(str(request["messages"][0]["content"][0]["text"]))


def phase_of(request: dict[str, Any]) -> str:
    """`settle`, `refute` or `review`."""
    first = str(request["messages"][0]["content"][0]["text"])
    return {"Settle": "settle", "Try": "refute", "Look": "review"}[first.split()[0]]


def is_first(request: dict[str, Any]) -> bool:
    return len(request["messages"]) == 1


def unverified(ids: list[str]) -> dict[str, Any]:
    why = "Nothing in the repository shows it."
    return call("report_fragment", controls=[{"control": i, "verdict": "unverified", "why": why} for i in ids])


def standing(request: dict[str, Any], but: str = "") -> dict[str, Any]:
    """Every finding that is to be refuted reported again, at a line of the handler."""
    place = {"file": "app/orders.py", "line": 28, "text": "def create_order("}
    found = _FOUND.findall(str(request["messages"][0]["content"][0]["text"]))
    why = "It is as the finding says."
    return call("report_fragment", controls=[{"control": i, "verdict": v, "why": why, "places": [place]} for i, v in found if i != but])


def dutiful(special: Callable[[dict[str, Any]], Scripted | None] = lambda _: None) -> Script:
    """Reports all that is asked, settles nothing and observes nothing, but for what `special` answers."""

    def script(request: dict[str, Any]) -> Scripted:
        answer = special(request)
        if answer is not None:
            return answer
        if not is_first(request):
            return Scripted(content=[text("Done.")])
        if phase_of(request) == "settle":
            return calls(unverified(asked(request)))
        if phase_of(request) == "refute":
            return calls(standing(request))
        return calls(call("report_fragment"))

    return script
