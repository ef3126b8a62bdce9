"""Type parameters of generic classes: what `T` stands for in a method that runs for `Repository<Order>`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Index, Name, Seq, Symbol, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.values import AV, ClassV, Env, InstV, Site, SymbolId, options, union
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"blazor", "csharp", "java", "kotlin", "scala"})
_GIVES = frozenset({"rust"})
_ABOUT = re.compile(r"[TE]|T?(?:Entity|Model|Aggregate|AggregateRoot|Document|Record|Item|Domain\w*|Source)")
_CONVENTIONAL = re.compile(r"T(?:[A-Z]\w*)?")
MAX_LEVELS = 6


def looks_like_parameter(name: str) -> bool:
    """The names that programs give to the first type parameter of a class, the one that it is about."""
    return _ABOUT.fullmatch(name) is not None


def is_of_class(cls: Symbol, name: str) -> bool:
    """Is it a type parameter of a generic class, by its name?"""
    return cls.type_params > 0 and _CONVENTIONAL.fullmatch(name) is not None


def meaning(ev: Evaluator, view: FileView, owner: int, env: Env | None) -> AV | None:
    """The class that the generic class around `owner` is about, for the object that the method runs on; None when it is open."""
    this = inheritance.self_value(ev, view, owner, env)
    if not isinstance(this, InstV):
        return None
    if isinstance(this.holder, ClassV):
        return this.holder
    around = view.holder(owner)
    wanted = SymbolId(view.path, around) if around is not None else None
    return _given_to(ev, this.cls, wanted, 0) if wanted is not None and this.cls.symbol != wanted else None


def given(ev: Evaluator, value: AV, symbol: Symbol, call: Call, site: Site) -> AV:
    """What a call with a type argument gives, known to be about that class: `units.Of<Order>()` of `IRepository<T> Of<T>()`."""
    written = symbol.returns
    if ev.world.view(site.file).language in _GIVES:
        return _named_by_call(ev, value, symbol, call, site)
    if not isinstance(written, Index) or ev.world.view(site.file).language not in LANGUAGES:
        return value
    first = written.key.items[0] if isinstance(written.key, Seq) and written.key.items else written.key
    if not isinstance(first, Name) or not looks_like_parameter(first.id):
        return value
    about = ev.value(call.type_args[0], site.file, call.owner, site.env)
    if not isinstance(about, ClassV):
        return value
    return union([InstV(o.cls, o.site, about) if isinstance(o, InstV) and o.holder is None else o for o in options(value)])


def _named_by_call(ev: Evaluator, value: AV, symbol: Symbol, call: Call, site: Site) -> AV:
    """`parse::<Order>(req)` gives an order, where what the body gives is only what a package makes."""
    said = call.type_args[symbol.type_params - 1] if 0 < symbol.type_params <= len(call.type_args) else None
    meant = ev.value(said, site.file, call.owner, site.env) if said is not None else None
    known = any(isinstance(o, InstV) for o in options(value))
    return InstV(meant, site) if isinstance(meant, ClassV) and not known else value


def _given_to(ev: Evaluator, cls: ClassV, wanted: SymbolId, level: int) -> AV | None:
    """The first type argument that a class, or one of its bases, gives to the base `wanted`."""
    view = ev.world.view(cls.symbol.file)
    for written in view.symbol(cls.symbol.index).bases if level < MAX_LEVELS else ():
        base: Value = written.base if isinstance(written, Index) else written
        for value in options(ev.value(base, view.path, cls.symbol.index)):
            if not isinstance(value, ClassV):
                continue
            if value.symbol == wanted and isinstance(written, Index):
                first = written.key.items[0] if isinstance(written.key, Seq) and written.key.items else written.key
                given = ev.value(first, view.path, cls.symbol.index)
                return given if isinstance(given, ClassV) else None
            found = _given_to(ev, value, wanted, level + 1)
            if found is not None:
                return found
    return None
