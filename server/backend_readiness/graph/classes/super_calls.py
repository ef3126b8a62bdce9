"""Methods of a base class that are named by `super`: they run on the object, or the class, that their caller runs on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Member, Name, Value
from backend_readiness.graph.classes.inheritance import direct_bases, self_value
from backend_readiness.graph.values import AV, ClassV, Env, Ext, FuncV, InstV, SymbolId, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_IN_ONE_ROW = frozenset({"python"})  # all classes above one stand in a row, and `super()` is the next in it, also one beside its own
_ROOT = "~object"  # stands at the end of every row, also of one whose class writes it first
MAX_ABOVE = 8


def meant(ev: Evaluator, found: AV, expr: Member, file: str, owner: int, env: Env | None) -> AV:
    """What a member is: the one found where its bases lead, and for `super` the one that the receiver of the caller has there."""
    if not is_super(ev, expr.base, file):
        return found
    return _on_receiver(ev, _next_in_row(ev, expr, file, owner, env) or found, file, owner, env)


def is_super(ev: Evaluator, base: Value, file: str) -> bool:
    """`super.save`, `super().save`, `super(Order, cls).save`."""
    return (ev.world.view(file).facts.calls[base.call].callee if isinstance(base, CallRef) else base) == Name("super")


def _on_receiver(ev: Evaluator, found: AV, file: str, owner: int, env: Env | None) -> AV:
    """What is found, with the receiver of its caller: the fields that it reads are those of that class."""
    me = self_value(ev, ev.world.view(file), owner, env)
    if not isinstance(me, InstV | ClassV):
        return found
    return union([FuncV(o.symbol, me, o.env) if isinstance(o, FuncV) and isinstance(o.self_value, InstV) else o for o in options(found)])


def _next_in_row(ev: Evaluator, expr: Member, file: str, owner: int, env: Env | None) -> AV | None:
    """The method of a class that stands beside the one which names it: `class View(Checked, Kept)`, and `super().save()` in `Checked`.

    Which class is next, only that of the receiver says; None where the bases of the class itself have the method, or a class of a package
    that stands before it may have it.
    """
    view = ev.world.view(file)
    holder = view.holder(owner) if view.language in _IN_ONE_ROW else None
    me = self_value(ev, view, owner, env) if holder is not None else None
    cls = (me.holder or me.cls) if isinstance(me, InstV) else me if isinstance(me, ClassV) else None
    if holder is None or cls is None or cls.symbol == SymbolId(file, holder):
        return None
    row = row_of(ev, cls)
    here = next((n for n, c in enumerate(row) if isinstance(c, ClassV) and c.symbol == SymbolId(file, holder)), None)
    for above in row[here + 1 :] if here is not None else ():
        if not isinstance(above, ClassV):
            return None
        if ev.world.view(above.symbol.file).named_children.get((above.symbol.index, expr.name)):
            return ev.member(InstV(above, None, cls) if isinstance(me, InstV) else above, expr.name)
    return None


def row_of(ev: Evaluator, cls: ClassV, depth: int = 0) -> list[AV]:
    """The class and all above it, each before its own bases and these in the order in which they are written (C3)."""
    own = (
        [b for b in direct_bases(ev, cls) if not _same(b, cls) and not (isinstance(b, Ext) and b.path == _ROOT)]
        if depth < MAX_ABOVE
        else []
    )
    rows = [row_of(ev, b, depth + 1) if isinstance(b, ClassV) else list[AV]([b]) for b in own] + [own]
    found: list[AV] = [cls]
    while rows := [r for r in rows if r]:
        first = next((r[0] for r in rows if not any(_stands(r[0], other[1:]) for other in rows)), rows[0][0])
        found.append(first)
        rows = [[c for c in r if not _same(c, first)] for r in rows]
    return found


def _stands(one: AV, row: Sequence[AV]) -> bool:
    return any(_same(one, c) for c in row)


def _same(one: AV, other: AV) -> bool:
    """One class, of the repository or of a package."""
    if isinstance(one, ClassV) and isinstance(other, ClassV):
        return one.symbol == other.symbol
    return one.path == other.path if isinstance(one, Ext) and isinstance(other, Ext) else one is other
