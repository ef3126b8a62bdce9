"""Types that stand for another one: `impl Deref for State { type Target = App; }`, `#[derive(Deref)] struct State(Arc<App>)`.

What such a type does not have itself is asked of the other; so the other is among its bases. What a derive of a library gives a model
that no file writes is likewise that of a base which cards know (`#[derive(HasQuery)] struct User` and `User::query()`, `#[derive(Model)]`).
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.languages.rust.tree import Walk
from backend_readiness.facts.languages.rust.types import type_of
from backend_readiness.facts.model import CallRef, Import, Index, Member, Name, Seq, Value

_POINTERS = frozenset(("Arc", "Rc", "Box"))
_MODELS = frozenset(("HasQuery", "Associations"))


def derived_names(w: Walk, decorators: tuple[Value, ...]) -> set[str]:
    """The last names of what a type derives."""
    calls = [w.builder.calls[d.call] for d in decorators if isinstance(d, CallRef)]
    return {last_name(a.value) or "" for c in calls if last_name(c.callee) == "derive" for a in c.args}


def add_derived_bases(w: Walk, symbol: int, names: set[str]) -> None:
    """The bases that derives stand for."""
    bases: list[Value] = []
    fields = [a for a in w.builder.assigns if a.owner == symbol and a.kind == "field" and a.type is not None]
    if "Deref" in names and len(fields) == 1 and fields[0].type is not None:
        bases.extend(_meant(fields[0].type))
    if not _MODELS.isdisjoint(names):
        bases.append(Member(w.builder.name("diesel"), w.builder.name("Model").id))
        if not any(i.module == "diesel" and i.local is None and i.name is None for i in w.builder.imports):
            w.builder.imports.append(Import("diesel", None, None, w.builder.symbols[symbol].line))
    bases.extend(w.name(n) for n in sorted(names) if n.endswith("Model") and not n.startswith("Derive"))  # a model of a library
    if bases:
        w.builder.amend(symbol, bases=(*w.builder.symbols[symbol].bases, *bases))


def deref_target(w: Walk, node: Node, trait: Value | None) -> list[Value]:
    """What an `impl Deref` says its type stands for."""
    body = node.child_by_field_name("body")
    if body is None or trait is None or last_name(trait) != "Deref":
        return []
    for child in body.named_children:
        name = child.child_by_field_name("name")
        if child.type in ("type_item", "associated_type") and name is not None and w.raw(name) == "Target":
            meant = type_of(w, child.child_by_field_name("type"))
            return _meant(meant) if meant is not None else []
    return []


def _meant(written: Value) -> list[Value]:
    while isinstance(written, Index) and last_name(written.base) in _POINTERS and not isinstance(written.key, Seq):
        written = written.key
    return [written] if isinstance(written, Name | Member) else []
