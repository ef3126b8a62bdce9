"""The answer of a probe as other programs read it, and its results under those of an audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend_readiness.answers import FlowOut, flow_out
from backend_readiness.model import ControlResult, Evidence, Repository, Verdict
from backend_readiness.probe.running import Probing
from backend_readiness.report.evidence import fill
from backend_readiness.report.redact import redact
from backend_readiness.report.schema import ControlOut
from backend_readiness.report.source import Source
from backend_readiness.workspace import Judged

_BADNESS = {Verdict.PARTIAL: 1, Verdict.FAIL: 2}


class ProbeOut(BaseModel):
    """`flow` is null when only the entry page and health were asked for. `left_out`: what was not asked or answered, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True, populate_by_name=True)

    schema_: Literal["backend-readiness/probe/1"] = Field(default="backend-readiness/probe/1", alias="schema")
    base_url: str
    commit: str | None
    dirty: bool
    flow: FlowOut | None
    requests: Annotated[int, Field(ge=0)]
    controls: tuple[ControlOut, ...]
    left_out: tuple[str, ...]


def probe_out(repository: Repository, probing: Probing, source: Source) -> ProbeOut:
    ended = (f"ended early: {probing.ended}",) if probing.ended else ()
    return ProbeOut(
        base_url=probing.target.url,
        commit=repository.commit,
        dirty=repository.dirty,
        flow=flow_out(probing.flow) if probing.flow is not None else None,
        requests=probing.requests,
        controls=tuple(control_out(result, source) for result in probing.results),
        left_out=tuple(redact(text) for text in (*ended, *probing.left_out)),
    )


def control_out(result: ControlResult, source: Source) -> ControlOut:
    filled = (fill(evidence, source).evidence for evidence in result.evidence)
    return ControlOut(
        id=result.id,
        title=result.title,
        layer=result.layer,
        verdict=result.verdict,
        severity=result.severity,
        why=redact(result.why),
        verified_by=result.verified_by,
        question=redact(result.question),
        evidence=tuple(evidence for evidence in filled if evidence is not None),
    )


def with_runtime(judged: Judged, probing: Probing) -> Judged:
    """The results of the analysis with what the running server says: it settles what is `unverified` and may refute a pass; the worse
    of two verdicts stands, with the evidence of both."""
    by_id = {result.id: result for result in probing.results}
    ended = (f"the probe of {probing.target.url} ended early: {probing.ended}",) if probing.ended else ()
    return replace(
        judged, results=tuple(joined(result, by_id.get(result.id)) for result in judged.results), incomplete=(*judged.incomplete, *ended)
    )


def joined(static: ControlResult, runtime: ControlResult | None) -> ControlResult:
    """The verdict on which both agree, or the worse one. A subject that the flow does not have stays `not_applicable`."""
    if runtime is None or not runtime.evidence or static.verdict is Verdict.NOT_APPLICABLE:
        return static
    said = f"The running server: {runtime.why}"
    evidence = _both(static.evidence, runtime.evidence)
    if runtime.verdict is Verdict.UNVERIFIED:
        return replace(static, why=f"{static.why} {said}", evidence=evidence) if static.verdict is Verdict.UNVERIFIED else static
    if static.verdict is Verdict.UNVERIFIED:
        return replace(runtime, why=said, evidence=_both(runtime.evidence, static.evidence))
    if _BADNESS.get(runtime.verdict, 0) > _BADNESS.get(static.verdict, 0):
        why = f"{said} The analysis of the code had found: {static.why}"
        return replace(runtime, why=why, evidence=_both(runtime.evidence, static.evidence))
    return replace(static, why=f"{static.why} {said}", evidence=evidence)


def _both(first: Iterable[Evidence], second: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys((*first, *second)))
