"""Classes that the settings of the application switch off: `@Profile("jdbc")` where `spring.profiles.active=jpa`.

The cards say which annotations name a condition and which setting lists what holds (`conditions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.settings.application_settings import ApplicationSettings
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import ClassV, Ext, options

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph


def switched_off(graph: Graph, cls: ClassV) -> bool:
    """Does an annotation of the class name only what the settings do not list? Settings that list nothing switch nothing off."""
    view = graph.view(cls.symbol.file)
    symbol = view.symbol(cls.symbol.index)
    for decorator in symbol.decorators:
        if not isinstance(decorator, CallRef):
            continue
        call = view.facts.calls[decorator.call]
        for callee in options(graph.ev.value(call.callee, view.path, call.owner)):
            for tagged, _ in graph.knowledge.conditions.matches(callee) if isinstance(callee, Ext) else ():
                listed = ApplicationSettings(graph).value(tagged.rule.settings, view.path)
                holding = {name.strip() for name in listed.split(",") if name.strip() and "{" not in name}
                named = [t for a in call.args for t in texts(graph.ev, graph.ev.value(a.value, view.path, call.owner))]
                if holding and named and not any(_holds(n, holding) for n in named):
                    return True
    return False


def _holds(name: str, holding: set[str]) -> bool:
    """An expression with operators (`a & b`) is not judged."""
    if name.startswith("!") and name[1:].replace("-", "").replace("_", "").isalnum():
        return name[1:] not in holding
    return name in holding or not name.replace("-", "").replace("_", "").isalnum()
