"""What opens a transaction around others: names of calls, blocks, functions that call what they are given, and marks of functions."""

from __future__ import annotations

from backend_readiness.facts.model import Arg, Block, CallRef, Lit, Member, Name
from backend_readiness.graph.views import FileView, callee_name

OPENS = frozenset(
    """transaction $transaction startTransaction start_transaction atomic withTransaction with_transaction begin begin_nested
    beginTransaction runInTransaction inTransaction useTransaction transactional Transactional Transaction BeginTx Begin BeginTransaction
    BeginTransactionAsync wrapInTransaction executeInTransaction newSuspendedTransaction RunInTx WithTx WithTransaction Beginx
    BeginTxx""".split()  # noqa: SIM905
)
WRAPPED = frozenset({"java", "kotlin"})  # languages whose containers decorate an object from the outside
_SPAN = frozenset(("begin", "begin_nested", "atomic", "transaction", "start_transaction", "start_session"))


def opens(view: FileView, block: Block, numbers: list[int]) -> bool:
    return any(
        block.start <= (c := view.facts.calls[n]).start < block.end and callee_name(c) in _SPAN and c.line <= block.line + 1
        for n in numbers
    )


def opens_around(view: FileView, symbol: int) -> bool:
    """Does a function open a transaction before it calls one of its own parameters?"""
    params = {p.name for p in view.symbol(symbol).params}
    calls = sorted((view.facts.calls[n] for s in view.body(symbol) for n in view.calls_of.get(s, ())), key=lambda c: c.start)
    opened = next((c.start for c in calls if callee_name(c) in OPENS), None)
    return opened is not None and any(isinstance(c.callee, Name) and c.callee.id in params and c.start > opened for c in calls)


def names_transaction(view: FileView, decorator: object) -> bool:
    value = view.facts.calls[decorator.call].callee if isinstance(decorator, CallRef) else decorator
    last = value.name if isinstance(value, Member) else value.id if isinstance(value, Name) else ""
    if isinstance(decorator, CallRef) and any(_opens_none(a) for a in view.facts.calls[decorator.call].args):
        return False
    return last.lower() in ("atomic", "transactional", "transaction")


def _opens_none(arg: Arg) -> bool:
    """`readOnly = true`, `propagation = Propagation.NOT_SUPPORTED`: what is written within is in no transaction that takes it back."""
    said = arg.value.name if isinstance(arg.value, Member) else arg.value.id if isinstance(arg.value, Name) else ""
    reads_only = (arg.name or "").lower() == "readonly" and isinstance(arg.value, Lit) and arg.value.value is True
    return reads_only or said in ("NOT_SUPPORTED", "NEVER", "SUPPORTS")
