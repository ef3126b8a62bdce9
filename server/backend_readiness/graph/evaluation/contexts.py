"""Values that components hand down without naming who takes them: what a context holds.

The value is the default with which the context was made, or what a provider element gives it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.values import AV, Const, Ext, Site, UnknownV, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_FILES = 60
MAX_PROVIDERS = 4


def held(ev: Evaluator, site: Site) -> AV | None:
    """What `useContext(C)` at `site` gives; None when nothing is known of it."""
    found: list[AV] = []
    for context in options(ev.arg_value(site, 0) or UnknownV("no context")):
        if isinstance(context, Ext) and context.site is not None:
            default = ev.arg_value(context.site, 0)
            if default is not None and not isinstance(default, UnknownV | Const) and default != Ext("~undefined"):
                found.append(default)
            found.extend(_provided(ev, context))
    useful = [v for v in found if not (isinstance(v, Ext) and v.path == "~undefined")]
    return union(useful) if useful else None


def _provided(ev: Evaluator, context: Ext) -> list[AV]:
    """The values of `<C.Provider value={...}>` and `<C value={...}>` anywhere."""
    assert context.site is not None
    view = ev.world.view(context.site.file)
    name = view.result_names.get(context.site.call)
    found: list[AV] = []
    for file in ev.world.naming(name)[:MAX_FILES] if name else ():
        for element in ev.world.view(file).facts.elements:
            base, _, last = element.tag.partition(".")
            if last not in ("", "Provider") or base != name:
                continue
            given = next((a.value for a in element.attrs if a.name == "value"), None)
            known = [v for v in options(ev.lookup(base, file, element.owner)) if isinstance(v, Ext)]
            meant = any(v.site is not None and v.site[:2] == context.site[:2] for v in known)
            if given is not None and meant and len(found) < MAX_PROVIDERS:
                found.append(ev.value(given, file, element.owner))
    return found
