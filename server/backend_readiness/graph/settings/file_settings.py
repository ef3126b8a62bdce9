"""Settings that files return as arrays: `config("shop.admin.path")` is the entry `admin.path` of what `config/shop.php` returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.values import AV, Const, ModV, Obj, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def setting_in_file(ev: Evaluator, value: AV, folders: tuple[str, ...], importer: str) -> AV | None:
    """The value behind a dotted name: a file of one of the folders and keys in what it returns. None: there is no such file or key."""
    if not isinstance(value, Const) or not isinstance(value.value, str) or "." not in value.value:
        return None
    name, *keys = value.value.split(".")
    for folder in folders:
        file = ev.world.resolve(f"{folder}/{name}.php", importer)
        if file is None:
            continue
        current: AV | None = exports.module_value(ev, file)
        for key in keys:
            thunk = next((t for o in options(current) if (t := members.field_thunk(ev, o, key)) is not None), None) if current else None
            current = ev.thunk(thunk) if thunk is not None else None
        if current is not None and not isinstance(current, Obj | ModV):
            return current
    return None
