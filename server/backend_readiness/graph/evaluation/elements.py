"""What stands behind `base[key]`: a member by its text, an element by its number, one of several by a key that is open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.facts.model import ELEMENT, Index, Lit, Member, Name, Op, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import constants
from backend_readiness.graph.values import AV, UNKNOWN, ClassV, Const, Env, Ext, FuncV, InstV, ListV, Obj, ParamV, UnionV, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


_ALIASES = frozenset({"rust"})
_NUMBERED = re.compile(r"\[(\d{1,4})\]")
_PARTS = {**{f"Item{n}": n - 1 for n in range(1, 9)}, "Key": 0, "Value": 1}  # of tuples and pairs: `route.Item1`, `entry.Key`


def index_of(name: str) -> int | None:
    """The place in a list that a step of a path names."""
    found = _NUMBERED.fullmatch(name)
    return int(found.group(1)) if found is not None else _PARTS.get(name)


def each(ev: Evaluator, value: AV) -> AV:
    """What a loop over the value yields."""
    if isinstance(value, ListV):
        return union([ev.thunk(t) for t in value.items[:12]])
    if isinstance(value, UnionV):
        return union([each(ev, o) for o in value.options])
    if isinstance(value, ClassV) and constants.is_nested(ev, value):
        return InstV(value)  # `Order.find_each do |order|`
    if isinstance(value, FuncV):
        return inheritance.elements_of_property(ev, value)
    return ev.member(value, "[]") if isinstance(value, Ext | ParamV) else UNKNOWN


def own_list(ev: Evaluator, cls: ClassV) -> AV | None:
    """The type of the elements of a type that is a list with a name of its own (`type Routes []Route`); None for any other."""
    view = ev.world.view(cls.symbol.file)
    bound = view.bindings.get((cls.symbol.index, ELEMENT))
    value = bound[0][0].value if bound else None
    return ev.value(value, view.path, cls.symbol.index) if value is not None else None


def indexed(ev: Evaluator, expr: Index, file: str, owner: int, env: Env | None) -> AV:
    """The value of `expr` as written in symbol `owner` of `file`."""
    base = ev.value(expr.base, file, owner, env)
    if isinstance(base, ClassV) and ev.world.view(base.symbol.file).symbol(base.symbol.index).kind != "enum":
        return base  # a class with type arguments: `Repository[User]`
    back = _from_end(expr) if isinstance(base, ListV) else 0
    if back and isinstance(base, ListV):
        return ev.thunk(base.items[-back]) if back <= len(base.items) else UNKNOWN
    if isinstance(base, Ext) and isinstance(expr.key, Op) and expr.key.op == ":":
        return base  # a part of a collection is a collection of the same: `orders[:10]`
    kept = _kept_here(ev, expr, file, owner, env) if isinstance(base, Obj) and not base.fields else None
    if kept is not None:
        return kept
    key = ev.value(expr.key, file, owner, env)
    if isinstance(base, Obj) and isinstance(expr.base, Name) and expr.base.id in ev.world.view(file).filled_later:
        return Ext(f"?{expr.base.id}.{key.value if isinstance(key, Const) else '[]'}", base)  # what it began with says nothing
    if isinstance(key, Const) and isinstance(key.value, str):
        return ev.element_of(base) if isinstance(base, ListV) else ev.member(base, key.value)
    if isinstance(key, Const) and isinstance(key.value, int):
        return ev.member(base, f"[{key.value}]")
    if isinstance(key, UnionV) and all(isinstance(k, Const) for k in key.options):
        return union([ev.member(base, str(k.value)) for k in key.options if isinstance(k, Const)])
    if isinstance(base, Obj):
        return union([ev.thunk(t) for t in list(base.fields.values())[:8]])
    return ev.member(base, "[]")


def _kept_here(ev: Evaluator, expr: Index, file: str, owner: int, env: Env | None) -> AV | None:
    """What the function around puts under the same key of an empty table: `if name not in made: made[name] = make(name)`."""
    if isinstance(expr.key, Lit):
        return None
    puts = [
        a.value for a in ev.world.view(file).assigns_of.get(owner, ()) if a.target == expr and a.kind == "assign" and a.value is not None
    ]
    return ev.value(puts[0], file, owner, env) if len(puts) == 1 and puts[0] != expr else None


def _from_end(expr: Index) -> int:
    """`args[args.length - 2]` is 2: the element counted from the end of the list itself; 0 for any other key."""
    if not isinstance(expr.key, Op) or expr.key.op != "-" or len(expr.key.operands) != 2:
        return 0
    length, back = expr.key.operands
    whole = isinstance(length, Member) and length.name == "length" and length.base == expr.base
    return back.value if whole and isinstance(back, Lit) and isinstance(back.value, int) and not isinstance(back.value, bool) else 0


def of_alias(ev: Evaluator, written: Value, value: AV, file: str) -> AV:
    """`type Schema = RootNode<Query>;`: what `Schema::new` is asked of is the type itself."""
    if not isinstance(written, Name) or not isinstance(value, Ext) or not value.path.endswith("[]") or value.base is None:
        return value
    return value.base if ev.world.view(file).language in _ALIASES and written.id[:1].isupper() else value
