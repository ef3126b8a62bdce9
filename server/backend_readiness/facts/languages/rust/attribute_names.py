"""Names of attributes that a file gives to something else too: `#[delete("/")] async fn delete()`, `#[post("/")]` beside `mod post`.

Attributes, functions and modules have names apart. Where one name is used for both, the attribute is written as a member of `#` and is
found only among imports; every other attribute stays a plain name.
"""

from __future__ import annotations

import msgspec

from backend_readiness.facts.languages.rust.tree import Walk
from backend_readiness.facts.model import ATTRIBUTES, Import, Member, Name, Value

_OWN = frozenset({"crate", "self", "super"})
_TYPES = frozenset({"class", "interface", "enum"})


def set_apart(w: Walk) -> None:
    """Rewrite the attributes whose names mean something else in the file, and note what imports say of them."""
    builder = w.builder
    inside = [i for i in builder.imports if i.name is not None or i.module.partition(".")[0] in _OWN]
    modules = {i.local for i in inside if i.local in w.heads}
    taken = modules | {s.name for s in builder.symbols if s.kind not in _TYPES}
    apart: dict[str, Member] = {}

    def written(value: Value) -> Value:
        if not isinstance(value, Name) or value.id not in taken:
            return value
        return apart.setdefault(value.id, Member(Name(ATTRIBUTES), value.id))

    for number, call in enumerate(builder.calls):
        if call.kind == "decorator" and (callee := written(call.callee)) is not call.callee:
            builder.calls[number] = msgspec.structs.replace(call, callee=callee)
    for number, symbol in enumerate(builder.symbols):
        decorators = tuple(written(d) for d in symbol.decorators)
        if decorators != symbol.decorators:
            builder.amend(number, decorators=decorators)
    builder.imports.extend(
        Import(i.module, i.name, ATTRIBUTES + i.local, i.line, i.owner)
        for i in list(builder.imports)
        if i.local is not None and i.local in apart and i.name is not None
    )
