"""Every example of every probe card, and what all cards have in common."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.probe.wire import Replaying, scene_of

from backend_readiness import resources
from backend_readiness.errors import BadCard
from backend_readiness.model import Verdict, VerifiedBy
from backend_readiness.probe.client import Limits
from backend_readiness.probe.judging import judge
from backend_readiness.probe.scene import MAX_ENDPOINTS
from backend_readiness.rules.control_cards import load_controls
from backend_readiness.rules.probe_cards import ProbeCard, ProbeExample, load_probes

EXAMPLES = [(card, example) for card in load_probes().values() for example in card.examples]


@pytest.mark.parametrize("card,example", EXAMPLES, ids=[f"{card.id}: {example.name}" for card, example in EXAMPLES])
def test_each_example_is_judged_as_it_says(card: ProbeCard, example: ProbeExample) -> None:
    asker = Replaying(example.answers, example.scheme)
    probed = judge(card, scene_of(example), asker)
    assert probed.verdict == example.expect, probed.why
    shown = "\n".join(evidence.quote or "" for evidence in probed.evidence)
    assert [quote for quote in example.quotes if quote not in shown] == [], shown
    if probed.verdict is not Verdict.UNVERIFIED:
        assert probed.evidence
    unasked = set(example.answers) - {f"{r.method} {r.target}" for r in asker.asked}
    assert unasked == set(), "an answer that nobody asks for proves nothing"


def test_each_card_has_examples_that_stay_open_and_judges_a_known_control() -> None:
    for card in load_probes().values():
        assert card.id in load_controls()
        assert any(example.expect in (Verdict.UNVERIFIED, Verdict.PASS) for example in card.examples), card.id


def test_each_verdict_that_a_card_can_give_has_an_example() -> None:
    for card in load_probes().values():
        given = {rule.verdict for ask in card.asks for rule in ask.rules} | {Verdict.UNVERIFIED}
        assert {v.value for v in given} - {e.expect.value for e in card.examples} == set(), card.id


def test_the_controls_say_that_a_running_server_can_verify_them() -> None:
    said = {i for i, card in load_controls().items() if VerifiedBy.RUNTIME in card.verify}
    assert said == set(load_probes())


def test_nothing_but_reading_is_ever_asked() -> None:
    methods = {ask.method for card in load_probes().values() for ask in card.asks}
    assert methods <= {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    "text,said",
    [
        ("id: x\n", "asks: Field required"),
        ("- a\n", "card"),
        ("id: [\n", "not YAML"),
        ("id: other\nopen: o\nasks: [{to: [entry], rules: [{verdict: fail, why: w}]}]\nexamples: []\n", "examples"),
        ("id: x\nopen: o\nasks: [{rules: [{verdict: fail, why: w}]}]\nexamples: []\n", "names what it is sent to"),
        ("id: x\nopen: o\nasks: [{to: [every], rules: [{verdict: fail, why: w}]}]\nexamples: []\n", "only with OPTIONS"),
        (
            "id: x\nopen: o\nasks: [{to: [entry], rules: [{when: [{matches: a}], verdict: fail, why: w}]}]\nexamples: []\n",
            "need the header",
        ),
        ("id: x\nopen: o\nasks: [{to: [entry], method: POST, rules: [{verdict: fail, why: w}]}]\nexamples: []\n", "method"),
        ("id: x\nopen: o\nasks: [{to: [entry], rules: [{when: [{}], verdict: fail, why: w}]}]\nexamples: []\n", "empty condition"),
        ('id: x\nopen: o\nasks: [{paths: ["/a b"], rules: [{verdict: fail, why: w}]}]\nexamples: []\n', "paths"),
    ],
)
def test_a_card_that_does_not_hold_its_schema_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.yml").write_text(text)
    with pytest.raises(BadCard, match=said):
        load_probes(tmp_path)


def test_a_folder_without_cards_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadCard, match="no probe cards"):
        load_probes(tmp_path)


def test_the_reference_names_the_limits_that_hold() -> None:
    text = resources.read("references/probing.md")
    limits = Limits()
    said = f"At most {limits.requests} requests and {limits.total_s:g} seconds in all, {MAX_ENDPOINTS} endpoints of a flow"
    assert said in text
    assert f"{limits.request_s:g} seconds and {limits.body_bytes // 1024} KiB for one answer" in text
