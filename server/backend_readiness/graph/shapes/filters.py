"""Routes that are filters put together: `warp::path("orders").and(warp::post()).and_then(create).or(other_routes())`.

A filter is a value: a part of a path, a method, an extractor, or two of them joined. What a call of `callee` serves is taken apart into
its alternatives, each with a path, a method and a function; functions that give filters are followed with what stands before them. Without
such a call (a library) every filter that no other one has is read. Options of the rule: `all` and `either` are the steps that join two
filters; `ends` hand what was extracted to a function, those in `checks` may refuse, those
in `maps` may only change an answer; `around` take a filter that stands around; `paths`,
`macros` (`path!("a" / u32)`), `params`, `rests`, `verbs` and `sockets` are the paths of calls that make filters, `files` of such that serve
files; `answering` are functions of other packages that give a filter which answers by itself; `takes` maps extractors to the part
of the request that they take; `package` is the start of the path of every filter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Lit, Name, Op, Unknown, Value
from backend_readiness.graph.handling.input_models import Models
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.routing import Guard, Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, Ext, FuncV, ListV, Site, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Param, Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.rules.input_rules import InputRule

MAX_DEPTH = 300
MAX_ALTERNATIVES = 400
PARAM = "\0"


@dataclass(frozen=True, slots=True)
class _Way:
    """One alternative of a filter. `path` holds `PARAM` for each parameter; `is_place` says that it names a path or a method."""

    path: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    is_place: bool = False
    handler: AV | None = None
    site: Site | None = None  # of the step that hands on to the handler
    may_refuse: bool = False
    guards: tuple[Guard, ...] = ()
    params: tuple[Param, ...] = ()


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "filters":
                _Filters(scan, card, rule).collect()


class _Filters:
    def __init__(self, scan: Scan, card: Card, rule: RouteRule) -> None:
        self.scan, self.card, self.rule, self.graph = scan, card, rule, scan.graph
        given = rule.options
        self.package = str(given["package"])
        self.all, self.either, self.ends, self.checks, self.around, self.paths, self.macros, self.params, self.rests, self.sockets = (
            frozenset(given.get(key, ()))
            for key in ("all", "either", "ends", "checks", "around", "paths", "macros", "params", "rests", "sockets")
        )
        self.verbs: dict[str, str] = given.get("verbs", {})
        self.maps = frozenset(given.get("maps", ()))
        self.reached: set[tuple[str, int]] = set()

    def collect(self) -> None:
        served = [h for h in self.scan.hits.get("filters", ()) if h.rule is self.rule]
        found = False
        for hit in served:
            value = self.graph.ev.arg_value(hit.site, 0)
            for way in self._ways(value, 0) if value is not None else ():
                found = self._register(way) or found
        if not found:
            for way in self._unserved():
                self._register(way)

    def _unserved(self) -> Iterator[_Way]:
        """The alternatives of all filters that are no part of another one."""
        candidates: list[tuple[tuple[str, int], list[_Way], set[tuple[str, int]]]] = []
        for path, index in self.graph.production.items():
            if not any(m == self.package.rstrip(".") or m.startswith(self.package) for m in index.modules):
                continue
            view = self.graph.view(path)
            for number, call in enumerate(view.facts.calls):
                if callee_name(call) not in self.ends | self.either | self.all:
                    continue
                callee = next(iter(options(self.graph.ev.value(call.callee, path, call.owner))))
                if isinstance(callee, Ext) and callee.path.startswith(self.package):
                    self.reached = set()
                    ways = self._ways(Ext(f"{callee.path}()", callee, Site(path, number, None)), 0)
                    candidates.append(((path, number), ways, self.reached - {(path, number)}))
        inside = {key for _, _, reached in candidates for key in reached}
        for key, ways, _ in candidates:
            if key not in inside:
                yield from ways

    # ------------------------------------------------------------ filters

    def _ways(self, value: AV, depth: int) -> list[_Way]:
        """The alternatives of a filter; one without any part for a value that is not known."""
        found: list[_Way] = []
        for option in options(value):
            if isinstance(option, ListV) and depth < MAX_DEPTH:
                for item in option.items[:100]:
                    found.extend(self._ways(self.graph.ev.thunk(item), depth + 1))
            elif isinstance(option, Ext) and option.site is not None and option.path.endswith(")") and depth < MAX_DEPTH:
                found.extend(self._call(option, option.site, depth))
            else:
                found.append(_Way())
        return found[:MAX_ALTERNATIVES]

    def _call(self, value: Ext, site: Site, depth: int) -> list[_Way]:
        self.reached.add((site.file, site.call))
        callee = value.base if isinstance(value.base, Ext) else value
        name = last_step(value.path)
        before = callee.base if isinstance(callee.base, Ext) and callee.base.site is not None else None
        if callee.path in self.rule.options.get("answering", ()):
            return [_Way(is_place=True, handler=callee, site=site)]
        if not value.path.startswith(self.package):  # a function or macro that is given filters gives one of them
            call = self.graph.view(site.file).facts.calls[site.call]
            given = [self.graph.ev.arg_value(site, n) for n in range(min(len(call.args), 60))]
            filters = [g for g in given if isinstance(g, Ext) and g.path.startswith(self.package)]
            return [w for g in filters for w in self._ways(g, depth + 1)] or [_Way()]
        if before is None:
            return self._made(value.path.removesuffix("()"), site)
        if name in self.either:
            return [*self._ways(before, depth + 1), *self._argument(site, depth)]
        inner = self._ways(before, depth + 1)
        if name in self.all:
            pairs = product(inner, self._argument(site, depth))
            return [joined for _, (a, b) in zip(range(MAX_ALTERNATIVES), pairs, strict=False) for joined in self._both(a, b)]
        if name in self.ends:
            handler = self.graph.ev.arg_value(site, 0)
            return [self._ended(w, handler, site, name) for w in inner]
        if name in self.around:
            guard = self.graph.ev.arg_value(site, 0)
            more = tuple(self.scan.guards_of(guard, self._place(site), 0)) if guard is not None else ()
            return [replace(w, guards=(*w.guards, *more)) for w in inner]
        return inner

    def _ended(self, way: _Way, handler: AV | None, site: Site, name: str) -> _Way:
        """A way with the function that it is handed to; one that only changes what another function answered does not stand for it."""
        if way.is_place and way.handler is not None and way.site is not None:
            before = callee_name(self.graph.view(way.site.file).facts.calls[way.site.call])
            if name in self.maps or before not in self.maps:
                return way
        return replace(self._refusing(way), handler=handler, site=site, may_refuse=name in self.checks)

    def _argument(self, site: Site, depth: int) -> list[_Way]:
        value = self.graph.ev.arg_value(site, 0)
        return self._ways(value, depth + 1) if value is not None else [_Way()]

    def _both(self, left: _Way, right: _Way) -> Iterator[_Way]:
        """Both hold: paths in turn, either method; a function on the way that may refuse is a guard of what follows."""
        if left.methods and right.methods and not set(left.methods) & set(right.methods):
            return
        first, then = self._refusing(left), self._refusing(right)
        ended = right if right.is_place and right.handler is not None else None
        yield _Way(
            path=(*left.path, *right.path), methods=left.methods or right.methods, is_place=left.is_place or right.is_place,
            handler=ended.handler if ended else None, site=ended.site if ended else None,
            may_refuse=right.may_refuse, params=(*left.params, *right.params),
            guards=(*first.guards, *(right.guards if ended else then.guards)),
        )  # fmt: skip

    def _refusing(self, way: _Way) -> _Way:
        """A way whose function is followed by others: it stands before them when it may refuse the request."""
        if way.handler is None or way.site is None:
            return way
        guards = tuple(self.scan.guards_of(way.handler, self._place(way.site), 0)) if way.may_refuse else ()
        return replace(way, handler=None, site=None, guards=(*way.guards, *guards))

    def _made(self, path: str, site: Site) -> list[_Way]:
        """A filter of the package itself."""
        if path in self.rule.options.get("files", ()):
            return []
        if path in self.verbs:
            return [_Way(methods=(self.verbs[path],), is_place=True)]
        if path in self.sockets:
            return [_Way(methods=("WS",), is_place=True)]
        if path in self.params:
            types = self.graph.view(site.file).facts.calls[site.call].type_args
            return [_Way(path=(PARAM + ((last_name(types[0]) or "") if types else ""),), is_place=True)]
        if path in self.rests:
            return [_Way(path=("*",), is_place=True)]
        if path in self.paths:
            given = self.graph.ev.arg_value(site, 0)
            found = [t for t in texts(self.graph.ev, given) if t] if given is not None else []
            return [_Way(path=(PARAM if t.startswith("{") else t,), is_place=True) for t in found or [PARAM]]
        if path in self.macros:
            call = self.graph.view(site.file).facts.calls[site.call]
            return [_Way(path=tuple(p for a in call.args[:1] for p in self._segments(a.value, site, 0)), is_place=True)]
        return [_Way(is_place=path in self.rule.options.get("places", ()), params=tuple(self._taken(path, site)))]

    def _taken(self, path: str, site: Site) -> Iterator[Param]:
        """The parameters that an extractor takes: the one that it names, or the fields of its type."""
        part = self.rule.options.get("takes", {}).get(path)
        if part is None:
            return
        call = self.graph.view(site.file).facts.calls[site.call]
        for name in texts(self.graph.ev, self.graph.ev.arg_value(site, 0))[:1] if call.args else ():
            yield Param(name=name, where=part)
        rule = InputRule(part=part, renamed=("serde.rename",), cased=("serde.rename_all",))
        for written in call.type_args[:1] if not call.args else ():
            for name in Models(self.graph).fields(self.graph.ev.instance_of(written, site.file, call.owner), rule):
                yield Param(name=name, where=part)

    def _segments(self, value: Value, site: Site, depth: int) -> Iterator[str]:
        """The parts of `"orders" / u32 / "items"`; `..` is what the filters behind it match."""
        if isinstance(value, Op) and value.op == "/" and depth < MAX_DEPTH:
            for operand in value.operands:
                yield from self._segments(operand, site, depth + 1)
        elif isinstance(value, Lit) and isinstance(value.value, str):
            yield value.value
        elif isinstance(value, Name):
            owner = self.graph.view(site.file).facts.calls[site.call].owner
            known = texts(self.graph.ev, self.graph.ev.lookup(value.id, site.file, owner))
            yield known[0] if value.id.isupper() and known else PARAM + value.id
        elif not isinstance(value, Unknown) and value != Op(":", ()):
            yield PARAM

    # ------------------------------------------------------------ results

    def _place(self, site: Site) -> Place:
        call = self.graph.view(site.file).facts.calls[site.call]
        return Place(file=site.file, line=call.line, end_line=call.end_line)

    def _register(self, way: _Way) -> bool:
        if way.handler is None or way.site is None or not way.is_place:
            return False
        call = self.graph.view(way.site.file).facts.calls[way.site.call]
        path = ""
        names = _Names(self.scan, way.handler)
        for part in way.path:
            path = join(path, f"{{{names.of(part.removeprefix(PARAM))}}}" if part.startswith(PARAM) else part, keep_root=False)
        for method in way.methods or ("ANY",):
            self.scan.routing.registrations.append(
                Registration(
                    router=None, method=method, path=path or "/", place=self._place(way.site), start=call.start, card=self.card,
                    rule=self.rule, handler=way.handler, guards=way.guards, params=way.params,
                )
            )  # fmt: skip
        return True


class _Names:
    """The names of the parameters of a path: those of the handler's parameters of their types, in turn where no types are written."""

    def __init__(self, scan: Scan, handler: AV) -> None:
        found = [o for o in options(handler) if isinstance(o, FuncV)]
        symbol = scan.graph.view(found[0].symbol.file).symbol(found[0].symbol.index) if found else None
        self._left = [(p.name.strip("_"), last_name(p.type) if p.type is not None else None) for p in symbol.params] if symbol else []
        self._typed = any(kind for _, kind in self._left)
        self._given = 0

    def of(self, kind: str) -> str:
        self._given += 1
        for number, (name, own) in enumerate(self._left):
            if name and (own == kind if self._typed and kind else not self._typed):
                del self._left[number]
                return name
        return "param" if self._given == 1 else f"param{self._given}"
