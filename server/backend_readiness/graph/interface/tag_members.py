"""Components that are members of another one: `<Form.Item>`, after `Form.Item = FormItem` in the file that makes them.

What has the member may be a component of a package, which a file of the repository adds its own to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Member, Name
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, options

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_FILES = 40


def component_at(graph: Graph, file: str, owner: int, tag: str) -> AV | None:
    """What a tag with dots stands for; None when that is no function or class of the repository."""
    first, *rest = tag.split(".")
    value = graph.ev.lookup(first, file, owner)
    for name in rest:
        found = graph.ev.member(value, name)
        value = found if _is_own(found) else _added(graph, value, name) or found
    return value if rest and _is_own(value) else None


def _is_own(value: AV) -> bool:
    return any(isinstance(o, FuncV | ClassV) for o in options(value))


def _added(graph: Graph, holder: AV, name: str) -> AV | None:
    """What the only file that adds a member of that name to a component of a package gives it."""
    paths = {o.path for o in options(holder) if isinstance(o, Ext)}
    found: list[AV] = []
    for path in graph.naming(name)[:MAX_FILES] if paths else ():
        view = graph.view(path)
        for assign in view.facts.assigns if path in graph.production and name in view.member_names else ():
            target = assign.target
            if not isinstance(target, Member) or target.name != name or not isinstance(target.base, Name) or assign.value is None:
                continue
            if any(isinstance(o, Ext) and o.path in paths for o in options(graph.ev.value(target.base, path, assign.owner))):
                found.append(graph.ev.value(assign.value, path, assign.owner))
    return found[0] if len(found) == 1 else None
