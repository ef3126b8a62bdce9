"""Facts written as one readable line each, so that a test can say what it expects in a table."""

from __future__ import annotations

from backend_readiness.facts.languages.javascript import scripts as javascript
from backend_readiness.facts.model import (
    Alt,
    Arg,
    Assign,
    Call,
    CallRef,
    Concat,
    ElementRef,
    FileFacts,
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


def facts_of(source: str, path: str = "a.ts") -> FileFacts:
    return javascript.extract(source.encode(), path).facts()


def show(value: Value | None, facts: FileFacts) -> str:
    """`Alt` is `<a | b>`, `Concat` `{a + b}`, a call `f(x)`, a function `fn:name`, an element `<tag>`, Unknown `?text`."""
    match value:
        case None:
            return "-"
        case Lit():
            return repr(value.value)
        case Name():
            return value.id
        case Member():
            return f"{show(value.base, facts)}.{value.name}"
        case Index():
            return f"{show(value.base, facts)}[{show(value.key, facts)}]"
        case CallRef():
            return show_call(facts.calls[value.call], facts)
        case Concat():
            return "{" + " + ".join(show(part, facts) for part in value.parts) + "}"
        case Record():
            items = [f"{key}: {show(item, facts)}" if key is not None else f"...{show(item, facts)}" for key, item in value.items]
            items += [f"[{show(key, facts)}]: {show(item, facts)}" for key, item in value.computed]
            return "{" + ", ".join(items) + "}"
        case Seq():
            return "[" + ", ".join(show(item, facts) for item in value.items) + "]"
        case Func():
            symbol = facts.symbols[value.symbol]
            return f"{'class' if symbol.kind == 'class' else 'fn'}:{symbol.name}"
        case Alt():
            return "<" + " | ".join(show(option, facts) for option in value.options) + ">"
        case Op():
            return f"({value.op} {' '.join(show(operand, facts) for operand in value.operands)})"
        case ElementRef():
            return f"<{facts.elements[value.element].tag}>"
    return f"?{value.text}"


def show_call(call: Call, facts: FileFacts) -> str:
    mark = {"new": "new ", "decorator": "@", "template": "tag "}.get(call.kind, "")
    types = f"<{', '.join(show(t, facts) for t in call.type_args)}>" if call.type_args else ""
    awaited = "await " if call.awaited else ""
    return f"{awaited}{mark}{show(call.callee, facts)}{types}({', '.join(show_arg(arg, facts) for arg in call.args)})"


def show_arg(arg: Arg, facts: FileFacts) -> str:
    return ("..." if arg.spread else "") + show(arg.value, facts)


def show_assign(assign: Assign, facts: FileFacts) -> str:
    type_ = f": {show(assign.type, facts)}" if assign.type is not None else ""
    value = f" = {show(assign.value, facts)}" if assign.value is not None else ""
    return f"{assign.kind} {show(assign.target, facts)}{type_}{value}"


def show_param(param: Param, facts: FileFacts) -> str:
    name = param.kind + (param.name or show(param.pattern, facts))
    decorators = "".join(show(d, facts) + " " for d in param.decorators)
    type_ = f": {show(param.type, facts)}" if param.type is not None else ""
    default = f" = {show(param.default, facts)}" if param.default is not None else ""
    return f"{decorators}{'field ' if param.field else ''}{name}{type_}{default}"
