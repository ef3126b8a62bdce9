"""What a call that holds routes is made of: `get { ... }`, `(get & path("x")) { ... }`, `(path("x") | path("y")) { ... }`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from backend_readiness.facts.file_index import last_name
from backend_readiness.facts.model import Call, CallRef, Index, Lit, Member, Name, Op, Seq, Value
from backend_readiness.graph.routes.path_operators import PathOperators
from backend_readiness.graph.routes.route_units import RouteUnits, Unit
from backend_readiness.graph.views import FileView

MAX_WAYS = 12
MAX_OPERANDS = 60
MAX_NESTED = 4
Head = tuple[str, Value | None]


def lone(call: Call) -> str:
    """The name of a call that a rule may speak of: one without a receiver."""
    return call.callee.id if isinstance(call.callee, Name) and call.kind == "call" else ""


def is_joined(call: Call) -> bool:
    return isinstance(call.callee, Op) and call.callee.op in ("&", "|")


def ways(view: FileView, call: Call, prefixes: AbstractSet[str] = frozenset()) -> list[list[Head]]:
    """For each way to what a call holds the names that it is made of, with their paths; several ways only where all are understood."""
    first = call.args[0].value if lone(call) in prefixes and len(call.args) > 1 else None
    if isinstance(first, Op) and first.op == "|":  # `path("orders" | "sold") { ... }`
        apart: list[list[Head]] = [[(lone(call), operand)] for operand in operands_of(first, "|")]
        return apart[:MAX_WAYS]
    if not is_joined(call):
        return [[(lone(call), None)]]
    found = [[h for o in operands_of(way, "&") for h in _head(view, o)] for way in operands_of(call.callee, "|")]
    return found[:MAX_WAYS] if all(found) else [[h for way in found for h in way]]


def operands_of(value: Value, operator: str = "") -> list[Value]:
    """The operands of nested operators from left to right, of one alone when it is named; the value itself when it is none."""
    found: list[Value] = []
    waiting = [value]
    while waiting and len(found) < MAX_OPERANDS:
        current = waiting.pop()
        if isinstance(current, Op) and (not operator or current.op == operator):
            waiting.extend(reversed(current.operands))
        else:
            found.append(current)
    return found


def _head(view: FileView, operand: Value) -> list[Head]:
    if isinstance(operand, Name):
        return [(operand.id, None)]
    if isinstance(operand, CallRef):
        inner = view.facts.calls[operand.call]
        return [(lone(inner), inner.args[0].value if inner.args else None)]
    return []


def pair_of(value: Value) -> tuple[Value, ...]:
    """A path and the routes below it: `"/x" -> routes`, `("/x", routes)`, `"/x" -> a <+> b`; empty for anything else."""
    pair: tuple[Value, ...] = value.operands if isinstance(value, Op) and value.op == "->" else ()
    pair = tuple(value.items) if isinstance(value, Seq) else pair
    if len(pair) != 2 and isinstance(value, Op) and isinstance(value.operands[0], Op):
        first = value.operands[0]
        pair = (first.operands[0], Seq((*first.operands[1:], *value.operands[1:]))) if first.op == "->" else ()
    return pair if len(pair) == 2 else ()


class OwnDirectives:
    """Directives that definitions of the repository keep: `val orderId: Directive1[Long] = pathPrefix(LongNumber).flatMap(known)`.

    `directives` of the rule are their types; what they take from the path counts where they stand.
    """

    def __init__(self, units: RouteUnits, paths: PathOperators, given: Mapping[str, Any]) -> None:
        self._units, self._paths = units, paths
        self._types, self._prefixes, self._verbs = (frozenset(given.get(k, ())) for k in ("directives", "prefixes", "verbs"))

    def expanded(self, view: FileView, owner: int, heads: list[Head], depth: int = 0) -> list[Head]:
        """The heads, each own directive with those that it is made of."""
        if not self._types or depth > MAX_NESTED:
            return heads
        return [h for head in heads for h in (head, *self._inside(view, owner, head, depth))]

    def _inside(self, view: FileView, owner: int, head: Head, depth: int) -> Iterator[Head]:
        if not head[0] or head[0] in self._prefixes or head[0] in self._verbs:
            return
        unit = self._units.meant(view, owner, Name(head[0]))
        written = unit.type.base if unit is not None and isinstance(unit.type, Index) else unit.type if unit is not None else None
        if unit is None or last_name(written) not in self._types:
            return
        for value in unit.values[:1]:
            yield from self._of(unit, value, head[0], depth)

    def _of(self, unit: Unit, value: Value, called: str, depth: int) -> Iterator[Head]:
        view = self._units.graph.view(unit.file)
        for operand in operands_of(_first(view, value), "&"):
            first = _first(view, operand)
            call = view.facts.calls[first.call] if isinstance(first, CallRef) else None
            name = lone(call) if call is not None else first.id if isinstance(first, Name) else ""
            if name in self._prefixes and call is not None and call.args:
                yield name, Lit(self._paths.path(view, unit.owner, call.args[0].value, names=(called,)))
            else:
                yield from self.expanded(view, unit.owner, [(name, None)], depth + 1)


def _first(view: FileView, value: Value) -> Value:
    """What a chain of steps begins with: `pathPrefix(Segment).flatMap(known).map(Order)`."""
    for _ in range(MAX_OPERANDS):
        callee = view.facts.calls[value.call].callee if isinstance(value, CallRef) else None
        if not isinstance(callee, Member):
            break
        value = callee.base
    return value
