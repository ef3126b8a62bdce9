"""What handlers take from the request, by name: `request.args["page"]`, `c.Query("page")`, `@RequestParam int page`, `Json<Order>`.

Cards say how (`rules.input_rules`). A handler is read with the functions that it writes inside and those of the repository that it
hands the request to. Nothing of this is needed to trace a flow, so routes are asked one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import (
    Alt,
    Arg,
    Call,
    CallRef,
    Concat,
    Index,
    Lit,
    Member,
    Name,
    Op,
    Record,
    Seq,
    Value,
)
from backend_readiness.graph.evaluation import constants
from backend_readiness.graph.evaluation.params import key_of
from backend_readiness.graph.handling.handler_rules import HandlerRules
from backend_readiness.graph.handling.input_models import Models, declared_names
from backend_readiness.graph.handling.signatures import Signatures, annotated
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.routes.routing import BoundRoute, functions_in
from backend_readiness.graph.values import AV, Const, Env, Ext, FuncV, InstV, ListV, Obj, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Param, Route
from backend_readiness.rules.cards import Card
from backend_readiness.rules.input_rules import InputRule

MAX_PARAMS = 60
MAX_VALUES = 4_000
MAX_HANDED = 2


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an expression stands: the symbol that it is written in, and the bindings of the call that is looked at."""

    view: FileView
    owner: int
    env: Env | None


