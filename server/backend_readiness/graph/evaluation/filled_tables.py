"""Tables that are filled entry by entry: `routes := make(map[string]Route)`, `routes["list"] = Route{...}`, also in a loop or in `init`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign, Index, Lit, Name, Op, Record, Value
from backend_readiness.graph.values import AV, Const, Env, Obj, Thunk

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

_LANGUAGES = frozenset({"go"})
MAX_ENTRIES = 400
MAX_FILES = 40


def filled(ev: Evaluator, assign: Assign, view: FileView, scope: int, env: Env | None) -> AV | None:
    """The table that a name holds after all entries that are put into it; None for any other assignment, and where none is put later."""
    if view.language not in _LANGUAGES or not isinstance(assign.target, Name) or not _is_table(assign):
        return None
    name = assign.target.id
    later = [(f, a) for f in _files(ev, view, scope, name) for a in _entries(ev.world.view(f), scope, name)]
    if not later:
        return None
    begun = ev.value(assign.value, view.path, scope, env) if assign.value is not None else None
    fields = dict(begun.fields) if isinstance(begun, Obj) else {}
    for file, entry in later[:MAX_ENTRIES]:
        for key, value in _put(ev, file, entry, scope, env):
            fields[key] = value
    place = begun.place if isinstance(begun, Obj) else Thunk(view.path, scope, assign.value or Lit(None), env)
    return Obj(fields, begun.spreads if isinstance(begun, Obj) else (), place)


def _is_table(assign: Assign) -> bool:
    value = assign.value
    made = value.operands[-1] if isinstance(value, Op) and value.op == "as" else assign.type if value is None else None
    return isinstance(value, Record) or (isinstance(made, Index) and made.base == Name("map"))


def _files(ev: Evaluator, view: FileView, scope: int, name: str) -> list[str]:
    """Where entries may be put: in the function, or in the files of the package whose variable it is."""
    package = next(iter(ev.world.packages_seen(view.path)), None) if scope == 0 else None
    return [f for f in ev.world.naming(name) if package is not None and f in package.files][:MAX_FILES] or [view.path]


def _entries(view: FileView, scope: int, name: str) -> list[Assign]:
    """What is put into the table under that name, where the name means no other."""
    found: list[Assign] = []
    for later in view.facts.assigns:
        if isinstance(later.target, Index) and later.target.base == Name(name) and later.value is not None:
            inner = next((s for s in view.enclosing(later.owner) if (s, name) in view.bindings), 0)
            found.extend([later] if inner == scope else [])
    return found


def _put(ev: Evaluator, file: str, entry: Assign, scope: int, env: Env | None) -> list[tuple[str, Thunk]]:
    from backend_readiness.graph.evaluation import loops

    view = ev.world.view(file)
    outer = env if scope != 0 else None
    rounds: list[Env | None] = [*loops.bindings(ev, view, entry.owner, entry.start, entry.end)]
    found: list[tuple[str, Thunk]] = []
    for bound in rounds or [outer]:
        key = ev.value(_key(entry), file, entry.owner, bound)
        name = str(key.value) if isinstance(key, Const) and isinstance(key.value, str) else f"?{entry.start}"
        if entry.value is not None:
            found.append((name, Thunk(file, entry.owner, entry.value, bound)))
    return found


def _key(entry: Assign) -> Value:
    return entry.target.key if isinstance(entry.target, Index) else Lit(None)
