"""Sizes of pools that a setting gives, where the setting stands at one connection until somebody says otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.named_values import written_values
from backend_readiness.controls.deployed.startup import settings
from backend_readiness.facts.model import Call, CallRef, Lit, Member, Name, Op, Record, Value
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.places import is_for_development

_SIZE = re.compile(sign("pool_sizes", "size"))
_GROWTH = re.compile(sign("pool_sizes", "growth"))
_READS = re.compile(sign("pool_sizes", "reads"))
MAX_STEPS = 4


def sized_at_one(context: Context, file: str, call: Call) -> Evidence | None:
    """Where the setting that a pool takes its size from gets a default of one; None where it may grow, or a deployment sets it."""
    given = list(_named(call))
    grows = next((v for k, v in given if _GROWTH.match(k) is not None), None)
    for key, value in given:
        if _SIZE.match(key) is None or not isinstance(value, Name | Member):
            continue
        at = _default(context, value, 1)
        if at is None or (key == "pool_size" and not (grows is not None and (_is(grows, 0) or _default(context, grows, 0) is not None))):
            continue
        return at
    return None


def _named(call: Call) -> Iterator[tuple[str, Value]]:
    for arg in call.args:
        if arg.name is not None:
            yield arg.name, arg.value
        if isinstance(arg.value, Record):
            yield from ((k, v) for k, v in arg.value.items if k is not None)


def _default(context: Context, value: Value, number: int) -> Evidence | None:
    """Where the setting of that name has the number as its only value, and nothing that deploys the application gives another."""
    name = value.name if isinstance(value, Member) else value.id if isinstance(value, Name) else ""
    plain = name.lower().replace("_", "")
    if len(plain) < 3 or any(s.name.lower().replace("_", "").endswith(plain) for s in settings(context)):
        return None
    said = [(f, n, v) for f, n, v in written_values(context, name) if not is_for_development(f) and not isinstance(v, Member | Name)]
    if not said or not all(_stands_at(context.view(f), v, number) for f, _, v in said):
        return None
    return context.at(*said[0][:2])


def _stands_at(view: FileView, value: Value, number: int, depth: int = 0) -> bool:
    """`1`, `Field(default=1)`, `int(os.getenv("POOL_SIZE", "1"))`, `process.env.POOL_SIZE || 1`."""
    if _is(value, number):
        return True
    if depth > MAX_STEPS:
        return False
    if isinstance(value, Op) and value.op in ("||", "??", "or"):
        return _stands_at(view, value.operands[-1], number, depth + 1)
    if not isinstance(value, CallRef):
        return False
    call = view.facts.calls[value.call]
    if _READS.match(callee_name(call) or "") is None:
        return False
    given = next((a.value for a in call.args if a.name == "default"), None)
    positional = [a.value for a in call.args if a.name is None]
    last = given if given is not None else positional[-1] if positional else None
    return last is not None and _stands_at(view, last, number, depth + 1)


def _is(value: Value, number: int) -> bool:
    return isinstance(value, Lit) and str(value.value) == str(number)
