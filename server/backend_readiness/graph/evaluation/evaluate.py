"""A demand-driven evaluator over facts: what does this expression stand for?

It folds constants, follows imports, classes, destructuring, returns and arguments, and never runs anything. Every look-up
is bounded by `MAX_DEPTH` nested steps and `MAX_STEPS` steps for one question; past them the answer is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from backend_readiness.facts.model import (
    Alt,
    CallRef,
    Concat,
    ElementRef,
    Func,
    Index,
    Lit,
    Member,
    Name,
    Op,
    Param,
    Record,
    Seq,
    Symbol,
    Value,
)
from backend_readiness.graph.classes import generics, implicit, inheritance, router_shells, super_calls, type_parameters, types
from backend_readiness.graph.evaluation import (
    alike,
    bindings,
    calls,
    constants,
    declared_params,
    earlier_names,
    elements,
    exports,
    grown_lists,
    includers,
    lambda_receivers,
    members,
    operators,
    packages,
    params,
    reassigned,
    receivers,
)
from backend_readiness.graph.evaluation.questions import World
from backend_readiness.graph.evaluation.texts import join_written
from backend_readiness.graph.interface import templates
from backend_readiness.graph.values import (
    AV,
    UNKNOWN,
    ClassV,
    Const,
    ElementV,
    Env,
    Ext,
    FuncV,
    ListV,
    Obj,
    Site,
    SymbolId,
    Thunk,
    UnknownV,
    union,
)
from backend_readiness.graph.views import FileView

MAX_DEPTH = 60
MAX_STEPS = 4_000
_TRIES = 3


class Evaluator:
    def __init__(self, world: World, *, callers: bool = True) -> None:
        """`callers=False`: parameters stay symbolic instead of being guessed from the calls of their function."""
        self.world = world
        self.callers = callers
        self._memo: dict[tuple[str, int, int], AV] = {}
        self.active: set[object] = set()
        self._linked: dict[tuple[int, int], tuple[AV, bool]] = {}  # and was something cut off on the way to it
        self.implementers_of: dict[SymbolId, list[ClassV]] = {}
        self.implementers_about: dict[tuple[SymbolId, SymbolId], list[ClassV]] = {}
        self.bases_of: dict[SymbolId, list[AV]] = {}
        self.ancestors_of: dict[SymbolId, list[AV]] = {}
        self.memberless: set[tuple[SymbolId, str, SymbolId | None]] = set()
        self.annotated_members: dict[tuple[SymbolId, str], list[AV]] = {}
        self.constants = constants.Known()
        self.alike = alike.Alike()
        self.unqualified: dict[tuple[str, str], AV | None] = {}
        self.sites_of_variables: dict[str, list[Site]] = {}
        self.connected: dict[SymbolId, list[AV]] | None = None
        self.global_members: dict[tuple[str, str], AV | None] = {}
        self.program_globals: dict[str, list[tuple[str, int, Value]]] | None = None
        self.callers_of_name: dict[str, dict[SymbolId, list[Site]]] = {}
        self.method_names: dict[SymbolId, frozenset[str]] = {}
        self.part_of: dict[SymbolId, SymbolId] = {}
        self.shells: dict[SymbolId, router_shells.Methods] = {}
        self.parts_of: dict[SymbolId, Sequence[SymbolId]] = {}
        self.never_set: dict[tuple[SymbolId, str], bool] = {}
        self.environment: dict[str, str] | None = None
        self.earlier: dict[tuple[str, int], Value] = {}
        self.made: dict[int, tuple[Value, Op]] = {}
        self.literal_objects: dict[str, dict[int, tuple[Record, int]]] = {}
        self.bound = 0
        self._depth = 0
        self._steps = 0
        self.cuts = 0
        self._spent = 0  # cuts for want of steps
        self._unsettled: Counter[tuple[str, int, int]] = Counter()

    # ------------------------------------------------------------ entry points

    def thunk(self, thunk: Thunk) -> AV:
        return self.value(thunk.expr, thunk.file, thunk.owner, thunk.env)

    def value(self, expr: Value, file: str, owner: int, env: Env | None = None) -> AV:
        """The value of `expr` as written in symbol `owner` of `file`."""
        if self._depth == 0:
            self._steps = 0
        key = (file, owner, id(expr))
        if env is None:
            if key in self._memo:
                return self._memo[key]
        elif (held := env.known.get((id(self), *key))) is not None:
            return held
        if (link := self._linked.get((id(expr), id(env)))) is not None:
            self.cuts += link[1]  # what stands behind it in the chain is no more settled than it is
            return link[0]
        cuts, spent = self.cuts, self._spent
        found = self.world.view(file).receivers(expr.call) if isinstance(expr, CallRef) else ()
        receivers = [(number, receiver) for number, receiver in found if (id(receiver), id(env)) not in self._linked]
        for number, receiver in receivers:  # a long chain from the inside out: its length is no depth
            before, value = self.cuts, self.value(receiver, file, number, env)
            self._linked[id(receiver), id(env)] = value, self.cuts > before
        # A name is one object in a whole file: what it means changes while an assignment to it is looked at.
        result = self.guarded((key, id(env), self.bound if isinstance(expr, Name) else 0), lambda: self._value(expr, file, owner, env))
        for _, receiver in receivers:
            self._linked.pop((id(receiver), id(env)), None)
        if self._spent > spent and env is None:
            self._unsettled[key] += 1
        # What a whole budget did not settle, the rest of one will not, nor the rests of several.
        if self.cuts == cuts or self._depth == 0 or self._unsettled[key] >= _TRIES:
            if env is None:
                self._memo[key] = result
            else:
                env.known[id(self), *key] = result
        return result

    def guarded(self, key: object, work: Callable[[], AV]) -> AV:
        """Run one step unless it is already under way (a cycle) or the budget is spent."""
        if key in self.active or self._depth >= MAX_DEPTH or self._steps >= MAX_STEPS:
            self.cuts += 1
            self._spent += self._steps >= MAX_STEPS
            return UNKNOWN
        self.active.add(key)
        self._depth += 1
        self._steps += 1
        try:
            return work()
        finally:
            self._depth -= 1
            self.active.discard(key)

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """Ask an unrelated question in the middle of another one, with a budget of its own."""
        saved = self._depth, self._steps
        self._steps = min(self._steps, MAX_STEPS // 2)
        try:
            yield
        finally:
            self._depth, self._steps = saved

    # ------------------------------------------------------------ expressions

    def _value(self, expr: Value, file: str, owner: int, env: Env | None) -> AV:
        match expr:
            case Lit():
                return Const(expr.value)
            case Name():
                return self.lookup(expr.id, file, owner, env)
            case Member():
                own = exports.named_apart(self, expr, file, owner)
                base = elements.of_alias(self, expr.base, self.value(expr.base, file, owner, env), file) if own is None else UNKNOWN
                return super_calls.meant(self, own or self.member(base, expr.name), expr, file, owner, env)
            case CallRef():
                return calls.result(self, file, expr.call, env)
            case Index():
                return elements.indexed(self, expr, file, owner, env)
            case Alt():
                return operators.either(self, expr, file, owner, env)
            case Concat():
                return join_written(expr.parts, [self.value(p, file, owner, env) for p in expr.parts[:40]])
            case Record():
                fields = {k: Thunk(file, owner, v, env) for k, v in expr.items if k is not None}
                for key, item in expr.computed[:40]:
                    name = self.value(key, file, owner, env)
                    if isinstance(name, Const) and isinstance(name.value, str):
                        fields[name.value] = Thunk(file, owner, item, env)
                spreads = tuple(Thunk(file, owner, v, env) for k, v in expr.items if k is None)
                return Obj(fields, spreads, Thunk(file, owner, expr, env))
            case Seq():
                return ListV(grown_lists.written(self, [Thunk(file, owner, v, env) for v in expr.items]))
            case Func():
                where, symbol = SymbolId(file, expr.symbol), self.world.view(file).symbol(expr.symbol)
                return ClassV(where, env) if symbol.kind == "class" else FuncV(where, None, env)
            case ElementRef():
                return ElementV(file, expr.element)
            case Op():
                return operators.operated(self, expr, file, owner, env)
            case _:
                return UnknownV(expr.text)

    # ------------------------------------------------------------ names

    def lookup(self, name: str, file: str, owner: int, env: Env | None = None) -> AV:
        """What a bare name means in symbol `owner`: parameter, local, enclosing scope, import, module, global."""
        view = self.world.view(file)
        if name == "self":
            return inheritance.self_value(self, view, owner, env)
        if name == "super":
            return inheritance.super_value(self, view, owner, env)
        if view.language in constants.LANGUAGES:
            return receivers.lookup(self, name, view, owner, env)
        for depth, scope in enumerate(view.enclosing(owner)):
            symbol = view.symbol(scope)
            if symbol.kind in ("class", "interface", "enum") and (depth > 0 or implicit.hides_nothing(view, name)):
                own = implicit.member(self, name, view, owner, scope, env)
                if own is not None:
                    return own
                continue
            found = self.in_scope(name, view, scope, symbol, env)
            if found is None and depth == 0 and implicit.has_running_body(symbol.kind, view.language):
                found = implicit.member(self, name, view, owner, scope, env)
            if found is not None:
                return found
        found = exports.own_module(self, Name(name), file) if name == "exports" else None
        found = found or exports.star_import(self, view, name, owner) or exports.loaded(self, view, name)
        found = found or packages.unqualified(self, view, name) or exports.dotted(self, view, name)
        if found is None and all(view.symbol(s).kind in ("module", "lambda") for s in view.enclosing(owner)):
            included = includers.given(self, view, name)
            found = None if isinstance(included, UnknownV) else included
        if found is None:
            found = templates.scope_value(self, view, owner, name)
        if found is None and view.language in type_parameters.LANGUAGES and type_parameters.looks_like_parameter(name):
            found = type_parameters.meaning(self, view, owner, env)
        if found is None and view.language in lambda_receivers.LANGUAGES:
            found = lambda_receivers.member(self, name, view, owner)
        if found is None:
            return UNKNOWN if self._is_being_bound(name, view, owner) else bindings.never_declared(self, name, view) or Ext(f"~{name}")
        return found

    def _is_being_bound(self, name: str, view: FileView, owner: int) -> bool:
        return any(("bound", id(a)) in self.active for s in view.enclosing(owner) for a, _ in view.bindings.get((s, name), ()))

    def in_scope(self, name: str, view: FileView, scope: int, symbol: Symbol, env: Env | None) -> AV | None:
        """What a name means in one symbol: a parameter, what is assigned to it, a definition inside, an import."""
        where = SymbolId(view.path, scope)
        for param in symbol.params:
            way = params.way_to(param, name)
            if way is not None and not reassigned.given_anew(view, scope, name):
                return reassigned.or_default(self, view, scope, name, env, self.param(where, symbol, param, way, env))
        bound = view.bindings.get((scope, name))
        frame = env.frame(where) if bound and env is not None else None
        if frame is not None and name in frame.args and any(a.kind == "for" for a, _ in bound or ()):
            return frame.args[name]  # one round of a loop
        hidden = False
        if bound and bound[-1][0].kind == "type":
            return generics.argument(bound[-1][0], name, env.frame(where) if env is not None else None, self, view.path)
        if bound:
            values = []
            for assign, path in reassigned.counted(view, name, bound):
                if ("bound", id(assign)) in self.active:  # `user := user.New()`: the name on the right is that of an outer scope,
                    self.cuts += 1  # or what was assigned before: one name bound anew n times is n steps, not all their orders
                    hidden = True
                    break
                with earlier_names.hiding(self, assign):
                    value = bindings.value_of(self, assign, path, view, scope, env)
                values.extend([(assign, value)] if value is not None else [])
            values = reassigned.still_counting(self, view, scope, name, values, env if frame is not None else None)
            result = union(bindings.without_defaults(view, scope, name, values)) if values else UNKNOWN
            if values and not bindings.hides_nothing(view, scope, name, result):
                return result
        for index in view.named_children.get((scope, name), ())[-3:]:
            return exports.own_or_imported(self, view, name, self.symbol_value(SymbolId(view.path, index), env))
        items = [item for item in view.imports.get(name, ()) if item.owner == scope or scope == 0]
        if items:
            return exports.all_imported(self, view, items)
        if bound and not hidden:
            return UNKNOWN
        return None

    def symbol_value(self, where: SymbolId, env: Env | None = None) -> AV:
        kind = self.world.view(where.file).symbol(where.index).kind
        return ClassV(where, env) if kind in ("class", "interface", "enum", "namespace") else FuncV(where, None, env)

    def param(self, where: SymbolId, symbol: Symbol, param: Param, way: tuple[str, ...], env: Env | None) -> AV:
        """The value of a parameter: the argument if it is bound, else its type, its default, its callers' arguments."""
        frame = env.frame(where) if env is not None else None
        value: AV | None = frame.args.get(params.key_of(param, symbol)) if frame is not None else None
        if value is None or isinstance(value, UnknownV):
            value = params.unbound(self, where, symbol, param)
        elif (written := param.type) is not None:
            spoken = self.world.view(where.file).language
            value = types.said(self, value, lambda: declared_params.written_type(self, where, symbol, written), spoken)
        for step in way:
            value = self.member(value, step)
        return declared_params.of_field(self, where, symbol, param, way, value)

    # ------------------------------------------------------------ members

    def member(self, base: AV, name: str) -> AV:
        return base if name == "..." else self.guarded(("member", id(base), name), lambda: members.member(self, base, name))

    def element_of(self, value: AV) -> AV:
        """What a loop over the value yields."""
        return elements.each(self, value)

    # ------------------------------------------------------------ types

    def instance_of(self, annotation: Value, file: str, owner: int, env: Env | None = None) -> AV:
        """An instance of the annotated type. Wrappers (`Optional`, `Promise`, `Annotated` ...) are looked through."""
        return types.instance_of(self, annotation, file, owner, env)

    # ------------------------------------------------------------ calls

    def arg_value(self, site: Site, position: int, key: str | None = None) -> AV | None:
        """The value of a positional argument (or keyword `key` when the position is negative or missing)."""
        thunk = self.arg_thunk(site, position, key)
        return self.thunk(thunk) if thunk is not None else None

    def arg_thunk(self, site: Site, position: int, key: str | None = None) -> Thunk | None:
        """The argument expression at `position`; with `key`, the keyword of that name, or the key of an object argument."""
        return calls.arg_thunk(self, site, position, key)

    def invoke(self, value: AV, site: Site | None = None) -> AV:
        """The result of calling a value with arguments that are not known."""
        return calls.invoked(self, value, site)

    def bind(self, callee: FuncV, site: Site) -> Env:
        """Bind the arguments of a call to the parameters of a function."""
        view = self.world.view(callee.symbol.file)
        symbol = view.symbol(callee.symbol.index)
        return params.bind(self, callee, symbol, site)
