"""The methods that the branches of one function hold that of its request against: `if (req.method === "PUT")`."""

from __future__ import annotations

from collections.abc import Iterator, Set

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Assign, Lit, Member, Name, Op, Value


def given_method(assign: Assign, member: str) -> Iterator[str]:
    """The name that is given the request's method: `const method = req.method`, `const { method } = req`."""
    if assign.kind not in ("const", "let") or assign.value is None:
        return
    for name, path in bound_names(assign.target):
        if path == (member,) or (not path and isinstance(assign.value, Member) and assign.value.name == member):
            yield name


def is_method(value: Value | None, member: str, held: Set[str]) -> bool:
    return (isinstance(value, Member) and value.name == member) or (isinstance(value, Name) and value.id in held)


def compared_methods(value: Value, member: str, depth: int, held: Set[str] = frozenset()) -> Iterator[str]:
    """The texts that `x.method` is compared with in a condition."""
    if not isinstance(value, Op) or depth > 6:
        return
    if value.op in ("==", "===", "!=", "!==") and len(value.operands) == 2:
        left, right = value.operands
        if is_method(left, member, held) and isinstance(right, Lit) and isinstance(right.value, str):
            yield right.value
    for operand in value.operands:
        yield from compared_methods(operand, member, depth + 1, held)
