"""Front controllers that an application writes itself: what splits the address, makes the class that it names and calls its method.

A rule says with `dispatched` how such a file is known: `names` of functions it calls, and regular expressions (`find`) all of which its
text fits. `home` finds in it the class whose index answers `/` (but those called like `failing`), else it is the first of `homes` that
there is. Where other routes of the language are known, they say what is served.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Scan

MAX_CHARS = 100_000
MAX_FILES = 200


def with_dispatcher(scan: Scan, card: Card, rule: RouteRule) -> RouteRule | None:
    """The rule as the repository's own dispatcher means it; None where it has none."""
    said: Mapping[str, Any] | None = rule.options.get("dispatched")
    if said is None:
        return rule
    language = card.id.partition("/")[0]
    if any(r.card.id.startswith(f"{language}/") for r in scan.routing.registrations):
        return None
    wanted = [re.compile(p) for p in said["find"]]
    for path in dict.fromkeys(f for n in said["names"] for f in scan.graph.naming(n)[:MAX_FILES] if f in scan.graph.production):
        text = scan.graph.text(path)[:MAX_CHARS]
        if all(p.search(text) for p in wanted):
            fails = re.compile(said.get("failing", "(?!)"))
            home = next((m.group(1) for m in re.finditer(said["home"], text) if not fails.search(m.group(1))), None)
            homes = [home] if home is not None else [h for h in said["homes"] if scan.graph.defining(f"{h}{rule.options['strip']}")]
            options = {**rule.options, **({"home": homes[0]} if homes else {})}
            return rule.model_copy(update={"options": options})
    return None
