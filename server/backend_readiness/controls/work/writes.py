"""The writes of a flow, and what holds them together or keeps a second one harmless."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.facts.model import CallRef, Member, Name
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.values import Const

STORES = frozenset(("orm", "sql", "nosql"))
_INSERT = regex.compile(
    r"(?i)^((add|persist|save)_?(all|range)?_?(async|and_?flush|quietly|or_?fail)?!?|create\w*!?|insert\w*!?|bulk_?create|bulk_?save_objects|save|upsert|findOrCreate|get_or_create|set_?[A-Z]\w*|values)$"
)
_SQL_INSERT = regex.compile(r"(?i)\binsert\b")
_COMMENTS = regex.compile(r"^(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)+", regex.DOTALL)
_SIDE = regex.compile(r"(?i)audit|log|event|session|token|history|outbox|attempt|metric|visit|notification|counter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    effect: Effect
    call: ChainCall
    loaded: bool = False  # what is saved was read before

    @property
    def inserts(self) -> bool:
        """Does it make a new row?"""
        if self.effect.operation != "write" or self.loaded:
            return False
        path = self.effect.path.removesuffix("()")
        if isinstance(self.effect.statement, Const) and _SQL_INSERT.match(_COMMENTS.sub("", str(self.effect.statement.value))) is not None:
            return True
        return _INSERT.match(last_step(path)) is not None or ".insert" in path

    @property
    def beside(self) -> bool:
        """Is it a record beside the flow's subject: a log, a token, a session?"""
        return _SIDE.search(self.effect.target or "") is not None


def writes(context: Context) -> list[Write]:
    """Writes and deletes of the chain to databases, in the order of the walk."""
    calls = {(c.site.file, c.site.call): c for c in context.calls}
    read = {(e.site.file, e.site.call): e.target for e, _ in context.effects if e.operation == "read"}
    found = []
    for effect, _ in context.effects:
        call = calls.get((effect.site.file, effect.site.call))
        if call is not None and effect.kind in STORES and effect.operation in ("write", "delete"):
            found.append(Write(effect=effect, call=call, loaded=_is_loaded(context, call, effect.target, read)))
    return found


def _is_loaded(context: Context, call: ChainCall, target: str, read: dict[tuple[str, int], str]) -> bool:
    """`order = Order.find(id); order.save()`: is the name that is saved bound to nothing but reads of the same records?"""
    callee = call.call.callee
    if not isinstance(callee, Member) or not isinstance(callee.base, Name) or not target:
        return False
    view = context.view(call.site.file)
    scope = next((s for s in view.enclosing(call.call.owner) if (s, callee.base.id) in view.bindings), None)
    bound = [a.value for a, path in view.bindings.get((scope, callee.base.id), ()) if not path] if scope is not None else []
    return bool(bound) and all(isinstance(v, CallRef) and read.get((call.site.file, v.call)) == target for v in bound)


def texts_of_chain(context: Context, pattern: str) -> list[tuple[str, int]]:
    """(file, line) of lines in the functions of the chain that match."""
    compiled = regex.compile(pattern)
    found = []
    for reached in context.functions:
        symbol = reached.function.symbol
        facts = context.view(symbol.file).symbol(symbol.index)
        lines = context.snapshot.lines(symbol.file)
        for number in range(facts.line, min(facts.end_line, len(lines)) + 1):
            text = lines[number - 1]
            if compiled.search(text[:500]) is not None and not text.lstrip().startswith(("#", "//", "*")):
                found.append((symbol.file, number))
    return list(dict.fromkeys(found))
