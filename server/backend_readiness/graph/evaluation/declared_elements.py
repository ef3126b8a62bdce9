"""Elements of a list that a container or a caller out of sight fills: `List<OrderRoute> routes` holds one of each such class."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from backend_readiness.facts.file_index import last_name
from backend_readiness.facts.model import Index, Member, Name, Value
from backend_readiness.graph.values import AV, ClassV, InstV, options
from backend_readiness.graph.views import FileView
from backend_readiness.snapshot.places import is_test

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.world import Graph

LANGUAGES = frozenset({"java", "kotlin"})
_LISTS = frozenset({"List", "Collection", "Set", "Iterable", "Instance", "Sequence", "MutableList", "ArrayList", "Array"})
MAX_CLASSES = 40


def of(ev: Evaluator, view: FileView, listed: Value, owner: int) -> list[AV]:
    """An instance of each class that the type of the elements stands for; empty when they are of one class, or nobody says of which."""
    from backend_readiness.graph.classes.descendants import descendants

    if view.language not in LANGUAGES:
        return []
    written = _type(view, listed, owner)
    if not isinstance(written, Index) or last_name(written.base) not in _LISTS:
        return []
    for option in options(ev.value(written.key, view.path, owner)):
        cls = option.cls if isinstance(option, InstV) else option
        if isinstance(cls, ClassV) and _is_open(ev, cls):
            below = [c for c in descendants(cast("Graph", ev.world), cls) if not _is_open(ev, c) and not is_test(c.symbol.file)]
            return [InstV(c) for c in below] if len(below) <= MAX_CLASSES else []
    return []


def _is_open(ev: Evaluator, cls: ClassV) -> bool:
    """Is it an interface, or a class that cannot be made?"""
    view = ev.world.view(cls.symbol.file)
    symbol = view.symbol(cls.symbol.index)
    lines = ev.world.text(cls.symbol.file).splitlines()[symbol.line - 1 : symbol.line]
    head = lines[0].partition("class ")[0] if lines else ""
    return symbol.kind == "interface" or (symbol.kind == "class" and bool({"abstract", "sealed"} & set(head.split())))


def _type(view: FileView, listed: Value, owner: int) -> Value | None:
    """The written type of a parameter, a variable or a field."""
    name = listed.id if isinstance(listed, Name) else listed.name if isinstance(listed, Member) and listed.base == Name("self") else ""
    for scope in view.enclosing(owner) if name else ():
        symbol = view.symbol(scope)
        for param in symbol.params if isinstance(listed, Name) else ():
            if param.name == name:
                return param.type
        bound = view.bindings.get((scope, name), ()) or [(a, ()) for a in view.fields.get((scope, name), ())]
        if bound:
            return bound[0][0].type
        for index in view.named_children.get((scope, "constructor"), ()) if symbol.kind == "class" else ():
            for param in view.symbol(index).params:
                if param.name == name and param.field:
                    return param.type
    return None
