"""Limiters that count by account alone: who has many accounts, or none yet, is not slowed down."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_readiness.controls.context import Context
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.values import Ext, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs_by

_BY_ACCOUNT = signs_by("limited_accounts", "by_account")
_BY_CLIENT = re.compile(sign("limited_accounts", "by_client"))


def by_account_alone(context: Context, limiters: Sequence[Guard]) -> Evidence | None:
    """The line that takes the key of the counter from the account, where nothing in its file knows the client's address."""
    patterns = [re.compile(p) for p in _BY_ACCOUNT.get(context.language, ())]
    if not patterns:
        return None
    found: Evidence | None = None
    for guard in limiters:
        files = {guard.place.file, *(v.site.file for v in options(guard.value) if isinstance(v, Ext) and v.site is not None)}
        texts = [(f, n, t) for f in sorted(files) for n, t in enumerate(context.snapshot.lines(f), 1)]
        keyed = next((context.at(f, n) for f, n, t in texts if any(p.search(t) for p in patterns)), None)
        if keyed is None or any(_BY_CLIENT.search(t) for _, _, t in texts):
            return None
        found = found or keyed
    return found
