"""Names without a receiver in languages in which they are calls on `self` (Ruby), and what `self` is there.

In a class body and in the methods of the class itself `self` is the class; in a module it is an instance of what includes the module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.evaluation import constants
from backend_readiness.graph.values import AV, ClassV, Env, Ext, FuncV, InstV, SymbolId, UnknownV, union
from backend_readiness.snapshot.places import is_production

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

MAX_INCLUDERS = 4
# Functions that every object has: no class of a package is asked for them.
_EVERYWHERE = frozenset(
    {
        "Array", "Float", "Integer", "Rational", "String", "abort", "at_exit", "binding", "block_given?", "caller", "catch",
        "class", "eval", "exec", "exit", "fork", "format", "gets", "instance_variable_get", "instance_variable_set", "is_a?",
        "kind_of?", "loop", "method", "nil?", "object_id", "open", "p", "pp", "print", "printf", "putc", "puts", "rand",
        "respond_to?", "select", "send", "public_send", "sleep", "spawn", "sprintf", "srand", "system", "tap", "test", "then",
        "throw", "trap", "warn", "yield",
    }
)  # fmt: skip


def lookup(ev: Evaluator, name: str, view: FileView, owner: int, env: Env | None) -> AV:
    """What a bare name means: a local variable, a constant, a function of the file, a member of `self`, or a global."""
    for scope in view.enclosing(owner):
        symbol = view.symbol(scope)
        if symbol.kind == "class":
            break
        found = ev.in_scope(name, view, scope, symbol, env)
        if found is not None:
            return found
        if symbol.kind in ("method", "function"):
            break
    if name[:1].isupper():
        return constants.lookup(ev, view, owner, name)
    for index in view.named_children.get((0, name), ())[-1:]:
        return FuncV(SymbolId(view.path, index))
    from backend_readiness.graph.classes import inheritance
    from backend_readiness.graph.interface import templates

    this = inheritance.self_value(ev, view, owner, env)
    cls = this.cls if isinstance(this, InstV) else this
    if not isinstance(cls, ClassV):
        given = templates.scope_value(ev, view, owner, name)
        return given if given is not None else Ext(f"~{name}")
    return _of_self(ev, this, cls, name)


def _of_self(ev: Evaluator, this: AV, cls: ClassV, name: str) -> AV:
    from backend_readiness.graph.classes import hosted, inheritance
    from backend_readiness.graph.evaluation import members

    own = members.own_member(ev, this, name)
    if own is not None:
        return own
    if name == "new" and isinstance(this, ClassV):
        return this
    if name in _EVERYWHERE:
        return Ext(f"~{name}")
    if inheritance.external_bases(ev, cls):
        given = hosted.member(ev, cls, this, name)
        return given if given is not None else members.class_member(ev, cls, name, this)
    found = [v for other in includers(ev, cls) if (v := _of_includer(ev, other, this, name)) is not None]
    if found:
        ours: list[AV] = [v for v in found if not isinstance(v, Ext)]
        return union(ours) if ours else found[0]
    return Ext(f"~{name}")


def _of_includer(ev: Evaluator, cls: ClassV, this: AV, name: str) -> AV | None:
    from backend_readiness.graph.classes import inheritance
    from backend_readiness.graph.evaluation import members

    receiver: AV = InstV(cls) if isinstance(this, InstV) else cls
    own = members.own_member(ev, receiver, name)
    if own is not None:
        return own
    return members.class_member(ev, cls, name, receiver) if inheritance.external_bases(ev, cls) else None


def includers(ev: Evaluator, module: ClassV) -> list[ClassV]:
    """Some of the classes that include a module, directly or through another one; tests that include it say nothing of what runs."""
    from backend_readiness.graph.classes import inheritance

    known = ev.constants.includers.get(module.symbol)
    if known is not None:
        return known
    ev.constants.includers[module.symbol] = []
    found: list[ClassV] = []
    name = ev.world.view(module.symbol.file).symbol(module.symbol.index).name
    with ev.fresh():
        served = is_production(module.symbol.file)
        for where in [w for w in ev.world.subclasses(name) if not served or is_production(w.file)][:40]:
            if where != module.symbol and any(
                isinstance(b, ClassV) and b.symbol == module.symbol for b in inheritance.bases(ev, ClassV(where))
            ):
                found.append(ClassV(where))
            if len(found) >= MAX_INCLUDERS:
                break
    ev.constants.includers[module.symbol] = found
    return found


def is_class_level(view: FileView, owner: int) -> bool:
    """Is `self` the class itself, in a body or in a method of the class?"""
    if view.language not in constants.LANGUAGES:
        return False
    for index in view.enclosing(owner):
        symbol = view.symbol(index)
        if symbol.kind != "lambda":
            return symbol.kind == "class" or symbol.is_static
    return False


__all__ = ["UnknownV", "includers", "is_class_level", "lookup"]
