"""Extension methods of the repository that stand for a call of a package which cards know: `routes.MapRouteLowerCase(...)`.

One that itself calls such a method of the package is read there.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from backend_readiness.facts.model import Call, Member
from backend_readiness.graph.values import AV, Ext, FuncV, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph

LANGUAGES = frozenset({"csharp"})


def own_spellings(graph: Graph, call: Call, called: AV, wanted: Container[str]) -> Iterator[Ext]:
    """The method of the package that a called extension method has the name of, on what it is called on."""
    for option in options(called) if isinstance(call.callee, Member) else ():
        on = option.self_value if isinstance(option, FuncV) else None
        if not isinstance(option, FuncV) or not isinstance(on, Ext):
            continue
        view = graph.view(option.symbol.file)
        name = view.symbol(option.symbol.index).name
        inside = (view.facts.calls[n] for s in view.body(option.symbol.index) for n in view.calls_of.get(s, ()))
        hands_on = any(isinstance(c.callee, Member) and callee_name(c) in wanted for c in inside)
        if view.language in LANGUAGES and name in wanted and not hands_on:
            yield Ext(f"{on.path}.{name}", on)
