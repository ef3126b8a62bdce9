"""Methods that a class has from a package and that run methods of the class: `register` of a trait asks for its `validator` and `create`.

Cards name them (`template_methods`): the base class or trait, its method, and what it runs.
"""

from __future__ import annotations

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, options
from backend_readiness.graph.world import Graph


def runs_of(graph: Graph, handler: AV | None) -> list[FuncV]:
    """The methods of the repository that the named method of a base runs, in the order that the card gives; `handler` is the class."""
    found: list[FuncV] = []
    for cls in options(handler) if handler is not None else ():
        if not isinstance(cls, ClassV) or not cls.asked:
            continue
        bases = {b.path for b in inheritance.external_bases(graph.ev, cls)}
        tables = [rows for card in graph.knowledge.cards for base, rows in card.template_methods.items() if base in bases]
        for name in (n for rows in tables for n in rows.get(cls.asked, ())):
            own = members.own_member(graph.ev, InstV(cls), name)
            if isinstance(own, FuncV) and all(own.symbol != f.symbol for f in found):
                found.append(own)
    return found
