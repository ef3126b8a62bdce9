"""Calls of libraries anywhere in the backend, found through the modules that files import, and what their arguments say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from backend_readiness.controls.context import Context
from backend_readiness.controls.work.around_messages import around_messages
from backend_readiness.facts.model import Call, Member, Name, Value
from backend_readiness.graph.handling.asked_for import asked_for
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import AV, Const, Ext, FuncV, ListV, Site, Thunk, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence

MAX_SCOPES = 400
MAX_FUNCTIONS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A call, with the canonical path of its callee."""

    context: Context
    site: Site
    call: Call
    path: str

    def evidence(self, note: str = "") -> Evidence:
        return self.context.at(self.site.file, self.call.line, min(self.call.end_line, self.call.line + 11), note)

    def thunk(self, position: int, key: str | None = None) -> Thunk | None:
        """The expression of an argument: keyword `key`, or the key of the object at `position`."""
        return self.context.graph.ev.arg_thunk(self.site, position, key)

    def value(self, position: int, key: str | None = None) -> AV | None:
        thunk = self.thunk(position, key)
        return self.context.graph.ev.thunk(thunk) if thunk is not None else None

    def constants(self, position: int, key: str | None = None) -> list[object]:
        """The constants that the argument can be; those of a list one by one."""
        return constants(self.context, self.value(position, key))


def constants(context: Context, value: AV | None) -> list[object]:
    """The constants that a value can be; those of a list one by one."""
    found: list[object] = []
    for option in options(value) if value is not None else ():
        if isinstance(option, Const):
            found.append(option.value)
        elif isinstance(option, ListV):
            for item in option.items[:20]:
                found.extend(c.value for c in options(context.graph.ev.thunk(item)) if isinstance(c, Const))
    return found


_FILES: WeakKeyDictionary[Context, tuple[str, ...]] = WeakKeyDictionary()
_IMPORTING: WeakKeyDictionary[Context, dict[str, list[str]]] = WeakKeyDictionary()


def backend_files(context: Context) -> tuple[str, ...]:
    """Production files of the application that serves the flow, in its language; those that stand alone come last."""
    known = _FILES.get(context)
    if known is None:
        own = [p for p in context.production_files(context.language or None) if context.is_backend(p)]
        known = _FILES[context] = tuple(sorted(own, key=context.graph.is_loose))
    return known


def _importing(context: Context) -> dict[str, list[str]]:
    """Module, as written -> the files of the backend that import it."""
    known = _IMPORTING.get(context)
    if known is None:
        known = _IMPORTING[context] = {}
        for file in backend_files(context):
            for module in context.graph.facts.files[file].modules:
                known.setdefault(module, []).append(file)
    return known


def role_calls(context: Context, *roles: str) -> list[Found]:
    """Calls of the backend that play one of the roles by the cards, those of the first role first."""
    backend = frozenset(backend_files(context))
    return [
        Found(context=context, site=c.site, call=c.call, path=c.path)
        for role in roles
        for c in context.roles.calls(role)
        if c.site.file in backend
    ]


def named_calls(context: Context, names: AbstractSet[str]) -> Iterator[tuple[Found, Ext]]:
    """Calls of the backend by one of the names, or by the local name of a module that ends in one, with the value of their callee."""
    near = {f for name in names for f in context.graph.naming(name)}
    for module, files in _importing(context).items():
        if last_step(module) in names:
            near.update(files)
    for file in backend_files(context):
        if file not in near:
            continue
        view = context.view(file)
        local = {i.local for i in view.facts.imports if i.local and last_step(i.module) in names}
        for number, call in enumerate(view.facts.calls):
            if callee_name(call) not in names and _root(call.callee) not in local:
                continue
            for value in options(context.graph.ev.value(call.callee, file, call.owner)):
                if isinstance(value, Ext):
                    yield Found(context=context, site=Site(file, number, None), call=call, path=value.path), value


def _root(value: Value) -> str | None:
    while isinstance(value, Member):
        value = value.base
    return value.id if isinstance(value, Name) else None


