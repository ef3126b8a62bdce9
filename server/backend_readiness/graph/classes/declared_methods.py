"""Methods that an interface of the repository declares and a package implements: repositories of Spring Data, mappers of MyBatis.

Which base interfaces and annotations make such an interface, the cards say under `implements`. A call of such a method is a call of the
package (`org.springframework.data.jpa.repository.JpaRepository.findByName`), whose subject is the class that the interface is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Symbol
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, SymbolId, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

MAPPED = "org.apache.ibatis.annotations.Mapper"  # what an interface with a mapper file counts as


def implemented_outside(ev: Evaluator, cls: ClassV, name: str, receiver: AV) -> AV | None:
    """The member as one of the package; None when the class is no such interface."""
    outside = outside_of(ev, cls) or _marked_method(ev, cls, name)
    if outside is None:
        return None
    subject = outside.subject if isinstance(outside.subject, ClassV) else cls
    owner = InstV(cls) if not isinstance(receiver, InstV) or receiver.cls.symbol != cls.symbol else receiver
    above = Ext(outside.path, owner, None, subject, f"{outside.path}()")
    return Ext(f"{outside.path}.{name}", above, None, subject, f"{outside.path}().{name}")


def outside_of(ev: Evaluator, cls: ClassV) -> Ext | None:
    """What implements the interface: a base of a package, or an annotation."""
    view = ev.world.view(cls.symbol.file)
    symbol = view.symbol(cls.symbol.index)
    if symbol.kind != "interface" or not ev.world.has_implementing:
        return None
    for base in inheritance.external_bases(ev, cls):
        if ev.world.is_implementing(base.path):
            return base
    marked = marked_outside(ev, cls)
    if marked is not None:
        return marked
    if ev.world.mapped_statements(cls.symbol.file, symbol.name):
        return Ext(MAPPED, None, None, cls)
    return None


def marked_outside(ev: Evaluator, cls: ClassV) -> Ext | None:
    """The annotation by which a package implements the interface: what the repository has of it stands in when that fails."""
    view = ev.world.view(cls.symbol.file)
    symbol = view.symbol(cls.symbol.index)
    return _mark(ev, view, symbol, cls) if symbol.kind == "interface" and ev.world.has_implementing else None


def _marked_method(ev: Evaluator, cls: ClassV, name: str) -> Ext | None:
    """The annotation of the method itself: `interface Orders { @SqlUpdate("insert into orders ...") void add(Order order); }`."""
    view = ev.world.view(cls.symbol.file)
    if view.symbol(cls.symbol.index).kind != "interface" or not ev.world.has_implementing:
        return None
    methods = (view.symbol(i) for i in view.named_children.get((cls.symbol.index, name), ()) if inheritance.abstract(view, i))
    return next((mark for method in methods if (mark := _mark(ev, view, method, cls)) is not None), None)


def _mark(ev: Evaluator, view: FileView, symbol: Symbol, cls: ClassV) -> Ext | None:
    for decorator in symbol.decorators:
        written = view.facts.calls[decorator.call].callee if isinstance(decorator, CallRef) else decorator
        for value in options(ev.value(written, view.path, max(0, symbol.parent))):
            if isinstance(value, Ext) and ev.world.is_implementing(value.path):
                return Ext(value.path, None, None, cls)
    return None


def brought(ev: Evaluator, made: InstV, name: str) -> Ext | None:
    """A method that a class behind an interface has from its base in a package: `SaveChangesAsync` of `class Db : DbContext, IDb`."""
    for base in inheritance.external_bases(ev, made.cls):
        if ev.world.is_spoken_of(f"{base.path}.{name}"):
            above = Ext(base.path, made, made.site, made.cls, f"{base.path}()")
            return Ext(f"{base.path}.{name}", above, None, made.cls, f"{above.alias}.{name}")
    return None


def declaration(ev: Evaluator, callee: Ext, arguments: int) -> FuncV | None:
    """The method that the interface declares for a call of the package with so many arguments, itself or in one that it extends."""
    above = callee.base
    receiver = above.base if isinstance(above, Ext) else None
    if not isinstance(receiver, InstV):
        return None
    name = callee.path.rpartition(".")[2]
    for cls in (receiver.cls, *(b for b in inheritance.bases(ev, receiver.cls) if isinstance(b, ClassV))):
        view = ev.world.view(cls.symbol.file)
        declared = [c for c in view.named_children.get((cls.symbol.index, name), ()) if inheritance.abstract(view, c)]
        for child in (c for c in declared if len(view.symbol(c).params) == arguments):
            return FuncV(SymbolId(view.path, child), receiver)
    return None


def is_own(view: FileView, declared: FuncV) -> bool:
    """Does the interface that the package implements write the method itself?"""
    receiver = declared.self_value
    return isinstance(receiver, InstV) and receiver.cls.symbol == SymbolId(view.path, view.symbol(declared.symbol.index).parent)
