"""Events that run a function which a composable or a hook was given: `const { handleSubmit } = useForm({ onSubmit: save })`.

The function that the event runs is one for all who call the composable; which of the given functions it leads to, the call tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import CallRef, Name
from backend_readiness.graph.steps import Step
from backend_readiness.graph.values import AV, FuncV, Obj, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph


def events_through(graph: Graph, where: SymbolId, events_of: Callable[[str], Mapping[SymbolId, list[Step]]]) -> Iterator[Step]:
    """The events of the file that run what the call gave back which `where` was passed to, when that runs `where`."""
    view = graph.view(where.file)
    passed = view.passed_in.get(where.index)
    if passed is None:
        return
    number, position, key = passed
    called = key or _parameter(graph, where.file, number, position)
    for assign in view.facts.assigns if called else ():
        if assign.value != CallRef(number):
            continue
        for name, _ in bound_names(assign.target):
            for value in _functions(graph, graph.ev.value(Name(name), where.file, assign.owner)):
                if value.symbol != where and _runs(graph, value.symbol, called):
                    yield from events_of(where.file).get(value.symbol, ())


def _functions(graph: Graph, value: AV) -> Iterator[FuncV]:
    """The function that a name of the result is, or those that an object of it holds."""
    for option in options(value):
        held = [graph.ev.thunk(t) for t in list(option.fields.values())[:20]] if isinstance(option, Obj) else [option]
        yield from (f for v in held for f in options(v) if isinstance(f, FuncV))


def _parameter(graph: Graph, file: str, number: int, position: int) -> str:
    """The name of the parameter at a position of what a call runs; empty when it is not of the repository."""
    call = graph.view(file).facts.calls[number]
    for value in options(graph.ev.value(call.callee, file, call.owner)):
        if isinstance(value, FuncV):
            params = graph.view(value.symbol.file).symbol(value.symbol.index).params
            return params[position].name if position < len(params) else ""
    return ""


def _runs(graph: Graph, where: SymbolId, name: str) -> bool:
    """Does a function call something of that name, itself or in what is written inside of it?"""
    view = graph.view(where.file)
    return any(callee_name(view.facts.calls[n]) == name for owner in view.body(where.index) for n in view.calls_of.get(owner, ()))
