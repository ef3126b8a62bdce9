"""Functions that make a value once and keep it: `remember("db", () => new Client())` stands for what its function makes.

One that is given a class and keeps the object that it makes of it, `single(Orders)`, stands for that object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, CallRef, Func, Index, Member, Name, Value
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, Site, SymbolId, UnknownV, options, union
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def kept(ev: Evaluator, callee: FuncV, call: Call, site: Site, result: AV) -> AV:
    """The result of a call; where nothing is known of it, what the function given to it makes, if the callee calls that."""
    if any(not isinstance(o, UnknownV) and not (isinstance(o, Ext) and o.path.startswith(("?", "~"))) for o in options(result)):
        return result
    file, view = site.file, ev.world.view(callee.symbol.file)
    formal = [p for p in view.symbol(callee.symbol.index).params if p.name != "self"]
    for position, arg in enumerate(call.args[: len(formal)]):
        if not isinstance(arg.value, Func) or ev.world.view(file).symbol(arg.value.symbol).params:
            continue
        runs = any(view.facts.calls[n].owner in view.body(callee.symbol.index) for n in view.calls_by_name.get(formal[position].name, ()))
        made = ev.invoke(FuncV(SymbolId(file, arg.value.symbol))) if runs else None
        known: list[AV] = [o for o in options(made) if _is_known(o)] if made is not None else []
        if known:
            return union(known)
    first = ev.arg_value(site, 0) if formal and call.args and not isinstance(call.args[0].value, Func) else None
    if isinstance(first, ClassV) and _keeps_made(view, callee.symbol.index, formal[0].name):
        return InstV(first)
    return result


def _keeps_made(view: FileView, index: int, name: str) -> bool:
    """Does the function keep `new cls()` in a table under its parameter, and give back what the table has there?"""
    body = view.body(index)
    kept: list[Value] = []
    for number in view.calls_by_name.get("set", ()):
        call = view.facts.calls[number]
        two = [a.value for a in call.args] if call.owner in body and len(call.args) == 2 else [None]
        if two[0] == Name(name) and _makes(view, two[1], name) and isinstance(call.callee, Member):
            kept.append(call.callee.base)
    kept += [
        a.target.base
        for a in view.facts.assigns
        if a.owner in body and isinstance(a.target, Index) and a.target.key == Name(name) and _makes(view, a.value, name)
    ]
    return any(_read_from(view, r.value, name) in kept for r in view.facts.returns if r.owner == index and r.value is not None)


def _makes(view: FileView, value: Value | None, name: str) -> bool:
    call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
    return call is not None and call.kind == "new" and call.callee == Name(name)


def _read_from(view: FileView, value: Value, name: str) -> Value | None:
    """The table whose entry under the name a value is: `kept.get(cls)`, `kept[cls]`."""
    if isinstance(value, Index) and value.key == Name(name):
        return value.base
    call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
    asked = call is not None and [a.value for a in call.args] == [Name(name)]
    return call.callee.base if call is not None and asked and isinstance(call.callee, Member) and call.callee.name == "get" else None


def _is_known(value: AV) -> bool:
    return isinstance(value, InstV) or (isinstance(value, Ext) and value.known and not value.path.startswith("~"))
