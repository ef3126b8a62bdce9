"""Fields that are set more than once: as parameters of the constructor, and again with something before or behind what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign, CallRef, Concat, Member, Name, Op, Value
from backend_readiness.graph.classes import constructions
from backend_readiness.graph.values import AV, Env, Ext, FuncV, InstV, SymbolId, options
from backend_readiness.graph.views import CONSTRUCTORS, FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_STEPS = 40


def declared_first(ev: Evaluator, view: FileView, index: int, name: str, receiver: AV) -> AV | None:
    """What the constructor was given for a field that it declares as its parameter (`constructor(private url: string)`)."""
    for child in view.children.get(index, ()):
        symbol = view.symbol(child)
        for param in symbol.params if symbol.name in CONSTRUCTORS else ():
            if param.field and param.name.lstrip("$") == name:
                return ev.param(SymbolId(view.path, child), symbol, param, (), instance_env(ev, view, child, receiver))
    return None


def that_tell(assigns: Sequence[Assign], name: str, first: AV | None) -> Sequence[Assign]:
    """Without those that only put something around what the field holds (`this.url = base + this.url`), where more is known."""
    whole = [a for a in assigns if not _builds_on(a.value, Member(Name("self"), name))]
    return whole if first is not None or any(a.value is not None for a in whole) else assigns


def goes_on(view: FileView, index: int, name: str) -> bool:
    """Does the class only go on with what the field holds already (`this.query = this.query.where(...)`)? Then a class above gives it."""
    assigns, held = view.fields.get((index, name), ()), Member(Name("self"), name)
    return bool(assigns) and all(_starts_at(view, a.value, held) for a in assigns)


def _starts_at(view: FileView, value: Value | None, held: Member) -> bool:
    for _ in range(MAX_STEPS):
        if isinstance(value, CallRef):
            value = view.facts.calls[value.call].callee
        elif isinstance(value, Member) and value != held:
            value = value.base
        else:
            break
    return value == held


def made_elsewhere(ev: Evaluator, view: FileView, assigns: Sequence[Assign], receiver: AV) -> Assign | None:
    """The bare declaration of a field of a package's type that a call makes later (`this.http = create({...})`): the call says more."""
    bare = next((a for a in assigns if a.kind == "field" and a.value is None and a.type is not None), None)
    if bare is None or bare.type is None or not any(isinstance(a.value, CallRef) for a in assigns):
        return None
    values = (ev.value(a.value, view.path, a.owner, instance_env(ev, view, a.owner, receiver)) for a in assigns if a.value is not None)
    made = any(isinstance(o, Ext) and o.site is not None and not o.path.startswith("?") for v in values for o in options(v))
    return bare if made and all(isinstance(o, Ext) for o in options(ev.instance_of(bare.type, view.path, bare.owner))) else None


def _builds_on(value: Value | None, held: Member) -> bool:
    parts = value.parts if isinstance(value, Concat) else value.operands if isinstance(value, Op) and value.op == "+" else ()
    return held in parts


def instance_env(ev: Evaluator, view: FileView, owner: int, receiver: AV) -> Env | None:
    """The bindings of the constructor call, when the receiver was made by a known one and the field is set in it.

    A method of a base class runs on the receiver: what it asks itself for (`$this->getModel()`), the class of the receiver answers.
    """
    if not isinstance(receiver, InstV):
        return None
    where = SymbolId(view.path, owner)
    if receiver.site is not None and receiver.cls.symbol == where:  # a function that is used as a constructor
        return ev.bind(FuncV(where, receiver), receiver.site)
    given = constructions.bindings(ev, receiver, where) if view.symbol(owner).name in CONSTRUCTORS else None
    above = view.symbol(owner).kind == "method" and receiver.cls.symbol != SymbolId(view.path, view.symbol(owner).parent)
    return Env(where, {}, receiver, None, 0) if given is None and above else given
