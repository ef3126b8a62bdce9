"""An entry of a dict that is asked for by name: `row.get("methods")`, `row.get("methods", ["GET"])`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Member
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.values import AV, UNKNOWN, Const, Obj, Site

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_LANGUAGES = frozenset({"python"})
MAX_ARGS = 2


def asked_entry(ev: Evaluator, site: Site, call: Call) -> AV:
    """What such a call gives of a dict that is written in sight: its entry, else the second argument, else None."""
    if not isinstance(call.callee, Member) or call.callee.name != "get" or not 1 <= len(call.args) <= MAX_ARGS:
        return UNKNOWN
    if ev.world.view(site.file).language not in _LANGUAGES or any(a.name is not None or a.spread for a in call.args):
        return UNKNOWN
    held = ev.value(call.callee.base, site.file, call.owner, site.env)
    asked = ev.arg_value(site, 0) if isinstance(held, Obj) and not held.spreads else None
    if not isinstance(held, Obj) or not isinstance(asked, Const) or not isinstance(asked.value, str):
        return UNKNOWN
    entry = members.field_thunk(ev, held, asked.value)
    if entry is not None:
        return ev.thunk(entry)
    return ev.arg_value(site, 1) or Const(None)
