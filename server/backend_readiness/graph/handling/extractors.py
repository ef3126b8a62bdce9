"""What makes the parameters of a handler out of the request: `async fn show(user: AuthUser)` runs `AuthUser::from_request`."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from backend_readiness.facts.model import Index, Member, Name, Seq, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.knowledge import Knowledge
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.values import FuncV, InstV, SymbolId, options
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
    return [f for f, _ in _extracted(graph, function)]


def forgiven(graph: Graph, function: FuncV) -> dict[SymbolId, str]:
    """Those of them whose failure the handler is given as a value, with its name, so that they turn nobody away."""
    made = _extracted(graph, function)
    strict = {f.symbol for f, given in made if given is None}
    return {f.symbol: given for f, given in made if given is not None and f.symbol not in strict}


def _extracted(graph: Graph, function: FuncV) -> list[tuple[FuncV, str | None]]:
    """(function, parameter by which its failure reaches the handler), by the types of the parameters."""
    rules = _rules(graph.knowledge)
    if rules is None:
        return []
    found: list[tuple[FuncV, str | None]] = []
    symbol = graph.view(function.symbol.file).symbol(function.symbol.index)
    for param in symbol.params[:MAX_PARAMS]:
        typed = graph.ev.instance_of(param.type, function.symbol.file, max(0, symbol.parent)) if param.type is not None else None
        for option in options(typed) if typed is not None else ():
            if not isinstance(option, InstV):
                continue
            used = [t for b in inheritance.external_bases(graph.ev, option.cls) for t, _ in rules.matches(b.path)]
            given = param.name if _outer(param.type) & {name for t in used for name in t.forgiving} else None
            methods = (members.own_member(graph.ev, option.cls, name) for name in dict.fromkeys(n for t in used for n in t.methods))
            found.extend((m, given) for m in methods if isinstance(m, FuncV))
    return found


def _outer(annotation: Value | None) -> set[str]:
    """Names of the types that stand around the innermost one: `Option` in `Option<AuthUser>`."""
    found: set[str] = set()
    while isinstance(annotation, Index):
        base = annotation.base
        found.add(base.name if isinstance(base, Member) else base.id if isinstance(base, Name) else "")
        annotation = annotation.key.items[0] if isinstance(annotation.key, Seq) and annotation.key.items else annotation.key
    return found
