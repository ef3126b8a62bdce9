"""Names of attributes of functions: `#[delete("/")] async fn delete()`, `#[get("/")]` where a glob import has a function of that name.

Attributes have names apart from functions and modules. Such a name is written as a member of `#`, and means only what imports of packages
say of it. Attributes of types and fields speak to what is derived, and stay plain names.
"""

from __future__ import annotations

import msgspec

from backend_readiness.facts.languages.rust.tree import Walk
from backend_readiness.facts.model import ATTRIBUTES, CallRef, Import, Member, Name, Value

_FUNCTIONS = frozenset({"function", "method"})


def set_apart(w: Walk) -> None:
    """Rewrite the names of the attributes of all functions, and note what imports say of them."""
    builder = w.builder
    apart: dict[str, Member] = {}

    def written(value: Value) -> Value:
        return apart.setdefault(value.id, Member(Name(ATTRIBUTES), value.id)) if isinstance(value, Name) else value

    for number, symbol in enumerate(builder.symbols):
        if symbol.kind not in _FUNCTIONS or not symbol.decorators:
            continue
        for decorator in symbol.decorators:
            if isinstance(decorator, CallRef):
                call = builder.calls[decorator.call]
                builder.calls[decorator.call] = msgspec.structs.replace(call, callee=written(call.callee))
        decorators = tuple(written(d) for d in symbol.decorators)
        if decorators != symbol.decorators:
            builder.amend(number, decorators=decorators)
    builder.imports.extend(
        Import(i.module, i.name, ATTRIBUTES + i.local, i.line, i.owner)
        for i in list(builder.imports)
        if i.local is not None and i.local in apart and i.name is not None
    )
