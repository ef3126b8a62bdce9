"""Fields that a logger is given by their names: `zap.String("email", to)`, `log.With("phone", number)`, `.Field("phone", number)`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Call, CallRef, Lit, Member, Name, Value
from backend_readiness.graph.views import callee_name
from backend_readiness.rules.signs import sign, signs

_MAKES = frozenset(signs("log_fields", "makes"))
_ROOT = re.compile(sign("log_fields", "root"))
_HIDES = re.compile(sign("log_fields", "hides"))
MAX_STEPS = 8


def field_names(made: Iterable[Call], calls: tuple[Call, ...]) -> Iterator[str]:
    """The names under which the calls of a log line are given values that stand in variables."""
    for call in made:
        inner = (calls[a.value.call] for a in call.args if isinstance(a.value, CallRef))
        for pair in (call, *(c for c in inner if callee_name(c) in _MAKES)):
            for key, value in zip(pair.args, pair.args[1:], strict=False):
                if isinstance(key.value, Lit) and isinstance(key.value.value, str) and isinstance(value.value, Name | Member):
                    yield key.value.value


def made_value(call: Call) -> Value | None:
    """What a call that makes a field of a log line is given for its value: `slog.String("order", id)`."""
    return call.args[1].value if callee_name(call) in _MAKES and len(call.args) > 1 else None


def shows(value: Value) -> bool:
    """Is it a variable that by its name may hold what its key says: no hash of it, no identifier, nothing masked?"""
    return isinstance(value, Name | Member) and _HIDES.search(last_name(value) or "") is None


def starts_at_logger(call: Call, calls: tuple[Call, ...]) -> bool:
    """Does a chain of calls start at a function that gives a logger: `logFor(request).Tag("mail").Field("to", to).Debug("sent")`?"""
    for _ in range(MAX_STEPS):
        callee = call.callee
        if isinstance(callee, Name):
            return _ROOT.search(callee.id) is not None
        if not (isinstance(callee, Member) and isinstance(callee.base, CallRef)):
            return False
        call = calls[callee.base.call]
    return False
