"""Which expressions of a flow stand for the framework's request object, and which parameters it fills by itself."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import argument_for, written
from backend_readiness.controls.protection.input_words import ACCESSORS, FILLS, REQUEST_GLOBAL, REQUEST_NAMES, REQUEST_TYPE, SERVICES
from backend_readiness.controls.protection.sent_messages import sent_messages
from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import CallRef, Index, Member, Name, Param, Value
from backend_readiness.graph.classes.annotations import annotation_calls
from backend_readiness.graph.classes.inheritance import external_bases
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import AV, Ext, FuncV, InstV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name

_WHOLE = re.compile(r"(?i)^(\w*http)?_?(request|req|context|ctx)(wrapper)?$")
# What of a request the client chooses freely, where it is kept for a later one.
_PART = re.compile(r"^((?:req|request|ctx)(?:\.request)?\.(?:body|query|params|headers?))\.")


def is_filled(name: str, view: FileView, scope: int) -> bool:
    """`var body Body; c.ShouldBindJSON(&body)`: does a call of the function fill the variable from the request?"""
    calls = (view.facts.calls[n] for n in view.calls_of.get(scope, ())) if view.language == "go" else ()
    return any(FILLS.match(callee_name(c) or "") and any(written(a.value).lstrip("&* ") == name for a in c.args) for c in calls)


class RequestObjects:
    """The handlers of one flow, and the requests that they and the functions below them are given."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.graph = context.graph

    @cached_property
    def handlers(self) -> tuple[SymbolId, ...]:
        """In the order of the flow's routes: what is found first must not depend on the order of hashes."""
        found = (f.symbol for r in self.context.routes for f in functions_in(self.graph, r.handler) if isinstance(f, FuncV))
        return tuple(dict.fromkeys(found))

    @cached_property
    def _state_types(self) -> frozenset[str]:
        return frozenset(n for card in self.graph.knowledge.cards for n in card.state_types)

    @cached_property
    def sites(self) -> dict[SymbolId, list[Site]]:
        """Function of the chain -> the calls of the chain that run it."""
        found: dict[SymbolId, list[Site]] = defaultdict(list)
        for reached in self.context.functions:
            for edge in self.context.tracer.edges.of_symbol(reached.function.symbol):
                if edge.kind in ("call", "dispatch") and not edge.apart:
                    found[edge.target.symbol].append(edge.site)
        return found

    def is_dependency(self, where: SymbolId, param: Param) -> bool:
        """Does the framework fill the parameter with the result of a dependency (`Depends(f)`), not with input?"""
        if isinstance(param.type, Index) and last_name(param.type.base) in self._state_types:
            return True
        dependencies = self.graph.knowledge.dependencies
        for file, call in annotation_calls(self.graph.ev, param, where.file):
            callee = self.graph.view(file).facts.calls[call].callee
            if any(isinstance(v, Ext) and dependencies.matches(v) for v in options(self.graph.ev.value(callee, file, 0))):
                return True
        return False

    # ------------------------------------------------------------ the request

    def request_param(self, where: SymbolId, param: Param) -> bool:
        """Is the parameter the framework's request object? The message of a remote procedure is what was sent, not what is around it."""
        if sent_messages(self.context).holds(where, param):
            return False
        symbol = self.graph.view(where.file).symbol(where.index)
        formal = [p for p in symbol.params if p.name != "self"]
        if param.type is not None:
            typed = self.graph.ev.instance_of(param.type, where.file, max(0, symbol.parent))
            paths = [p for v in options(typed) for p in ([v.path] if isinstance(v, Ext) else self._bases(v))]
            if any(REQUEST_TYPE.search(p) for p in paths):
                return True
            if self._is_body_type(typed):
                return False  # `create(CreateOrder request)`: what was sent, by a class of the application
        if (
            param.name.lstrip("$") in REQUEST_NAMES
            and param in formal[:2]
            and (where in self.handlers or any(r.function.symbol == where for r in self.context.functions))
        ):
            return not (self.graph.view(where.file).language == "python" and param.name in ("r", "c"))
        if where in self.handlers and param.pattern is not None and formal and param is formal[0]:
            return self.graph.view(where.file).language != "python"
        if param.type is not None and self.graph.view(where.file).language not in ("python", "javascript", "typescript", "tsx"):
            return False  # a handler of a typed language says which of its parameters is the request
        value = self.graph.ev.lookup(param.name, where.file, where.index) if param.name else None
        return (
            value is not None
            and where in self.handlers
            and any(isinstance(v, Ext) and REQUEST_GLOBAL.search(v.path) for v in options(value))
        )

    def _is_body_type(self, typed: AV) -> bool:
        """Is the type a class of the repository that is no request: named otherwise, and without a base that could make it one?"""
        known = list(options(typed))
        own = [v.cls.symbol for v in known if isinstance(v, InstV)]
        if not own or len(own) != len(known):
            return False
        classes = [(self.graph.view(c.file), c) for c in own]
        return all(
            not _WHOLE.match(view.symbol(c.index).name)
            and (not view.symbol(c.index).bases or view.language not in ("javascript", "typescript", "tsx", "php"))
            for view, c in classes
        )

    def _bases(self, value: AV) -> list[str]:
        """A request class of the application's own (`class StoreOrder extends FormRequest`), by its bases as instances."""
        return [f"{b.path}()" for b in external_bases(self.graph.ev, value.cls)] if isinstance(value, InstV) else []

    def is_request(self, expr: Value, file: str, owner: int) -> bool:
        """Does the expression stand for the request object itself?"""
        if isinstance(expr, CallRef):
            return any(isinstance(v, Ext) and REQUEST_GLOBAL.search(v.path) for v in options(self.graph.ev.value(expr, file, owner)))
        if isinstance(expr, Member):
            if expr.name in ("request", "req"):
                return (isinstance(expr.base, Name) and expr.base.id in ("self", "ctx", "context", "c")) or self.is_request(
                    expr.base, file, owner
                )
            return any(isinstance(v, Ext) and REQUEST_GLOBAL.search(v.path) for v in options(self.graph.ev.value(expr, file, owner)))
        if not isinstance(expr, Name):
            return False
        view = self.graph.view(file)
        for scope in view.enclosing(owner):
            for param in view.symbol(scope).params:
                if param.name == expr.id:
                    where = SymbolId(file, scope)
                    return self.request_param(where, param) or self._given_request(where, param, 0)
            if (scope, expr.id) in view.bindings:
                return False
        return any(isinstance(v, Ext) and REQUEST_GLOBAL.search(v.path) for v in options(self.graph.ev.lookup(expr.id, file, owner)))

    def _given_request(self, where: SymbolId, param: Param, depth: int) -> bool:
        for site in self.sites.get(where, ())[:3]:
            call = self.graph.view(site.file).facts.calls[site.call]
            arg = argument_for(self.graph.view(where.file).symbol(where.index).params, param, call.args)
            if isinstance(arg, Name) and depth < 3 and arg.id in REQUEST_NAMES and SymbolId(site.file, call.owner) != where:
                return self.is_request(arg, site.file, call.owner)
        return False

    def _is_record(self, cls: SymbolId) -> bool:
        """A class of the repository that only has fields, and methods that give or set them."""
        view = self.graph.view(cls.file)
        symbol = view.symbol(cls.index)
        if symbol.kind != "class" or SERVICES.search(symbol.name) or not any(c == cls.index for c, _ in view.fields):
            return False
        methods = [view.symbol(m).name for m in view.children.get(cls.index, ()) if view.symbol(m).kind in ("function", "method")]
        return all(m == symbol.name or ACCESSORS.match(m) for m in methods)

    def _is_enum(self, value: InstV) -> bool:
        symbol = self.graph.view(value.cls.symbol.file).symbol(value.cls.symbol.index)
        return any("Enum" in written(b) for b in symbol.bases)

    def kept_in_session(self, name: str) -> str:
        """The part of a request (`req.query`) that any handler keeps in the session under the name; empty where none does."""
        for file in self.graph.naming(name):
            for assign in self.graph.view(file).facts.assigns if self.context.is_backend(file) else ():
                target, given = assign.target, assign.value
                if not isinstance(target, Member) or target.name != name or not isinstance(target.base, Member) or given is None:
                    continue
                part = _PART.match(written(given)) if target.base.name == "session" else None
                if part is not None:
                    return part.group(1)
        return ""
