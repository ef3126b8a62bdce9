"""What a call is given is a class that stands on one of the bases which its rule names: then the receiver need not be known."""

from __future__ import annotations

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument, step_site
from backend_readiness.graph.tagged import Tagged
from backend_readiness.graph.values import ClassV, Ext, InstV, Site, options
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import Ref
from backend_readiness.rules.data_rules import DataRule


def stands_on(graph: Graph, tagged: Tagged[DataRule], callee: Ext, site: Site) -> bool:
    """Is the target of a rule, as the call gives it, a class or an instance of one that stands on a base in `only`?"""
    bases = graph.knowledge.patterns(tagged.card, tagged.rule.only)
    for ref in (tagged.rule.target,) if isinstance(tagged.rule.target, Ref) else tagged.rule.target:
        at = step_site(callee, ref.at) if ref.at is not None else site
        given = argument(graph, at, ref) if at is not None else None
        for option in options(graph.ev.thunk(given)) if given is not None else ():
            cls = option.cls if isinstance(option, InstV) else option
            found = inheritance.external_bases(graph.ev, cls) if isinstance(cls, ClassV) else []
            if any(compiled(b).fullmatch(f.path) for f in found for b in bases):
                return True
    return False
