"""What a method gives when some of what it asks is known: `if self.action == "list": return [AllowAny()]`.

Branches whose condition is known to be false are left out; one that is known to be true ends the search. Where a condition is not known
both ways count, so that there are several alternatives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backend_readiness.facts.model import Alt, Block, CallRef, Lit, Member, Name, Op, Seq, Value
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.values import AV, UNKNOWN, FuncV, ListV, options

MAX_ALTERNATIVES = 6
MAX_DEPTH = 8
_ELSE_IF = ("elif", "else if", "elsif", "} else if")


@dataclass(frozen=True, slots=True)
class Inherited:
    """Stands for what the method of the base gives (`super().get_permissions()`), or the field of the class lists."""


Item = AV | Inherited


def alternatives(ev: Evaluator, function: FuncV, known: Mapping[str, str], field: str, lines: list[str]) -> tuple[tuple[Item, ...], ...]:
    """The lists that the method may give, each one way through it.

    `known` are the values of written names (`self.action`), `field` that of the class which lists the same, `lines` the source of
    its file.
    """
    return _Choice(ev, function, known, field, lines).alternatives()


class _Choice:
    def __init__(self, ev: Evaluator, function: FuncV, known: Mapping[str, str], field: str, lines: list[str]) -> None:
        self.ev, self.field = ev, field
        self.view = ev.world.view(function.symbol.file)
        self.owner = function.symbol.index
        self.blocks = list(_lived(sorted(self.view.blocks_of.get(self.owner, ()), key=lambda b: b.start), known, lines))

    def alternatives(self) -> tuple[tuple[Item, ...], ...]:
        found: list[tuple[Item, ...]] = []
        for item in sorted(self.view.returns.get(self.owner, ()), key=lambda r: r.start):
            lives = self._lives(item.start)
            if lives is False or item.value is None:
                continue
            found.append(tuple(self._items(item.value, 0)))
            if lives is True or len(found) == MAX_ALTERNATIVES:
                break
        return tuple(found)

    def _lives(self, at: int) -> bool | None:
        """Is what stands there reached: True always, False never, None perhaps."""
        around = [lives for block, lives in self.blocks if block.start <= at < block.end]
        return False if False in around else None if None in around else True

    def _items(self, expr: Value, depth: int) -> Iterator[Item]:
        if depth > MAX_DEPTH:
            return
        match expr:
            case Seq(items=items) | Alt(options=items):
                for item in items[:20]:
                    yield from self._items(item, depth + 1)
            case Op(op="+" | "|" | "&", operands=items):
                for item in items[:20]:
                    yield from self._items(item, depth + 1)
            case Member(base=Name(id="self"), name=self.field):
                yield Inherited()
            case CallRef(call=number):
                yield from self._called(number, depth)
            case Name():
                yield from self._named(expr, depth)
            case _:
                yield from self._evaluated(expr)

    def _called(self, number: int, depth: int) -> Iterator[Item]:
        callee = self.view.facts.calls[number].callee
        base = callee.base if isinstance(callee, Member) and callee.name == self.view.symbol(self.owner).name else None
        if isinstance(base, CallRef) and self.view.facts.calls[base.call].callee == Name("super"):
            yield Inherited()
        else:
            yield from self._items(callee, depth + 1)  # `IsAdmin()`: the class is what counts

    def _named(self, name: Name, depth: int) -> Iterator[Item]:
        local = [a for a, way in self.view.bindings.get((self.owner, name.id), ()) if not way and a.value is not None]
        lived = [(a, self._lives(a.start)) for a in local]
        kept = [(a, lives) for a, lives in lived if lives is not False]
        for assign, lives in reversed(kept):  # the last that surely holds hides those before it
            assert assign.value is not None
            yield from self._items(assign.value, depth + 1)
            if lives is True:
                break
        if not local:
            yield from self._evaluated(name)

    def _evaluated(self, expr: Value) -> Iterator[Item]:
        for option in options(self.ev.value(expr, self.view.path, self.owner)):
            if isinstance(option, ListV):
                for item in option.items[:20]:
                    yield from options(self.ev.thunk(item))
            else:
                yield option if not isinstance(option, FuncV) else UNKNOWN


def _lived(blocks: list[Block], known: Mapping[str, str], lines: list[str]) -> Iterator[tuple[Block, bool | None]]:
    """Each block of an `if` with whether its body is reached. `blocks` come in the order of the source."""
    chains: dict[int, bool | None] = {}  # where a chain's parent starts -> was one of its branches taken: True, perhaps (None), no (False)
    for block in blocks:
        if block.kind not in ("if", "else"):
            continue
        parent = max((b.start for b in blocks if b is not block and b.start <= block.start and block.end <= b.end), default=-1)
        text = lines[block.line - 1].lstrip() if block.line <= len(lines) else ""
        goes_on = block.kind == "else" or text.startswith(_ELSE_IF)
        taken = chains.get(parent, False) if goes_on else False
        truth = True if block.subject is None else _truth(block.subject, known, 0)
        lives = False if taken is True or truth is False else True if truth is True and taken is False else None
        chains[parent] = True if taken is True or lives is True else None if taken is None or lives is None else False
        yield block, lives


def _truth(expr: Value, known: Mapping[str, str], depth: int) -> bool | None:
    """Is the condition true, as far as the known values tell?"""
    if not isinstance(expr, Op) or depth > MAX_DEPTH:
        return None
    if expr.op in ("not", "!") and len(expr.operands) == 1:
        inner = _truth(expr.operands[0], known, depth + 1)
        return None if inner is None else not inner
    if expr.op in ("and", "&&", "or", "||"):
        parts = [_truth(o, known, depth + 1) for o in expr.operands]
        decides = expr.op in ("or", "||")
        return decides if decides in parts else None if None in parts else not decides
    if len(expr.operands) != 2:
        return None
    first, second = expr.operands
    value = known.get(_written(first))
    if value is None:
        value, second = known.get(_written(second)), first
    wanted = _texts(second)
    if value is None or wanted is None:
        return None
    if expr.op in ("==", "===", "in"):
        return value in wanted
    return value not in wanted if expr.op in ("!=", "!==", "not in") else None


def _texts(expr: Value) -> tuple[str, ...] | None:
    items = expr.items if isinstance(expr, Seq) else (expr,)
    found = tuple(i.value for i in items if isinstance(i, Lit) and isinstance(i.value, str))
    return found if len(found) == len(items) else None


def _written(expr: Value) -> str:
    """`self.action` as it is written; empty for anything but names and members."""
    if isinstance(expr, Name):
        return expr.id
    base = _written(expr.base) if isinstance(expr, Member) else ""
    return f"{base}.{expr.name}" if base and isinstance(expr, Member) else ""
