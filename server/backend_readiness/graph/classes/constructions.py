"""What a constructor was given when an object was made: by the call that made it, through the `super(...)` of classes in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Member, Name, Value
from backend_readiness.graph.values import ClassV, Env, FuncV, InstV, Site, SymbolId
from backend_readiness.graph.views import CONSTRUCTORS, FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_LEVELS = 6
_IN_HEADS = frozenset({"kotlin"})


def call_of_base(view: FileView, constructor: int) -> int | None:
    """The call in a constructor that runs the one of the base: `super(...)`, `super().__init__(...)`, `parent::__construct(...)`."""
    found: int | None = None
    for number in view.calls_of.get(constructor, ()):
        callee = view.facts.calls[number].callee
        if isinstance(callee, Member) and callee.name in CONSTRUCTORS and _is_super(view, callee.base):
            return number  # and not the `super()` in it
        if found is None and _is_super(view, callee.base if isinstance(callee, Member) else callee):
            found = number
    return found


def call_of_header(view: FileView, cls: int) -> int | None:
    """The call of the base that stands in the head of a class of Kotlin: `class Orders : Part("/orders")`."""
    numbers = view.calls_of.get(cls, ()) if view.language in _IN_HEADS else ()
    return next((n for n in numbers if view.facts.calls[n].callee == Name("super")), None)


def is_inherited(view: FileView, value: Value, name: str) -> bool:
    """Is it what the base class has under that name (`super().urls`)?"""
    return isinstance(value, Member) and value.name == name and _is_super(view, value.base)


def _is_super(view: FileView, value: Value) -> bool:
    return value == Name("super") or (isinstance(value, CallRef) and view.facts.calls[value.call].callee == Name("super"))


def constructor_of(view: FileView, cls: int) -> int | None:
    return next((i for i in view.children.get(cls, ()) if view.symbol(i).name in CONSTRUCTORS), None)


def bindings(ev: Evaluator, made: InstV, constructor: SymbolId) -> Env | None:
    """The parameters of `constructor`, which is that of the class of `made` or of a base; None when nothing tells."""
    from backend_readiness.graph.classes import inheritance

    wanted = SymbolId(constructor.file, ev.world.view(constructor.file).symbol(constructor.index).parent)
    current, site = made.cls, made.site
    for _ in range(MAX_LEVELS):
        if current.symbol == wanted:
            return ev.bind(FuncV(constructor, made), site) if site is not None else None
        view = ev.world.view(current.symbol.file)
        own = constructor_of(view, current.symbol.index)
        header = call_of_header(view, current.symbol.index)
        if own is None and header is not None:
            site = Site(view.path, header, None)
        elif own is not None:
            number = call_of_base(view, own) if header is None else header
            if number is None:
                return None
            env = ev.bind(FuncV(SymbolId(view.path, own), made), site) if site is not None else None
            site = Site(view.path, number, env)
        above = next((b for b in inheritance.direct_bases(ev, current) if isinstance(b, ClassV)), None)
        if above is None:
            return None
        current = above
    return None
