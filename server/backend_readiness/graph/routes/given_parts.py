"""What the caller of a function gave for one of its parameters, as it is written there.

`def base(prefix: EndpointInput[Unit]) = endpoint.in(prefix)`, then `base("api" / "v1").in("orders")`: a path that an operator puts together
is no value, so the expression of the argument is read.
"""

from __future__ import annotations

from backend_readiness.facts.model import Name, Value
from backend_readiness.graph.references import argument
from backend_readiness.graph.values import Site, Thunk
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import Ref


def given_part(graph: Graph, site: Site, part: Value) -> tuple[Thunk, Site] | None:
    """The argument for a parameter of the function that a call stands in, and the call that gives it; None where no call is followed."""
    env = site.env
    if env is None or env.site is None or not isinstance(part, Name) or part.id not in env.args:
        return None
    names = [p.name for p in graph.view(env.symbol.file).symbol(env.symbol.index).params]
    if part.id not in names:
        return None
    found = argument(graph, env.site, Ref(kwarg=part.id)) or argument(graph, env.site, Ref(arg=names.index(part.id)))
    return (found, env.site) if found is not None else None
