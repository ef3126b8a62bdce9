"""Descriptions of requests that the program itself makes: `interpreter.toClient(completions, address)`.

The functions that hand a description on are followed to what they are called with.
"""

from __future__ import annotations

from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import Ext, options
from backend_readiness.graph.views import callee_name
from backend_readiness.rules.card_rules import RouteRule

MAX_FILES = 60


def handed_to_clients(scan: Scan, rule: RouteRule) -> set[tuple[str, int]]:
    """The calls that make those descriptions: file and number."""
    named = frozenset(rule.options.get("asking", ()))
    files = {f for name in named for f in scan.graph.naming(name) if f in scan.graph.production}
    found: set[tuple[str, int]] = set()
    for file in sorted(files)[:MAX_FILES]:
        for call in scan.graph.view(file).facts.calls:
            if callee_name(call) not in named or not call.args:
                continue
            given = options(scan.graph.ev.value(call.args[0].value, file, call.owner))
            found.update((o.site.file, o.site.call) for o in given if isinstance(o, Ext) and o.site is not None)
    return found
