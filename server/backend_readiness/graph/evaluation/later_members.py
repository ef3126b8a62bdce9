"""Members that an object gets after it was made: `const api = {}; api.list = ...`, also under names that a loop computes.

`["get", "post"].forEach((verb) => { api[verb] = (url) => ... })` gives the object one member for each name of a list that is written out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign, CallRef, Func, Index, Lit, Name, Value
from backend_readiness.graph.evaluation import filled_in, put_elsewhere
from backend_readiness.graph.families import family
from backend_readiness.graph.values import AV, ClassV, Const, Ext, Thunk, UnknownV, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

MAX_COMPUTED = 6
MAX_FUNCTIONS = 120


def assigned(ev: Evaluator, place: Thunk, name: str) -> AV | None:
    """What is assigned to the member of the object that is written at `place`, anywhere in its file."""
    view = ev.world.view(place.file)
    ends = {a.end for a in view.facts.assigns if a.value is place.expr}
    whole = view.exports.get("=")
    if whole is not None and whole.value is place.expr:
        ends |= {a.end for a in view.member_assigns.get((0, "module", "exports"), ())}
    for assign in view.facts.assigns:  # `module.exports = db = {}` assigns one object twice
        if assign.end not in ends or assign.value != place.expr or not isinstance(assign.target, Name):
            continue
        for later in view.member_assigns.get((assign.owner, assign.target.id, name), ())[-2:]:
            if later.value is not None:
                is_export = whole is not None and whole.value is place.expr
                other = put_elsewhere.value_of(ev, place.file, name, later.value) if is_export else None
                return other or ev.value(later.value, place.file, later.owner, place.env)
        inside = _in_functions(ev, view, assign, assign.target.id, name)
        if inside is not None:
            return inside
        if assign.target.id in view.filled_later:
            found = _computed(ev, view, assign, name) or filled_in.made_beside(ev, place.file, name)
            if found is not None:
                return found
    exported = whole is not None and (whole.value is place.expr or _is_named(view, place, whole.value))
    return put_elsewhere.added(ev, place.file, name) if exported else None


def _is_named(view: FileView, place: Thunk, name: Value | None) -> bool:
    """Does the name stand for the object that is written there?"""
    return isinstance(name, Name) and any(a.value is place.expr and a.target == name and a.owner == 0 for a in view.facts.assigns)


def of_class(ev: Evaluator, cls: ClassV, name: str, field: AV | None) -> AV | None:
    """What a method of a class puts on the class itself, where the field says nothing: `Server.instance = new Server()`."""
    view = ev.world.view(cls.symbol.file)
    told = field is not None and not all(isinstance(o, UnknownV) or o == Const(None) for o in options(field))
    if told or family(view.language) != "javascript" or name not in view.member_names:
        return field
    known = view.symbol(cls.symbol.index).name
    for child in view.children.get(cls.symbol.index, ()):
        for later in view.member_assigns.get((child, known, name), ()):
            if later.value is not None:
                return ev.value(later.value, view.path, later.owner)
    return field


def of_made(ev: Evaluator, made: Ext, name: str) -> AV | None:
    """A function that a file puts on what a call of a package made: `const Order = db.define("order"); Order.open = () => { ... }`."""
    if made.site is None or not made.path.endswith(")"):
        return None
    view = ev.world.view(made.site.file)
    if family(view.language) != "javascript" or name not in view.member_names:
        return None
    for assign in view.facts.assigns:
        if assign.value != CallRef(made.site.call) or not isinstance(assign.target, Name):
            continue
        for later in view.member_assigns.get((assign.owner, assign.target.id, name), ())[-1:]:
            return ev.value(later.value, view.path, later.owner) if isinstance(later.value, Func) else None
    return None


def _in_functions(ev: Evaluator, view: FileView, made: Assign, holder: str, name: str) -> AV | None:
    """What a function of the file puts into the object: `const db = {}; async function connect() { db.orders = define(...) }`."""
    for number in range(1, min(len(view.facts.symbols), MAX_FUNCTIONS)):
        later = view.member_assigns.get((number, holder, name), [])
        around = view.enclosing(number) if later else []
        own = [n for n in around if n != made.owner and n not in view.enclosing(made.owner)]
        if not own or made.owner not in around or later[-1].value is None:
            continue
        if any((n, holder) in view.bindings or any(p.name == holder for p in view.symbol(n).params) for n in own):
            continue  # a name of the function's own
        return ev.value(later[-1].value, view.path, number)
    return None


def names(ev: Evaluator, view: FileView, function: int) -> set[str]:
    """The names of the members that a loop makes of one function, one in each round."""
    from backend_readiness.graph.evaluation import loops

    found: set[str] = set()
    for later in view.facts.assigns if view.filled_later else ():
        if later.value != Func(function) or not isinstance(later.target, Index) or isinstance(later.target.key, Lit):
            continue
        for env in loops.bindings(ev, view, later.owner, later.start, later.end):
            key = ev.value(later.target.key, view.path, later.owner, env)
            if isinstance(key, Const) and isinstance(key.value, str):
                found.add(key.value)
    return found


def _computed(ev: Evaluator, view: FileView, made: Assign, name: str) -> AV | None:
    """The value of the round in which a loop assigns to the member of that name."""
    from backend_readiness.graph.evaluation import loops

    holder = made.target
    seen = 0
    for later in view.facts.assigns:
        target = later.target
        if not isinstance(target, Index) or target.base != holder or isinstance(target.key, Lit) or later.value is None:
            continue
        if made.owner not in view.enclosing(later.owner) or seen >= MAX_COMPUTED:
            continue
        seen += 1
        for env in loops.bindings(ev, view, later.owner, later.start, later.end):
            if ev.value(target.key, view.path, later.owner, env) == Const(name):
                return ev.value(later.value, view.path, later.owner, env)
    return None
