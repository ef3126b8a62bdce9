"""Events that run a function which a composable or a hook was given: `const { handleSubmit } = useForm({ onSubmit: save })`.

The function that the event runs is one for all who call the composable; which of the given functions it leads to, the call tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Alt, CallRef, Func, Member, Name, Op, Seq, Value
from backend_readiness.graph.steps import Step
from backend_readiness.graph.values import AV, FuncV, Obj, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
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
                    steps = events_of(where.file).get(value.symbol, [])
                    yield from [s for s in steps if _names(view, s, name)] or (steps if _is_only(view, number) else ())


def _is_only(view: FileView, number: int) -> bool:
    """Is it the only call of its function in the file, so that what runs the result can only run this one?"""
    calls = view.facts.calls
    return sum(c.callee == calls[number].callee for c in calls) == 1


def _names(view: FileView, step: Step, name: str) -> bool:
    """Does the attribute of an event name what the call gave back: `@click="save"`, `onClick={() => save(1)}`, `form.submit`?"""
    attrs = step.element.attrs if step.element is not None else ()
    return any(_speaks_of(view, a.value, name) for a in attrs if a.name == step.attribute)


def _speaks_of(view: FileView, value: Value | None, name: str) -> bool:
    if isinstance(value, Func):
        inside = (view.facts.calls[n] for o in view.body(value.symbol) for n in view.calls_of.get(o, ()))
        return any(_speaks_of(view, v, name) for c in inside for v in (c.callee, *(a.value for a in c.args)))
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        return any(_speaks_of(view, v, name) for v in (call.callee, *(a.value for a in call.args)))
    if isinstance(value, Op | Alt | Seq):
        held = value.operands if isinstance(value, Op) else value.options if isinstance(value, Alt) else value.items
        return any(_speaks_of(view, v, name) for v in held)
    return _speaks_of(view, value.base, name) if isinstance(value, Member) else value == Name(name)


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
