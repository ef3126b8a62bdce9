"""Routes that are values, put together by operators and by calls around them: `pathPrefix("a") { get { x } ~ post { y } }`,
`HttpRoutes.of { case GET -> Root / "a" => x } <+> orders.routes`, `Router("/v1" -> routes)`, `Routes(Method.GET / "a" -> handler { x
})`, `get("a" :: path[Int]) { x } :+: orders`.

A definition that keeps routes is a unit (`graph.routes.route_units`); one that another unit names stands below that. Options of the rule:
`imports`, `named`: see `graph.routes.composed_files`; `prefixes`: calls whose first argument is a path; `ends`: names for the end of
a path; `verbs`: names of calls to HTTP methods; `asks`: those that are given the path too; `asked`: those that are given the method;
`fronts`: signs that put a path before routes; `roots`, `rests`, `literals`, `joins`, `segments`: see `graph.routes.path_operators`;
`routers`: calls that take pairs of a path and routes; `serves`: methods that take routes to serve them; `nests`: methods of routes that
put a path before them; `mounts`: methods that are given routes and the path before them; `cases`: patterns of functions are routes;
`whole`: the members that hold the routes of an object; `rows`: pairs of a request and a handler are; `guards`: calls around routes that
check who asks; `stated`: calls that state a request, which later steps answer; `types`: types of definitions that keep routes;
`directives`: see `graph.routes.directive_heads`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from backend_readiness.facts.file_index import last_name
from backend_readiness.facts.model import Alt, Call, CallRef, Func, Index, Member, Name, Op, Seq, Value
from backend_readiness.graph.handling.answering import answering
from backend_readiness.graph.routes.composed_files import files_with_routes
from backend_readiness.graph.routes.composed_guards import guards_around
from backend_readiness.graph.routes.directive_heads import OwnDirectives, is_joined, lone, operands_of, pair_of, ways
from backend_readiness.graph.routes.later_answers import STEP, LaterAnswers
from backend_readiness.graph.routes.later_steps import steps_after
from backend_readiness.graph.routes.mapped_units import mapped_units, units_named
from backend_readiness.graph.routes.path_operators import PathOperators
from backend_readiness.graph.routes.route_units import RouteUnits, Unit
from backend_readiness.graph.routes.routing import Guard, Mount, Registration, RouterKey
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import AV, SymbolId
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around an expression."""

    unit: Unit
    path: str = ""
    method: str = ""
    guards: tuple[Guard, ...] = ()


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "composed":
                Composed(scan, card, rule).collect()


