"""Scores and verdicts by rules. `references/scoring-guidance.md` says the same in prose; tests hold the two together.

The score ranks; the verdict follows from gates over open findings and over what could not be verified.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from backend_readiness.model import Layer, Severity, Verdict
from backend_readiness.report.schema import ControlOut, LayerOut, LayerStatus, Readiness

WEIGHT = {Severity.CRITICAL: 8, Severity.HIGH: 4, Severity.MEDIUM: 2, Severity.LOW: 1}
# Halves of the weight, so that all arithmetic is in integers.
_CREDIT = {Verdict.PASS: 2, Verdict.PARTIAL: 1, Verdict.FAIL: 0}

HIGH_FAILS_THAT_BLOCK_A_LAYER = 3
MEDIUM_FINDINGS_AT_RISK = 3
LAYER_SHARE = 0.5
READY_SHARE = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The verdict on the flow. `blockers` are control ids; `reasons` name every gate that was hit, worst first."""

    verdict: Readiness
    blockers: tuple[str, ...]
    reasons: tuple[str, ...]


def is_open(control: ControlOut) -> bool:
    return control.verdict in (Verdict.FAIL, Verdict.PARTIAL)


def score(controls: Sequence[ControlOut]) -> int | None:
    """0-100, rounded half up; None when none of the controls was verified."""
    verified = [c for c in controls if c.verdict in _CREDIT]
    total = sum(2 * WEIGHT[c.severity] for c in verified)
    if not total:
        return None
    gained = sum(WEIGHT[c.severity] * _CREDIT[c.verdict] for c in verified)
    return (200 * gained + total) // (2 * total)


def verified_share(controls: Sequence[ControlOut]) -> float:
    """The share of the applicable controls that were verified, in 0.01; 1.0 when none applies, 0.0 when there is none."""
    applicable = [c for c in controls if c.verdict is not Verdict.NOT_APPLICABLE]
    if not applicable:
        return 1.0 if controls else 0.0
    verified = sum(c.verdict is not Verdict.UNVERIFIED for c in applicable)
    return (100 * verified // len(applicable)) / 100  # down: a share never looks larger than it is


def blocking(controls: Sequence[ControlOut], accepted: Collection[str] = ()) -> tuple[ControlOut, ...]:
    """The controls of one layer that make it `not_ready`; none when it is not. `accepted`: ids whose risk the owner accepted."""
    controls = [c for c in controls if c.id not in accepted]
    critical = [c for c in controls if is_open(c) and c.severity is Severity.CRITICAL]
    high = [c for c in controls if c.verdict is Verdict.FAIL and c.severity is Severity.HIGH]
    return tuple(critical + (high if len(high) >= HIGH_FAILS_THAT_BLOCK_A_LAYER else []))


def layer_status(controls: Sequence[ControlOut], accepted: Collection[str] = ()) -> LayerStatus:
    """The status of one layer from its controls; the first rule that holds decides. With an accepted risk it is at best `at_risk`."""
    if blocking(controls, accepted):
        return "not_ready"
    found = [c.severity for c in controls if is_open(c)]
    taken = any(is_open(c) and c.id in accepted for c in controls)
    if taken or Severity.HIGH in found or found.count(Severity.MEDIUM) >= MEDIUM_FINDINGS_AT_RISK:
        return "at_risk"
    unproved = any(c.verdict is Verdict.UNVERIFIED and c.severity is Severity.CRITICAL for c in controls)
    if unproved or verified_share(controls) < LAYER_SHARE:
        return "unverified"
    return "ready"


def of_layer(controls: Sequence[ControlOut], layer: Layer) -> list[ControlOut]:
    return [c for c in controls if c.layer is layer]


def layers(controls: Sequence[ControlOut], accepted: Collection[str] = ()) -> tuple[LayerOut, ...]:
    """All six layers, in order, with the summary in plain English."""
    found = []
    for layer in Layer:
        own = of_layer(controls, layer)
        found.append(
            LayerOut(
                id=layer,
                title=layer.title,
                status=layer_status(own, accepted),
                score=score(own),
                verified_share=verified_share(own),
                summary=summary(own),
            )
        )
    return tuple(found)


def summary(controls: Sequence[ControlOut]) -> str:
    """Counts and the worst open finding of one layer."""
    applicable = [c for c in controls if c.verdict is not Verdict.NOT_APPLICABLE]
    if not applicable:
        return "No control of this layer applies to the flow." if controls else "No control of this layer was checked."
    counts = [(c.verdict, sum(o.verdict is c.verdict for o in applicable)) for c in applicable]
    by_verdict = dict(counts)
    words = {Verdict.PASS: "hold", Verdict.PARTIAL: "hold in part", Verdict.FAIL: "fail", Verdict.UNVERIFIED: "could not be verified"}
    one = {Verdict.PASS: "holds", Verdict.PARTIAL: "holds in part", Verdict.FAIL: "fails", Verdict.UNVERIFIED: "could not be verified"}
    parts = [f"{n} {(one if n == 1 else words)[v]}" for v in words if (n := by_verdict.get(v, 0))]
    noun = "control applies" if len(applicable) == 1 else "controls apply"
    text = f"{len(applicable)} {noun}: {', '.join(parts)}."
    open_controls = sorted((c for c in applicable if is_open(c)), key=lambda c: (-c.severity.rank, c.verdict is not Verdict.FAIL, c.id))
    if open_controls:
        worst = open_controls[0]
        text += f" Worst ({worst.severity.value}): {worst.title.rstrip('.')}."
    return text


def decide(controls: Sequence[ControlOut], *, incomplete: bool, accepted: Collection[str] = ()) -> Decision:
    """The verdict on the flow from all controls, the accepted risks and whether the run ended early."""
    share = verified_share(controls)
    own = {layer: of_layer(controls, layer) for layer in Layer}
    blockers = tuple(c.id for layer in Layer for c in blocking(own[layer], accepted))
    status = {layer: layer_status(own[layer], accepted) for layer in Layer}
    reasons = [f"{layer.title} is not ready." for layer in Layer if status[layer] == "not_ready"]
    if score(controls) is None:
        reasons.append("Nothing was verified: readiness must be shown.")
    if reasons:
        return Decision(verdict="not_ready", blockers=blockers, reasons=tuple(reasons))
    reasons += [f"{layer.title} is at risk." for layer in Layer if status[layer] == "at_risk"]
    reasons += [f"{layer.title} is unverified." for layer in Layer if status[layer] == "unverified"]
    unproved = [c.id for c in controls if c.verdict is Verdict.UNVERIFIED and c.severity is Severity.CRITICAL]
    if unproved:
        reasons.append(f"Critical and unverified: {', '.join(unproved)}.")
    if share < READY_SHARE:
        reasons.append(f"Only {share:.0%} of the applicable controls were verified; ready needs {READY_SHARE:.0%}.")
    if accepted:
        reasons.append(f"Accepted risks: {', '.join(sorted(accepted))}.")
    if incomplete:
        reasons.append("The run is incomplete.")
    return Decision(verdict="ready_with_conditions" if reasons else "ready", blockers=(), reasons=tuple(reasons))
