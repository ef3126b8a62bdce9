"""Methods of classes that a library runs once they are registered, of classes that nothing names: their routes are none.

Option `unless_named` of a rule of shape `group` with `methods`: the bases of such classes. A container may find one that is annotated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.values import ClassV, SymbolId
from backend_readiness.graph.views import callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Scan


def unnamed(scan: Scan, known: dict[tuple[str, int], str]) -> Iterator[tuple[tuple[str, int], str]]:
    """Methods with routes, and their cards; `known` are the bodies of groups that something mounts."""
    graph = scan.graph
    rules = {c.id: r.options for c in graph.knowledge.cards for r in c.routes if r.shape == "group" and "unless_named" in r.options}
    seen: set[tuple[str, int]] = set()
    for hit in scan.hits.get("call", ()) if rules else ():
        given = rules.get(hit.card.id)
        view = graph.view(hit.site.file)
        scope = next((s for s in view.enclosing(hit.call.owner) if view.symbol(s).kind == "method"), -1)
        if given is None or scope < 0 or (view.path, scope) in known or (view.path, scope) in seen:
            continue
        seen.add((view.path, scope))
        cls = view.symbol(scope).parent
        bases = [compiled(b) for b in given["unless_named"]]
        above = inheritance.external_bases(graph.ev, ClassV(SymbolId(view.path, cls)))
        if view.symbol(scope).name not in given.get("methods", ()) or not any(b.fullmatch(a.path) for a in above for b in bases):
            continue
        if not view.symbol(cls).decorators and not _is_named(scan, view.path, view.symbol(cls).name):
            yield (view.path, scope), hit.card.id


def _is_named(scan: Scan, file: str, name: str) -> bool:
    if not name or any(f != file and f in scan.graph.production for f in scan.graph.naming(name)):
        return True
    return any(callee_name(c) == name for c in scan.graph.view(file).facts.calls)
