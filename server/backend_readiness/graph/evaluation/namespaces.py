"""All that a module exports, for code that goes over it: `Object.values(controllers)` of `import * as controllers from "./controllers"`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Name
from backend_readiness.graph.values import ModV, Obj, Thunk

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_NAMES = 400
MAX_DEPTH = 5
_WHOLE = "="


def given(ev: Evaluator, module: ModV, depth: int = 0) -> Iterator[tuple[str, Thunk]]:
    """Name and value of each export, with those that are passed on from other files; a default that is passed on whole is left out."""
    view = ev.world.view(module.file)
    whole = view.exports.get(_WHOLE)
    value = ev.value(whole.value, module.file, 0) if whole is not None and whole.value is not None else None
    if isinstance(value, Obj):
        yield from list(value.fields.items())[:MAX_NAMES]
        return
    for name, export in list(view.exports.items())[:MAX_NAMES]:
        if export.module is None:
            if export.value is not None and name != _WHOLE:
                yield name, Thunk(module.file, 0, export.value, None)
        elif depth < MAX_DEPTH and isinstance(export.value, Name) and export.value.id != "*":
            target = ev.world.resolve(export.module, module.file)
            inner = dict(given(ev, ModV(target), depth + 1)) if target is not None else {}
            if export.value.id in inner:
                yield name, inner[export.value.id]
    for star in view.exported_stars if depth < MAX_DEPTH else ():
        target = ev.world.resolve(star, module.file)
        if target is not None and target != module.file:
            yield from ((n, t) for n, t in given(ev, ModV(target), depth + 1) if n != "default")
