"""Each sentence of the gates in `references/scoring-guidance.md` has its test here, named after the gate."""

from __future__ import annotations

import re
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_readiness import resources
from backend_readiness.model import Layer, Severity, Verdict, VerifiedBy
from backend_readiness.report import score
from backend_readiness.report.schema import ControlOut

_NUMBER = count()
CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
PASS, FAIL, PARTIAL, UNVERIFIED, NA = Verdict.PASS, Verdict.FAIL, Verdict.PARTIAL, Verdict.UNVERIFIED, Verdict.NOT_APPLICABLE


def control(severity: Severity, verdict: Verdict, layer: Layer = Layer.SECURITY) -> ControlOut:
    return ControlOut(
        id=f"c{next(_NUMBER)}", title="T", layer=layer, verdict=verdict, severity=severity, why="", verified_by=VerifiedBy.STATIC
    )


def ready_elsewhere(layer: Layer = Layer.SECURITY) -> list[ControlOut]:
    """One control that holds in every layer but one."""
    return [control(HIGH, PASS, other) for other in Layer if other is not layer]


def verdict_with(*controls: ControlOut, incomplete: bool = False) -> score.Decision:
    return score.decide([*controls, *ready_elsewhere()], incomplete=incomplete)


# ---------------------------------------------------------------- score


def test_the_weights_are_those_of_the_guidance() -> None:
    table = re.findall(r"^\| (critical|high|medium|low) \| (\d+) \|", resources.read("references/scoring-guidance.md"), re.MULTILINE)
    assert {Severity(name): int(weight) for name, weight in table} == score.WEIGHT


def test_a_partial_counts_half_and_a_fail_nothing() -> None:
    assert score.score([control(HIGH, PARTIAL)]) == 50
    assert score.score([control(HIGH, FAIL)]) == 0
    assert score.score([control(CRITICAL, PASS), control(HIGH, FAIL), control(MEDIUM, PARTIAL)]) == 64  # 9 of 14, 64.3


def test_a_score_is_rounded_half_up() -> None:
    assert score.score([control(CRITICAL, FAIL), control(CRITICAL, PARTIAL), control(CRITICAL, PASS), control(CRITICAL, FAIL)]) == 38


def test_unverified_and_not_applicable_controls_are_left_out_of_the_score() -> None:
    assert score.score([control(HIGH, PASS), control(CRITICAL, UNVERIFIED), control(CRITICAL, NA)]) == 100


def test_a_layer_in_which_nothing_was_verified_has_no_score() -> None:
    assert score.score([control(HIGH, UNVERIFIED), control(HIGH, NA)]) is None
    assert score.score([]) is None


def test_the_verified_share_is_rounded_down_and_leaves_out_what_does_not_apply() -> None:
    assert score.verified_share([control(LOW, PASS), control(LOW, FAIL), control(LOW, UNVERIFIED), control(LOW, NA)]) == 0.66
    assert score.verified_share([control(LOW, NA)]) == 1.0
    assert score.verified_share([]) == 0.0


# ---------------------------------------------------------------- gates of a layer


@pytest.mark.parametrize("verdict", [FAIL, PARTIAL])
def test_l1_an_open_critical_control_makes_the_layer_not_ready(verdict: Verdict) -> None:
    assert score.layer_status([control(CRITICAL, verdict), *(control(LOW, PASS) for _ in range(50))]) == "not_ready"


def test_l1_three_failed_high_controls_make_the_layer_not_ready_and_two_do_not() -> None:
    assert score.layer_status([control(HIGH, FAIL)] * 3) == "not_ready"
    assert score.layer_status([control(HIGH, FAIL)] * 2 + [control(HIGH, PARTIAL)]) == "at_risk"


@pytest.mark.parametrize("verdict", [FAIL, PARTIAL])
def test_l2_an_open_high_control_puts_the_layer_at_risk(verdict: Verdict) -> None:
    assert score.layer_status([control(HIGH, verdict), control(HIGH, PASS)]) == "at_risk"


def test_l2_three_open_medium_controls_put_the_layer_at_risk_and_two_do_not() -> None:
    assert score.layer_status([control(MEDIUM, FAIL), control(MEDIUM, PARTIAL), control(MEDIUM, FAIL)]) == "at_risk"
    assert score.layer_status([control(MEDIUM, FAIL), control(MEDIUM, PARTIAL)]) == "ready"


def test_l2_comes_before_l3() -> None:
    assert score.layer_status([control(HIGH, FAIL), control(CRITICAL, UNVERIFIED)]) == "at_risk"


def test_l3_an_unverified_critical_control_makes_the_layer_unverified() -> None:
    assert score.layer_status([control(CRITICAL, UNVERIFIED), *(control(HIGH, PASS) for _ in range(9))]) == "unverified"


