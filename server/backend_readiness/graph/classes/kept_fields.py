"""What a class keeps in its fields, by its constructor and by what is assigned to them."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from backend_readiness.graph.classes import constructed, own_fields, parts, structural, types
from backend_readiness.graph.evaluation import earlier_names, marked_settings, results
from backend_readiness.graph.values import AV, ClassV, Const, Env, Ext, FuncV, InstV, ListV, Obj, Site, SymbolId, UnknownV, union
from backend_readiness.graph.views import CONSTRUCTORS

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def field_value(ev: Evaluator, cls: ClassV, name: str, receiver: AV) -> AV | None:
    """What a class keeps in a field of its own, also where a method has the same name; None when nothing tells."""
    given = constructed.given_field(ev, receiver, ev.world.view(cls.symbol.file), cls.symbol.index, name)
    if given is not None and not results.is_open(given):
        return given
    pieces = ((ev.world.view(p.file), p.index) for p in parts.parts(ev, cls))
    set_first = next((v for at in pieces if (v := own_fields.declared_first(ev, *at, name, receiver)) is not None), None)
    for where in parts.parts(ev, cls):
        field = set_in(ev, where, name, receiver, cls.env, set_first)
        if field is not None:
            return field
    return set_first


def set_in(ev: Evaluator, where: SymbolId, name: str, receiver: AV, env: Env | None = None, first: AV | None = None) -> AV | None:
    """What is assigned to the field in one symbol of the class, beside what it has at `first`; None when nothing tells.

    What only puts something before or behind it (`this.url = base + this.url`) does not count where more is known.
    """
    view, index = ev.world.view(where.file), where.index
    assigns = own_fields.that_tell(view.fields.get((index, name), ()), name, first)
    if not assigns:
        return None
    values: list[AV] = [first] if first is not None else []
    declared_as: list[AV] = []
    made = own_fields.made_elsewhere(ev, view, assigns[-4:], receiver)
    for assign in assigns[-4:]:
        if assign is made:
            continue
        if assign.value is not None:
            around = earlier_names.hiding(ev, assign) if assign.owner == index else nullcontext()  # `orders = orders.Orders()`
            with around:
                value = ev.value(assign.value, view.path, assign.owner, own_fields.instance_env(ev, view, assign.owner, receiver))
            if isinstance(value, FuncV) and value.self_value is None:
                value = FuncV(value.symbol, receiver, value.env)
            elif view.symbol(assign.owner).name in CONSTRUCTORS:
                value = _made_for(value, receiver, where, assign.owner)
            elif assign.kind == "field":
                value = types.meant(ev, _held(value, receiver), assign.type, view, index, env)
            values.append(value)
        elif (setting := marked_settings.of_field(ev, view, assign)) is not None:
            values.append(setting)
        if assign.type is not None and not any(isinstance(v, InstV | Ext | FuncV | Obj | Const) for v in values):
            typed = ev.instance_of(assign.type, view.path, index, env)
            element = ev.element_of(typed) if isinstance(typed, ListV) else typed  # `routes []Route` of an interface
            pairs = typed is not element and isinstance(element, ListV)  # `Vec<(&str, Router)>`
            left_open = pairs or structural.is_one_of_several(ev, element)
            kept = constructed.kept_field(ev, ClassV(where), name) if left_open else None
            values.append(kept if kept is not None else typed)
            declared_as.append(values[-1])
    values = [v for v in values if v not in declared_as or not _is_said_nearer(ev, v, values)]
    declared = all(a.value is None for a in assigns)  # `abstract route: string`: a subclass has it
    return union(values) if values and not (declared and all(isinstance(v, UnknownV) for v in values)) else None


def _is_said_nearer(ev: Evaluator, typed: AV, values: list[AV]) -> bool:
    """Is another value of a class below the declared type of a package: `Model $model`, which the constructor is given an Order for?"""
    from backend_readiness.graph.classes import inheritance

    if not isinstance(typed, Ext) or not typed.path.endswith("()"):
        return False
    known = (v for v in values if isinstance(v, InstV))
    return any(b.path == typed.path.removesuffix("()") for v in known for b in inheritance.external_bases(ev, v.cls))


def _held(value: AV, receiver: AV) -> AV:
    """What an outside constructor made for a field of a class body knows the class (`Order.objects`, `Order.id`)."""
    cls = receiver.cls if isinstance(receiver, InstV) else receiver
    if not isinstance(cls, ClassV):
        return value
    if isinstance(value, Ext) and value.subject is None and value.site is not None and value.path.endswith("()") and value.known:
        return Ext(value.path, value.base, value.site, cls)
    return InstV(value.cls, value.site, cls) if isinstance(value, InstV) and value.site is not None else value


def _made_for(value: AV, receiver: AV, where: SymbolId, owner: int) -> AV:
    """What the constructor of a base class makes of a package (`this.router = Router()`) is another one for each class below it."""
    if not isinstance(value, Ext) or value.site is None or value.site.env is not None or not value.path.endswith("()"):
        return value
    if not isinstance(receiver, InstV) or receiver.cls.symbol == where:
        return value
    made = Site(value.site.file, value.site.call, Env(SymbolId(where.file, owner), {}, receiver, None, 0))
    return Ext(value.path, value.base, made, value.subject, value.alias)
