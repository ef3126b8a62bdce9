"""Steps that a class declares in its body and a package runs one after the other: `organize Save, Charge`, `step :persist`."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.graph.background.task_names import methods_of
from backend_readiness.graph.evaluation import constants
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.dispatch_rules import DispatchRule

MAX_STEPS = 60


def steps_of(graph: Graph, rule: DispatchRule, callee: Ext) -> list[FuncV]:
    """The functions behind the arguments of the calls that `declared` names, in the class that the call is about."""
    cls = callee.subject if rule.declared else None
    if not isinstance(cls, ClassV):
        return []
    found: list[FuncV] = []
    for part in constants.parts(graph.ev, cls.symbol) or (cls.symbol,):
        view = graph.view(part.file)
        for number in view.calls_of.get(part.index, ()):
            call = view.facts.calls[number]
            if callee_name(call) in rule.declared:
                for arg in call.args if len(found) < MAX_STEPS else ():
                    value = graph.ev.value(arg.value, part.file, call.owner) if arg.name is None else None
                    found.extend(_meant(graph, rule, cls, value) if value is not None else ())
    return found


def _meant(graph: Graph, rule: DispatchRule, cls: ClassV, value: AV) -> Iterator[FuncV]:
    """A class runs by the first method of `runs` that it has, a name is a method of the class itself."""
    for option in options(value):
        if isinstance(option, ListV):
            for item in option.items[:MAX_STEPS]:
                yield from _meant(graph, rule, cls, graph.ev.thunk(item))
        wanted, holder = rule.runs, option
        if isinstance(option, Const) and isinstance(option.value, str):
            wanted, holder = (option.value,), cls
        made = InstV(holder) if isinstance(holder, ClassV) else holder if isinstance(holder, InstV) else None
        yield from methods_of(graph, made, wanted) if made is not None else ()
