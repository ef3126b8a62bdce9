"""Fields that the server keeps, in a body that fills the stored record itself: `c.BodyParser(&book)` where `book` is a row of `books`."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.bound_types import objects_bound
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_KEPT = frozenset(signs("filled_records", "kept_by_the_server"))
_COLUMN = re.compile(sign("filled_records", "column"))
_LEFT_OUT = re.compile(sign("filled_records", "left_out"))


def kept_field(context: Context) -> tuple[str, Evidence, Evidence] | None:
    """(field, where the body is taken, where the field stands) of one that the body may fill, that is stored and never set again."""
    targets = {_plain(e.target) for e, _ in context.effects if e.operation == "write"}
    lines = list(chain_text(context))
    for cls in dict.fromkeys(objects_bound(context, inputs_of(context).handlers)):
        view = context.view(cls.file)
        if _plain(view.symbol(cls.index).name) not in targets:
            continue
        written = context.snapshot.lines(cls.file)
        for (owner, field), assigns in view.fields.items():
            tag = written[assigns[0].line - 1] if owner == cls.index else ""
            if field.replace("_", "").lower() not in _KEPT or _COLUMN.search(tag) is None or _LEFT_OUT.search(tag) is not None:
                continue
            name = re.escape(field)
            if any(re.search(rf"\.{name}\s*=[^=]", t) for _, _, t in lines):
                continue
            if any(re.search(rf"\.{name}\b", t) for _, _, t in lines):
                at = context.at_place(context.handlers[0]) if context.handlers else context.at_route()
                filled = next((context.at(f, n) for f, n, t in lines if re.search(r"(?i)(bind|decode|parse)\w*\(", t)), at)
                return field, filled, context.at(cls.file, assigns[0].line)
    return None


def _plain(name: str | None) -> str:
    return (name or "").replace("_", "").lower().removesuffix("s")
