"""Calls that a generator hands to who runs it: `yield call(api.load, id)` is `api.load(id)`, `yield call([api, "load"], id)` too."""

from __future__ import annotations

from backend_readiness.facts.languages.javascript.walk import Walk
from backend_readiness.facts.model import Call, CallRef, Lit, Member, Name, Seq, Value

_RUNS = frozenset({"call", "fork", "spawn"})
_SEVERAL = frozenset({"all", "race"})


def run_yielded(w: Walk, yielded: Value | None) -> None:
    """Record the call that is made for what is yielded, beside the one that is written; those in a list, each."""
    if not isinstance(yielded, CallRef):
        return
    call = w.builder.calls[yielded.call]
    name = call.callee.id if isinstance(call.callee, Name) else ""
    first = call.args[0].value if call.args else None
    if name in _SEVERAL and isinstance(first, Seq):
        for item in first.items:
            run_yielded(w, item)
    run = _function(first) if name in _RUNS else None
    if run is not None:
        place = (call.line, call.end_line, call.start, call.end)
        w.builder.add_call(Call(run, call.args[1:], call.owner, *place, call.kind, True))


def _function(given: Value | None) -> Value | None:
    if isinstance(given, Seq) and len(given.items) == 2:
        context, method = given.items
        if isinstance(method, Lit) and isinstance(method.value, str) and method.value.isidentifier():
            return Member(context, method.value)
        return method if isinstance(method, Name | Member) else None
    return given if isinstance(given, Name | Member) else None
