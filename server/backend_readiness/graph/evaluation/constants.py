"""Constants of languages that look them up by nesting (Ruby): classes, modules and values by their full name, in whatever file.

A class may be opened again anywhere: all symbols with its full name are its parts. `class A::B` opens B without looking for names in A.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Member, Name
from backend_readiness.graph.evaluation.inflections import snake
from backend_readiness.graph.values import AV, ClassV, Env, Ext, InstV, SymbolId, UnknownV, options, union
from backend_readiness.snapshot.places import is_production

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

LANGUAGES = frozenset({"ruby", "erb", "haml", "slim"})
MAX_CANDIDATES = 400
MAX_PARTS = 24
MAX_ASSIGNED = 3


class Known:
    """What has been looked up: the classes of a full name, what includes a module, the calls of a class that declare members."""

    def __init__(self) -> None:
        self.classes: dict[tuple[str, ...], tuple[SymbolId, ...]] = {}
        self.includers: dict[SymbolId, list[ClassV]] = {}
        self.hosts: dict[SymbolId, SymbolId] | None = None
        self.declaring: dict[SymbolId, dict[str, list[int]]] = {}
        self.everywhere: tuple[tuple[str, ...], ...] | None = None


def full_name(view: FileView, index: int) -> tuple[str, ...]:
    """The names of a class or module and of those that it is written in."""
    names: list[str] = []
    while index > 0:
        symbol = view.symbol(index)
        if symbol.kind != "class":
            break
        names.append(symbol.name)
        index = symbol.parent
    return tuple(reversed(names))


def nesting(view: FileView, owner: int) -> list[tuple[str, ...]]:
    """The full names in which a constant is looked for, the innermost first. The `A` of `class A::B` is none of them."""
    found: list[tuple[str, ...]] = []
    inner_start = -1
    for index in view.enclosing(owner):
        symbol = view.symbol(index)
        if symbol.kind != "class":
            continue
        if symbol.start != inner_start:
            found.append(full_name(view, index))
        inner_start = symbol.start
    return found


def classes_named(ev: Evaluator, name: tuple[str, ...]) -> tuple[SymbolId, ...]:
    """All places where the class or module of that full name is written; the one that says most about it first."""
    known = ev.constants.classes.get(name)
    if known is None:
        found = []
        for where in ev.world.defining(name[-1])[:MAX_CANDIDATES]:
            view = ev.world.view(where.file)
            if view.language in LANGUAGES and view.symbol(where.index).kind == "class" and full_name(view, where.index) == name:
                found.append(where)
        known = ev.constants.classes[name] = tuple(sorted(found, key=lambda s: _rank(ev, s, name))[:MAX_PARTS])
    return known


def class_spelled(ev: Evaluator, text: str) -> ClassV | None:
    """The one class whose full name is `text` but for capitals, as those have that are acronyms (`API::V1::Orders`, `IPPool`).

    Its file is called after it (`ip_pool.rb`).
    """
    names = tuple(part for part in text.split("::") if part)
    wanted = text.lower()
    found: dict[tuple[str, ...], SymbolId] = {}
    named = ev.world.files_named(f"{snake(names[-1])}.rb") if names else ()
    inside = (SymbolId(f, n) for f in named for n, s in enumerate(ev.world.view(f).facts.symbols) if s.name.lower() == names[-1].lower())
    for where in (*ev.world.defining(names[-1])[:MAX_CANDIDATES], *inside) if names else ():
        view = ev.world.view(where.file)
        if view.language in LANGUAGES and view.symbol(where.index).kind == "class":
            own = full_name(view, where.index)
            if "::".join(own).lower() == wanted:
                found.setdefault(own, where)
    return ClassV(next(iter(found.values()))) if len(found) == 1 else None


def _rank(ev: Evaluator, where: SymbolId, name: tuple[str, ...]) -> tuple[bool, bool, bool, int]:
    symbol = ev.world.view(where.file).symbol(where.index)
    stem = "".join(name[-1:]).lower()
    own_file = where.file.rpartition("/")[2].rpartition(".")[0].replace("_", "").lower() == stem
    return (not is_production(where.file), not own_file, not symbol.bases, -symbol.statements)


def parts(ev: Evaluator, where: SymbolId) -> tuple[SymbolId, ...]:
    """The symbols that a class consists of, itself first; none for a class of another language."""
    view = ev.world.view(where.file)
    if view.language not in LANGUAGES:
        return ()
    name = full_name(view, where.index)
    others = [s for s in (classes_named(ev, name) if name else ()) if s != where]
    return (where, *(s for s in others if is_production(s.file) or not is_production(where.file)))


def is_nested(ev: Evaluator, cls: ClassV) -> bool:
    """Is the class written in a language of this module?"""
    return ev.world.view(cls.symbol.file).language in LANGUAGES


def opened_again(ev: Evaluator, cls: ClassV) -> str:
    """The dotted name of a module of a package that the repository only adds to (`module Rails`); empty for one of its own."""
    view = ev.world.view(cls.symbol.file)
    name = ".".join(full_name(view, cls.symbol.index)) if view.language in LANGUAGES else ""
    return name if name and ev.world.is_spoken_of(name) else ""


def qualified(ev: Evaluator, name: tuple[str, ...]) -> AV | None:
    """The class, module or assigned value of a full name; None when the repository has none."""
    found = classes_named(ev, name)
    if found:
        return ClassV(found[0])
    return _assigned(ev, name)


def _assigned(ev: Evaluator, name: tuple[str, ...]) -> AV | None:
    """`LIMIT = 10`, `DB = Sequel.connect(...)`, `Gone = Class.new(StandardError)`."""
    key = ("constant", name)
    if key in ev.active:
        return None
    values: list[AV] = []
    for file, owner in ev.world.variables(name[-1])[:MAX_CANDIDATES]:
        view = ev.world.view(file)
        if view.language not in LANGUAGES or full_name(view, owner) != name[:-1]:
            continue
        for assign, path in view.bindings.get((owner, name[-1]), ())[-1:]:
            if assign.value is not None and not path:
                ev.active.add(key)
                try:
                    values.append(ev.value(assign.value, file, owner))
                finally:
                    ev.active.discard(key)
        if len(values) >= MAX_ASSIGNED:
            break
    return union(values) if values else None


def lookup(ev: Evaluator, view: FileView, owner: int, name: str) -> AV:
    """A bare constant: of the modules around it, of the ancestors of the class, of the top; else of a package."""
    around = nesting(view, owner)
    for above in around:
        found = qualified(ev, (*above, name))
        if found is not None:
            return found
    if around:
        inherited = _inherited(ev, view, owner, name)
        if inherited is not None:
            return inherited
    for above in ((), *_everywhere(ev)):
        found = qualified(ev, (*above, name))
        if found is not None:
            return found
    return Ext(name)


def _everywhere(ev: Evaluator) -> tuple[tuple[str, ...], ...]:
    """The modules that are included outside of any class: what is written in them is known without their names in every file."""
    if ev.constants.everywhere is None:
        ev.constants.everywhere = ()  # none while they are looked for
        found: dict[tuple[str, ...], None] = {}
        for file in ev.world.calling("include")[:MAX_CANDIDATES]:
            view = ev.world.view(file)
            calls = view.facts.calls if view.language in LANGUAGES and is_production(file) else ()
            for call in (c for c in calls if c.owner == 0 and isinstance(c.callee, Name) and c.callee.id == "include"):
                given = [ev.value(a.value, file, 0) for a in call.args]
                inside = [g.symbol for g in given if isinstance(g, ClassV) and ev.world.view(g.symbol.file).language in LANGUAGES]
                found.update((full_name(ev.world.view(s.file), s.index), None) for s in inside)
        ev.constants.everywhere = tuple(found)
    return ev.constants.everywhere


def mixed_in(ev: Evaluator, view: FileView, index: int, name: str) -> AV | None:
    """The module of a name in the class that takes it in, which nobody around sees (`include Billing`: Order::Billing)."""
    found = qualified(ev, (*full_name(view, index), name)) if view.language in LANGUAGES else None
    return found if isinstance(found, ClassV) else None


def _inherited(ev: Evaluator, view: FileView, owner: int, name: str) -> AV | None:
    from backend_readiness.graph.classes import inheritance

    holder = next((i for i in view.enclosing(owner) if view.symbol(i).kind == "class"), None)
    if holder is None:
        return None
    key = ("ancestors", *full_name(view, holder))  # one for all places that open the class: each leads to the others
    if key in ev.active:
        return None
    ev.active.add(key)
    try:
        for base in inheritance.bases(ev, ClassV(SymbolId(view.path, holder))):
            if isinstance(base, ClassV):
                found = qualified(ev, (*full_name(ev.world.view(base.symbol.file), base.symbol.index), name))
                if found is not None:
                    return found
    finally:
        ev.active.discard(key)
    return None


def member(ev: Evaluator, cls: ClassV, name: str) -> AV | None:
    """`Outer::Name`; a name that the repository does not give the module is given by a package. None for another language."""
    view = ev.world.view(cls.symbol.file)
    if view.language not in LANGUAGES or not name[:1].isupper():
        return None
    whole = (*full_name(view, cls.symbol.index), name)
    found = qualified(ev, whole)
    return found if found is not None else Ext(".".join(whole))


def asked_class(ev: Evaluator, view: FileView, call: Call, env: Env | None) -> AV | None:
    """The class of an object that is asked for it: `self.class.find(id)`."""
    if view.language not in LANGUAGES or not isinstance(call.callee, Member) or call.callee.name != "class" or call.args:
        return None
    asked = options(ev.value(call.callee.base, view.path, call.owner, env))
    found: list[AV] = [v.cls for v in asked if isinstance(v, InstV)]
    return union(found) if found else None


def class_of_text(ev: Evaluator, text: str, around: tuple[str, ...] = ()) -> ClassV | None:
    """The class that a text names (`"Admin::User"`), looked for in the modules of `around` from the inside out."""
    names = tuple(part for part in text.split("::") if part)
    for size in range(len(around), -1, -1):
        found = qualified(ev, (*around[:size], *names)) if names else None
        if isinstance(found, ClassV):
            return found
    return None


__all__ = [
    "LANGUAGES",
    "UnknownV",
    "asked_class",
    "class_of_text",
    "class_spelled",
    "classes_named",
    "full_name",
    "lookup",
    "member",
    "mixed_in",
    "parts",
    "qualified",
]