class RequestInputs:
    """The parameters of the routes of one repository."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.ev = graph, graph.ev
        self._readings: dict[tuple[str, str], HandlerRules] = {}

    def route(self, bound: BoundRoute) -> Route:
        """The route with all parameters that its handler takes, those of the path first."""
        route = bound.route
        if route.handler is None:
            return route
        language = self.graph.view(route.handler.file).language
        rules = self._rules(bound.card, language)
        if rules.empty:
            return route
        in_path = [p.name for p in route.params if p.where == "path"]
        spelled = [f"{first(n[:1])}{n[1:]}" for n in in_path for first in (str.upper, str.lower)] if bound.card.any_case else []
        reading = _Reading(self.graph, rules, (*in_path, *spelled))  # `{slug}` is the parameter `Slug` too
        for function in functions_in(self.graph, bound.handler)[:12]:
            if isinstance(function, FuncV):
                reading.handler(function)
        named = {p.name for p in reading.found}
        written = bound.registration.params if bound.registration.rule.options.get("query") else ()  # in the path itself
        kept = [p for p in route.params if p.where == "path" or p in written or not (rules.signature or p.name in named)]
        taken = {p.name for p in kept}
        return replace(route, params=(*kept, *(p for p in reading.found if p.name not in taken))[:MAX_PARAMS])

    def _rules(self, card: Card, language: str) -> HandlerRules:
        key = (card.id, language)
        if key not in self._readings:
            self._readings[key] = HandlerRules(self.graph, card, language)
        return self._readings[key]


class _Reading:
    """One handler with what it hands the request to."""

    def __init__(self, graph: Graph, rules: HandlerRules, path_names: tuple[str, ...]) -> None:
        self.graph, self.ev, self.rules, self.path_names = graph, graph.ev, rules, path_names
        self.models = Models(graph)
        known = graph.knowledge
        self.reads, self.calls, self.binds = known.input_reads, known.input_calls, known.input_binds
        self.found: list[Param] = []
        self._names: set[tuple[str, str]] = set()
        self._seen: set[SymbolId] = set()
        self._left = MAX_VALUES
        self._formal = 0

    def handler(self, function: FuncV) -> None:
        view = self.graph.view(function.symbol.file)
        symbol = view.symbol(function.symbol.index)
        formal = [p for p in symbol.params if p.name != "self"]
        self._formal = len(formal)
        signatures = Signatures(self.graph, self.models, self.rules.signature, self.path_names)
        where, written = annotated(self.ev, function)
        declared = [p for p in written.params if p.name != "self"]
        for rule, name in signatures.of(where, written, declared):
            self._add(rule, name)
        env = function.env
        if self.rules.by_position:
            given: dict[str, AV] = {
                key_of(p, symbol): Ext(f"<{n}>")
                for n, (p, d) in enumerate(zip(formal[:4], declared, strict=False))
                if not signatures.filled(where, written, d)
            }
            env = Env(function.symbol, given, function.self_value, function.env, 0) if given else env
        if self.rules.may_read_bodies(symbol):
            self._function(function, env, 0)
        for rule in self.rules.declared:
            for name in declared_names(view, symbol.parent, rule.declared):
                self._add(rule, name)

    def _add(self, rule: InputRule, name: str) -> None:
        if rule.part == "header" and name.startswith("HTTP_"):  # as CGI names it
            name = "-".join(w.capitalize() for w in name.removeprefix("HTTP_").split("_"))
        elif rule.part == "header" and "_" in name and name.isupper():
            return  # another variable of CGI: `REQUEST_METHOD`
        if not name or name in self.path_names or (rule.part, name) in self._names or len(self.found) >= MAX_PARAMS:
            return
        if rule.part == "path" or rule.takes not in (0, self._formal):
            return  # the path itself says which parameters it has
        self._names.add((rule.part, name))
        self.found.append(Param(name=name, where=rule.part))

    # ------------------------------------------------------------ one function

    def _function(self, function: FuncV, env: Env | None, depth: int) -> None:
        if function.symbol in self._seen:
            return
        self._seen.add(function.symbol)
        view = self.graph.view(function.symbol.file)
        symbol = view.symbol(function.symbol.index)
        for param in symbol.params:
            if param.pattern is not None:
                self._pattern(param.pattern, self.ev.param(function.symbol, symbol, param, (), env))
        for owner in view.body(function.symbol.index):
            self._owner(_Place(view, owner, env), depth)

    def _owner(self, at: _Place, depth: int) -> None:
        facts = at.view.facts
        for number in at.view.calls_of.get(at.owner, ()):
            self._call(number, at, depth)
        for assign in at.view.assigns_of.get(at.owner, ()):
            if assign.value is not None:
                self._value(assign.value, at)
                if isinstance(assign.target, Record):
                    self._pattern(assign.target, self._ask(assign.value, at))
        for item in at.view.returns.get(at.owner, ()):
            self._value(item.value, at)
        for block in facts.blocks:
            if block.owner == at.owner:
                self._value(block.subject, at)
        for thrown in facts.throws:
            if thrown.owner == at.owner:
                self._value(thrown.value, at)

    def _ask(self, expr: Value, at: _Place) -> AV:
        return self.ev.value(expr, at.view.path, at.owner, at.env)

    # ------------------------------------------------------------ values

    def _value(self, expr: Value | None, at: _Place) -> None:
        """Every member and element that is read in an expression."""
        stack: list[Value | None] = [expr]
        while stack and self._left > 0:
            current = stack.pop()
            self._left -= 1
            match current:
                case Member(base=base, name=name):
                    self._read(base, name, at)
                    stack.append(base)
                case Index(base=base, key=key):
                    if isinstance(key, Lit) and isinstance(key.value, str):
                        self._read(base, key.value, at)
                    stack.extend((base, key))
                case Concat(parts=parts) | Seq(items=parts) | Alt(options=parts) | Op(operands=parts):
                    stack.extend(parts)
                case Record(items=pairs):
                    stack.extend(v for _, v in pairs)

    def _read(self, base: Value, name: str, at: _Place) -> None:
        """`base.name`, where `base` may be a part of the request."""
        if isinstance(base, Lit | Seq | Record) or not self._may_be_read(base, at):
            return
        for value in options(self._ask(base, at)):
            for rule in self.rules.matching(self.reads, value):
                self._add(rule, name)

    def _may_be_read(self, base: Value, at: _Place) -> bool:
        """A cheap test: is the last name written one of a rule, or a name of the function itself?"""
        match base:
            case Member(name=name):
                return name in self.reads.names or self.reads.is_open
            case CallRef(call=number):
                name_of = callee_name(at.view.facts.calls[number])
                return name_of in self.reads.names or self.reads.is_open
            case Name(id=name):
                return name not in at.view.imports or name in self.reads.names
            case _:
                return True

    def _pattern(self, target: Value, value: AV) -> None:
        """`const { page, filter: { name } } = req.query`: each way that starts at a part of the request."""
        for _, way in bound_names(target):
            current: AV = value
            for step in way:
                if step == "...":
                    break
                for option in options(current):
                    for rule in self.rules.matching(self.reads, option):
                        self._add(rule, step)
                current = self.ev.member(current, step)

    # ------------------------------------------------------------ calls

    def _call(self, number: int, at: _Place, depth: int) -> None:
        call = at.view.facts.calls[number]
        for arg in call.args:
            self._value(arg.value, at)
        name = callee_name(call)
        callee = call.callee
        if isinstance(callee, Member):
            self._value(callee.base, at)
            if call.args and self._may_be_read(callee.base, at):
                for value in options(self._ask(callee.base, at)):
                    for rule in self.rules.matching(self.reads, value):
                        if name in rule.by:
                            self._named(rule, call.args[:1], at)
        if name is None or self._left <= 0:
            return
        wanted = name in self.calls.names or name in self.binds.names or self.calls.is_open or self.binds.is_open
        handed = depth < MAX_HANDED and (bool(call.args) or isinstance(callee, Member) or at.view.language in constants.LANGUAGES)
        if not (wanted or handed):
            return
        for value in options(self._ask(callee, at)):
            if wanted:
                for rule in self.rules.matching(self.calls, value):
                    self._named(rule, call.args if rule.arg < 0 else call.args[rule.arg : rule.arg + 1], at)
                for rule in self.rules.matching(self.binds, value):
                    self._bound(rule, call, at, value)
            own = isinstance(callee, Name) and isinstance(value, FuncV) and isinstance(value.self_value, InstV)  # on `self`, unsaid
            if handed and isinstance(value, FuncV) and (own or self._is_handed_request(call, at)):
                site = Site(at.view.path, number, at.env)
                self._function(value, self.ev.bind(value, site), depth + 1)

    def _is_handed_request(self, call: Call, at: _Place) -> bool:
        if isinstance(call.callee, Member) and isinstance(call.callee.base, Name) and call.callee.base.id == "self":
            return True
        for arg in call.args[:6]:
            if isinstance(arg.value, Name | Member | CallRef):
                for value in options(self._ask(arg.value, at)):
                    if isinstance(value, Ext) and any(value.path.startswith(root) for root in self.rules.roots):
                        return True
        return False

    def _named(self, rule: InputRule, args: Sequence[Arg], at: _Place) -> None:
        for arg in args:
            for name in self._names_of(self._ask(arg.value, at)):
                found = re.fullmatch(rule.named, name[:200]) if rule.named else None
                self._add(rule, found.group(1) if found is not None else "" if rule.named else name)

    def _names_of(self, value: AV) -> Iterator[str]:
        for option in options(value):
            if isinstance(option, Const) and isinstance(option.value, str):
                yield option.value
            elif isinstance(option, ListV):
                for item in option.items[:40]:
                    yield from (v.value for v in options(self.ev.thunk(item)) if isinstance(v, Const) and isinstance(v.value, str))
            elif isinstance(option, Obj):
                yield from list(option.fields)[:40]
            elif isinstance(option, Ext) and (name := _said_of(option)):
                yield name

    def _declared(self, call: Call, at: _Place) -> AV | None:
        """What the variable that keeps the result is declared as: `let order: NewOrder = request.body_json().await?`."""
        calls = at.view.facts.calls
        for assign in at.view.assigns_of.get(at.owner, ()) if not call.args else ():
            if assign.type is not None and isinstance(assign.value, CallRef) and calls[assign.value.call] is call:
                return self.ev.instance_of(assign.type, at.view.path, at.owner, at.env)
        return None

    def _bound(self, rule: InputRule, call: Call, at: _Place, callee: Ext | AV) -> None:
        """The fields of what a call fills, or of what it gives."""
        if rule.given and not self._given(rule, callee):
            return
        if call.type_args:
            typed = self.ev.instance_of(call.type_args[0], at.view.path, at.owner, at.env)
            names = self.models.fields(typed, rule)
        elif (declared := self._declared(call, at)) is not None:
            names = self.models.fields(declared, rule)
        else:
            asked = call.args[rule.arg : rule.arg + 1]
            value = self._ask(asked[0].value, at) if asked else None
            names = [n for o in options(value) for n in self.models.fields(o, rule)] if value is not None else []
        for name in names:
            self._add(rule, name)

    def _given(self, rule: InputRule, callee: Ext | AV) -> bool:
        base = callee.base if isinstance(callee, Ext) else None
        if not isinstance(base, Ext) or base.site is None:
            return False
        first = self.ev.arg_value(base.site, 0)
        wanted: PatternIndex[InputRule] = PatternIndex()
        wanted.add(rule.given, (), rule)
        return first is not None and any(wanted.matches(v) for v in options(first) if isinstance(v, Ext))


def _said_of(value: Ext) -> str:
    """The text that something is said of: `"sort".optional`, `"page".as[Int].withDefault(1)`."""
    current: AV | None = value
    for _ in range(6):
        if not isinstance(current, Ext):
            break
        current = current.base
    return current.value if isinstance(current, Const) and isinstance(current.value, str) else ""
