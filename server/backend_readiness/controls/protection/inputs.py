"""Does request input reach this expression? Followed through the functions of one flow, by what is written.

Assignments, text put together, members and arguments carry input on; numbers, comparisons and look-ups in fixed tables do not. What was
checked against a list or a pattern before, or went through a function that looks like a sanitiser, is `UNKNOWN`: neither side is proved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import argument_for, compared, declaring, field_along, is_number_type, written
from backend_readiness.controls.kept import once
from backend_readiness.controls.protection.input_words import (
    CARRIES,
    CARRIES_NOT,
    KEEPS,
    LOOKS_SAFE,
    NUMERIC,
    REQUEST_GLOBAL,
    SUPERGLOBALS,
    TEXT_TYPES,
)
from backend_readiness.controls.protection.marked_params import is_marked_input, may_hold_text
from backend_readiness.controls.protection.request_objects import RequestObjects, is_filled
from backend_readiness.controls.protection.rows import cells
from backend_readiness.controls.protection.sent_messages import Kind, sent_messages
from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import (
    Alt,
    Assign,
    Call,
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
    Value,
)
from backend_readiness.graph.evaluation.params import way_to
from backend_readiness.graph.values import AV, Const, Ext, FuncV, InstV, ListV, Obj, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name

MAX_DEPTH = 30
MAX_STEPS = 1_500
# Languages whose frameworks fill the parameters of a handler by their types.
_TYPED = frozenset({"java", "kotlin", "csharp", "php", "scala"})
_UPLOADED, _OF_SERVER = "$_FILES", ("tmp_name", "size", "error")  # what the server itself says of an upload


class Taint(IntEnum):
    CLEAN = 0
    UNKNOWN = 1
    INPUT = 2


@dataclass(frozen=True, slots=True)
class Reach:
    """What reaches an expression; `name` is how the source is written (`req.body.name`), for a message."""

    taint: Taint
    name: str = ""


CLEAN = Reach(Taint.CLEAN)
UNSURE = Reach(Taint.UNKNOWN)


class Inputs(RequestObjects):
    """Input of one flow."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._steps = 0
        self._messages = sent_messages(context)
        self._input_types = frozenset(n for card in self.graph.knowledge.cards for n in card.input_types)

    def has_extracted(self) -> bool:
        """Does a handler of the flow have a parameter of a type that holds a part of the request?"""
        params = (p for w in self.handlers for p in self.graph.view(w.file).symbol(w.index).params)
        return any(isinstance(p.type, Index) and last_name(p.type.base) in self._input_types for p in params)

    def of(self, expr: Value, file: str, owner: int, cleaners: re.Pattern[str] | None = None) -> Reach:
        """What reaches `expr` as written in symbol `owner`. Functions whose name matches `cleaners` give clean results."""
        self._steps = 0
        return self._of(expr, file, owner, cleaners, 0, frozenset())

    def of_args(self, call: Call, file: str, cleaners: re.Pattern[str] | None = None) -> Reach:
        return _join([self.of(a.value, file, call.owner, cleaners) for a in call.args[:12]])

    # ------------------------------------------------------------ expressions

    def _of(self, expr: Value, file: str, owner: int, cleaners: re.Pattern[str] | None, depth: int, seen: frozenset[object]) -> Reach:
        self._steps += 1
        if depth > MAX_DEPTH or self._steps > MAX_STEPS:
            return UNSURE
        more = (file, owner, cleaners, depth + 1, seen)
        match expr:
            case Lit() | Func() | ElementRef():
                return CLEAN
            case Concat(parts=parts):
                return _join([self._of(p, *more) for p in parts[:40]])
            case Seq(items=items):
                return _join([self._of(i, *more) for i in items[:40]])
            case Record(items=pairs):
                return _join([self._of(v, *more) for _, v in pairs[:40]])
            case Alt(options=chosen):
                return _join([self._of(o, *more) for o in chosen[:8]])
            case Op(op=op, operands=operands):
                return _join([self._of(o, *more) for o in operands]) if op in ("+", "%", "|", "/", "&&", "and", "or", "||", "??") else CLEAN
            case Index(base=base, key=key):
                if isinstance(key, Lit) and key.value in _OF_SERVER and self._of(base, *more).name == _UPLOADED:
                    return CLEAN
                if any(isinstance(v, Obj | ListV) for v in options(self.graph.ev.value(base, file, owner))) and not self.is_request(
                    base, file, owner
                ):
                    return self._fixed(base, file, owner) or self._of(base, *more)
                return self._of(base, *more)
            case Member(base=base, name=name):
                return self._member(expr, base, name, *more)
            case Name(id=name):
                return self._name(name, *more)
            case CallRef(call=number):
                return self._call(number, *more)
            case _:
                return UNSURE

    def _fixed(self, base: Value, file: str, owner: int) -> Reach | None:
        """A table written out in the source gives its own values, whatever the key."""
        for value in options(self.graph.ev.value(base, file, owner)):
            thunks = list(value.fields.values()) if isinstance(value, Obj) else list(value.items) if isinstance(value, ListV) else None
            if not thunks or not all(isinstance(t.expr, Lit | Func | Member | Seq) for t in thunks):
                return None
        return CLEAN

    def _member(
        self,
        expr: Value,
        base: Value,
        name: str,
        file: str,
        owner: int,
        cleaners: re.Pattern[str] | None,
        depth: int,
        seen: frozenset[object],
    ) -> Reach:
        if self.is_request(base, file, owner):
            carries = name not in CARRIES_NOT if self.graph.view(file).language == "php" else name in CARRIES
            return Reach(Taint.INPUT, f"{written(base)}.{name}") if carries else CLEAN
        if isinstance(base, Member) and base.name == "session" and self.is_request(base.base, file, owner):
            kept = self.kept_in_session(name)
            return Reach(Taint.INPUT if kept.endswith(("body", "query", "params")) else Taint.UNKNOWN, kept) if kept else CLEAN
        if self._is_fixed(self.graph.ev.value(expr, file, owner)):
            return CLEAN
        if isinstance(base, Name) and base.id == "self":
            return UNSURE
        found = self._of(base, file, owner, cleaners, depth, seen)
        if found.taint is Taint.INPUT and self._messages and (kind := self._messages.kind(name)) is not Kind.TEXT:
            return CLEAN if kind is Kind.FIXED else UNSURE
        if found.taint is Taint.INPUT and not may_hold_text(self.context, base, name, file, owner):
            return UNSURE
        return Reach(found.taint, f"{found.name}.{name}"[:60]) if found.taint is Taint.INPUT and found.name else found

    def _is_fixed(self, value: AV) -> bool:
        return all(isinstance(v, Const) for v in options(value))

    def _name(self, name: str, file: str, owner: int, cleaners: re.Pattern[str] | None, depth: int, seen: frozenset[object]) -> Reach:
        view = self.graph.view(file)
        for scope in view.enclosing(owner):
            key = (file, scope, name)
            if key in seen:
                return CLEAN  # the rest of a cycle says what it is
            symbol = view.symbol(scope)
            for param in symbol.params:
                way = way_to(param, name)
                if way is not None:
                    own = self._param(SymbolId(file, scope), param, way, cleaners, depth, seen | {key})
                    given = view.bindings.get((scope, name), ())
                    found = _join([own, *(self._assigned(a, way_, view, cleaners, depth, seen | {key}) for a, way_ in given)])
                    return UNSURE if found.taint is Taint.INPUT and self._is_tested(name, view, owner) else found
            bound = view.bindings.get((scope, name))
            if bound and is_filled(name, view, scope):
                return Reach(Taint.INPUT, name)
            if bound:
                held = [self._assigned(a, way_, view, cleaners, depth, seen | {key}) for a, way_ in bound[:12]]
                if (around := declaring(view, scope, name)) is not None:
                    held.append(self._name(name, file, around, cleaners, depth, seen | {key}))
                found = _join(held)
                return UNSURE if found.taint is Taint.INPUT and self._is_tested(name, view, owner) else found
            if (scope, name) in view.named_children:
                return CLEAN
        if name in SUPERGLOBALS or (name == "params" and view.language == "ruby"):
            return Reach(Taint.INPUT, name)
        value = self.graph.ev.lookup(name, file, owner)
        if any(isinstance(v, Ext) and REQUEST_GLOBAL.search(v.path) for v in options(value)):
            return Reach(Taint.UNKNOWN, name)
        return CLEAN  # imports, settings and globals are the program's own

    def _assigned(
        self, assign: Assign, way: tuple[str, ...], view: FileView, cleaners: re.Pattern[str] | None, depth: int, seen: frozenset[object]
    ) -> Reach:
        if assign.value is None:
            return CLEAN
        if way and self.is_request(assign.value, view.path, assign.owner):
            return Reach(Taint.INPUT, f"{written(assign.value)}.{way[0]}") if way[0] in CARRIES else CLEAN
        rows = (
            cells(self.graph, self.sites, assign.value, way[0], view.path, assign.owner) if assign.kind == "for" and len(way) == 1 else []
        )
        if rows:
            return _join([self._of(cell, file, owner, cleaners, depth + 1, seen) for cell, file, owner in rows])
        found = self._of(assign.value, view.path, assign.owner, cleaners, depth, seen)
        return Reach(found.taint, ".".join((found.name, *way))) if found.taint is Taint.INPUT and way else found

    def _is_tested(self, name: str, view: FileView, owner: int) -> bool:
        """Is the variable compared with a list or a pattern in a condition of the function?"""
        return any(
            b.kind in ("if", "switch", "loop") and b.subject is not None and compared(b.subject, name, view, 0)
            for scope in view.enclosing(owner)
            if scope > 0
            for b in view.blocks_of.get(scope, ())
        )

    def _param(
        self, where: SymbolId, param: Param, way: tuple[str, ...], cleaners: re.Pattern[str] | None, depth: int, seen: frozenset[object]
    ) -> Reach:
        if param.name == "self":
            return UNSURE
        if where in self.handlers:
            return self._handler_param(where, param, way)
        if self.request_param(where, param):
            return (Reach(Taint.INPUT, way[0]) if way[0] in CARRIES else CLEAN) if way else UNSURE
        sites = self.sites.get(where, ())
        if not sites:
            return UNSURE if param.default is None else CLEAN
        return _join([self._argument(where, param, way, s, cleaners, depth, seen) for s in sites[:6]])

    def _argument(
        self,
        where: SymbolId,
        param: Param,
        way: tuple[str, ...],
        site: Site,
        cleaners: re.Pattern[str] | None,
        depth: int,
        seen: frozenset[object],
    ) -> Reach:
        view = self.graph.view(site.file)
        call = view.facts.calls[site.call]
        arg = argument_for(self.graph.view(where.file).symbol(where.index).params, param, call.args)
        if arg is None:
            return CLEAN if param.default is not None else UNSURE
        if way and self.is_request(arg, site.file, call.owner):
            return Reach(Taint.INPUT, way[0]) if way[0] in CARRIES else CLEAN
        field = field_along(arg, way)
        return self._of(field, site.file, call.owner, cleaners, depth, seen) if field is not None else CLEAN

    def _handler_param(self, where: SymbolId, param: Param, way: tuple[str, ...]) -> Reach:
        if self._messages.holds(where, param):
            return Reach(Taint.INPUT, param.name)
        if self.request_param(where, param):
            return (Reach(Taint.INPUT, way[0]) if way[0] in CARRIES else CLEAN) if way else UNSURE
        view = self.graph.view(where.file)
        if isinstance(param.type, Index) and last_name(param.type.base) in self._input_types:  # `Json(body): Json<Order>`
            return CLEAN if is_number_type(param.type.key) else Reach(Taint.INPUT, param.name or (way[0] if way else ""))
        if view.language in _TYPED:
            return self._typed_param(where, param)
        if view.language != "python":
            if is_marked_input(self.context, where, param):
                return Reach(Taint.INPUT, param.name or ".".join(way))
            given = any(self.request_param(where, p) for p in view.symbol(where.index).params)
            return UNSURE if param.type is not None or param.decorators or not given else CLEAN  # `res`, `next`
        if self.is_dependency(where, param):
            return CLEAN
        if param.type is not None and is_number_type(param.type):
            return CLEAN
        value = self.graph.ev.lookup(param.name, where.file, where.index)
        if any(isinstance(v, Ext) and v.known and not v.path.startswith("~") for v in options(value)):
            return (
                CLEAN if not any(isinstance(v, Ext) and "UploadFile" in v.path for v in options(value)) else Reach(Taint.INPUT, param.name)
            )
        if any(isinstance(v, InstV) and self._is_enum(v) for v in options(value)):
            return CLEAN
        return Reach(Taint.INPUT, param.name)

    def _typed_param(self, where: SymbolId, param: Param) -> Reach:
        """A parameter of a handler in a typed language: text and plain records come from the request, numbers cannot hold text."""
        if param.type is None:
            return Reach(Taint.INPUT, param.name) if self.graph.view(where.file).language == "php" else UNSURE
        said = written(param.type)
        if is_number_type(param.type):
            return CLEAN
        if TEXT_TYPES.search(said):
            return Reach(Taint.INPUT, param.name)
        for value in options(self.graph.ev.instance_of(param.type, where.file, 0)):
            if isinstance(value, InstV) and not self._is_enum(value) and self._is_record(value.cls.symbol):
                return Reach(Taint.INPUT, param.name)
        return UNSURE

    # ------------------------------------------------------------ calls

    def _call(self, number: int, file: str, owner: int, cleaners: re.Pattern[str] | None, depth: int, seen: frozenset[object]) -> Reach:
        call = self.graph.view(file).facts.calls[number]
        name = callee_name(call) or ""
        more = (file, owner, cleaners, depth, seen)
        parted = f"{name}({written(call.args[1].value)})" if len(call.args) == 2 else name  # which part it gives may be said behind
        if name in NUMERIC or (cleaners is not None and (cleaners.search(name) or cleaners.search(parted))):
            return CLEAN
        if name == "params" and not call.args and self.graph.view(file).language == "ruby":
            return Reach(Taint.INPUT, name)
        receiver = self._of(call.callee, *more) if isinstance(call.callee, Member) else CLEAN
        given = _join([self._of(a.value, *more) for a in call.args[:12]])
        if receiver.taint is Taint.INPUT:
            return UNSURE if LOOKS_SAFE.search(name) else receiver
        targets = [v for v in options(self.graph.ev.value(call.callee, file, owner)) if isinstance(v, FuncV)]
        if targets:
            return self._returned(targets[0], cleaners, depth, seen)
        if given.taint is Taint.INPUT:
            return given if (name in KEEPS or call.kind == "template") and not LOOKS_SAFE.search(name) else UNSURE
        return _join([given, receiver if name in KEEPS else CLEAN])

    def _returned(self, function: FuncV, cleaners: re.Pattern[str] | None, depth: int, seen: frozenset[object]) -> Reach:
        where = function.symbol
        if ("call", where) in seen:
            return CLEAN
        view = self.graph.view(where.file)
        found = [
            self._of(r.value, where.file, where.index, cleaners, depth + 1, seen | {("call", where)})
            for r in view.returns.get(where.index, ())[:8]
            if r.value is not None
        ]
        result = _join(found)
        return UNSURE if result.taint is Taint.INPUT and LOOKS_SAFE.search(view.symbol(where.index).name) else result


def _join(found: list[Reach]) -> Reach:
    return max(found, key=lambda r: r.taint, default=CLEAN)


def inputs_of(context: Context) -> Inputs:
    """The one `Inputs` of a context."""
    return once(context, Inputs)
