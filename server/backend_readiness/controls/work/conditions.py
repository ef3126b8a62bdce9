"""Conditions of branches as decisions read them: what is compared, what is counted, whether nothing is asked for."""

from __future__ import annotations

from backend_readiness.controls.database.tables import plain
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Assign, Lit, Member, Name, Op, Value


def compares(value: Value | None, columns: set[str], depth: int) -> bool:
    if not isinstance(value, Op) or depth > 5:
        return False
    if value.op in ("<", "<=", ">", ">="):
        return any(isinstance(o, Member) and plain(o.name) in columns and not _is_time(o.name) for o in value.operands)
    return any(compares(o, columns, depth + 1) for o in value.operands)


def _is_time(name: str) -> bool:
    return plain(name).endswith(("at", "on", "until", "expires", "date", "time"))


def counts(assign: Assign) -> bool:
    """`x.n += 1`, `x.n = x.n - 1`."""
    if assign.kind == "aug":
        return not (isinstance(assign.value, Lit) and isinstance(assign.value.value, str))
    value = assign.value
    name = dotted(assign.target)
    return (
        isinstance(value, Op) and value.op in ("+", "-", "!", "not") and name is not None and any(dotted(o) == name for o in value.operands)
    )


def is_negative(value: Value | None) -> bool:
    """`not row`, `row is None`, `!row`, `row == null`, `count === 0`."""
    if isinstance(value, Op):
        if value.op in ("not", "!"):
            return True
        if value.op in ("is", "==", "==="):
            return any(
                (isinstance(o, Lit) and o.value in (None, 0, False)) or (isinstance(o, Name) and o.id in ("None", "null", "undefined"))
                for o in value.operands
            )
    return False


def limits_number(value: Value | None, depth: int = 0) -> bool:
    """`count >= 3`, `rows.length > max`: how many there may be, not whether one is there (`count > 0`, `count < 1`)."""
    if not isinstance(value, Op) or depth > 4:
        return False
    if value.op in ("<", "<=", ">", ">="):
        numbers = {o.value for o in value.operands if isinstance(o, Lit) and not isinstance(o.value, str | bool)}
        return not numbers & {0, 1}
    return any(limits_number(o, depth + 1) for o in value.operands)


def names_of(value: Value | None, depth: int) -> list[str]:
    if isinstance(value, Name):
        return [value.id]
    if isinstance(value, Member) and depth < 4 and value.name in ("length", "rowCount", "rows", "count"):
        return names_of(value.base, depth + 1)
    if isinstance(value, Op) and depth < 4:
        return [n for o in value.operands for n in names_of(o, depth + 1)]
    return []
