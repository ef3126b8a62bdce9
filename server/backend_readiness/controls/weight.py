"""How heavy a finding is on this flow: the card's severity, raised or lowered by what the flow does and what is asked of the repository."""

from __future__ import annotations

import re

from backend_readiness.configuration import Profile
from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.model import Layer, Severity
from backend_readiness.rules.control_cards import ControlCard, Trait

_MONEY = re.compile(
    r"(?i)(^|[/_-])(check-?out|payments?|pay|charges?|refunds?|invoices?|transfers?|withdraw(al)?s?|deposits?|purchases?|billing|subscribe)([/_-]|$)"
)
_LOWER = {Severity.CRITICAL: Severity.HIGH, Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW, Severity.LOW: Severity.LOW}
# What a prototype may lack: it must not lose or leak data, but it may be slow, hard to run and hard to watch.
_LATER = frozenset({Layer.INFRASTRUCTURE, Layer.PERFORMANCE, Layer.RELIABILITY, Layer.OBSERVABILITY})


def traits_of(context: Context, profile: Profile) -> frozenset[Trait]:
    """What of this flow changes the weight of findings."""
    found: set[Trait] = set()
    if any(e.kind == "payment" for e, _ in context.effects) or any(_MONEY.search(str(r.route.endpoint.path)) for r in context.routes):
        found.add("money")
    if context.routes and identity_of(context).refusal() is None:
        found.add("public")
    if profile is Profile.PROTOTYPE:
        found.add("prototype")
    elif profile is Profile.SCALE:
        found.add("scale")
    return frozenset(found)


def weighed(card: ControlCard, severity: Severity, traits: frozenset[Trait]) -> Severity:
    """The severity of a finding of `severity` on a flow of these traits. A trait that the card names decides; the heaviest first."""
    named = [card.severity_when[trait] for trait in sorted(traits) if trait in card.severity_when]
    raised = [s for s in named if s.rank > severity.rank]
    if raised:
        return max(raised, key=lambda s: s.rank)
    lowered = [s for s in named if s.rank < severity.rank]
    if lowered:
        return min(lowered, key=lambda s: s.rank)
    return _LOWER[severity] if "prototype" in traits and card.layer in _LATER else severity
