"""A router that stands in what is put around it: `http.Handle("/", handlers.LoggingHandler(os.Stdout, router))`.

Option `mounts_wrapped` of a rule names the types with which a function of the repository says that it takes any handler; what other
packages make of a router is one. Only a path that all below it belong to (`/api/`) is that of a router.
"""

from __future__ import annotations

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Call, CallRef, Lit, Value
from backend_readiness.graph.routes.routing import RouterKey
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import FuncV, options

MAX_INSIDE = 24


def wrapped_router(scan: Scan, hit: Hit, paths: list[str]) -> RouterKey | None:
    """The router that the handler of a call is made of."""
    types, ref = hit.rule.options.get("mounts_wrapped", ()), hit.rule.handler
    if not types or ref is None or ref.arg is None or ref.arg >= len(hit.call.args) or not all(p.endswith("/") for p in paths):
        return None
    view = scan.graph.view(hit.site.file)
    left: list[Value] = [hit.call.args[ref.arg].value]
    for number, value in enumerate(left):
        if number and not isinstance(value, Lit):
            found = scan.router_of_any(scan.graph.ev.value(value, hit.site.file, hit.call.owner, hit.site.env))
            if found is not None:
                return found
        if isinstance(value, CallRef) and len(left) < MAX_INSIDE:
            call = view.facts.calls[value.call]
            left.extend(a.value for n, a in enumerate(call.args) if _takes_any(scan, hit, call, n, types))
    return None


def _takes_any(scan: Scan, hit: Hit, call: Call, number: int, types: tuple[str, ...]) -> bool:
    """Does what is called take any handler there? Only functions of the repository say otherwise."""
    for option in options(scan.graph.ev.value(call.callee, hit.site.file, hit.call.owner, hit.site.env)):
        if isinstance(option, FuncV):
            params = scan.graph.view(option.symbol.file).symbol(option.symbol.index).params
            written = params[number].type if number < len(params) else None
            if written is None or last_name(written) not in types:
                return False
    return True
