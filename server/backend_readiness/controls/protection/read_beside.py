"""Fields of a body that a flow reads beside those that it hands to its validator."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.controls.callees import chain_text
from backend_readiness.facts.model import Call, Member, Name, Record
from backend_readiness.graph.values import ClassV, Ext, InstV, SymbolId, options
from backend_readiness.rules.signs import sign, signs_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_readiness.controls.context import Context
    from backend_readiness.model import Evidence

_CONVERTED = sign("read_beside", "converted")
MAX_CLASS = 200


def read_beside(context: Context, checks: Sequence[tuple[str, Call]]) -> tuple[str, Evidence] | None:
    """(name of the field, the line that reads it); None when nothing else is read, or the fields of the validator are not known.

    They are where it is handed named fields, or is a class of the repository whose text lists them.
    """
    reads = [re.compile(p) for p in signs_by("read_beside", "reads").get(context.language, ())]
    told = [_fields(context, *check) for check in checks]
    if not reads or not told or any(t is None for t in told):
        return None
    known = " ".join(t for t in told if t is not None)
    for file, line, text in chain_text(context):
        for pattern in reads:
            for name in pattern.findall(text[:500]):
                sure = re.search(_CONVERTED.replace("{name}", re.escape(name)), text) is None
                if re.search(rf"\b{re.escape(name)}\b", known) is None and sure:
                    return name, context.at(file, line)
    return None


def _fields(context: Context, file: str, call: Call) -> str | None:
    """The names that a validator has: those of the record that it is handed, or the text of its class; None when neither is known."""
    given = [a.value for a in call.args if isinstance(a.value, Record)]
    if given and all(k is not None for k, _ in given[0].items) and given[0].items:
        return " ".join(k for k, _ in given[0].items if k is not None)
    base = call.callee.base if isinstance(call.callee, Member) else None
    if call.args or not isinstance(base, Name):
        return None
    for value in options(context.graph.ev.value(base, file, call.owner)):
        cls = value.cls if isinstance(value, InstV) else value if isinstance(value, ClassV) else None
        if cls is not None:
            return _text(context, cls.symbol)
        if isinstance(value, Ext):
            return None
    return None


def _text(context: Context, cls: SymbolId) -> str | None:
    """The lines of a class that lists its fields; None when it takes them from elsewhere."""
    symbol = context.view(cls.file).symbol(cls.index)
    text = "\n".join(context.snapshot.lines(cls.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_CLASS)])
    return text if re.search(r"\bfields\s*=\s*[(\[]", text) is not None and "__all__" not in text else None
