"""Python source to facts, and values written out on one line for tables of expectations."""

from __future__ import annotations

from textwrap import dedent

from backend_readiness.facts.languages.python import extract
from backend_readiness.facts.model import (
    Alt,
    CallRef,
    Concat,
    FileFacts,
    Func,
    Index,
    Lit,
    Member,
    Name,
    Op,
    Record,
    Seq,
    Value,
)


def facts_of(source: str) -> FileFacts:
    return extract(dedent(source).encode(), "app/module.py").facts()


def show(value: Value | None, facts: FileFacts) -> str:
    """One line: `a.b`, `f(1, key=x, *rest)`, `text{x}`, `<a | b>` for an Alt, `(+ a b)` for an Op, `λ2` for symbol 2."""

    def inner(part: Value) -> str:
        return show(part, facts)

    match value:
        case None:
            return "-"
        case Lit():
            return repr(value.value)
        case Name():
            return value.id
        case Member():
            return f"{inner(value.base)}.{value.name}"
        case Index():
            return f"{inner(value.base)}[{inner(value.key)}]"
        case CallRef():
            call = facts.calls[value.call]
            args = [(f"{a.name}=" if a.name else "*" if a.spread else "") + inner(a.value) for a in call.args]
            return ("await " if call.awaited else "") + f"{inner(call.callee)}({', '.join(args)})"
        case Concat():
            return "`" + "".join(p.value if isinstance(p, Lit) else "{" + inner(p) + "}" for p in value.parts) + "`"
        case Record():
            items = [f"{key}: {inner(item)}" if key is not None else f"**{inner(item)}" for key, item in value.items]
            return "{" + ", ".join([*items, *(f"[{inner(k)}]: {inner(v)}" for k, v in value.computed)]) + "}"
        case Seq():
            return "[" + ", ".join(map(inner, value.items)) + "]"
        case Func():
            return f"λ{value.symbol}"
        case Alt():
            return "<" + " | ".join(map(inner, value.options)) + ">"
        case Op():
            return f"({value.op} {' '.join(map(inner, value.operands))})"
    return f"?{value.text}?"
