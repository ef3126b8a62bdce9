"""Whether the chain of a flow is whole: its handlers found, and no call that leads to code which was not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.controls.places import is_production
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.controls.work.handed_data import changes_out_of_sight, hands_data_on
from backend_readiness.facts.model import Call, CallRef, Func, Index, Lit, Member, Name
from backend_readiness.graph.classes import super_calls
from backend_readiness.graph.routes.routing import BoundRoute, functions_in
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, SymbolId, UnknownV, options
from backend_readiness.graph.views import callee_name

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context

_GOES_ON = frozenset({"then", "catch", "finally"})
_ERROR = frozenset({"err", "error", "_err", "e"})
# What reads the body of a request or an answer, as the standard of the web names it.
_BODY_READERS = frozenset({"json", "formData", "text", "blob", "arrayBuffer", "form", "post", "multipart", "get_json"})


def is_resolved(context: Context) -> bool:
    """See `Context.is_resolved`. A handler that the class inherits from a package (a trait that signs in) has no code here."""
    if not context.routes or any(r.route.handler is None and not _asks_strategy(context, r) for r in context.routes):
        return False
    if hands_data_on(context) or _calls_what_it_stands_for(context):
        return False
    stores = [e for e, _ in context.effects if e.kind in ("orm", "sql", "nosql")]
    if stores:
        return not any(e.operation == "call" and e.apart for e in stores)  # a procedure of the database
    return all(_is_found(context, r) for r in context.routes) and not (
        _has_hole(context) or _is_handed_on(context) or _looks_up(context) or changes_out_of_sight(context)
    )


def _asks_strategy(context: Context, route: BoundRoute) -> bool:
    """Is the handler a package's, and does it ask a strategy of the repository: `app.post("/login", passport.authenticate("local"))`?"""
    return bool(context.tracer.edges.strategies.signs_in(route.handler))


def _is_found(context: Context, route: BoundRoute) -> bool:
    """Is the handler a function, or a class of the repository of whose bases the cards say what they touch?"""
    if any(isinstance(f, FuncV) for f in functions_in(context.graph, route.handler)) or _asks_strategy(context, route):
        return True
    if route.handler is None or not route.registration.touches:
        return False
    return any(isinstance(v, ClassV | InstV) for v in options(route.handler))


def _calls_what_it_stands_for(context: Context) -> bool:
    """Does a method of a type of functions call its own receiver: `func (h Handler) ServeHTTP(w, r) { h(w, r) }`?

    Not so a class with a body, which makes one of its own: `cls(name)`, `this(name)`.
    """
    return any(
        c.call.callee == Name("self") and not context.tracer.edges.of_call(c.site) and all(_is_bare(context, v) for v in c.callee)
        for c in context.calls
    )


def _is_bare(context: Context, value: AV) -> bool:
    cls = value.cls if isinstance(value, InstV) else value
    return not isinstance(cls, ClassV) or context.view(cls.symbol.file).symbol(cls.symbol.index).statements == 0


def _has_hole(context: Context) -> bool:
    """Is something waited for that leads nowhere, and may be code of the repository: an unknown object's, or of a name defined here?"""
    touches = {(e.site.file, e.site.call) for e, _ in context.effects}
    world = context.graph.ev.world
    continued = {(c.site.file, base.call) for c in context.calls if (base := _continued(c.call)) is not None}
    for call in context.calls:
        key = (call.site.file, call.site.call)
        waited = call.call.awaited or key in continued or _is_answered_later(context, call)
        if waited and key not in touches and not context.tracer.edges.of_call(call.site):
            name = callee_name(call.call) or ""
            if name in _BODY_READERS and not call.call.args and not world.defining(name):
                continue
            of_package = _is_of_package(context, call)  # a method of a base that is called like the one around it
            if any(p.startswith("?") for p in call.paths) or (len(name) > 2 and world.defining(name) and not of_package):
                return True
    return False


def _is_of_package(context: Context, call: ChainCall) -> bool:
    """Is it asked of `super()`, and is what that means a package's?"""
    callee = call.call.callee
    asked = isinstance(callee, Member) and super_calls.is_super(context.graph.ev, callee.base, call.site.file)
    return asked and bool(call.callee) and all(isinstance(v, Ext) and v.known for v in call.callee)


def _continued(call: Call) -> CallRef | None:
    """The call whose promise this one goes on with: `load(id).then(...)`."""
    callee = call.callee
    return callee.base if isinstance(callee, Member) and callee.name in _GOES_ON and isinstance(callee.base, CallRef) else None


def _is_answered_later(context: Context, call: ChainCall) -> bool:
    """Is the last argument a function that is told of an error first: `users.byEmail(email, (err, user) => ...)`?"""
    last = call.call.args[-1].value if call.call.args else None
    if not isinstance(last, Func):
        return False
    params = context.view(call.site.file).symbol(last.symbol).params
    return len(params) > 0 and params[0].name in _ERROR


def _looks_up(context: Context) -> bool:
    """Is something called that a table gives for a key which the request brings: `handler = self.handlers[type(command)]`?"""
    for call in context.calls:
        callee = call.call.callee
        known = [v for v in call.callee if not isinstance(v, UnknownV) and not (isinstance(v, Ext) and v.path.endswith("[]"))]
        if not isinstance(callee, Name) or known or context.tracer.edges.of_call(call.site):
            continue
        view = context.view(call.site.file)
        bound = [a.value for s in view.enclosing(call.call.owner) for a, _ in view.bindings.get((s, callee.id), ())]
        if any(isinstance(v, Index) and not isinstance(v.key, Lit) for v in bound):
            return True
    return False


def _is_handed_on(context: Context) -> bool:
    """Does a call lead nowhere whose name an interface of the repository declares: to one of many that is looked up while it runs?"""
    world = context.graph.ev.world
    for call in context.calls:
        name = callee_name(call.call) or ""
        own = [v for v in call.callee if isinstance(v, FuncV)]
        if own and all(_is_declared_only(context, v.symbol) for v in own):
            return True
        elsewhere = any(isinstance(v, ClassV) or (isinstance(v, Ext) and v.known) for v in call.callee)
        if own or elsewhere or len(name) < 3 or context.tracer.edges.of_call(call.site):
            continue
        if any(_is_declared_only(context, where) for where in world.defining(name)):
            return True
    return False


def _is_declared_only(context: Context, method: SymbolId) -> bool:
    view = context.view(method.file)
    symbol = view.symbol(method.index)
    inside = symbol.parent > 0 and view.symbol(symbol.parent).kind == "interface"
    return inside and symbol.statements == 0 and symbol.kind in ("method", "function") and is_production(method.file)
