"""Routes that are values, bound to their paths by words between them: `routes("/orders" bind GET to show, "/admin" bind admin())`.

A dialect of shape `composed`, whose options hold; in addition: `binds`: the words between a path and a method, or a path and routes;
`gives`: the words between a method and a handler; `says`: words that only describe what stands before them; `filters`: methods of filters
that put them before routes; `filtered`: methods of routes that put a filter before them; `collects`: names that routes are added to
(`routes += show()`); `wraps`: calls around routes; `sockets`: calls whose bound functions answer a WebSocket; `methods`: words that bind
with a method of their own (`sseBind: GET`); `conditions`: calls in the place of a path that say none (`header("x", "y")`); `answers`:
calls that are a route where they stand (`graphQL: POST`); `given_first`: words that put a method behind a path before it is bound
(`"/orders" to GET bind show`); `puts`: methods that put routes into what one of `tops` makes with a path; `modules`: modules whose words
have a method of their own, by whatever name a file imports them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from backend_readiness.facts.model import Call, CallRef, Concat, Func, Member, Name, Op, Value
from backend_readiness.graph.evaluation import loops
from backend_readiness.graph.routes.directive_heads import lone
from backend_readiness.graph.routes.route_units import Unit
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.shapes.composed import Around, Composed
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, Const, Ext, FuncV, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_STEPS = 20
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY"})
_GUARD_ROLES = frozenset({"auth_guard", "rate_limiter", "cors"})
_UNKNOWN = re.compile(r"(?:/?\{\})+")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "bound":
                Bound(scan, card, rule).collect()


class Bound(Composed):
    def __init__(self, scan: Scan, card: Card, rule: RouteRule) -> None:
        super().__init__(scan, card, rule)
        given = rule.options
        self.binds, self.gives, self.says, self.filters, self.filtered, self.collects, self.sockets, self.wraps = (
            frozenset(given.get(key, ())) for key in ("binds", "gives", "says", "filters", "filtered", "collects", "sockets", "wraps")
        )
        self.conditions = frozenset(given.get("conditions", ()))
        self.methods: dict[str, str] = given.get("methods", {})
        self.answers: dict[str, str] = given.get("answers", {})
        self.given_first = frozenset(given.get("given_first", ()))
        self.puts = frozenset(given.get("puts", ()))
        self.tops = frozenset(given.get("tops", ()))
        self.modules: dict[str, str] = given.get("modules", {})

    def _may_start(self, call: Call) -> bool:
        is_given = isinstance(call.callee, Member) and call.callee.name in self.gives and isinstance(call.callee.base, CallRef)
        written = callee_name(call)
        binds = written in self.binds or written in self.methods or (written or "") in self._renamed
        binds = binds or written in self.puts
        return super()._may_start(call) or binds or is_given or lone(call) in self.wraps | self.sockets | self.answers.keys()

    @cached_property
    def _renamed(self) -> dict[str, str]:
        """Names that files give to the words of `modules`, with their methods: `import org.http4k.routing.websocket.bind as wsBind`."""
        items = (i for file in self.files for i in self.graph.view(file).facts.imports if i.module in self.modules and i.local)
        return {str(i.local): self.modules[i.module] for i in items if i.name in self.binds and i.local not in self.binds}

    def _function(self, view: FileView, value: Func, around: Around, depth: int) -> bool:
        found = super()._function(view, value, around, depth)
        for assign in view.facts.assigns if self.collects else ():
            added = assign.owner == value.symbol and isinstance(assign.target, Name) and assign.target.id in self.collects
            if added and assign.kind == "aug" and assign.value is not None:
                found = self._walk(view, value.symbol, assign.value, around, depth + 1) or found
        return found

    def _call(self, view: FileView, call: Call, value: CallRef, around: Around, depth: int) -> bool:
        callee = call.callee
        if lone(call) in self.sockets:
            return self._walk_all(view, call.owner, [a.value for a in call.args], replace(around, method="WS"), depth)
        if lone(call) in self.answers and self._is_external(view, call):
            place = Place(file=view.path, line=call.line, end_line=call.end_line)
            self._register(self.answers[str(lone(call))], around.path, place, call.start, around, None)
            return True
        if not isinstance(callee, Member) or not call.args:
            return super()._call(view, call, value, around, depth)
        if callee.name in self.gives:
            return self._give(view, call, callee.base, around)
        if callee.name in self.binds:
            return self._bind(view, call, callee.base, around, depth)
        if callee.name in self._renamed:
            return self._bind(view, call, callee.base, replace(around, method=self._renamed[callee.name]), depth)
        if callee.name in self.methods:
            return self._bind(view, call, callee.base, replace(around, method=self.methods[callee.name]), depth)
        if callee.name in self.filters:
            guards = tuple(self._checks(view, call, callee.base))
            return self._walk(view, call.owner, call.args[0].value, replace(around, guards=(*around.guards, *guards)), depth + 1)
        if callee.name in self.puts:
            found = self._walk_all(view, call.owner, [a.value for a in call.args], self._put_below(view, call, around), depth)
            return self._walk(view, call.owner, callee.base, around, depth + 1) or found
        if callee.name in self.filtered:
            guards = tuple(self._checks(view, call, call.args[0].value))
            return self._walk(view, call.owner, callee.base, replace(around, guards=(*around.guards, *guards)), depth + 1)
        return super()._call(view, call, value, around, depth)

    def _bind(self, view: FileView, call: Call, path: Value, around: Around, depth: int) -> bool:
        """`"/admin" bind routes(...)`, `"/live" bind { request -> ... }` of a socket."""
        inner, whole = call.args[0].value, path
        rest: tuple[Value, ...] = ()  # `Route("x").at(GET) / "orders" bind show`
        if isinstance(path, Op) and path.op == "/" and isinstance(path.operands[0], CallRef | Op):
            path, rest = self._first_of(path)
        first = self._behind_said(view, path)
        if first is not None and callee_name(first) in self.given_first and first.args and isinstance(first.callee, Member):
            method = self._method(first.args[0].value)
            written = "" if rest else self._written(view, call.owner, first.callee.base)
            if method:
                return self._give_to(view, call, method, self._joined(view, call.owner, written, rest), around)
        path = whole
        below = replace(around, path=join(around.path, self._written(view, call.owner, path), keep_root=False))
        if isinstance(inner, Func) and (around.method or self._is_text(view, call.owner, path)):
            place = Place(file=view.path, line=call.line, end_line=call.end_line)
            self._register(around.method or "ANY", below.path, place, call.start, below, self._value(view, inner))
            return True
        if self._walk(view, call.owner, inner, below, depth + 1):
            return True
        function = self.graph.ev.value(inner, view.path, call.owner) if isinstance(inner, Name | Member) else None
        if not isinstance(function, FuncV) or not self._is_text(view, call.owner, path):
            return False
        place = Place(file=view.path, line=call.line, end_line=call.end_line)  # `"/orders" bind ::show`
        self._register(around.method or "ANY", below.path, place, call.start, below, function)
        return True

    def _first_of(self, path: Op) -> tuple[Value, tuple[Value, ...]]:
        """The first operand of a path, and those behind it."""
        first: Value = path
        rest: tuple[Value, ...] = ()
        for _ in range(MAX_STEPS):
            if not isinstance(first, Op) or first.op != "/":
                break
            rest = (*first.operands[1:], *rest)
            first = first.operands[0]
        return first, rest

    def _joined(self, view: FileView, owner: int, written: str, rest: tuple[Value, ...]) -> str:
        for part in rest:
            written = join(written, self._written(view, owner, part), keep_root=False)
        return written

    def _behind_said(self, view: FileView, path: Value) -> Call | None:
        """The call behind words that only describe: `"/orders" to GET` of `"/orders" to GET query page`."""
        for _ in range(MAX_STEPS):
            call = view.facts.calls[path.call] if isinstance(path, CallRef) else None
            if call is None or not isinstance(call.callee, Member) or call.callee.name not in self.says:
                return call
            path = call.callee.base
        return None

    def _put_below(self, view: FileView, call: Call, around: Around) -> Around:
        """The path of what routes are put into: `RouteModule(Root / "api").withRoutes(orders())`."""
        value = call.callee.base if isinstance(call.callee, Member) else None
        for _ in range(MAX_STEPS):
            value = self._kept(view, call.owner, value) if isinstance(value, Name) else value
            made = view.facts.calls[value.call] if isinstance(value, CallRef) else None
            if made is not None and callee_name(made) in self.tops and made.args:
                return replace(around, path=join(around.path, self._written(view, made.owner, made.args[0].value), keep_root=False))
            value = made.callee.base if made is not None and isinstance(made.callee, Member) else None
        return around

    def _is_external(self, view: FileView, call: Call) -> bool:
        return any(isinstance(o, Ext) and o.known for o in options(self.graph.ev.value(call.callee, view.path, call.owner)))

    def _is_text(self, view: FileView, owner: int, path: Value) -> bool:
        return all(isinstance(o, Const) and isinstance(o.value, str) for o in options(self.graph.ev.value(path, view.path, owner)))

    def _give(self, view: FileView, call: Call, request: Value, around: Around) -> bool:
        """`"/orders" bind GET to show`, and `GET to show` below a path that is bound already."""
        method, path = self._method(request), ""
        request = self._kept(view, call.owner, request) if isinstance(request, Name) and not method else request
        inner = view.facts.calls[request.call] if isinstance(request, CallRef) else None
        if inner is not None and isinstance(inner.callee, Member) and inner.callee.name in self.binds and inner.args:
            method, path = self._method(inner.args[0].value), self._written(view, call.owner, inner.callee.base)
        return self._give_to(view, call, method, path, around)

    def _give_to(self, view: FileView, call: Call, method: str, path: str, around: Around) -> bool:
        if not method or _UNKNOWN.fullmatch(path):  # `callback.path bind GET to signIn`: a path that only a deployment knows is none
            return False
        target, guards = self._behind(view, call, call.args[0].value)
        around = replace(around, guards=(*around.guards, *guards))
        handler = self._value(view, target) if isinstance(target, Func) else self.graph.ev.value(target, view.path, call.owner)
        place = Place(file=view.path, line=call.line, end_line=call.end_line)
        for written in self._in_rounds(view, call, path):
            self._register(method, join(around.path, written, keep_root=False), place, call.start, around, handler)
        return True

    def _in_rounds(self, view: FileView, call: Call, path: str) -> list[str]:
        """The paths that the loops around make of one: `names.map { "/$it" bind GET to show }`."""
        before = call.callee.base if isinstance(call.callee, Member) else None
        bound = view.facts.calls[before.call] if isinstance(before, CallRef) else None
        written = bound.callee.base if bound is not None and isinstance(bound.callee, Member) else None
        envs = loops.bindings(self.graph.ev, view, call.owner, call.start, call.end) if isinstance(written, Concat | Name) else []
        found = [t for e in envs for t in texts(self.graph.ev, self.graph.ev.value(written, view.path, call.owner, e))] if written else []
        return list(dict.fromkeys(found)) or [path]

    def _has_own_routes(self, unit: Unit) -> bool:
        view = self.graph.view(unit.file)
        calls = (c for c in view.facts.calls if unit.start <= c.start and c.end <= unit.end)
        return super()._has_own_routes(unit) or any(self._gives_to_kept(view, c) for c in calls)

    def _gives_to_kept(self, view: FileView, call: Call) -> bool:
        callee = call.callee
        if not isinstance(callee, Member) or callee.name not in self.gives or not isinstance(callee.base, Name):
            return False
        kept = self._kept(view, call.owner, callee.base)
        return isinstance(kept, CallRef) and callee_name(view.facts.calls[kept.call]) in self.binds

    def _kept(self, view: FileView, owner: int, name: Name) -> Value:
        """What a name stands for that keeps a path with its method: `val spec = "/orders" bindContract GET`."""
        kept = (view.bindings.get((scope, name.id)) for scope in view.enclosing(owner))
        value = next((k[-1][0].value for k in kept if k), None)
        return value if isinstance(value, CallRef) else name

    def _behind(self, view: FileView, call: Call, target: Value) -> tuple[Value, tuple[Guard, ...]]:
        """`GET to login.then(show)`: the handler, and the filters before it."""
        inner = view.facts.calls[target.call] if isinstance(target, CallRef) else None
        if inner is None or not isinstance(inner.callee, Member) or inner.callee.name not in self.filters or not inner.args:
            return target, ()
        return inner.args[-1].value, tuple(self._checks(view, call, inner.callee.base))

    def _method(self, value: Value) -> str:
        name = value.id if isinstance(value, Name) else value.name if isinstance(value, Member) else ""
        return name if name in _METHODS else ""

    def _written(self, view: FileView, owner: int, path: Value, depth: int = 0) -> str:
        first = view.facts.calls[path.call] if isinstance(path, CallRef) else None
        if first is not None and lone(first) in self.conditions:
            return ""
        for _ in range(MAX_STEPS):
            call = view.facts.calls[path.call] if isinstance(path, CallRef) else None
            if call is None or not isinstance(call.callee, Member) or call.callee.name not in self.says:
                break
            path = call.callee.base
        kept = self.units.meant(view, owner, path) if isinstance(path, Name | Member) else None
        if kept is not None and len(kept.values) == 1 and isinstance(kept.values[0], CallRef) and depth < MAX_STEPS:
            return self._written(self.graph.view(kept.file), kept.owner, kept.values[0], depth + 1)  # `val spec = "/orders" meta { ... }`
        return self.paths.path(view, owner, path)

    def _checks(self, view: FileView, call: Call, value: Value) -> Iterator[Guard]:
        """The filters of a chain that check who asks, or are functions of the repository."""
        inner = view.facts.calls[value.call] if isinstance(value, CallRef) else None
        if inner is not None and isinstance(inner.callee, Member) and inner.callee.name in self.filters:
            yield from self._checks(view, call, inner.callee.base)
            for arg in inner.args:
                yield from self._checks(view, call, arg.value)
            return
        place = Place(file=view.path, line=call.line, end_line=call.line)
        made = (
            self.graph.ev.value(inner.callee, view.path, call.owner)
            if inner is not None
            else self.graph.ev.value(value, view.path, call.owner)
        )
        for option in options(made):
            if self._is_check(option):
                yield Guard(value=option, place=place, start=call.start)

    def _is_check(self, value: AV) -> bool:
        if isinstance(value, Ext):
            steps = value.path.removesuffix("()").split("()")[0]
            return bool((self.graph.knowledge.roles_of(value.path) | self.graph.knowledge.roles_of(steps)) & _GUARD_ROLES)
        return isinstance(value, FuncV)
