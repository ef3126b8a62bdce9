"""Classes that stand in front of an object of a container: `class Audit extends Facade` with `getFacadeAccessor() { return Log::class; }`.

What is called on such a class is called on the object. Which bases make one, and the method that names the object, the cards say (the
`accessor` of `stand_ins`). And fields that a class only declares, where such a rule says what they hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.classes import inheritance, injection
from backend_readiness.graph.values import AV, ClassV, Const, FuncV, InstV, SymbolId, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def behind(ev: Evaluator, cls: ClassV, name: str) -> AV | None:
    """The member of the object that the class stands in front of; None when it is no such class or has a method of that name."""
    accessor = next((a for b in inheritance.external_bases(ev, cls) if (a := ev.world.accessor_of(b.path))), "")
    if not accessor or name == accessor:
        return None
    view = ev.world.view(cls.symbol.file)
    found: list[AV] = []
    for child in view.named_children.get((cls.symbol.index, accessor), ()):
        token = ev.invoke(FuncV(SymbolId(view.path, child), cls))
        kept = injection.bound_to(ev, token) or union([InstV(o) if isinstance(o, ClassV) else o for o in options(token)])
        found.extend(ev.member(o, name) for o in options(kept) if isinstance(o, InstV))
    return union(found) if found else None


def fills(ev: Evaluator, cls: ClassV, name: str, found: AV) -> bool:
    """Is a field that the class declares without a value filled by what is above it: `public $Orders = null;`?"""
    bases = inheritance.external_bases(ev, cls) if found == Const(None) else []
    return any(ev.world.stands_for(f"{base.path}.{name}") is not None for base in bases)
