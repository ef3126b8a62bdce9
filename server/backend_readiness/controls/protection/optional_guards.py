"""Guards of packages that are told to let everybody pass, whoever they know: `HTTPBearer(auto_error=False)`."""

from __future__ import annotations

import re

from backend_readiness.facts.model import Lit, Record
from backend_readiness.graph.values import Ext
from backend_readiness.graph.world import Graph

_OPTIONAL = re.compile(r"(?i)optional|\bmaybe|allow_?any|public")
_LETS_PASS = {("optional", True), ("auto_error", False), ("credentialsRequired", False), ("passthrough", True), ("required", False)}


def is_optional(graph: Graph, value: Ext) -> bool:
    """Does its name or an argument of the call that makes it say that it refuses nobody?"""
    if _OPTIONAL.search(value.path):
        return True
    if value.site is None:
        return False
    call = graph.view(value.site.file).facts.calls[value.site.call]
    texts = {(a.name, a.value.value) for a in call.args if isinstance(a.value, Lit)}
    keyed = {(k, v.value) for a in call.args if isinstance(a.value, Record) for k, v in a.value.items if isinstance(v, Lit)}
    return bool(_LETS_PASS & (texts | keyed))
