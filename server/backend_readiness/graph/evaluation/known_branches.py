"""Which ways through a function remain where a call has given what its conditions ask: `if not required: return loose`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Alt, Block, Call, CallRef, Lit, Name, Op, Return, Seq, Value
from backend_readiness.graph.evaluation import params, reassigned
from backend_readiness.graph.values import AV, Const, Env, ListV, Obj, SymbolId, UnionV, UnknownV

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_KNOWN = (Const, ListV, Obj)
_IS = {"is": True, "is not": False, "==": True, "!=": False, "===": True, "!==": False}
_TYPES = {"str": "text", "list": "list", "tuple": "list", "set": "list", "dict": "dict"}
_BESIDE = 40  # an `else` begins this near to the end of its `if`


def known_options(ev: Evaluator, expr: Alt, file: str, owner: int, env: Env | None) -> tuple[Value, ...]:
    """The options that remain where a call has given the name on which a ternary turns: `strict if required else loose`."""
    if expr.test is None or len(expr.options) != 2:
        return expr.options
    given = _given(ev, expr.test, file, owner, env)
    if given is None and not ev.callers:
        given = _is_passed(ev, expr.test, file, owner, env)
    return expr.options if given is None else expr.options[:1] if given else expr.options[1:]


def remaining_returns(ev: Evaluator, where: SymbolId, env: Env) -> tuple[Return, ...]:
    """The returns of a function without those behind a condition that is known not to hold, or after one that is known to."""
    view = ev.world.view(where.file)
    returns = tuple(view.returns.get(where.index, ()))
    if len(returns) < 2 or not any(isinstance(v, _KNOWN) for v in env.args.values()):
        return returns
    blocks = sorted(view.blocks_of.get(where.index, ()), key=lambda b: b.start)
    for block in blocks:
        truth = _truth(ev, block, where, env) if block.kind == "if" else None
        other = next((b for b in blocks if b.kind == "else" and 0 <= b.start - block.end <= _BESIDE), None)
        if truth is None:
            continue
        dead = other if truth else block
        if dead is not None:
            returns = tuple(r for r in returns if not dead.start <= r.start < dead.end)
        if truth and not any(b is not block and b.start <= block.start and block.end <= b.end for b in blocks):
            inside = [r for r in returns if block.start <= r.start < block.end]
            if any(not any(b is not block and block.start <= b.start <= r.start < b.end for b in blocks) for r in inside):
                returns = tuple(r for r in returns if r.start < block.end)
    return returns


def surely_runs(ev: Evaluator, where: SymbolId, start: int, env: Env | None) -> bool:
    """Does what begins at `start` run in every call under `env`: behind no condition but those that are known to hold?"""
    view = ev.world.view(where.file)
    around = (b for b in view.blocks_of.get(where.index, ()) if b.start <= start < b.end)
    return all(b.kind in ("try", "with") or (b.kind == "if" and _truth(ev, b, where, env) is True) for b in around)


def test_of(blocks: Sequence[Block], other: Block) -> Block | None:
    """The `if` that an `else` belongs to."""
    return next((b for b in blocks if b.kind == "if" and 0 <= other.start - b.end <= _BESIDE), None)


def is_taken(ev: Evaluator, block: Block, where: SymbolId, env: Env | None) -> bool | None:
    """Does the condition of an `if` hold in the call under `env`: by constants, or by which parameters the call passes at all?"""
    known = _truth(ev, block, where, env)
    return known if known is not None else _by_passing(ev, block.subject, where, env)


def _by_passing(ev: Evaluator, test: Value | None, where: SymbolId, env: Env | None) -> bool | None:
    """`if (id)`, `if (id !== null && action)`: a parameter that is left out is nothing, one that is given is taken to be something."""
    match test:
        case Name():
            return _is_handed(ev, test, where, env)
        case Op(op="not" | "!", operands=(inner,)):
            known = _by_passing(ev, inner, where, env)
            return None if known is None else not known
        case Op(op=sign, operands=(Name() as name, right)) if sign in _IS and (right == Lit(None) or right == Name("undefined")):
            known = _is_handed(ev, name, where, env)
            return None if known is None else known is not _IS[sign]
        case Op(op="and" | "&&", operands=parts):
            each = [_by_passing(ev, p, where, env) for p in parts]
            return False if False in each else None if None in each else True
        case _:
            return None


def _is_handed(ev: Evaluator, name: Name, where: SymbolId, env: Env | None) -> bool | None:
    view = ev.world.view(where.file)
    symbol = view.symbol(where.index)
    param = next((p for p in symbol.params if p.name == name.id), None)
    frame = env.frame(where) if env is not None else None
    if param is None or frame is None or frame.site is None or view.bindings.get((where.index, name.id)):
        return None
    given = frame.args.get(params.key_of(param, symbol))
    if given is None:
        return False if param.default is None and param.kind == "" else None
    if isinstance(given, UnionV):
        return None
    return bool(given.value) if isinstance(given, Const) else True


def _truth(ev: Evaluator, block: Block, where: SymbolId, env: Env | None) -> bool | None:
    subject = block.subject
    if isinstance(subject, Op) and subject.op in ("not", "!") and len(subject.operands) == 1:
        given = _given(ev, subject.operands[0], where.file, where.index, env)
        return None if given is None else not given
    if isinstance(subject, Op) and subject.op in _IS and len(subject.operands) == 2 and subject.operands[1] == Lit(None):
        value = _bound(ev, subject.operands[0], where.file, where.index, env)
        return None if value is None else (value == Const(None)) is _IS[subject.op]
    if isinstance(subject, CallRef):
        return _is_instance(ev, ev.world.view(where.file).facts.calls[subject.call], where, env)
    return _given(ev, subject, where.file, where.index, env)


def _is_instance(ev: Evaluator, call: Call, where: SymbolId, env: Env | None) -> bool | None:
    """Is what a parameter was given of a type that is asked for: `isinstance(methods, str)`, `isinstance(methods, (list, tuple))`?"""
    if call.callee != Name("isinstance") or len(call.args) != 2:
        return None
    value = _bound(ev, call.args[0].value, where.file, where.index, env)
    asked = call.args[1].value
    names = {last_name(t) or "" for t in (asked.items if isinstance(asked, Seq) else (asked,))}
    if value is None or not names <= _TYPES.keys():
        return None
    kinds = {_TYPES[n] for n in names}
    if isinstance(value, Const):
        return ("text" if isinstance(value.value, str) else "") in kinds if value.value is None or isinstance(value.value, str) else None
    return ("list" if isinstance(value, ListV) else "dict") in kinds


def _bound(ev: Evaluator, name: Value, file: str, owner: int, env: Env | None) -> AV | None:
    """What a parameter was given, where that is a constant, a list or a dict that is written in sight."""
    frame = env
    while frame is not None and isinstance(name, Name) and name.id not in frame.args:
        frame = frame.outer
    value = ev.value(name, file, owner, env) if frame is not None and isinstance(name, Name) else None
    return value if isinstance(value, _KNOWN) else None


def _given(ev: Evaluator, name: Value | None, file: str, owner: int, env: Env | None) -> bool | None:
    """Is what a parameter was given true? None where no call has bound it, or not to a constant."""
    frame = env
    while frame is not None and isinstance(name, Name) and name.id not in frame.args:
        frame = frame.outer
    if frame is None or not isinstance(name, Name):
        return None
    value = ev.value(name, file, owner, env)
    return bool(value.value) if isinstance(value, Const) else None


def _is_passed(ev: Evaluator, name: Name, file: str, owner: int, env: Env | None) -> bool | None:
    """Does a call of the function around pass a parameter: `method: body ? "POST" : "GET"`? None: the name is no parameter."""
    view = ev.world.view(file)
    for scope in view.enclosing(owner):
        symbol = view.symbol(scope)
        for param in symbol.params:
            way = params.way_to(param, name.id)
            frame = env.frame(SymbolId(file, scope)) if way is not None and env is not None else None
            if way is None:
                continue
            if frame is None or frame.site is None or reassigned.given_anew(view, scope, name.id):
                return None
            given = frame.args.get(params.key_of(param, symbol))
            for step in way:
                if given is not None and step != "..." and not isinstance(given, Obj):
                    return None
                given = ev.member(given, step) if given is not None else None
            return _is_something(given)
        if view.bindings.get((scope, name.id)):
            return None
    return None


def _is_something(given: AV | None) -> bool | None:
    if isinstance(given, Const):
        return bool(given.value)
    return None if isinstance(given, UnionV) else given is not None and not isinstance(given, UnknownV)
