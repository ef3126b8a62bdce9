"""Members of objects that scripts of a page share without importing them: `Shop.Api = {}; Shop.Api.load = function (path) { ... }`.

Only functions that a script without imports and exports puts there itself; one that two scripts put there is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Func, Record, Value
from backend_readiness.graph import templates
from backend_readiness.graph.values import AV, Ext, FuncV, SymbolId

if TYPE_CHECKING:
    from backend_readiness.graph.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

MAX_NESTED = 4
_ROOTS = ("~window.", "~globalThis.", "~self.", "~")


def member(ev: Evaluator, base: Ext, name: str) -> AV | None:
    """The function of that name on a global object that nobody imports; None when no script, or more than one, tells."""
    root = next((r for r in _ROOTS if base.path.startswith(r)), None)
    chain = base.path[len(root) :] if root is not None else ""
    if not chain or "(" in chain or "[" in chain:
        return None
    if (chain, name) not in ev.global_members:
        put = ev.world.variables(name, "lambda")
        near = set(ev.world.naming(chain.rpartition(".")[2])) if put else ()
        found = [SymbolId(path, number) for path, number in put if path in near and _puts(ev.world.view(path), number, chain)]
        ev.global_members[chain, name] = FuncV(found[0]) if len(found) == 1 else None
    return ev.global_members[chain, name]


def _puts(view: FileView, symbol: int, chain: str) -> bool:
    return templates.is_shared(view) and _holder(view, symbol) in (chain, f"window.{chain}")


def _holder(view: FileView, symbol: int) -> str | None:
    """The chain of names under whose last step a function is put: `Shop.Api` of `Shop.Api.load = function () {}`."""
    name = view.symbol(symbol).name
    for assign in view.facts.assigns:
        written = dotted(assign.target)
        if written is None or any((i, written.partition(".")[0]) in view.bindings for i in view.enclosing(assign.owner) if i > 0):
            continue
        if isinstance(assign.value, Func) and assign.value.symbol == symbol:
            return written.rpartition(".")[0] or None
        way = _way(assign.value, symbol, 0)
        if way is not None:
            return ".".join((written, *way[:-1])) if way[-1] == name else None
    return None


def _way(value: Value | None, symbol: int, depth: int) -> tuple[str, ...] | None:
    """The keys that lead to a function in an object that is written out."""
    if not isinstance(value, Record) or depth >= MAX_NESTED:
        return None
    for key, item in value.items:
        if key is None:
            continue
        if isinstance(item, Func) and item.symbol == symbol:
            return (key,)
        way = _way(item, symbol, depth + 1)
        if way is not None:
            return (key, *way)
    return None
