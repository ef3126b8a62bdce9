"""Names that a module fills in when it runs: it loads its folder in a loop, and each file gives one thing that has a name of its own."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Lit, Name, Value
from backend_readiness.graph.values import AV, UNKNOWN, Ext, FuncV, ModV, UnknownV, options
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_FILES = 200
_WHOLE = ("=", "default")


def by_name_below(ev: Evaluator, file: str, name: str) -> AV:
    """A name that a module fills in when it runs: the only definition of it beside or below, or what a file beside makes under it."""
    if name == "then":  # `import("./orders").then((m) => m.router)`
        return Ext("~import().then", ModV(file))
    if name in _WHOLE:
        return UNKNOWN
    folder = file.rpartition("/")[0]
    found = [s for s in ev.world.defining(name) if s.file.startswith(f"{folder}/") or not folder]
    classes = [s for s in found if ev.world.view(s.file).symbol(s.index).kind == "class"]
    chosen = classes or found
    if len(chosen) == 1:
        return ev.symbol_value(chosen[0])
    made = None if chosen else made_beside(ev, file, name)
    return made if made is not None else UnknownV(f"{name} is not exported by {file}")


def made_beside(ev: Evaluator, file: str, name: str) -> AV | None:
    """What one file beside makes under the name: `sequelize.define("order_line", ...)` is `OrderLine`."""
    made = [v for path in _beside(ev, file) if (v := _made(ev, path, name)) is not None]
    return made[0] if len(made) == 1 else None


def _beside(ev: Evaluator, file: str) -> list[str]:
    folder = file.rpartition("/")[0]
    paths = (posixpath.join(folder, entry) for entry in ev.world.entries(folder)[:MAX_FILES])
    return [p for p in paths if p != file and ev.world.has(p)]


def _made(ev: Evaluator, path: str, name: str) -> AV | None:
    """What a file exports, or the function that it exports returns, where a call made it under the name: `db.define("Order", ...)`."""
    view = ev.world.view(path)
    for export in (view.exports.get(key) for key in _WHOLE):
        if export is None or export.value is None:
            continue
        if _names(view, 0, export.value, name):
            return ev.value(export.value, path, 0)
        for option in options(ev.value(export.value, path, 0)):
            scope = option.symbol.index if isinstance(option, FuncV) and option.symbol.file == path else None
            for returned in view.returns.get(scope, ()) if scope is not None else ():
                if returned.value is not None and scope is not None and _names(view, scope, returned.value, name):
                    return ev.value(returned.value, path, scope)
    return None


def _names(view: FileView, scope: int, value: Value, name: str) -> bool:
    """Is the value made by a call whose first argument is the name, in whatever way its words are joined?"""
    if isinstance(value, Name):
        bound = [a.value for a, way in view.bindings.get((scope, value.id), []) if not way]
        return any(v is not None and not isinstance(v, Name) and _names(view, scope, v, name) for v in bound)
    call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
    first = call.args[0].value if call is not None and call.args else None
    return isinstance(first, Lit) and isinstance(first.value, str) and _plain(first.value) == _plain(name)


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
