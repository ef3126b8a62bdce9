"""Functions of the repository that hand back what a hook gives: `function usePayMutation() { return useMutation(PAY); }`.

The request belongs to what runs it in their callers (`const [pay] = usePayMutation()`, then `pay(order)`), not to the component.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backend_readiness.facts.model import CallRef, Name, Record, Seq
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.wrapper_calls import calls_of
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph

MAX_DEPTH = 3


def run_by_callers(graph: Graph, number: int, sent: Sequence[ApiCall]) -> list[ApiCall]:
    """The requests of a hook's call as its callers run them; as they are when they are run in sight, or nobody seems to run them."""
    only = sent[0]
    made = graph.view(only.place.file).facts.calls[number]
    if len(sent) != 1 or only.start != made.start:
        return list(sent)
    owners = _owners(graph, only.place.file, number, 0)
    return [replace(only, owner=owner) for owner in owners] or list(sent)


def _owners(graph: Graph, file: str, number: int, depth: int) -> dict[SymbolId, None]:
    """The functions that run what the callers of the function around a call are handed back."""
    view = graph.view(file)
    wrapper = view.facts.calls[number].owner
    if depth > MAX_DEPTH or wrapper <= 0 or not any(r.value == CallRef(number) for r in view.returns.get(wrapper, ())):
        return {}
    found: dict[SymbolId, None] = {}
    for site, _ in calls_of(graph, SymbolId(file, wrapper)):
        caller = graph.view(site.file)
        made = caller.facts.calls[site.call]
        names = given_names(caller, site.call)
        for call in caller.facts.calls:
            if isinstance(call.callee, Name) and call.callee.id in names and made.owner in caller.enclosing(call.owner):
                found[SymbolId(site.file, call.owner)] = None
        found.update(_owners(graph, site.file, site.call, depth + 1))
    return found


def given_names(view: FileView, number: int) -> set[str]:
    """The names under which the parts of a call's result are kept."""
    targets = [a.target for a in view.facts.assigns if a.value == CallRef(number)]
    parts = [i for t in targets if isinstance(t, Seq) for i in t.items] + [v for t in targets if isinstance(t, Record) for _, v in t.items]
    return {p.id for p in [*parts, *targets] if isinstance(p, Name)}
