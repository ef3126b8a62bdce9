"""Conditions under which a rule holds for a call that it matches."""

from __future__ import annotations

from typing import Any

from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import Site
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import Ref


def holds(graph: Graph, site: Site, options: dict[str, Any]) -> bool:
    """Option `when`: is an argument one of the texts that it names (`io.on("connection", ...)`)?"""
    when = options.get("when")
    if not when:
        return True
    thunk = argument_thunk(graph.ev, site, Ref(arg=when["arg"]))
    return thunk is not None and any(t in when["is"] for t in texts(graph.ev, graph.ev.thunk(thunk)))
