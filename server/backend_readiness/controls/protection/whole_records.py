"""Records of the database that a handler answers with as they are, all fields included."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import schema_of
from backend_readiness.facts.model import CallRef, Member, Name, Record, Value
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence

_ANSWERS = frozenset({"json", "send", "jsonp"})
_STORES = ("orm", "nosql")
# What leaves fields out: of the query, of the model, or of the record before it is sent.
_LEFT_OUT = re.compile(
    r"\.select\(|\bselect\s*:|attributes\s*:|projection|\bomit\b|exclude|toJSON|toObject|\btransform\b|defaultScope|hidden|serializ"
    r"|\bdelete\s+\w+(\._doc)?\.|(?i:passw(or)?d)\s*[=:]\s*(undefined|null|[\"']{2})|fields\s*:|[\"'`]-\w+|\bpick\b|sanitiz"
)
# What brings the rows along that a record refers to.
_BROUGHT = re.compile(r"populate|\binclude\b|\bwith\b|joinedload|selectinload|eager|relations")
# Reads that give a number, an answer to a question, or a token.
_TELLS = frozenset(
    {"attempt", "validate", "once", "count", "countDocuments", "estimatedDocumentCount", "exists", "doesntExist", "sum", "avg"}
)
MAX_DEPTH = 3


def whole_records(context: Context, where: SymbolId, secret: re.Pattern[str]) -> Iterator[tuple[Evidence, str, str]]:
    """(where the record is put into the answer, its model, the secret column that it has)."""
    view = context.view(where.file)
    symbol = view.symbol(where.index)
    own = context.snapshot.lines(where.file)[symbol.line - 1 : symbol.end_line]
    if any(_LEFT_OUT.search(t) is not None for t in own if not t.lstrip().startswith(("//", "*", "/*"))):
        return
    reads = {e.site.call: e for e, _ in context.effects if e.site.file == where.file and e.kind in _STORES and e.target}
    for scope in view.body(where.index):
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            if callee_name(call) not in _ANSWERS or not isinstance(call.callee, Member) or not call.args:
                continue
            for line, effect in _held(view, where, call.args[-1].value, reads, call.line, 0):
                column = _secret_column(context, effect.target, secret)
                if column is not None:
                    yield context.at(where.file, line), effect.target, column


def is_plain_record(context: Context, where: SymbolId, value: Name, secret: re.Pattern[str]) -> bool:
    """Is it a record that the function has just stored, of a table of which all columns are known and none is a secret?

    What the record refers to must not be brought along (`populate`, `include`).
    """
    view = context.view(where.file)
    symbol = view.symbol(where.index)
    if any(_BROUGHT.search(t) is not None for t in context.snapshot.lines(where.file)[symbol.line - 1 : symbol.end_line]):
        return False
    stored = {e.site.call: e for e, _ in context.effects if e.site.file == where.file and e.operation == "write" and e.kind in _STORES}
    bound = [a.value for s in view.body(where.index) for a, way in view.bindings.get((s, value.id), ()) if not way]
    for made in bound:
        effect = stored.get(made.call) if isinstance(made, CallRef) else None
        declared = schema_of(context).table(effect.target.rpartition(".")[2]) if effect is not None and effect.target else None
        if declared is None or not declared.real.columns or any(secret.match(c) is not None for c in declared.real.columns):
            return False
    return bool(bound)


def _held(view: FileView, where: SymbolId, value: Value, reads: dict[int, Effect], line: int, depth: int) -> Iterator[tuple[int, Effect]]:
    """(line, effect) of the records in a value: itself, as a field of an object, or put on it before it is sent."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, Record):
        for _, item in value.items:
            yield from _held(view, where, item, reads, line, depth + 1)
    if not isinstance(value, Name):
        return
    body = set(view.body(where.index))
    for scope in body:
        for assign, way in view.bindings.get((scope, value.id), ()):
            if way or assign.value is None:
                continue
            if isinstance(assign.value, CallRef) and assign.value.call in reads:
                if callee_name(view.facts.calls[assign.value.call]) in _TELLS:
                    continue
                yield line, reads[assign.value.call]
            elif isinstance(assign.value, Record):
                yield from _held(view, where, assign.value, reads, assign.line, depth + 1)
    for put in view.facts.assigns:
        if put.owner in body and isinstance(put.target, Member) and put.target.base == value and put.value is not None:
            yield from _held(view, where, put.value, reads, put.line, depth + 1)


def _secret_column(context: Context, model: str, secret: re.Pattern[str]) -> str | None:
    """The column of a model that is a secret by its name, where nothing in the file of the model leaves it out."""
    declared = schema_of(context).table(model.rpartition(".")[2])
    if declared is None:
        return None
    text = context.snapshot.text(declared.shown.file)[:200_000]
    if _LEFT_OUT.search(text) is not None:
        return None
    return next((c for c in declared.real.columns if secret.match(c)), None)
