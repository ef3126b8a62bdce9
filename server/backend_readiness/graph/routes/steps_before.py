"""A path that earlier steps of a chain put before what later ones add: `routes.prefix("/api").add_route(orders())`.

The option `below_steps` of a rule says what each step does with the path of its first argument: `set` it, `add` it to the one before, or
`clear` it. What is added before such a step stands outside.
"""

from __future__ import annotations

from backend_readiness.facts.model import Call, CallRef, Member, Name, Value
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import Site
from backend_readiness.graph.views import FileView, callee_name

MAX_STEPS = 200


def prefix_by_steps(scan: Scan, hit: Hit) -> str:
    """The path that the steps before the hit have left; empty without such steps."""
    kinds: dict[str, str] = hit.rule.options.get("below_steps", {})
    view, path = scan.graph.view(hit.site.file), ""
    for number in reversed(calls_before(view, hit.call)) if kinds else ():
        kind = kinds.get(callee_name(view.facts.calls[number]) or "")
        given = scan.graph.ev.arg_value(Site(view.path, number, hit.site.env), 0) if kind in ("set", "add") else None
        said = next(iter(texts(scan.graph.ev, given)), "").strip("/") if given is not None else ""
        if kind is not None:
            path = join(path if kind == "add" else "", said, keep_root=False) if said else "" if kind == "clear" else path
    return path


def calls_before(view: FileView, call: Call) -> list[int]:
    """The calls of the chain before a call, the nearest first, through variables that hold a part of it."""
    found: list[int] = []
    base: Value | None = call.callee.base if isinstance(call.callee, Member) else None
    start = call.start
    for _ in range(MAX_STEPS):
        if isinstance(base, Name):
            held = (a for a, path in view.bindings.get((call.owner, base.id), ()) if not path and isinstance(a.value, CallRef))
            base = next((a.value for a in reversed(list(held)) if a.start < start), None)
        if not isinstance(base, CallRef) or base.call in found:
            break
        found.append(base.call)
        earlier = view.facts.calls[base.call]
        start = min(start, earlier.end)
        base = earlier.callee.base if isinstance(earlier.callee, Member) else None
    return found
