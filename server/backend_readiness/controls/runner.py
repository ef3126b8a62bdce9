"""Runs the `verify` hooks of the controls on one flow."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from backend_readiness.configuration import Profile
from backend_readiness.configuration.own_controls import OwnControl
from backend_readiness.controls.brought_answers import settled
from backend_readiness.controls.commented_out import with_comments
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, unverified
from backend_readiness.controls.own import results_of
from backend_readiness.controls.protection.off_as_shipped import with_open_guards
from backend_readiness.controls.switched import with_switches
from backend_readiness.controls.weight import traits_of, weighed
from backend_readiness.errors import BadCard
from backend_readiness.graph.trace import Traced, Tracer
from backend_readiness.model import ControlResult, FindingStatus, Flow, Severity, Verdict, VerifiedBy
from backend_readiness.rules.control_cards import ControlCard, load_controls
from backend_readiness.snapshot import Snapshot

Hook = Callable[[Context], Judgement]


@cache
def hook_of(path: Path) -> Hook:
    """The `verify` function of a hook file. Errors: `BadCard` when it has none."""
    name = "backend_readiness.rules.controls." + path.stem.replace("-", "_")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadCard(f"{path.name} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    verify = getattr(module, "verify", None)
    if verify is None:
        raise BadCard(f"{path.name} has no verify(context)")
    hook: Hook = verify
    return hook


def run(
    tracer: Tracer,
    snapshot: Snapshot,
    flow: Flow,
    traced: Sequence[Traced],
    only: Collection[str] | None = None,
    errors: list[str] | None = None,
    profile: Profile = Profile.TEAM,
    severities: Mapping[str, Severity] | None = None,
    own: Mapping[str, OwnControl] | None = None,
) -> tuple[ControlResult, ...]:
    """A result for every control of the catalogue (or of `only`), in the order of the catalogue.

    A control without a hook, and one whose hook crashes, is `unverified`; a crash is added to `errors`. Severities follow `profile` and
    what the flow does; those of `severities`, by id of the control, are the owner's word and stand. `own`
    are the repository's own controls, which come last.
    """
    context = Context(tracer, snapshot, flow, traced)
    cards = load_controls()
    traits = traits_of(context, profile)
    found = (_result(card, context, errors if errors is not None else []) for card in cards.values() if only is None or card.id in only)
    named = severities or {}
    weighted = [replace(r, severity=named.get(r.id) or weighed(cards[r.id], r.severity, traits)) for r in found]
    added = results_of(context, {i: card for i, card in (own or {}).items() if only is None or i in only})
    return (*weighted, *added)


def _result(card: ControlCard, context: Context, errors: list[str]) -> ControlResult:
    judgement = _judge(card, context, errors)
    judged = judgement.verdict in (Verdict.FAIL, Verdict.PARTIAL)
    default = FindingStatus.PARTIAL if judgement.verdict is Verdict.PARTIAL else FindingStatus.MISSING
    return ControlResult(
        id=card.id,
        layer=card.layer,
        title=card.title_fail if judged else card.title,
        severity=judgement.severity or card.severity,
        verdict=judgement.verdict,
        why=judgement.why,
        verified_by=VerifiedBy.STATIC,
        evidence=judgement.evidence,
        status=(judgement.status or default) if judged else None,
        fix=card.fix_for(context.framework) if judged else (),
        question=card.ask if judgement.verdict is Verdict.UNVERIFIED else "",
    )


def _judge(card: ControlCard, context: Context, errors: list[str]) -> Judgement:
    if card.hook is None:
        return unverified("Static analysis does not settle this control.")
    hook = hook_of(card.hook)
    try:
        judgement = with_switches(context, card.id, with_comments(context, hook(context)))
        judgement = with_open_guards(context, card.id, judgement)
        known = settled(context, card.id) if judgement.verdict is Verdict.UNVERIFIED else None
        return known or judgement
    except Exception as error:  # one broken control must not lose the others: it is reported as incomplete
        errors.append(f"{card.id}: {type(error).__name__}: {error}")
        return unverified(f"The check broke off: {type(error).__name__}.")
