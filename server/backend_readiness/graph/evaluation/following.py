"""Following a path of members from a class or an instance, as cards write it: `Meta.model`, `get_queryset()`, `validate_*`."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, Obj, SymbolId, UnknownV, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def _methods_like(ev: Evaluator, base: AV, pattern: str) -> AV | None:
    """The methods of the class that fit a glob (`validate_*`), its own and inherited ones of the repository."""
    cls = base.cls if isinstance(base, InstV) else base
    if not isinstance(cls, ClassV):
        return None
    found: list[AV] = []
    for owner in (cls, *(b for b in inheritance.bases(ev, cls) if isinstance(b, ClassV))):
        view = ev.world.view(owner.symbol.file)
        for child in view.children.get(owner.symbol.index, ()):
            if view.symbol(child).kind == "method" and fnmatchcase(view.symbol(child).name, pattern):
                found.append(FuncV(SymbolId(view.path, child), base))
    return union(found) if found else None


def follow(ev: Evaluator, base: AV, path: str) -> AV | None:
    """`Meta.model`, `get_form_class().Meta.model` from a class or instance; None where a step is not in the repository."""
    current: AV | None = base
    for step in path.split("."):
        found = None
        for option in options(current) if current is not None else ():
            name = step.removesuffix("()")
            if "*" in name:
                found = _methods_like(ev, option, name)
            elif isinstance(option, Ext):
                found = ev.member(option, name)
            elif isinstance(option, Obj):
                thunk = members.field_thunk(ev, option, name)
                found = ev.thunk(thunk) if thunk is not None else None
            else:
                found = members.own_member(ev, option, name)
            if found is not None:
                break
        if found is None:
            return None
        current = ev.invoke(found) if step.endswith("()") else found
    return None if isinstance(current, UnknownV) else current
