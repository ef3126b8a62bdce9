"""Members of the enclosing class that are named without `this`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Name
from backend_readiness.graph.classes import inheritance, type_parameters
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.families import family
from backend_readiness.graph.values import AV, ClassV, Env, Ext, FuncV, InstV, SymbolId, union
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_MEMBERS_WITHOUT_THIS = frozenset({"blazor", "csharp", "elixir", "java", "kotlin", "scala"})

_FIELDS_WITH_RECEIVER = frozenset({"go", "rust"})  # a field `http http.Client` hides no package

_PRIVATE = Name("private")

_ADDED_OVERLOADS = frozenset({"scala"})  # a trait of the repository adds `get(path, form)` to the `get(path)` of a servlet


def hides_nothing(view: FileView, name: str) -> bool:
    """Is the member of a class no name in its body? `@get("/x") get() {}`: the decorator is what was imported."""
    return view.language in _FIELDS_WITH_RECEIVER or (family(view.language) == "javascript" and name in view.imports)


def has_running_body(kind: str, language: str) -> bool:
    """Is the body of such a symbol code that sees its own members: that of a class, and that of a trait where traits have one?"""
    return kind == "class" or (kind == "interface" and language == "scala")


def member(ev: Evaluator, name: str, view: FileView, owner: int, scope: int, env: Env | None) -> AV | None:
    """A member of the enclosing class, in languages that need no `this` for it."""
    if view.language not in _MEMBERS_WITHOUT_THIS or name.startswith(":") or "." in name:
        return None
    if type_parameters.is_of_class(view.symbol(scope), name):
        return type_parameters.meaning(ev, view, owner, env)  # `T` of `class Page<T> : List<T>` is no member of the list
    this = inheritance.self_value(ev, view, owner, env)
    if not isinstance(this, InstV) or view.holder(owner) != scope:
        this = InstV(ClassV(SymbolId(view.path, scope)))
    found = _private(view, scope, name, this) or members.own_member(ev, this, name)
    if found is None or (isinstance(found, FuncV) and view.language in _ADDED_OVERLOADS):
        for base in inheritance.external_bases(ev, this.cls):
            if ev.world.is_spoken_of(f"{base.path}.{name}"):
                inherited = Ext(f"{base.path}.{name}", base)
                return union([found, inherited]) if found is not None else members.class_member(ev, this.cls, name, this, this.holder)
    return found


def _private(view: FileView, scope: int, name: str, this: InstV) -> FuncV | None:
    """The private method of the class around the call: what a subclass or a trait beside it calls alike is not meant."""
    if this.cls.symbol == SymbolId(view.path, scope):
        return None
    closed = [i for i in view.named_children.get((scope, name), ()) if _PRIVATE in view.symbol(i).decorators]
    return FuncV(SymbolId(view.path, closed[-1]), this) if closed else None
