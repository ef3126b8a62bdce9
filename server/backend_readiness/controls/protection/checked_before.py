"""Values that a chain of checks before the handler lets through only as text: `check("email").isEmail()` ahead of it."""

from __future__ import annotations

import regex

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Ext, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_TEXT = frozenset(signs("checked_before", "text"))
_REFUSES = regex.compile(sign("checked_before", "refuses"))
MAX_STEPS = 20


def checked_before(context: Context, name: str) -> Evidence | None:
    """Where a check ahead of the handler asks that the field at the end of `name` (`req.body.email`) be a text of some form."""
    field = name.rpartition(".")[2]
    for guard in context.guards if field else ():
        for value in options(guard.value):
            steps, fields = _chain(context, value)
            if field in fields and steps & _TEXT:
                return context.at_place(guard.place)
    return None


def refuses(context: Context) -> bool:
    """Does the flow look at what such checks found? By themselves they only collect."""
    return any(_REFUSES.search(text) is not None for _, _, text in chain_text(context))


def _chain(context: Context, value: AV) -> tuple[set[str], set[str]]:
    """(methods of a chain, the constant texts that its first calls are given)."""
    steps: set[str] = set()
    fields: set[str] = set()
    current: AV | None = value
    for _ in range(MAX_STEPS):
        if not isinstance(current, Ext):
            break
        steps.add(last_step(current.path.removesuffix("()")))
        if current.site is not None:
            fields.update(texts(context.graph.ev, context.graph.ev.arg_value(current.site, 0)))
        current = current.base
    return steps, fields
