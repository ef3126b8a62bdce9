"""Verdicts of a repository's own controls: what must or must not be called on the chain of the flow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from backend_readiness.configuration.own_controls import OwnControl
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.values import Ext, options
from backend_readiness.model import ControlResult, Evidence, FindingStatus, Verdict, VerifiedBy
from backend_readiness.snapshot.matching import compile_patterns

_ROLE = "role:"


def results_of(context: Context, own: Mapping[str, OwnControl]) -> tuple[ControlResult, ...]:
    """A result for each of the repository's own controls."""
    return tuple(_result(card, judge(context, card)) for card in own.values())


def judge(context: Context, card: OwnControl) -> Judgement:
    """What the chain says; `unverified` for a question and where the chain was not resolved."""
    if not _is_meant(context, card):
        return not_applicable("The control is for other endpoints.", *([context.at_route()] if context.routes else []))
    if card.ask is not None:
        return unverified("The control is a question.")
    forbidden = _first(context, card.forbids)
    if forbidden is not None:
        return failed(f"The chain calls `{forbidden[0]}`, which this repository forbids.", forbidden[1])
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    if not card.requires:
        return passed("Nothing on the chain calls what is forbidden.", context.at_route())
    found = _first(context, card.requires)
    if found is not None:
        return passed(f"The chain goes through `{found[0]}`.", found[1])
    wanted = ", ".join(f"`{w}`" for w in card.requires[:3])
    return failed(f"Nothing on the chain is {wanted}.", context.at_place(context.handlers[0]) if context.handlers else context.at_route())


def _is_meant(context: Context, card: OwnControl) -> bool:
    endpoints = [r.route.endpoint for r in context.routes]
    pattern = compile_patterns(card.paths)
    methods = {m.upper() for m in card.methods}
    return any(
        (not methods or e.method in methods) and (pattern is None or pattern.search(e.path.encode("utf-8", "replace"))) for e in endpoints
    )


def _first(context: Context, wanted: Sequence[str]) -> tuple[str, Evidence] | None:
    roles = {w.removeprefix(_ROLE) for w in wanted if w.startswith(_ROLE)}
    patterns = [compiled(w) for w in wanted if not w.startswith(_ROLE)]
    for path, evidence, played in _touched(context):
        if played & roles or any(p.fullmatch(path) for p in patterns):
            return path.removesuffix("()"), evidence
    return None


def _touched(context: Context) -> Iterator[tuple[str, Evidence, frozenset[str]]]:
    """(path, place, roles) of the guards of the flow and of the calls on its chain."""
    for guard in context.guards:
        played = frozenset(context.roles.of_value(guard.value))
        paths = [o.path for o in options(guard.value) if isinstance(o, Ext)] or [""]
        for path in paths:
            yield path, context.at_place(guard.place), played
    for call in context.calls:
        for path in call.paths:
            yield path, context.at_call(call), context.graph.knowledge.roles_of(path)


def _result(card: OwnControl, judgement: Judgement) -> ControlResult:
    is_open = judgement.verdict in (Verdict.FAIL, Verdict.PARTIAL)
    return ControlResult(
        id=card.id,
        layer=card.layer,
        title=card.title_fail if is_open else card.title,
        severity=card.severity,
        verdict=judgement.verdict,
        why=judgement.why,
        verified_by=VerifiedBy.STATIC,
        evidence=judgement.evidence,
        status=FindingStatus.MISSING if is_open else None,
        fix=card.fix if is_open else (),
        question=(card.ask or f"Is this so: {card.title.rstrip('.?')}?") if judgement.verdict is Verdict.UNVERIFIED else "",
    )
