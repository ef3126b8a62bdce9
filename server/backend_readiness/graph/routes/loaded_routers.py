"""Files that are loaded by a name which a loop computes and given a router: `(await import(`../routes/${file}`)).default(router)`.

What their default function registers on that parameter stands for one call for each such call of the function.
"""

from __future__ import annotations

from backend_readiness.facts.model import CallRef, Func, Member, Name, Value
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.evaluation.loops import rounds
from backend_readiness.graph.values import FuncV, Site, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.snapshot.places import is_test

_LOADS = (Name("import"), Name("require"))
_KEY = "loaded by a computed name"
MAX_FILES = 60


def sites_on_loaded(ev: Evaluator, view: FileView, number: int, root: Name) -> list[Site]:
    """The sites of a call on a parameter of the function that a file gives as its whole or as its default; empty for any other."""
    for scope in view.enclosing(view.facts.calls[number].owner):
        position = next((n for n, p in enumerate(view.symbol(scope).params) if p.name == root.id and p.pattern is None), None)
        if position is None:
            continue
        given = (view.exports.get("default"), view.exports.get("="))
        if not any(e is not None and e.value == Func(scope) for e in given):
            return []
        where = SymbolId(view.path, scope)
        return [Site(view.path, number, ev.bind(FuncV(where), s)) for s in _calls(ev).get(where, ()) if ev.arg_thunk(s, position)]
    return []


def _calls(ev: Evaluator) -> dict[SymbolId, list[Site]]:
    """The calls of what is loaded by a name that is computed, by the function that they run."""
    known = ev.callers_of_name.get(_KEY)
    if known is None:
        known = ev.callers_of_name[_KEY] = {}
        for file in dict.fromkeys(f for load in _LOADS for f in ev.world.calling(load.id)[:MAX_FILES] if not is_test(f)):
            view = ev.world.view(file)
            for number, call in enumerate(view.facts.calls):
                if call.args and _is_loaded(view, call.callee):
                    for site in rounds(ev, view, number):
                        for value in options(ev.value(call.callee, file, call.owner, site.env)):
                            if isinstance(value, FuncV):
                                known.setdefault(value.symbol, []).append(site)
    return known


def _is_loaded(view: FileView, callee: Value) -> bool:
    inner = callee.base if isinstance(callee, Member) and callee.name == "default" else callee
    return isinstance(inner, CallRef) and view.facts.calls[inner.call].callee in _LOADS
