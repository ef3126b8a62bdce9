"""Functions that a guard is given to tell for which requests it stands aside: `JWTConfig{Skipper: isPublic}`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.facts.model import Arg, Call, CallRef, Func, Lit, Member, Name, Op, Record, Value
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.values import Ext, FuncV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Endpoint, Evidence
from backend_readiness.rules.signs import sign

_KEY = re.compile(sign("skippers", "key"))
_METHOD = re.compile(sign("skippers", "method"))
_PATH = re.compile(sign("skippers", "path"))
_BY_METHOD = re.compile(sign("skippers", "by_method"))
_HINT = re.compile(sign("skippers", "hint"))
_ASKS = frozenset(("required", "auto_error", "credentialsRequired"))
MAX_DEPTH = 6


def stands_aside_for(context: Context, guard: Guard) -> tuple[bool, Evidence] | None:
    """(is it certain, place) where a guard stands aside for a request of the flow, or may; None where it does not, or is given nothing."""
    place = guard.place
    if place.file not in context.graph.facts.files:
        return None
    view = context.view(place.file)
    paths = [o.path for o in options(guard.value) if isinstance(o, Ext)]
    if any(_BY_METHOD.search(p) for p in paths) and (off := method_rules_off(context)) is not None:
        return True, off
    if not any(_HINT.search(t[:500]) for t in context.snapshot.lines(place.file)[place.line - 1 : place.end_line]):
        return None
    for call in view.facts.calls:
        if not (place.line <= call.line <= place.end_line):
            continue
        if any(p.removesuffix("()").endswith(callee_name(call) or "()") for p in paths) and any(_lets_pass(a) for a in call.args):
            return True, context.at(place.file, call.line)
        for given in _given(view, call):
            for where in _functions(context, place.file, call.owner, given):
                answers = [_asked(context, where, r.route.endpoint) for r in context.routes]
                if any(a is True for a in answers):
                    return True, context.at_symbol(where)
                if any(a is None for a in answers):
                    return False, context.at_symbol(where)
    return None


def method_rules_off(context: Context) -> Evidence | None:
    """Where the rules of access that stand on methods are switched off for the whole application."""
    found = context.hits((sign("skippers", "method_rules_off"),))
    return context.at(*found[0][:2]) if found else None


def _lets_pass(arg: Arg) -> bool:
    return isinstance(arg.value, Lit) and (
        (arg.name == "optional" and arg.value.value is True) or (arg.value == Lit(False) and arg.name in _ASKS)
    )


def _given(view: FileView, call: Call) -> Iterator[Value]:
    for arg in call.args:
        if arg.name and _KEY.match(arg.name):
            yield arg.value
        records = [arg.value] if isinstance(arg.value, Record) else []
        yield from (v for r in records for k, v in r.items if _KEY.match(str(k)))


def _functions(context: Context, file: str, owner: int, value: Value) -> list[SymbolId]:
    if isinstance(value, Func):
        return [SymbolId(file, value.symbol)]
    return [v.symbol for v in options(context.graph.ev.value(value, file, owner)) if isinstance(v, FuncV)]


def _asked(context: Context, where: SymbolId, endpoint: Endpoint) -> bool | None:
    """What the function says of a request; None where that was not read."""
    view = context.view(where.file)
    doubt = False
    for given in sorted(view.returns.get(where.index, ()), key=lambda r: r.start):
        said = given.value.value if isinstance(given.value, Lit) and isinstance(given.value.value, bool) else None
        held = said if said is not None else _holds(view, given.value, endpoint, 0) if given.value is not None else None
        around = [b for b in view.blocks_of.get(where.index, ()) if b.kind == "if" and b.start <= given.start < b.end]
        reached = [_holds(view, b.subject, endpoint, 0) if b.subject is not None else None for b in around]
        if any(r is False for r in reached) or (held is False and all(r is not True for r in reached)):
            continue
        if held is None or any(r is None for r in reached):
            doubt = True
            continue
        return None if doubt else held
    return None if doubt else False


def _holds(view: FileView, value: Value | None, endpoint: Endpoint, depth: int) -> bool | None:
    if not isinstance(value, Op) or depth > MAX_DEPTH:
        return None
    if value.op in ("&&", "and", "||", "or"):
        inner = [_holds(view, o, endpoint, depth + 1) for o in value.operands]
        decisive = value.op in ("||", "or")
        if any(i is decisive for i in inner):
            return decisive
        return None if any(i is None for i in inner) else not decisive
    if value.op in ("!", "not") and len(value.operands) == 1:
        said = _holds(view, value.operands[0], endpoint, depth + 1)
        return None if said is None else not said
    if value.op not in ("==", "!=", "===", "!==") or len(value.operands) != 2:
        return None
    texts = [o.value for o in value.operands if isinstance(o, Lit) and isinstance(o.value, str)]
    names = [_name(view, o) for o in value.operands if not isinstance(o, Lit)]
    text = texts[0] if texts else next((n.removeprefix("Method").upper() for n in names if n.startswith("Method") and n != "Method"), "")
    equal: bool | None = None
    if text and any(_METHOD.match(n) for n in names):
        equal = text.upper() == endpoint.method
    elif text and any(_PATH.match(n) for n in names):
        equal = re.sub(r":(\w+)", r"{\1}", text) == endpoint.path
    return equal if value.op in ("==", "===") or equal is None else not equal


def _name(view: FileView, value: Value) -> str:
    if isinstance(value, CallRef):
        return callee_name(view.facts.calls[value.call]) or ""
    return value.name if isinstance(value, Member) else value.id if isinstance(value, Name) else ""