def test_l3_less_than_half_verified_makes_the_layer_unverified() -> None:
    assert score.layer_status([control(LOW, UNVERIFIED), control(LOW, UNVERIFIED), control(LOW, PASS)]) == "unverified"
    assert score.layer_status([control(LOW, UNVERIFIED), control(LOW, PASS)]) == "ready"
    assert score.layer_status([]) == "unverified"


def test_l4_open_low_controls_leave_the_layer_ready() -> None:
    assert score.layer_status([control(LOW, FAIL)] * 10) == "ready"


# ---------------------------------------------------------------- gates of the flow


def test_v1_a_layer_that_is_not_ready_makes_the_flow_not_ready_and_names_the_blockers() -> None:
    bad, high = control(CRITICAL, PARTIAL), control(HIGH, FAIL)
    decision = verdict_with(bad, high)
    assert (decision.verdict, decision.blockers) == ("not_ready", (bad.id,))
    assert decision.reasons == ("Security is not ready.",)


def test_v1_high_controls_block_where_three_of_them_fail() -> None:
    failed = [control(HIGH, FAIL) for _ in range(3)]
    decision = verdict_with(*failed, control(HIGH, PARTIAL))
    assert decision.blockers == tuple(c.id for c in failed)


@pytest.mark.parametrize("verdict", [UNVERIFIED, NA])
def test_v1_a_flow_of_which_nothing_was_verified_is_not_ready(verdict: Verdict) -> None:
    decision = score.decide([control(HIGH, verdict, layer) for layer in Layer], incomplete=False)
    assert decision.verdict == "not_ready"
    assert "Nothing was verified" in decision.reasons[0]


@pytest.mark.parametrize("controls", [[control(HIGH, FAIL)], [control(LOW, UNVERIFIED)]])
def test_v2_a_layer_at_risk_or_unverified_allows_conditions_only(controls: list[ControlOut]) -> None:
    decision = verdict_with(*controls)
    assert decision.verdict == "ready_with_conditions"
    assert decision.reasons[0] in ("Security is at risk.", "Security is unverified.")


def test_v2_an_unverified_critical_control_withholds_ready_and_is_named() -> None:
    open_question = control(CRITICAL, UNVERIFIED)
    decision = verdict_with(open_question, *(control(CRITICAL, PASS) for _ in range(40)))
    assert decision.verdict == "ready_with_conditions"
    assert f"Critical and unverified: {open_question.id}." in decision.reasons


def test_v3_less_than_three_quarters_verified_withholds_ready() -> None:
    half = [control(LOW, verdict, layer) for layer in Layer for verdict in (PASS, UNVERIFIED)]
    assert score.decide(half, incomplete=False).verdict == "ready_with_conditions"
    enough = [*half, *(control(LOW, PASS, layer) for layer in Layer for _ in range(2))]
    assert score.decide(enough, incomplete=False).verdict == "ready"


def test_v4_an_incomplete_run_withholds_ready() -> None:
    assert verdict_with(control(HIGH, PASS), incomplete=True).verdict == "ready_with_conditions"


def test_v5_a_flow_is_ready_otherwise() -> None:
    assert verdict_with(control(CRITICAL, PASS)) == score.Decision(verdict="ready", blockers=(), reasons=())


_ANY = st.lists(st.builds(control, st.sampled_from(Severity), st.sampled_from(Verdict), st.sampled_from(Layer)), max_size=30)
_ORDER = ["not_ready", "ready_with_conditions", "ready"]


@given(_ANY)
def test_ready_never_stands_beside_an_open_critical_or_high_or_an_unverified_critical(controls: list[ControlOut]) -> None:
    if score.decide(controls, incomplete=False).verdict == "ready":
        assert not [c for c in controls if c.verdict in (FAIL, PARTIAL) and c.severity in (CRITICAL, HIGH)]
        assert not [c for c in controls if c.verdict is UNVERIFIED and c.severity is CRITICAL]


@given(_ANY, st.data())
def test_a_control_that_gets_worse_never_makes_the_verdict_better(controls: list[ControlOut], data: st.DataObject) -> None:
    known = [c for c in controls if c.verdict in (PASS, PARTIAL)]
    if known:
        chosen = data.draw(st.sampled_from(known))
        worse = [c.model_copy(update={"verdict": FAIL}) if c is chosen else c for c in controls]
        before, after = (_ORDER.index(score.decide(group, incomplete=False).verdict) for group in (controls, worse))
        assert after <= before
        assert (score.score(worse) or 0) <= (score.score(controls) or 0)


@given(_ANY)
def test_a_summary_counts_every_control_that_applies(controls: list[ControlOut]) -> None:
    text = score.summary(controls)
    applicable = [c for c in controls if c.verdict is not NA]
    if applicable:
        assert text.startswith(f"{len(applicable)} control")
        assert sum(int(n) for n in re.findall(r"(\d+) (?:hold|fail|could)", text)) == len(applicable)