class Composed:
    def __init__(self, scan: Scan, card: Card, rule: RouteRule) -> None:
        self.scan, self.card, self.rule, self.graph = scan, card, rule, scan.graph
        given = rule.options
        self.verbs: dict[str, str] = given.get("verbs", {})
        self.asks: dict[str, str] = given.get("asks", {})
        names = ("prefixes", "ends", "routers", "nests", "guards", "types", "stated", "mounts", "asked")
        kinds = [frozenset(given.get(name, ())) for name in names]
        self.prefixes, self.ends, self.routers, self.nests, self.guards, self.types, self.stated, self.mounts, self.asked = kinds
        self.named = frozenset(self.verbs) | frozenset(self.asks) | self.prefixes | self.ends | self.routers | self.stated | self.asked
        roots, rests, literals, segments = (frozenset(given.get(key, ())) for key in ("roots", "rests", "literals", "segments"))
        self.units = RouteUnits(scan.graph)
        self.paths = PathOperators(scan.graph, roots, rests, literals, given.get("joins", {}), segments, self.units, given)
        self.seen: set[tuple[str, str, int]] = set()
        self.passed: set[tuple[RouterKey, RouterKey, str]] = set()
        self.files: set[str] = set()
        self.leading: dict[RouterKey, bool] = {}
        self.later = LaterAnswers(self.units, self.files)
        self.own = OwnDirectives(self.units, self.paths, given)

    def collect(self) -> None:
        self.files.update(files_with_routes(self.graph, self.card, self.rule))
        for path in sorted(self.files):
            view = self.graph.view(path)
            for unit in self.units.of_file(view):
                if self._is_route_type(unit.type) or any(self._is_row(value) or self._is_joined(view, value) for value in unit.values):
                    for value in unit.values:
                        self._walk(view, unit.owner, value, Around(unit), 0)
            left = [n for n, c in enumerate(view.facts.calls) if self._may_start(c)]
            for number in sorted(left, key=lambda n: (view.facts.calls[n].start, -view.facts.calls[n].end)):
                self._start(view, CallRef(number), view.facts.calls[number].owner, view.facts.calls[number].start)
            for number, symbol in enumerate(view.facts.symbols) if self.rule.options.get("cases") else ():
                if symbol.kind == "lambda" and symbol.params and symbol.params[0].pattern is not None:
                    self._start(view, Func(number), symbol.parent, symbol.start)

    def _may_start(self, call: Call) -> bool:
        serving = (*self.nests, *self.mounts, *self.rule.options.get("serves", ()))
        is_named = lone(call) in self.named or callee_name(call) in serving or is_joined(call)
        return is_named or any(self._is_row(v) for a in call.args for v in (a.value.items if isinstance(a.value, Seq) else (a.value,)))

    def _is_row(self, value: Value) -> bool:
        return bool(self.rule.options.get("rows")) and isinstance(value, Op) and value.op == "->"

    def _is_joined(self, view: FileView, value: Value) -> bool:
        """Routes that are joined with others, which may stand elsewhere: `path("x") { ... } ~ others`."""
        if isinstance(value, Op) and value.op in self.rule.options.get("fronts", ()):
            return True
        joined = operands_of(value) if isinstance(value, Op) and value.op != "->" else ()
        return any(isinstance(o, CallRef) and self._may_start(view.facts.calls[o.call]) for o in joined)

    def _start(self, view: FileView, value: Value, owner: int, start: int) -> None:
        """Read an expression that no definition of a route type has led to."""
        unit = self.units.around(view, start)
        if unit is not None and not self._was_seen(view, value):
            self._walk(view, owner, value, Around(unit), 0)

    def _is_route_type(self, written: Value | None) -> bool:
        base = written.base if isinstance(written, Index) else written
        return isinstance(base, Name) and base.id in self.types

    def _key(self, view: FileView, value: Value) -> tuple[str, str, int] | None:
        if isinstance(value, CallRef):
            return ("call", view.path, value.call)
        return ("func", view.path, value.symbol) if isinstance(value, Func) else None

    def _was_seen(self, view: FileView, value: Value) -> bool:
        return self._key(view, value) in self.seen

    # ------------------------------------------------------------ the walk

    def _walk(self, view: FileView, owner: int, value: Value, around: Around, depth: int) -> bool:
        """Register the routes of an expression; answers whether it has any."""
        if depth > MAX_DEPTH:
            return False
        key = self._key(view, value)
        if key is not None:
            if key in self.seen:
                return False
            self.seen.add(key)
        match value:
            case Func():
                return self._function(view, value, around, depth)
            case Op(op="->") if self.rule.options.get("rows") and self._row(view, owner, value, around):
                return True
            case Op(op=sign) if sign in self.rule.options.get("fronts", ()):  # `"v1" :: (people :+: health)`
                *front, last = operands_of(value, sign)
                written = "".join(f"/{self.paths.path(view, owner, part).strip('/')}" for part in front)
                return self._walk(view, owner, last, replace(around, path=join(around.path, written, keep_root=False)), depth + 1)
            case Alt(options=inner) | Op(operands=inner) | Seq(items=inner):
                return self._walk_all(view, owner, inner, around, depth)
            case CallRef():
                return self._call(view, view.facts.calls[value.call], value, around, depth)
            case Name():
                return self._mount(view, owner, value, around, depth)
            case Member():
                return self._mount(view, owner, value, around, depth) or self._walk(view, owner, value.base, around, depth + 1)
        return False

    def _walk_all(self, view: FileView, owner: int, values: Iterable[Value], around: Around, depth: int) -> bool:
        found = False
        for value in values:
            found = self._walk(view, owner, value, around, depth + 1) or found
        return found

    def _function(self, view: FileView, value: Func, around: Around, depth: int) -> bool:
        symbol = view.symbol(value.symbol)
        pattern = symbol.params[0].pattern if symbol.params and self.rule.options.get("cases") else None
        request = self.paths.request(view, value.symbol, pattern) if pattern is not None else None
        if request is not None:
            place = Place(file=view.path, line=symbol.line, end_line=symbol.end_line)
            for method in request[0]:
                path = join(around.path, request[1], keep_root=False)
                self._register(method, path, place, symbol.start, around, self._value(view, value))
            return True
        given = [r.value for r in view.returns.get(value.symbol, ()) if r.value is not None]
        return self._walk_all(view, value.symbol, given, around, depth)

    def _value(self, view: FileView, value: Func) -> AV:
        return self.graph.ev.symbol_value(SymbolId(view.path, value.symbol))

    def _call(self, view: FileView, call: Call, value: CallRef, around: Around, depth: int) -> bool:
        before = frozenset(self.seen)
        found = False
        for number, heads in enumerate(ways(view, call, self.prefixes)):
            if number:  # the same routes once more, at another path
                self.seen = set(before)
            found = self._headed(view, call, value, around, depth, self.own.expanded(view, call.owner, heads)) or found
        return found

    def _headed(
        self, view: FileView, call: Call, value: CallRef, around: Around, depth: int, heads: list[tuple[str, Value | None]]
    ) -> bool:
        inner = [a.value for a in call.args]
        is_route, is_end = False, False
        for name, path in heads:
            if name in self.stated and inner:
                return self._stated(view, call, value, inner[0], around)
            if name in self.routers and path is None:
                return self._router(view, call, around, depth)
            if name in self.prefixes and (path is not None or inner):
                rest = inner[1:] if path is None or (inner and isinstance(inner[0], Op)) else inner
                path, inner = inner[0] if path is None else path, rest
                written = self.paths.path(view, call.owner, path, names=self._names(view, inner))
                around, is_route = replace(around, path=join(around.path, written, keep_root=False)), True
            elif name in self.verbs:
                around, is_route = replace(around, method=self.verbs[name]), True
            elif name in self.asked and (path is not None or inner):
                around, is_route = replace(around, method=(last_name(inner[0] if path is None else path) or "any").upper()), True
                inner = inner[1:] if path is None else inner
            elif name in self.asks and inner:
                written = self.paths.path(view, call.owner, inner[0], names=self._names(view, inner[1:]))
                around = replace(around, method=self.asks[name], path=join(around.path, written, keep_root=False))
                inner, is_route = inner[1:], True
            elif name in self.ends:
                is_route = is_end = True
        if not is_route:
            return self._wrapper(view, call, value, around, depth)
        found = self._walk_all(view, call.owner, inner, around, depth)
        if not found and (inner or lone(call) in self.asks) and (around.method or around.path or is_end):
            handler = answering(self.graph, view, call.owner, inner)
            place = Place(file=view.path, line=call.line, end_line=call.end_line)
            self._register(around.method or "ANY", around.path, place, call.start, around, handler)
        return found or bool(inner)

    def _names(self, view: FileView, inner: list[Value]) -> tuple[str, ...]:
        """The parameters of the function that is given the parts of a path."""
        functions = [view.symbol(i.symbol) for i in inner if isinstance(i, Func)]
        return tuple(p.name for p in functions[-1].params) if functions else ()

    def _router(self, view: FileView, call: Call, around: Around, depth: int) -> bool:
        found = False
        for arg in call.args:
            pair = pair_of(arg.value)
            if pair:
                written = self.paths.path(view, call.owner, pair[0])
                below = replace(around, path=join(around.path, written, keep_root=False))
                found = self._walk(view, call.owner, pair[1], below, depth + 1) or found
        return found

    def _wrapper(self, view: FileView, call: Call, value: CallRef, around: Around, depth: int) -> bool:
        """A call that takes routes and gives routes, or one that is a unit of routes."""
        if callee_name(call) in self.mounts and call.args and isinstance(call.callee, Member):
            written = self.paths.path(view, call.owner, call.args[1].value) if len(call.args) > 1 else ""
            below = replace(around, path=join(around.path, written, keep_root=False))
            found = self._walk(view, call.owner, call.args[0].value, below, depth + 1)
            return self._walk(view, call.owner, call.callee.base, around, depth + 1) or found
        mounted = self._mount(view, call.owner, value, around, MAX_DEPTH)
        for unit in mapped_units(self.units, view, call):
            mounted = self._put_unit(view, call.owner, unit, around, depth) or mounted
        if isinstance(call.callee, Member) and call.callee.name in self.nests and call.args:
            written = self.paths.path(view, call.owner, call.args[0].value)
            below = replace(around, path=join(around.path, written, keep_root=False))
            return self._walk(view, call.owner, call.callee.base, below, depth + 1)
        if not mounted:
            around = replace(around, guards=(*around.guards, *guards_around(self.graph, self.guards, view, call)))
        inner = [a.value for a in call.args]
        if isinstance(call.callee, Member):
            inner.append(call.callee.base)
        elif isinstance(call.callee, CallRef):
            inner.append(call.callee)
        return self._walk_all(view, call.owner, inner, around, depth) or mounted

    def _row(self, view: FileView, owner: int, value: Op, around: Around) -> bool:
        """`Method.GET / "users" / int("id") -> handler { ... }`."""
        request = self.paths.request(view, owner, value.operands[0])
        if request is None:
            return False
        target = value.operands[1]
        call = view.facts.calls[target.call] if isinstance(target, CallRef) else None
        functions = [a.value for a in call.args if isinstance(a.value, Func)] if call is not None else []
        handler = self._value(view, functions[-1]) if functions else self.graph.ev.value(target, view.path, owner)
        start = call.start if call is not None else around.unit.start
        line = call.line if call is not None else view.symbol(owner).line
        place = Place(file=view.path, line=line, end_line=call.end_line if call is not None else line)
        for method in request[0]:
            self._register(method, join(around.path, request[1], keep_root=False), place, start, around, handler)
        return True

    def _stated(self, view: FileView, call: Call, value: CallRef, request: Value, around: Around) -> bool:
        """`Endpoint(Method.GET / "users" / int("id")).out[User].implement(show)`: a later step may say what answers."""
        found = self.paths.request(view, call.owner, request)
        if found is None:
            return False
        later = [(view, n) for name, n in steps_after(view, value.call) if name.startswith(STEP)]
        elsewhere = self.later.of(around.unit) if not later else None
        handler: AV | None = None
        for said, number in [elsewhere] if elsewhere is not None else later:
            step = said.facts.calls[number]
            functions = [a.value for a in step.args if isinstance(a.value, Func)]
            if step.args:
                handler = self._value(said, functions[-1]) if functions else self.graph.ev.value(step.args[-1].value, said.path, step.owner)
        place = Place(file=view.path, line=call.line, end_line=call.end_line)
        for method in found[0]:
            self._register(method, join(around.path, found[1], keep_root=False), place, call.start, around, handler)
        return True

    # ------------------------------------------------------------ results

    def _mount(self, view: FileView, owner: int, value: Value, around: Around, depth: int) -> bool:
        """Put what is named below what stands around; a unit that only passes others on is read in its place."""
        units = list(self.units.all_meant(view, owner, value))
        whole = None if units else self.units.whole(view, owner, value, self.rule.options.get("whole", ()))
        units.extend([whole] if whole is not None else [])
        return sum(self._put_unit(view, owner, u, around, depth) for u in units) > 0

    def _put_unit(self, view: FileView, owner: int, unit: Unit, around: Around, depth: int) -> bool:
        if unit.key == around.unit.key or unit.file not in self.files:
            return False
        if not self._has_routes(unit):
            way = unit.key, around.unit.key, around.path
            listed = bool(unit.values) and isinstance(unit.values[0], Seq)  # `fun all() = listOf(show(), add())`
            if (depth >= MAX_DEPTH and not listed) or way in self.passed:
                return False
            self.passed.add(way)
            return self._walk_all(self.graph.view(unit.file), unit.owner, unit.values, around, 0 if listed else depth)
        place = Place(file=view.path, line=view.symbol(owner).line, end_line=view.symbol(owner).line)
        above, given, mounts = around.unit, around.guards, self.scan.routing.mounts
        mounts.append(Mount(parent=above.key, child=unit.key, prefix=around.path, place=place, start=above.start, guards=given))
        return True

    def _has_routes(self, unit: Unit) -> bool:
        """Does the unit keep routes? A type alone does not say so (`def done(): Route`): then another unit that it names must."""
        return self._has_own_routes(unit) or (self._is_route_type(unit.type) and self._leads_on(unit))

    def _leads_on(self, unit: Unit, depth: int = 0) -> bool:
        """Does the unit have routes of its own, or name a unit that has?"""
        if unit.key not in self.leading:
            self.leading[unit.key] = False  # while it is looked at
            named = units_named(self.units, unit, self.files) if depth < MAX_DEPTH else ()
            self.leading[unit.key] = self._has_own_routes(unit) or any(self._leads_on(u, depth + 1) for u in named)
        return self.leading[unit.key]

    def _has_own_routes(self, unit: Unit) -> bool:
        view = self.graph.view(unit.file)
        if any(unit.start <= c.start and c.end <= unit.end and self._may_start(c) for c in view.facts.calls):
            return True
        return bool(self.rule.options.get("cases")) and any(
            s.kind == "lambda" and unit.start <= s.start and s.end <= unit.end and s.params and s.params[0].pattern is not None
            and self.paths.request(view, s.parent, s.params[0].pattern) is not None
            for s in view.facts.symbols
        )  # fmt: skip

    def _register(self, method: str, path: str, place: Place, start: int, around: Around, handler: AV | None) -> None:
        self.scan.routing.registrations.append(
            Registration(
                router=around.unit.key, method=method, path=path or "/", place=place, start=start, card=self.card, rule=self.rule,
                handler=handler, guards=around.guards,
            )
        )  # fmt: skip
