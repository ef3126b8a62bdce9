"""Every example of every control with a hook: the verdict is right and the evidence lands on the marked line."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_readiness.controls.runner import run
from backend_readiness.facts.store import collect
from backend_readiness.graph.trace import Traced, Tracer
from backend_readiness.graph.world import Graph
from backend_readiness.model import ControlResult, Flow
from backend_readiness.rules.control_cards import Case, load_controls
from backend_readiness.snapshot import take

CASES = [
    pytest.param(card.id, case, id=f"{card.id}: {case.framework} {case.name}")
    for card in load_controls().values()
    if card.has_hook
    for example in card.examples
    for case in example.cases()
]


def judge(control: str, case: Case, folder: Path) -> ControlResult:
    """Write the files of the case and run one control on its endpoint, or on all its routes."""
    for path, text in case.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    snapshot = take(folder)
    tracer = Tracer(Graph(snapshot, collect(snapshot)))
    bound = list(tracer.routes)
    if case.endpoint is not None:
        method, _, path = case.endpoint.partition(" ")
        bound = tracer.by_endpoint(method, path)
        assert bound, f"no {case.endpoint} among {[str(b.route.endpoint) for b in tracer.routes]}"
    traced: list[Traced] = [t for b in bound for t in tracer.from_route(b)]
    asked = (case.endpoint.partition(" ")[0],) if case.endpoint is not None else ()
    flow = Flow(name="example", endpoints=tuple(b.route.endpoint for b in bound), methods=asked)
    errors: list[str] = []
    (result,) = run(tracer, snapshot, flow, traced, only={control}, errors=errors)
    assert errors == []
    return result


@pytest.mark.parametrize(("control", "case"), CASES)
def test_the_example_of_the_control_gets_its_verdict(control: str, case: Case, tmp_path: Path) -> None:
    result = judge(control, case, tmp_path)
    assert result.verdict in case.expect, result.why
    for mark in case.marks:
        covered = [
            e for e in result.evidence if e.file == mark.file and e.line is not None and e.line <= mark.line <= (e.end_line or e.line)
        ]
        assert covered, f"no evidence on {mark.file}:{mark.line}, but {[(e.file, e.line, e.end_line) for e in result.evidence]}"
    if "fail" in case.expect or "partial" in case.expect:
        assert result.evidence, "a finding without evidence"


def test_each_hook_has_a_bad_and_a_good_example() -> None:
    for card in load_controls().values():
        if card.has_hook:
            verdicts = {v for e in card.examples for c in e.cases() for v in c.expect}
            assert {"fail", "partial"} & verdicts, f"{card.id} has no bad example"
            assert {"pass", "not_applicable"} & verdicts, f"{card.id} has no good example"
