"""Clauses of a function: which one runs for a message, and the functions of the module around where nothing else is said."""

from __future__ import annotations

from backend_readiness.facts.model import Lit, Seq
from backend_readiness.graph.values import FuncV, Site, SymbolId
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.dispatch_rules import DispatchRule


def meant(graph: Graph, rule: DispatchRule, site: Site, targets: list[FuncV]) -> list[tuple[FuncV, Place | None]]:
    """The functions with their clause for what a call sends; None is the whole function. One with clauses for others alone is left out."""
    if rule.message is None:
        return [(t, None) for t in targets or _beside(graph, rule, site)]
    thunk = graph.ev.arg_thunk(site, rule.message)
    sent = thunk.expr if thunk is not None else None
    first = sent.items[0] if isinstance(sent, Seq) and sent.items else sent
    if not isinstance(first, Lit):
        return []
    found: list[tuple[FuncV, Place | None]] = []
    for target in targets or _beside(graph, rule, site):
        view = graph.view(target.symbol.file)
        blocks = [b for b in view.blocks_of.get(target.symbol.index, ()) if b.kind == "case" and isinstance(b.subject, Lit)]
        block = next((b for b in blocks if b.subject == first), None)
        if block is not None:
            found.append((target, Place(file=view.path, line=block.line, end_line=block.end_line)))
    return found


def _beside(graph: Graph, rule: DispatchRule, site: Site) -> list[FuncV]:
    """The method of the module that the call is written in: a module of a process sends to its own."""
    view = graph.view(site.file)
    holder = view.holder(view.facts.calls[site.call].owner)
    named = view.named_children.get((holder, rule.beside), ()) if holder is not None and rule.beside else ()
    return [FuncV(SymbolId(site.file, i)) for i in named]
