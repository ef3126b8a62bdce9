"""A whole run against a scripted fake: what it settles, what it sends back, and that its report holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.agent.conftest import Auditing, asked, dutiful, is_first, phase_of, standing, unverified
from tests.agent.fake_api import Scripted, call, calls, text

from backend_readiness.agent.budget import Budget, Price
from backend_readiness.model import Verdict, VerifiedBy
from backend_readiness.report.schema import ControlOut, Report
from backend_readiness.report.validate import validate
from backend_readiness.workspace import Workspace

WRITE = {"file": "app/orders.py", "line": 30, "text": "session.add(order)", "note": "the only write"}


def control(report: Report, name: str) -> ControlOut:
    return next(c for c in report.controls if c.id == name)


def report(verdict: str, name: str, **more: object) -> dict[str, Any]:
    return call("report_fragment", controls=[{"control": name, "verdict": verdict, "why": "Because of what stands there.", **more}])


def once(name: str, *answers: Scripted) -> Any:
    """Gives `answers` one after the other in the conversation that asks for `name`; all else is reported dutifully."""

    def special(request: dict[str, Any]) -> Scripted | None:
        if phase_of(request) != "settle" or name not in asked(request):
            return None
        turn = len(request["messages"]) // 2
        if turn < len(answers):
            return answers[turn]
        return calls(unverified([i for i in asked(request) if i != name])) if turn == len(answers) else None

    return dutiful(special)


@pytest.mark.parametrize("stream", [True, False])
def test_a_verdict_with_a_place_that_holds_goes_into_a_report_that_holds(auditing: Auditing, orders: Workspace, stream: bool) -> None:
    script = once(
        "sec-business-rules", calls(report("fail", "sec-business-rules", places=[WRITE], fix=["Check the stock in create_order"]))
    )
    audited = auditing(script, stream=stream)
    assert audited.ended == ""
    settled = control(audited.report, "sec-business-rules")
    assert (settled.verdict, settled.verified_by) == (Verdict.FAIL, VerifiedBy.AGENT)
    assert (29, "    session.add(order)") in {(e.line, e.quote) for e in settled.evidence}
    [finding] = [f for f in audited.report.findings if f.control == "sec-business-rules"]
    assert finding.fix == ("Check the stock in create_order",)
    assert audited.report.engine == "agent"
    assert validate(audited.report.model_dump_json(by_alias=True), orders.snapshot) == []


def test_what_the_model_leaves_open_stays_as_static_analysis_had_it(auditing: Auditing, orders: Workspace) -> None:
    static = orders.audit(orders.resolve_flow("order", ["POST /api/orders"]))
    audited = auditing(dutiful())
    assert {c.id: c.verdict for c in audited.report.controls} == {c.id: c.verdict for c in static.controls}
    assert audited.report.score == static.score


def test_the_first_message_has_the_chain_with_its_source_and_is_cached(auditing: Auditing) -> None:
    seen: list[dict[str, Any]] = []
    auditing(dutiful(lambda request: seen.append(request)))  # type: ignore[func-returns-value]  # None lets the duty be done
    first = seen[0]
    assert "session.commit()" in first["messages"][0]["content"][0]["text"]
    assert first["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert first["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral"}
    second = seen[1]
    marked = [b for m in second["messages"] for b in m["content"] if "cache_control" in b]
    assert len(marked) == 2
    assert second["messages"][-1]["content"][-1]["cache_control"] == {"type": "ephemeral"}
    assert {t["name"] for t in first["tools"]} >= {"grep", "read_file", "trace_call_chain", "report_fragment"}
    assert all("path" not in t["input_schema"]["properties"] for t in first["tools"])
    assert [r["system"] for r in seen].count(first["system"]) == len(seen)


def test_a_place_that_does_not_hold_is_sent_back_with_the_nearest_true_one(auditing: Auditing) -> None:
    told: list[str] = []
    wrong = {"file": "app/orders.py", "line": 30, "text": "session.add(orders)"}
    inner = once(
        "sec-business-rules",
        calls(report("fail", "sec-business-rules", places=[wrong])),
        calls(report("fail", "sec-business-rules", places=[WRITE])),
    )

    def script(request: dict[str, Any]) -> Scripted:
        told.extend(str(b.get("content")) for b in request["messages"][-1]["content"] if b["type"] == "tool_result")
        answer: Scripted = inner(request)
        return answer

    audited = auditing(script)
    assert any("the nearest is line 29: session.add(order)" in words for words in told)
    assert control(audited.report, "sec-business-rules").verdict is Verdict.FAIL


def test_what_never_holds_is_left_out_with_the_reason(auditing: Auditing) -> None:
    wrong = calls(report("pass", "sec-business-rules", places=[{"file": "app/rules.py", "line": 3}]))
    audited = auditing(once("sec-business-rules", wrong, wrong, wrong))
    left = control(audited.report, "sec-business-rules")
    assert (left.verdict, left.verified_by) == (Verdict.UNVERIFIED, VerifiedBy.STATIC)
    assert "app/rules.py is not among the files that were read" in left.why


def test_an_absence_is_searched_for_again(auditing: Auditing) -> None:
    there = report("fail", "sec-business-rules", places=[WRITE], absence={"scope": "stock", "patterns": ["session"]})
    blind = report("fail", "sec-business-rules", places=[WRITE], absence={"scope": "stock", "patterns": ["stock"], "paths": ["*.rb"]})
    good = report("fail", "sec-business-rules", places=[WRITE], absence={"scope": "stock checks", "patterns": ["stock|quantity"]})
    audited = auditing(once("sec-business-rules", calls(there), calls(blind), calls(good)))
    searches = [e.search for e in control(audited.report, "sec-business-rules").evidence if e.kind == "absence" and e.search]
    assert [search.patterns for search in searches] == [("stock|quantity",)]
    refuted = auditing(once("sec-business-rules", calls(there), calls(there), calls(there)))
    assert control(refuted.report, "sec-business-rules").verdict is Verdict.UNVERIFIED


def test_a_finding_is_refuted_only_by_evidence(auditing: Auditing) -> None:
    def refuting(**more: object) -> Any:
        def special(request: dict[str, Any]) -> Scripted | None:
            if phase_of(request) != "refute" or not is_first(request) or "data-idempotency" not in asked(request):
                return None
            return calls(report("pass", "data-idempotency", **more), standing(request, but="data-idempotency"))

        return dutiful(special)

    before = auditing(dutiful())
    assert control(before.report, "data-idempotency").verdict is Verdict.FAIL
    bare = auditing(refuting())
    assert control(bare.report, "data-idempotency").verdict is Verdict.FAIL
    proved = auditing(refuting(places=[{"file": "app/orders.py", "line": 31, "text": "session.commit()"}]))
    assert control(proved.report, "data-idempotency").verdict is Verdict.PASS
    assert all(f.control != "data-idempotency" for f in proved.report.findings)


def test_what_no_control_names_is_an_observation_with_a_place(auditing: Auditing, orders: Workspace) -> None:
    observed = {
        "title": "The typo in the interface's address loses every load",
        "layer": "reliability",
        "severity": "medium",
        "why": "The page asks for an address that does not exist.",
        "places": [{"file": "web/src/Orders.tsx", "line": 6}],
        "fix": ["Ask for /api/orders in web/src/Orders.tsx"],
    }

    def special(request: dict[str, Any]) -> Scripted | None:
        if phase_of(request) == "review" and is_first(request):
            return calls(call("report_fragment", observations=[observed]))
        return None

    audited = auditing(dutiful(special))
    [finding] = [f for f in audited.report.findings if f.control.startswith("observed-")]
    assert (finding.title, finding.evidence[0].quote) == (observed["title"], '  return fetch("/api/ordres");')
    assert validate(audited.report.model_dump_json(by_alias=True), orders.snapshot) == []


def test_a_model_that_forgets_controls_is_reminded_once(auditing: Auditing) -> None:
    reminders: list[str] = []

    def script(request: dict[str, Any]) -> Scripted:
        last = request["messages"][-1]["content"][-1]
        if last["type"] == "text" and not is_first(request):
            reminders.append(last["text"])
        return Scripted(content=[text("I think that all is well.")])

    audited = auditing(script)
    assert audited.ended == ""
    assert reminders
    assert all(words.startswith(("Not reported yet: ", "Nothing was reported.")) for words in reminders)
    assert audited.report.run.agent is not None
    assert audited.report.run.agent.turns == 2 * len(reminders)


def test_tools_answer_the_model_and_refuse_in_one_line(auditing: Auditing) -> None:
    results: list[dict[str, Any]] = []

    def special(request: dict[str, Any]) -> Scripted | None:
        results.extend(b for b in request["messages"][-1]["content"] if b["type"] == "tool_result")
        if phase_of(request) == "review" and is_first(request):
            wrong_argument = call("grep", pattern="commit", path="/")
            return calls(call("grep", pattern="API_TOKEN"), wrong_argument, call("read_file", file="../x"), call("nothing"))
        return None

    auditing(dutiful(special))
    found = next(r for r in results if "files_searched" in str(r["content"]))
    assert "sk_live" not in str(found["content"])
    refusals = [str(r["content"]) for r in results if r.get("is_error")]
    assert any("path: no such argument" in words for words in refusals)
    assert any("not among the files" in words for words in refusals)
    assert all("\n" not in words and len(words) < 1_600 for words in refusals)


def test_cost_and_tokens_stand_in_the_report(auditing: Auditing) -> None:
    usage = {"input_tokens": 500, "output_tokens": 50, "cache_creation_input_tokens": 1_000, "cache_read_input_tokens": 4_000}
    script = dutiful()

    def dear(request: dict[str, Any]) -> Scripted:
        answer = script(request)
        return Scripted(content=answer.content, stop=answer.stop, usage=usage)

    agent = auditing(dear, Budget(price=Price(input=2, output=10))).report.run.agent
    assert agent is not None
    assert (agent.input_tokens, agent.cached_tokens, agent.output_tokens) == (1_500 * agent.turns, 4_000 * agent.turns, 50 * agent.turns)
    assert agent.usd == pytest.approx(agent.turns * (2 * (500 + 1_250 + 400) + 10 * 50) / 1_000_000, abs=1e-4)
    assert json.loads(auditing(dear).report.model_dump_json())["run"]["agent"]["usd"] is None
