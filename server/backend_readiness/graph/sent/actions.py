"""Calls of server functions from the client: an imported function that the framework runs on the server is called like any other.

A call counts in a file with the client's directive, and a reference counts as the value of an element's attribute (`action={save}`).
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Alt, Call, CallRef, Func, Member, Name, Record, Value
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.action_types import call_of, own_calls
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.shapes.directive import has_directive
from backend_readiness.graph.values import AV, Ext, FuncV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import Ref

MAX_CALLS = 2_000
MAX_KEYS = 40
_SHAPES = ("directive", "remote_function")


def action_calls(graph: Graph, routes: tuple[BoundRoute, ...]) -> tuple[ApiCall, ...]:
    """The calls of functions that a rule of shape `directive` or `remote_function` registered."""
    actions = {
        (r.handler.symbol, _made(r.handler)): r
        for r in routes
        if (r.registration.rule.shape in _SHAPES or r.registration.rule.options.get("called")) and isinstance(r.handler, FuncV)
    }
    found: list[ApiCall] = []
    for (symbol, made), route in actions.items():
        name = graph.view(symbol.file).symbol(symbol.index).name or route.route.endpoint.path.rpartition("/")[2]
        if route.registration.rule.shape == "remote_function" or made is not None:
            name = route.route.endpoint.path.rpartition("/")[2]
        if route.registration.rule.options.get("called"):
            found.extend(own_calls(graph, symbol, route, {a for a, _ in actions}) if len(found) < MAX_CALLS else ())
            continue
        for file in dict.fromkeys((symbol.file, *(graph.naming(name) if name else ()))):
            if len(found) < MAX_CALLS:
                found.extend(_calls(graph, file, name, symbol, route))
    return tuple(found)


def _made(function: FuncV) -> tuple[str, int] | None:
    """The call of a function of the repository that gave the function back: `export const save = checked(schema, ...)`."""
    site = function.env.site if function.env is not None else None
    return (site.file, site.call) if site is not None else None


def _calls(graph: Graph, file: str, name: str, symbol: SymbolId, route: BoundRoute) -> Iterator[ApiCall]:
    view = graph.view(file)
    made = _made(route.handler) if isinstance(route.handler, FuncV) else None
    client = str(route.registration.rule.options.get("client", ""))

    def means(value: AV) -> bool:
        rule, given = route.registration.rule, None
        if rule.shape == "remote_function" and isinstance(value, Ext) and value.site is not None:
            given = argument_value(graph.ev, value.site, rule.handler or Ref(arg=0), value)
        values = (value, *(options(given) if given is not None else ()))
        return any(isinstance(v, FuncV) and v.symbol == symbol and (made is None or _made(v) == made) for v in values)

    names = {name, *_aliases(view, name, wrapped=route.registration.rule.shape == "directive")}

    def refers(value: Value, owner: int) -> bool:
        if (
            value == Func(symbol.index) and file == symbol.file and route.registration.rule.shape == "directive"
        ):  # `<form action={async () => { "use server"; ... }}>`
            return True
        if isinstance(value, Record):  # `useMutation({ mutationFn: addOrder })`
            return any(isinstance(item, Name) and refers(item, owner) for _, item in value.items[:MAX_KEYS])
        if isinstance(value, CallRef):  # `<form action={save.bind(null, id)}>`
            bound = view.facts.calls[value.call].callee
            return isinstance(bound, Member) and bound.name == "bind" and isinstance(bound.base, Name) and refers(bound.base, owner)
        if isinstance(value, Alt):  # `useActionState(isNew ? add : change, ...)`
            return any(refers(item, owner) for item in value.options)
        return isinstance(value, Name) and value.id in names and any(means(v) for v in options(graph.ev.value(value, file, owner)))

    def gives(number: int, call: Call) -> bool:
        """Is the result of the call the function itself? `const add = action(addOrder)`, `action(async () => { "use server"; ... })`"""
        made_here = any(a.value == Func(symbol.index) for a in call.args if file == symbol.file)
        return route.registration.rule.shape == "directive" and (
            made_here or any(means(v) for v in options(graph.ev.value(CallRef(number), file, call.owner)))
        )

    taken: dict[int, list[ApiCall]] = {}
    if not client or (file != symbol.file and has_directive(graph.text(file), client)):
        for number, call in enumerate(view.facts.calls):
            called = callee_name(call) in names and any(means(v) for v in options(graph.ev.value(call.callee, file, call.owner)))
            if called or (any(refers(a.value, call.owner) for a in call.args) and not gives(number, call)):
                taken[number] = [call_of(route, file, call.line, call.end_line, call.start, call.owner, "call")]
    for element in view.facts.elements:
        for attr in element.attrs:
            if attr.value is None:
                continue
            by = _given_back(graph, file, attr.value, element.owner, taken) if taken else None
            if refers(attr.value, element.owner) or by is not None:
                yield call_of(route, file, attr.line, attr.line, element.start, element.owner, "form")
            if by is not None:
                taken[by] = []  # the element stands for it
    for calls in taken.values():
        yield from calls


def _given_back(graph: Graph, file: str, value: Value, owner: int, taken: dict[int, list[ApiCall]]) -> int | None:
    """The call of the file, one of `taken`, whose result holds the value: `const [state, act] = useActionState(save, {})`."""
    for option in options(graph.ev.value(value, file, owner)) if isinstance(value, Name) else ():
        current: AV | None = option
        for _ in range(4):
            if not isinstance(current, Ext):
                break
            if current.site is not None and current.site.file == file and current.site.call in taken:
                return current.site.call
            current = current.base
    return None


def _aliases(view: FileView, name: str, *, wrapped: bool) -> Iterator[str]:
    """`const renameThis = rename.bind(null, id)`, `const save = rename`, `const add = action(addOrder)`."""
    for assign in view.facts.assigns:
        value = assign.value
        if isinstance(value, CallRef):
            callee = view.facts.calls[value.call].callee
            given = next((a.value for a in view.facts.calls[value.call].args if a.value == Name(name)), None)
            value = callee.base if isinstance(callee, Member) and callee.name == "bind" else given if wrapped else None
        if value == Name(name) and isinstance(assign.target, Name):
            yield assign.target.id
