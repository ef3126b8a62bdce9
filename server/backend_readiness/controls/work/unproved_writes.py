"""What keeps the writes of a flow from being known whole: one that leads nowhere, listeners of an event, several transactions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_readiness.controls.kept import once
from backend_readiness.controls.work.sequence import Step, calls_in, of_guards, together
from backend_readiness.facts.model import CallRef, Lit, Member, Name
from backend_readiness.graph.values import ClassV, FuncV
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context
    from backend_readiness.controls.work.chain_calls import ChainCall

_MORE = (
    r"(_?(all|many|one|by\w*|or_?\w*|async|and_?flush|changes|record|model|entity|entities|quietly|columns?|fields?|graph|existing"
    r"|missing|if\w*|in_?batch\w*|batch|bulk|rows?))*[!?]?$"
)
_WRITES = re.compile(rf"(?i)^a?(save|persist|insert|upsert|create|update|destroy|delete|increment|decrement|enqueue|remove){_MORE}")
_TAKES_AWAY = re.compile(r"(?i)^a?(delete|remove)")
_TELLS = re.compile(
    r"(?i)^(emit|publish|dispatch|fire|broadcast|raise|trigger)(_?(async|sync|events?|all|domain\w*|integration\w*|after\w*|now))*[!?]?$"
)
_KEEPS_NOTHING = re.compile(sign("unproved_writes", "keeps_nothing"))
_STANDARD = re.compile(sign("unproved_writes", "standard"))
_MAKES = re.compile(sign("unproved_writes", "made_by"))
_WITHIN = re.compile(sign("unproved_writes", "within"))
MAX_VIEW = 20  # lines of a view below the first that says what it works on
MAX_MODEL = 200  # lines of a class that are read


def unseen_write(context: Context) -> ChainCall | None:
    """A call by the name of a write on something of which nothing says what it is, so that it is none of the effects."""
    return next((c for c in _leads_nowhere(context) if _WRITES.match(callee_name(c.call) or "") and not _is_of_values(c)), None)


def unheard_event(context: Context) -> ChainCall | None:
    """A call that tells of an event within the program, whose listeners were not found: each of them may write as well."""
    return next((c for c in _leads_nowhere(context) if _TELLS.match(callee_name(c.call) or "") and c.call.args), None)


def _leads_nowhere(context: Context) -> list[ChainCall]:
    """Calls of members in what the handlers run that are no effect, lead to no code of the repository and belong to no plain value."""
    return once(context, _lost)


def _lost(context: Context) -> list[ChainCall]:
    known = _of_effects(context)
    aside = of_guards(context)
    found = []
    for call in context.calls:
        callee = call.call.callee
        if not isinstance(callee, Member) or call.function in aside or (call.site.file, call.site.call) in known:
            continue
        if any(isinstance(v, FuncV | ClassV) for v in call.callee) or context.tracer.edges.of_call(call.site):
            continue
        owner = callee.base.id if isinstance(callee.base, Name) else callee.base.name if isinstance(callee.base, Member) else ""
        owners = [owner, *(p.rpartition(".")[0] for p in call.paths)]
        if any(_KEEPS_NOTHING.search(o) for o in owners) or (call.paths and all(_STANDARD.match(p) for p in call.paths)):
            continue
        found.append(call)
    return found


def _of_effects(context: Context) -> set[tuple[str, int]]:
    """The calls that touch data or services, and those that build what they send: `update(rows).set(...)` before `.execute()`."""
    known = {(e.site.file, e.site.call) for e, _ in context.effects}
    for effect, _ in context.effects:
        view = context.view(effect.site.file)
        known |= {(effect.site.file, n) for n in calls_in(view, CallRef(effect.site.call))}
    return known


def _is_of_values(call: ChainCall) -> bool:
    """`options.delete(:page)`, `names.remove("a")`, `values.update({"a": 1})`: something is put into a value or taken out of it."""
    name, args = callee_name(call.call) or "", call.call.args
    chained = isinstance(call.call.callee, Member) and isinstance(call.call.callee.base, CallRef)
    if name == "update" and call.site.file.endswith(".py") and not chained:
        return True
    return _TAKES_AWAY.match(name) is not None and bool(args) and all(isinstance(a.value, Lit) for a in args) and not chained


def parted(writes: Sequence[Step]) -> Step | None:
    """A write whose transaction ends before that of another begins, or begins anew with each turn of a loop."""
    for number, write in enumerate(writes):
        if write.held is None:
            continue
        if write.held[2]:
            return write
        for other in writes[number + 1 :]:
            if other.held is not None and other.held[:2] != write.held[:2] and together(write, other):
                return other
    return None


def written_within(context: Context) -> Evidence | None:
    """A class of a view whose base writes what another class makes of the request, where that holds records within the record."""
    for touch in context.touches:
        lines = context.snapshot.lines(touch.place.file)[touch.place.line - 1 : max(touch.place.end_line, touch.place.line + MAX_VIEW)]
        named = next((m for t in lines if (m := _MAKES.search(t[:500])) is not None), None)
        for file, line, _ in context.hits((rf"^\s*class\s+{re.escape(named.group(1))}\b",))[:1] if named is not None else []:
            for number, text in enumerate(context.snapshot.lines(file)[line - 1 : line + MAX_MODEL], line):
                if number > line and re.match(r"class\s", text) is not None:
                    break
                if _WITHIN.search(text[:500]) is not None and "read_only=True" not in text.replace(" ", ""):
                    return context.at(file, number)
    return None
