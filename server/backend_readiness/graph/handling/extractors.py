"""What makes the parameters of a handler out of the request: `async fn show(user: AuthUser)` runs `AuthUser::from_request`."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.knowledge import Knowledge
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.values import FuncV, InstV, options
from backend_readiness.graph.world import Graph
from backend_readiness.rules.guard_rules import ExtractorRule

MAX_PARAMS = 20
_INDEXES: WeakKeyDictionary[Knowledge, PatternIndex[ExtractorRule] | None] = WeakKeyDictionary()


def _rules(knowledge: Knowledge) -> PatternIndex[ExtractorRule] | None:
    """The rules by the path of the base class; None when no card has one."""
    if knowledge not in _INDEXES:
        index: PatternIndex[ExtractorRule] = PatternIndex()
        rules = [(card, rule) for card in knowledge.cards for rule in card.extractors]
        for card, rule in rules:
            index.add(knowledge.patterns(card, rule.base), (), rule)
        _INDEXES[knowledge] = index if rules else None
    return _INDEXES[knowledge]


def extracting(graph: Graph, function: FuncV) -> list[FuncV]:
    """The functions that run before a handler for the types of its parameters, by the cards, in their order."""
    rules = _rules(graph.knowledge)
    if rules is None:
        return []
    found: list[FuncV] = []
    symbol = graph.view(function.symbol.file).symbol(function.symbol.index)
    for param in symbol.params[:MAX_PARAMS]:
        typed = graph.ev.instance_of(param.type, function.symbol.file, max(0, symbol.parent)) if param.type is not None else None
        for option in options(typed) if typed is not None else ():
            if not isinstance(option, InstV):
                continue
            names = [n for b in inheritance.external_bases(graph.ev, option.cls) for t, _ in rules.matches(b.path) for n in t.methods]
            methods = (members.own_member(graph.ev, option.cls, name) for name in dict.fromkeys(names))
            found.extend(m for m in methods if isinstance(m, FuncV))
    return found
