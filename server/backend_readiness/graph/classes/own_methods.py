"""Methods of the repository behind names of packages: those that it adds to types of packages (a trait of its own in Rust, functions for
another type in a class of Kotlin), and those of the one class that implements an interface of a package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Member
from backend_readiness.graph.classes import inheritance, parts
from backend_readiness.graph.classes.extensions import receiver_of
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, Site, SymbolId, UnknownV, options
from backend_readiness.graph.views import FileView
from backend_readiness.snapshot.places import is_production

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

IMPLEMENTED = frozenset({"csharp", "java", "kotlin"})
_OF_THE_LANGUAGE = ("java.lang.", "java.util.", "java.io.", "kotlin.", "System.", "~", "?")
MAX_CANDIDATES = 12


def meant(ev: Evaluator, callee: AV, site: Site) -> FuncV | None:
    """The method of the repository that a call runs whose receiver is of a package; None where none, or more than one, may be meant."""
    view = ev.world.view(site.file)
    call = view.facts.calls[site.call]
    if not isinstance(call.callee, Member) or not all(isinstance(o, Ext | UnknownV) for o in options(callee)):
        return None
    if view.language == "rust":
        return _by_trait(ev, view, call.callee.name)
    if view.language == "kotlin" and (found := _around(view, call.owner, call.callee.name)) is not None:
        return found
    return _implementing(ev, callee) if view.language in IMPLEMENTED else None


def given(ev: Evaluator, site: Site) -> AV | None:
    """What such a method gives, where that is of a class of the repository: `query.paginate(1)` of `impl<T> Paginate for T`."""
    view = ev.world.view(site.file)
    call = view.facts.calls[site.call]
    if view.language != "rust" or not isinstance(call.callee, Member):
        return None
    method = _by_trait(ev, view, call.callee.name)
    made = ev.invoke(method) if method is not None else None
    if not isinstance(made, InstV) or ev.world.view(made.cls.symbol.file).symbol(made.cls.symbol.index).partial:
        return None  # what it is called on, again
    return made


def _by_trait(ev: Evaluator, view: FileView, name: str) -> FuncV | None:
    """The method of a trait of the repository that the file sees, written for a type of a package: `impl<T> Found for Option<T>`."""
    found: list[SymbolId] = []
    for where in ev.world.defining(name)[:MAX_CANDIDATES]:
        other = ev.world.view(where.file)
        symbol = other.symbol(where.index)
        holder = other.symbol(symbol.parent) if symbol.parent > 0 else None
        if symbol.kind != "method" or holder is None or not holder.partial or not holder.bases or not is_production(where.file):
            continue
        added_to = SymbolId(where.file, symbol.parent)
        trait = last_name(holder.bases[0])
        own = trait and any(ev.world.view(w.file).symbol(w.index).kind == "interface" for w in ev.world.defining(trait))
        if own and parts.declared(ev, added_to) == added_to and (trait in view.imports or other.path == view.path):
            found.append(where)
    return FuncV(found[0]) if len(found) == 1 else None


def _around(view: FileView, owner: int, name: str) -> FuncV | None:
    """The function for another type that a class around the call writes: `private fun ResultRow.toOrder()`."""
    for scope in view.enclosing(owner):
        for child in view.named_children.get((scope, name), ()):
            if view.symbol(scope).kind == "class" and receiver_of(view.symbol(child)) is not None:
                return FuncV(SymbolId(view.path, child))
    return None


def _implementing(ev: Evaluator, callee: AV) -> FuncV | None:
    """The method of the only class that implements an interface of a package, called on a field or parameter of that interface."""
    for option in options(callee):
        typed = option.base if isinstance(option, Ext) else None
        if not isinstance(option, Ext) or not isinstance(typed, Ext) or not typed.path.endswith("()") or typed.site is not None:
            continue
        path = typed.path.removesuffix("()")
        if "(" in path or path.startswith(_OF_THE_LANGUAGE):
            continue
        below = [w for w in ev.world.subclasses(last_step(path))[:MAX_CANDIDATES] if is_production(w.file)]
        classes = {w for w in below if any(isinstance(b, Ext) and b.path == path for b in inheritance.direct_bases(ev, ClassV(w)))}
        if len(classes) == 1:
            (where,) = classes
            name = last_step(option.path)
            for child in ev.world.view(where.file).named_children.get((where.index, name), ()):
                return FuncV(SymbolId(where.file, child), InstV(ClassV(where)))
    return None