_SCOPES: WeakKeyDictionary[Context, tuple[tuple[str, int], ...]] = WeakKeyDictionary()


def chain_scopes(context: Context) -> tuple[tuple[str, int], ...]:
    """(file, symbol) of every function of the chain, of the helpers that they call, and of the functions written inside; each once.

    What runs around the handlers of messages is among them.
    """
    known = _SCOPES.get(context)
    if known is None:
        known = _SCOPES[context] = tuple(_scopes(context))
    return known


def _scopes(context: Context) -> Iterator[tuple[str, int]]:
    seen: set[tuple[str, int]] = set()
    functions = [r.function.symbol for r in context.functions]
    functions += [method for around in around_messages(context) for method in around.methods]
    reached = set(functions)
    while functions and len(seen) < MAX_SCOPES:
        where = functions.pop(0)
        view = context.view(where.file)
        holders = {holder for holder, _ in view.fields}
        todo = [where.index]
        while todo:
            scope = todo.pop()
            if (where.file, scope) in seen:
                continue
            seen.add((where.file, scope))
            yield where.file, scope
            kinds = ("lambda",) if scope in holders else ("lambda", "function")
            todo.extend(c for c in view.children.get(scope, ()) if view.symbol(c).kind in kinds)
        if len(reached) < MAX_FUNCTIONS:
            for needed in asked_for(context.graph, FuncV(where)):
                if needed.symbol not in reached:
                    reached.add(needed.symbol)
                    functions.append(needed.symbol)
            for edge in context.tracer.edges.of_symbol(where):
                if edge.kind == "call" and edge.target.symbol not in reached:
                    reached.add(edge.target.symbol)
                    functions.append(edge.target.symbol)


def chain_text(context: Context) -> Iterator[tuple[str, int, str]]:
    """(file, line, text) of the lines of the chain's functions, comments and docstrings left out."""
    seen: set[tuple[str, int]] = set()
    handlers = [f for r in context.routes for f in functions_in(context.graph, r.handler) if isinstance(f, FuncV)]
    scripts = {f.symbol.file for f in handlers if not f.symbol.index}
    for file, scope in chain_scopes(context):
        symbol = context.view(file).symbol(scope)
        if symbol.kind == "module" and file not in scripts:  # a page that is a script is its own handler
            continue
        lines = context.snapshot.lines(file)
        told = _docstrings(lines[: symbol.line + 400], symbol.line)
        for number in range(symbol.line, min(symbol.end_line, symbol.line + 400, len(lines)) + 1):
            text = lines[number - 1]
            if (file, number) not in seen and number not in told and not text.lstrip().startswith(("#", "//", "*", "/*")):
                seen.add((file, number))
                yield file, number, text


def _docstrings(lines: Sequence[str], first: int) -> set[int]:
    """The lines, from `first` on, of the texts that stand as the first statement of a block."""
    found: set[int] = set()
    closing, before = "", ""
    for number, text in enumerate(lines[first - 1 :], first):
        line = text.strip()
        if closing:
            found.add(number)
            closing = "" if closing in line else closing
        elif line[:3] in ('"""', "'''") and before.endswith(":"):
            found.add(number)
            closing = "" if line[:3] in line[3:] else line[:3]
        before = line or before
    return found


def app_place(context: Context) -> Evidence:
    """Where the application is made or started."""
    at = context.at_application()
    if at.file is not None and at.file in context.graph.facts.files and (at.file, at.line) != _route_place(context):
        return at
    from backend_readiness.controls.defaults import nearest  # it looks at contexts itself

    made = context.roles.calls("application")
    return context.at_call(nearest(context, made, lambda call: call.file)) if made else at


def guards_place(context: Context) -> Evidence:
    """Where what guards the whole application is put up, else where the application is made."""
    from backend_readiness.controls.defaults import place_named  # it looks at contexts itself

    put_up = place_named(context, "protection") if context.routes else None
    return put_up or app_place(context)


def _route_place(context: Context) -> tuple[str, int] | None:
    place = context.routes[0].route.place if context.routes else None
    return (place.file, place.line) if place is not None else None
