"""Messages that callers of a remote procedure send: which parameter of a handler holds one, and which of its fields may hold any text."""

from __future__ import annotations

import re
from enum import StrEnum

from backend_readiness.controls.context import Context
from backend_readiness.controls.kept import once
from backend_readiness.facts.model import Param
from backend_readiness.graph.evaluation.inflections import snake
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import FuncV, SymbolId
from backend_readiness.model import Evidence

_DOCUMENTS = ("**/*.proto",)
_RULES = (r"\(validate\.rules\)|\(buf\.validate\b",)
_GETS = re.compile(r"^[gG]et_?(?=\w)")
_TEXT = r"(string|bytes|google\.protobuf\.StringValue)"


class Kind(StrEnum):
    """What a field may hold, by the documents of the repository."""

    TEXT = "text"
    FIXED = "fixed"  # a number, a truth value, one of a list
    UNKNOWN = "unknown"


class SentMessages:
    """The messages of one flow."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._positions: dict[SymbolId, int] = {
            f.symbol: at
            for r in context.routes
            if (at := r.registration.card.message_param) is not None
            for f in functions_in(context.graph, r.handler)
            if isinstance(f, FuncV)
        }

    def __bool__(self) -> bool:
        return bool(self._positions)

    def holds(self, where: SymbolId, param: Param) -> bool:
        """Does the parameter of the handler hold the message?"""
        at = self._positions.get(where)
        if at is None:
            return False
        formal = [p for p in self._context.view(where.file).symbol(where.index).params if p.name != "self"]
        return at < len(formal) and formal[at] is param

    def text_read(self) -> tuple[str, Evidence] | None:
        """The first field of text that a handler reads from its message, and where; none where documents have rules for fields."""
        if self._context.is_found(_RULES, _DOCUMENTS):
            return None
        for where, at in self._positions.items():
            symbol = self._context.view(where.file).symbol(where.index)
            held = next((p.name for n, p in enumerate(p for p in symbol.params if p.name != "self") if n == at and p.name), None)
            lines = self._context.snapshot.lines(where.file)[symbol.line - 1 : symbol.end_line] if held is not None else ()
            reads = re.compile(rf"\b{re.escape(held or '')}\.(\w+)")
            for number, line in enumerate(lines, symbol.line):
                name = next((m.group(1) for m in reads.finditer(line) if self.kind(m.group(1)) is Kind.TEXT), None)
                if name is not None:
                    return f"{held}.{name}", self._context.at(where.file, number)
        return None

    def kind(self, name: str) -> Kind:
        """What a field of that name may hold, or what its getter gives."""
        field = re.escape(snake(_GETS.sub("", name)))
        if self._context.is_found((rf"\b{_TEXT}\s+{field}\s*=\s*\d|<\s*\w+\s*,\s*{_TEXT}\s*>\s+{field}\s*=",), _DOCUMENTS):
            return Kind.TEXT
        return Kind.FIXED if self._context.is_found((rf"\b[\w.]+\s+{field}\s*=\s*\d",), _DOCUMENTS) else Kind.UNKNOWN


def sent_messages(context: Context) -> SentMessages:
    """The one `SentMessages` of a context."""
    return once(context, SentMessages)
