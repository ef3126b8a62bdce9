"""SeaORM's entities: `#[derive(DeriveEntityModel)] struct Model` makes `Entity` and `ActiveModel`, which no file writes.

Each is a class that is called like the table, under the name `Entity` or `ActiveModel`, with the base that cards know.
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
    for name in _MADE:
        base = Member(w.builder.name("sea_orm"), w.builder.name(name).id)
        made = w.builder.add_symbol(Symbol("class", table, struct.parent, *place, bases=(base,), partial=False))
        w.types[struct.parent, name] = made  # what an `impl Entity` adds is its own
        w.builder.assigns.append(Assign(w.builder.name(name), Func(made), None, struct.parent, *place, kind="const"))
