"""Classes of bodies that are the stored record itself: by a mark above them, or by the table that goes by their name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.controls.database.tables import plain
from backend_readiness.rules.signs import sign

if TYPE_CHECKING:
    from collections.abc import Collection

    from backend_readiness.controls.context import Context
    from backend_readiness.graph.values import SymbolId

_MARKED = re.compile(sign("stored_classes", "marked"))
_AROUND = re.compile(sign("stored_classes", "around"))
MAX_ABOVE = 12


def is_stored_class(context: Context, cls: SymbolId, targets: Collection[str]) -> bool:
    """Is the class mapped to a table that the flow writes: `SysUser` and `sys_user`, `User` and `UserMapper`?"""
    symbol = context.view(cls.file).symbol(cls.index)
    names = {plain(symbol.name), plain(_AROUND.sub("", symbol.name))}
    if any(plain(t) in names or plain(_AROUND.sub("", t)) in names for t in targets if t):
        return True
    above = context.snapshot.lines(cls.file)[max(0, symbol.line - MAX_ABOVE) : symbol.line + 1]
    marks = [t for t in above if _MARKED.search(t) is not None]
    return bool(marks) and any(plain(t) in plain(" ".join(marks)) for t in targets if len(t) > 2)
