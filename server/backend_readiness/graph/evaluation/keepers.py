"""Functions that make a value once and keep it: `remember("db", () => new Client())` stands for what its function makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Func
from backend_readiness.graph.values import AV, Ext, FuncV, InstV, SymbolId, UnknownV, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def kept(ev: Evaluator, callee: FuncV, call: Call, file: str, result: AV) -> AV:
    """The result of a call; where nothing is known of it, what the function given to it makes, if the callee calls that."""
    if any(not isinstance(o, UnknownV) and not (isinstance(o, Ext) and o.path.startswith(("?", "~"))) for o in options(result)):
        return result
    view = ev.world.view(callee.symbol.file)
    formal = [p for p in view.symbol(callee.symbol.index).params if p.name != "self"]
    for position, arg in enumerate(call.args[: len(formal)]):
        if not isinstance(arg.value, Func) or ev.world.view(file).symbol(arg.value.symbol).params:
            continue
        runs = any(view.facts.calls[n].owner in view.body(callee.symbol.index) for n in view.calls_by_name.get(formal[position].name, ()))
        made = ev.invoke(FuncV(SymbolId(file, arg.value.symbol))) if runs else None
        known: list[AV] = [o for o in options(made) if _is_known(o)] if made is not None else []
        if known:
            return union(known)
    return result


def _is_known(value: AV) -> bool:
    return isinstance(value, InstV) or (isinstance(value, Ext) and value.known and not value.path.startswith("~"))
