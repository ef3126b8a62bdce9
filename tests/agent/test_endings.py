"""What ends a run early leaves the report with what was settled, marked partial: budgets, errors, refusals, broken answers, Ctrl-C."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from tests.agent.conftest import ENDPOINT, Auditing, dutiful, phase_of
from tests.agent.fake_api import Script, Scripted, call, calls, serving

from backend_readiness.agent import auditor, conversation
from backend_readiness.agent.auditor import Run
from backend_readiness.agent.budget import Budget, Price, Usage, parse_price, price_of
from backend_readiness.agent.providers import Settings, client
from backend_readiness.agent.settling import Session
from backend_readiness.errors import BudgetExceeded, UnusableInput
from backend_readiness.report.schema import Report
from backend_readiness.report.validate import validate
from backend_readiness.workspace import Workspace


def first_settles(then: Script) -> Script:
    """The first answer settles one control; the rest is `then`."""
    place = {"file": "app/orders.py", "line": 29}
    answers = iter(
        [
            calls(
                call(
                    "report_fragment",
                    controls=[{"control": "sec-business-rules", "verdict": "fail", "why": "Nobody checks it.", "places": [place]}],
                )
            )
        ]
    )

    def script(request: dict[str, Any]) -> Scripted:
        return next(answers, None) or then(request)

    return script


def assert_partial(report: Report, orders: Workspace, *words: str) -> None:
    """What was settled before is in the report, and the report holds and says that it is partial."""
    assert any(c.id == "sec-business-rules" and c.verified_by == "agent" for c in report.controls)
    assert all(word in " ".join(report.run.incomplete) for word in words)
    assert report.score.verdict != "ready"
    assert validate(report.model_dump_json(by_alias=True), orders.snapshot) == []


@pytest.mark.parametrize(
    "answer,words",
    [
        (Scripted(status=529, error="overloaded_error"), "529"),
        (Scripted(status=429, error="rate_limit_error"), "429"),
        (Scripted(status=401, error="authentication_error"), "401"),
        (Scripted(status=400, error="invalid_request_error"), "400"),
        (Scripted(raw=b"<html>not an API</html>"), "broke off"),
        (Scripted(raw=b'{"type": "message"}'), "broke off"),
        (Scripted(raw=b'{"content": [{"type": "tool_use"}], "usage": {}, "stop_reason": "tool_use"}'), "broke off"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_a_provider_that_fails_ends_the_run_with_what_was_settled(
    auditing: Auditing, orders: Workspace, answer: Scripted, words: str, stream: bool
) -> None:
    audited = auditing(first_settles(lambda _: answer), stream=stream)
    assert words in audited.ended
    assert_partial(audited.report, orders, words)


def test_short_trouble_is_tried_again(orders: Workspace) -> None:
    failures = iter([Scripted(status=529), Scripted(status=500)])
    inner = dutiful()
    flow = orders.resolve_flow("order", [ENDPOINT])
    with serving(lambda request: next(failures, None) or inner(request)) as fake:
        audited = auditor.audit(orders, flow, Run(settings=Settings(base_url=fake.url, retries=3), budget=Budget()), lambda _: None)
    assert audited.ended == ""


def test_a_refusal_and_an_answer_cut_off_twice_are_told_and_the_rest_goes_on(auditing: Auditing, orders: Workspace) -> None:
    inner = dutiful()

    def script(request: dict[str, Any]) -> Scripted:
        if phase_of(request) == "refute":
            return Scripted(content=[], stop="refusal")
        if phase_of(request) == "review":
            return Scripted(content=[call("grep", pattern="x")], stop="max_tokens")
        return inner(request)

    audited = auditing(first_settles(script))
    assert "refute 1: the model's answer was a refusal" in audited.ended
    assert "review: the model's answer was cut off twice" in audited.ended
    assert_partial(audited.report, orders, "refusal", "cut off")


def test_ctrl_c_keeps_what_was_settled(orders: Workspace) -> None:
    turns = iter(range(100))

    def told(_: str) -> None:
        if next(turns) == 2:
            raise KeyboardInterrupt

    flow = orders.resolve_flow("order", [ENDPOINT])
    with serving(first_settles(dutiful())) as fake:
        audited = auditor.audit(orders, flow, Run(settings=Settings(base_url=fake.url, retries=0), budget=Budget()), told)
    assert audited.ended == "The run was interrupted."
    assert_partial(audited.report, orders, "interrupted")


# ---------------------------------------------------------------- budgets


@pytest.mark.parametrize(
    "budget,requests",
    [
        (Budget(max_turns=2), 2),
        (Budget(max_tokens=1), 0),
        (Budget(max_usd=0.0001, price=Price(input=2, output=10)), 0),
    ],
)
def test_a_budget_is_tested_before_the_call(orders: Workspace, budget: Budget, requests: int) -> None:
    flow = orders.resolve_flow("order", [ENDPOINT])
    with serving(first_settles(dutiful())) as fake:
        audited = auditor.audit(orders, flow, Run(settings=Settings(base_url=fake.url, retries=0), budget=budget), lambda _: None)
        assert len(fake.requests) == requests
    assert audited.ended.startswith("The budget ended the run: ")
    if requests:
        assert_partial(audited.report, orders, "budget")


def test_tokens_that_were_used_count_against_the_next_call(orders: Workspace) -> None:
    usage = {"input_tokens": 40_000, "output_tokens": 100}
    inner = dutiful()

    def dear(request: dict[str, Any]) -> Scripted:
        answer = inner(request)
        return Scripted(content=answer.content, stop=answer.stop, usage=usage)

    flow = orders.resolve_flow("order", [ENDPOINT])
    with serving(dear) as fake:
        run = Run(settings=Settings(base_url=fake.url, retries=0), budget=Budget(max_tokens=90_000))
        auditor.audit(orders, flow, run, lambda _: None)
        assert len(fake.requests) == 2  # a third could bring it above
    assert run.budget.spent.total == 2 * 40_100


def test_the_provider_counts_when_the_budget_is_tight_and_can(orders: Workspace) -> None:
    flow = orders.resolve_flow("order", [ENDPOINT])
    budget = Budget(max_tokens=16_000)
    with serving(dutiful(), counts=lambda _: 100) as fake:
        auditor.audit(orders, flow, Run(settings=Settings(base_url=fake.url, retries=0), budget=budget), lambda _: None)
        assert fake.counted
        assert len(fake.requests) > 1
    with serving(dutiful()) as fake:
        auditor.audit(orders, flow, Run(settings=Settings(base_url=fake.url, retries=0), budget=Budget(max_tokens=16_000)), lambda _: None)
        assert len(fake.counted) == 1


def test_limits_prices_and_costs() -> None:
    budget = Budget(max_usd=1.0, price=Price(input=2, output=10))
    budget.book(Usage(input=100_000, output=50_000))
    assert budget.usd == pytest.approx(0.7)
    budget.allow(100_000, 5_000)
    with pytest.raises(BudgetExceeded, match=r"\$1\.00"):
        budget.allow(100_000, 20_000)
    with pytest.raises(UnusableInput, match="--price"):
        Budget(max_usd=1.0)
    assert price_of("anthropic.claude-sonnet-5-5-v1:0") == price_of("claude-sonnet-5-5")
    assert price_of("llama") is None
    assert parse_price("2,10") == Price(input=2, output=10)
    for wrong in ("2", "a,b", "1,2,3", "-1,2", "nan,1"):
        with pytest.raises(UnusableInput, match="no price"):
            parse_price(wrong)


# ---------------------------------------------------------------- long runs


def test_a_long_history_loses_its_old_results_and_nothing_else(auditing: Auditing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "ROOM_TOKENS", 9_000)
    seen: list[list[str]] = []

    def special(request: dict[str, Any]) -> Scripted | None:
        if phase_of(request) != "review":
            return None
        turn = len(request["messages"]) // 2
        results = [b for m in request["messages"] for b in m["content"] if b["type"] == "tool_result"]
        seen.append([str(b["content"]) for b in results])
        return (
            calls(call("read_file", file="app/orders.py", line=turn + 1))
            if turn < 20
            else calls(call("report_fragment"))
            if turn == 20
            else None
        )

    assert auditing(dutiful(special)).ended == ""
    last = seen[-1]
    cleared = [words for words in last if words.startswith("left out to save room")]
    assert len(last) == 21
    assert 0 < len(cleared) <= 21 - conversation.KEPT_RESULTS


def test_a_conversation_without_an_end_is_ended(auditing: Auditing) -> None:
    audited = auditing(dutiful(lambda r: calls(call("find_symbol", name="login")) if phase_of(r) == "review" else None))
    assert "too many turns" in audited.ended


# ---------------------------------------------------------------- what it needs


def test_without_a_credential_nothing_is_asked(monkeypatch: pytest.MonkeyPatch, orders: Workspace, tmp_path: Any) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "ANTHROPIC_FEDERATION_RULE_ID", "ANTHROPIC_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UnusableInput, match="ANTHROPIC_API_KEY"):
        client(Settings())


@pytest.mark.parametrize("provider", ["bedrock", "vertex", "foundry"])
def test_a_cloud_that_is_not_set_up_is_told_in_one_line(provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_BEARER_TOKEN_BEDROCK", "CLOUD_ML_REGION", "ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_FOUNDRY_RESOURCE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UnusableInput, match=provider) as told:
        client(Settings(provider=provider))
    assert "\n" not in str(told.value)


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "ANTHROPIC_FEDERATION_RULE_ID", "ANTHROPIC_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    client(Settings(base_url="http://127.0.0.1:9")).close()
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    client(Settings()).close()


def test_a_session_starts_as_the_static_verdicts(orders: Workspace) -> None:
    judged = orders.judge(orders.resolve_flow("order", [ENDPOINT]))
    session = Session(orders.snapshot, {r.id: r for r in judged.results})
    session.give_up(list(session.results))
    assert tuple(session.results.values()) == judged.results


@pytest.mark.parametrize("replay", [True, False])
def test_without_the_extra_it_says_what_to_install(
    orders: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, replay: bool
) -> None:
    flow = orders.resolve_flow("order", [ENDPOINT])
    record = tmp_path / "run.jsonl"
    with serving(dutiful()) as fake:
        auditor.audit(orders, flow, Run(settings=Settings(base_url=fake.url), budget=Budget(max_turns=1), record=record), lambda _: None)
    monkeypatch.setitem(sys.modules, "anthropic", None)
    run = Run(settings=Settings(), budget=Budget(), replay=record if replay else None, record=tmp_path / "other.jsonl")
    with pytest.raises(UnusableInput, match=r"backend-readiness\[agent\]"):
        auditor.audit(orders, flow, run, lambda _: None)
    assert not (tmp_path / "other.jsonl").exists()
