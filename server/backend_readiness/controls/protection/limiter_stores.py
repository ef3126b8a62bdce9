"""Where the limiters in front of a flow keep their counts: in a store that all processes share, or each process by itself."""

from __future__ import annotations

from backend_readiness.controls.context import Context
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.values import AV, Ext, Obj, Site, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import signs

_SHARED = signs("limiter_stores", "shared")
_OWN = signs("limiter_stores", "own")
_STORES = ("store", "storage_uri", "storage", "storage_options", "redis")
_SETTINGS = ("**/.env*", "**/*.env", "**/*.y*ml", "**/*.toml", "**/*.json", "**/*.ini", "**/*.properties", "**/*.exs")
MAX_STEPS = 8


def is_shared(context: Context, guard: Guard) -> bool | None:
    """Does the limiter count in a store that all processes share? None when its making was not found."""
    current: AV | None = next((o for o in options(guard.value) if isinstance(o, Ext)), None)
    seen = False
    for _ in range(MAX_STEPS):
        if not isinstance(current, Ext):
            break
        if current.site is not None:
            seen = True
            if any(argument(context, current.site, n) is not None for n in _STORES):
                return True
        current = current.base
    return False if seen else None


def argument(context: Context, site: Site, name: str) -> AV | None:
    """An argument by its name, or the field of that name in the record that comes first."""
    found = context.graph.ev.arg_value(site, 999, name)
    if found is None:
        first = context.graph.ev.arg_value(site, 0)
        if isinstance(first, Obj) and name in first.fields:
            return context.graph.ev.thunk(first.fields[name])
    return found


def unshared_limiter(context: Context) -> tuple[Evidence, bool] | None:
    """(a limiter in front of the flow whose counts nothing shares among instances, whether that is shown by how it is made)."""
    limiters = [g for g in context.guards if "rate_limiter" in context.roles.of_value(g.value)]
    loose = next((g for g in limiters if is_shared(context, g) is not True), None)
    if loose is None:
        return None
    paths = (*context.source_globs, *_SETTINGS)
    own = context.first_hit(_OWN, paths)
    if own is not None:
        return context.at(*own[:2]), False
    if context.hits(_SHARED, paths):
        return None
    return context.at_place(loose.place), is_shared(context, loose) is False
