"""Does the repository make an application of a framework? The sources of a library have routes that whoever uses it puts on one."""

from __future__ import annotations

from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.values import Ext, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.cards import Card


def makes_application(graph: Graph, card: Card) -> bool:
    """Does a file make a value of the card's type `app`? True too for a card without that type, which cannot say."""
    patterns = graph.knowledge.patterns(card, "{app}")
    if not patterns:
        return True
    matchers = [compiled(p) for p in patterns]
    names = {last_step(p) for p in patterns}
    packages = tuple(p.partition(".")[0].removesuffix("()") for p in patterns if not p.startswith("~"))
    for path, index in graph.production.items():
        if names.isdisjoint(index.names) or not any(m.startswith(packages) for m in index.modules):
            continue
        for call in graph.view(path).facts.calls:
            if callee_name(call) in names:
                for value in options(graph.ev.value(call.callee, path, call.owner)):
                    if isinstance(value, Ext) and any(m.fullmatch(f"{value.path}()") for m in matchers):
                        return True
    return False
