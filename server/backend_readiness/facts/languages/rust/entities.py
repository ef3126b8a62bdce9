"""SeaORM's entities: `#[derive(DeriveEntityModel)] struct Model` makes `Entity` and `ActiveModel`, which no file writes.

Each is a class that is called like the table, under the name `Entity` or `ActiveModel`, with the base that cards know. The struct has
such a base too; each holds the others as members, so that a card can say which class a row or its changed copy is of.
"""

from __future__ import annotations

from backend_readiness.facts.languages.rust.tree import Walk
from backend_readiness.facts.model import Assign, CallRef, Func, Import, Lit, Member, Symbol, Value

_MADE = ("Entity", "ActiveModel")


def add_entity(w: Walk, symbol: int, decorators: tuple[Value, ...]) -> None:
    """Add what the derive makes beside the struct `symbol`, if it has that derive."""
    calls = [w.builder.calls[d.call] for d in decorators if isinstance(d, CallRef)]
    derived = {
        getattr(a.value, "id", getattr(a.value, "name", "")) for c in calls if getattr(c.callee, "id", "") == "derive" for a in c.args
    }
    if "DeriveEntityModel" not in derived:
        return
    named = (a.value for c in calls if getattr(c.callee, "id", "") == "sea_orm" for a in c.args if a.name == "table_name")
    table = next((v.value for v in named if isinstance(v, Lit) and isinstance(v.value, str)), "Model")
    struct = w.builder.symbols[symbol]
    place = (struct.line, struct.end_line, struct.start, struct.end)
    w.builder.imports.append(Import("sea_orm", None, None, struct.line))
    w.builder.amend(symbol, bases=(*struct.bases, _member(w, "sea_orm", struct.name)))
    family = {struct.name: symbol}
    for name in _MADE:
        made = w.builder.add_symbol(Symbol("class", table, struct.parent, *place, bases=(_member(w, "sea_orm", name),), partial=False))
        w.types[struct.parent, name] = family[name] = made  # what an `impl Entity` adds is its own
        w.builder.assigns.append(Assign(w.builder.name(name), Func(made), None, struct.parent, *place, kind="const"))
    for holder, owner in family.items():
        held = [(n, made) for n, made in family.items() if n != holder]
        w.builder.assigns.extend(Assign(_member(w, "self", n), Func(made), None, owner, *place, kind="const") for n, made in held)


def _member(w: Walk, base: str, name: str) -> Member:
    return Member(w.builder.name(base), w.builder.name(name).id)
