"""A path that stands before endpoints which definitions keep: `all.map(_.prependIn("api"))`, `Router("/api" -> server.toRoutes(all))`.

Options of a rule of shape `described`: `prepends` are steps that put a path before the endpoint that they are called on, `routers` calls
with pairs of a path and the routes below it. What such a call is given is followed through the definitions that it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Alt, Call, CallRef, Func, Index, Member, Name, Op, Seq, Value
from backend_readiness.graph.routes.directive_heads import lone, pair_of
from backend_readiness.graph.routes.path_operators import PathOperators
from backend_readiness.graph.routes.route_units import RouteUnits, Unit
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import ClassV, ListV, options
from backend_readiness.graph.views import FileView
from backend_readiness.rules.card_rules import RouteRule

MAX_STEPS = 40
MAX_UNITS = 600
MAX_INNER = 400
Span = tuple[str, int, int]
Place = tuple[int, str, int]  # number of the registration, file, offset


class EndpointPrefixes:
    def __init__(self, scan: Scan, rule: RouteRule) -> None:
        self.scan, self.graph, self.units = scan, scan.graph, RouteUnits(scan.graph)
        self.prepends = frozenset(rule.options.get("prepends", ()))
        self.routers = frozenset(rule.options.get("routers", ()))

    def apply(self, places: list[Place]) -> None:
        """Put the paths before the registrations at these places."""
        found = [(path, spans) for path, spans in self._found() if path.strip("/")] if places else []
        for number, file, start in places:
            fronts = [(path, min(e - s for f, s, e in spans if f == file and s <= start < e))
                      for path, spans in found if any(f == file and s <= start < e for f, s, e in spans)]  # fmt: skip
            item = self.scan.routing.registrations[number]
            full = item.path
            for path, _ in sorted(fronts, key=lambda front: front[1]):  # the innermost first
                full = join(path, full, keep_root=False)
            self.scan.routing.registrations[number] = replace(item, path=full or "/")

    def _found(self) -> Iterator[tuple[str, list[Span]]]:
        for name in sorted(self.prepends | self.routers):
            for file in self.graph.naming(name):
                view = self.graph.view(file)
                for number in view.calls_by_name.get(name, ()) if file in self.graph.production else ():
                    call = view.facts.calls[number]
                    if name in self.routers and lone(call):
                        for pair in (pair_of(a.value) for a in call.args):
                            if pair:
                                written = PathOperators(self.graph, frozenset(), frozenset()).path(view, call.owner, pair[0])
                                yield written, self._reached(view, call.owner, pair[1])
                    elif name in self.prepends and (given := self._given(view, number, call)) is not None:
                        yield self._path(view, call), self._reached(view, given[0], given[1])

    def _given(self, view: FileView, number: int, call: Call) -> tuple[int, Value] | None:
        """The list whose endpoints a function puts a path before: that on which `map` is called."""
        base = call.callee.base if isinstance(call.callee, Member) else None
        if not isinstance(base, Name):
            return None
        symbol = view.symbol(call.owner)
        if symbol.kind == "lambda" and any(p.name == base.id for p in symbol.params):
            around = view.passed_in.get(call.owner, (-1, 0, None))[0]
        elif base.id == "_":
            around = next((n for n, c in enumerate(view.facts.calls) if any(a.value == CallRef(number) for a in c.args)), -1)
        else:
            return None
        outer = view.facts.calls[around] if around >= 0 else None
        return (outer.owner, outer.callee.base) if outer is not None and isinstance(outer.callee, Member) else None

    def _path(self, view: FileView, call: Call) -> str:
        value = call.args[0].value if call.args else None
        folded = view.facts.calls[value.call].callee if isinstance(value, CallRef) else None
        if isinstance(folded, Member):  # `List("api", "v1").foldLeft(emptyInput)(_ / _)`
            for option in options(self.graph.ev.value(folded.base, view.path, call.owner)):
                if isinstance(option, ListV):
                    return "/".join(t for item in option.items for t in texts(self.graph.ev, self.graph.ev.thunk(item))[:1])
        written = PathOperators(self.graph, frozenset(), frozenset())
        return written.path(view, call.owner, value) if value is not None else ""

    # ------------------------------------------------------------ what is named

    def _reached(self, view: FileView, owner: int, value: Value) -> list[Span]:
        """The places of all that an expression is put together from, in whatever definition it stands."""
        spans: list[Span] = []
        seen: set[object] = set()
        todo: list[Unit] = []
        for part_owner, part in self._parts(view, owner, value, 0):
            self._note(view, part_owner, part, spans, seen, todo)
        while todo and len(seen) < MAX_UNITS:
            unit = todo.pop()
            home = self.graph.view(unit.file)
            inside = [(n, c) for n, c in enumerate(home.facts.calls) if unit.start <= c.start and c.end <= unit.end][:MAX_INNER]
            named = [(unit.owner, v) for v in unit.values]
            named.extend((c.owner, v) for n, c in inside for v in (CallRef(n), c.callee, *(a.value for a in c.args)))
            for part_owner, part in [p for o, v in named for p in self._parts(home, o, v, 0)]:
                self._note(home, part_owner, part, spans, seen, todo)
        return spans

    def _note(self, view: FileView, owner: int, part: Value, spans: list[Span], seen: set[object], todo: list[Unit]) -> None:
        if isinstance(part, CallRef):
            call = view.facts.calls[part.call]
            spans.append((view.path, call.start, call.end))
        unit = self.units.meant(view, owner, part) or self._of_object(part)
        if unit is not None and unit.key not in seen and len(seen) < MAX_UNITS:
            seen.add(unit.key)
            spans.append((unit.file, unit.start, unit.end))
            todo.append(unit)

    def _of_object(self, part: Value) -> Unit | None:
        """A member of the one object of that name, through a part of its package: `http.Orders.all`."""
        name = last_name(part.base) if isinstance(part, Member) else None
        found = self.graph.defining(name) if name is not None and name[:1].isupper() else ()
        classes = {where.file: where for where in found if where.file in self.graph.production}
        if len(classes) != 1 or not isinstance(part, Member):
            return None
        return self.units.member(ClassV(next(iter(classes.values()))), part.name, is_companion_first=True)

    def _parts(self, view: FileView, owner: int, value: Value, depth: int) -> Iterator[tuple[int, Value]]:
        """The names and calls in an expression."""
        if depth > MAX_STEPS:
            return
        match value:
            case Op(operands=inner) | Seq(items=inner) | Alt(options=inner):
                for item in inner:
                    yield from self._parts(view, owner, item, depth + 1)
            case CallRef():
                call = view.facts.calls[value.call]
                yield owner, value
                for item in (call.callee, *(a.value for a in call.args)):
                    yield from self._parts(view, call.owner, item, depth + 1)
            case Func():
                for given in view.returns.get(value.symbol, ()):
                    if given.value is not None:
                        yield from self._parts(view, value.symbol, given.value, depth + 1)
            case Index():
                yield from self._parts(view, owner, value.base, depth + 1)
            case Member():
                yield owner, value
                yield from self._parts(view, owner, value.base, depth + 1)
            case Name():
                yield owner, value
