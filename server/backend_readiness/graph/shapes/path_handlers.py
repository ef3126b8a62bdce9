"""Methods in a record that belongs to a call with the path: `createFileRoute("/orders/$id")({ server: { handlers: { GET: show } } })`.

Options of the rule: `keys` lead to the record; `curried`, it is the argument of the call of what the call with the path gives, else the
first argument of the call itself, or that at `record`; `mounted`: the call puts it on a router. `guards` lead to what runs before. Segments
`$name` are parameters, `$` alone is the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.routes.routing import Registration, call_place, functions_in
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import AV, FuncV, Obj, Site, Thunk, options
from backend_readiness.model import Place

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY", "ALL"})
_PARAMETER = re.compile(r"\$(\w+)")


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("path_handlers", ()):
        for site in _sites(scan, hit):
            given = scan.graph.ev.arg_value(site, int(hit.rule.options.get("record", 0)))
            for path in scan.texts(hit, hit.rule.path):
                for option in options(given) if given is not None else ():
                    _register(scan, hit, _written(path), option)


def _sites(scan: Scan, hit: Hit) -> Iterator[Site]:
    """The call that is given the record."""
    if not hit.rule.options.get("curried"):
        yield hit.site
        return
    for number, call in enumerate(scan.graph.view(hit.site.file).facts.calls):
        if call.callee == CallRef(hit.site.call):
            yield Site(hit.site.file, number, hit.site.env)


def _written(path: str) -> str:
    parts = (_PARAMETER.sub(r"{\1}", p) if p != "$" else "{wildcard*}" for p in path.split("/") if not p.startswith("_"))
    return "/".join(p.removesuffix("_") for p in parts) or "/"


def _register(scan: Scan, hit: Hit, path: str, given: AV) -> None:
    spec = hit.rule.options
    guards = tuple(
        g
        for thunk in _below(scan, given, tuple(spec.get("guards", ())))
        for g in scan.guards_of(scan.graph.ev.thunk(thunk), call_place(scan.graph, hit.site), hit.call.start)
    )
    thunks = _below(scan, given, tuple(spec.get("keys", ()))) if spec.get("keys") else ()
    for record in [o for t in thunks for o in _records(scan, scan.graph.ev.thunk(t))] if spec.get("keys") else [given]:
        for method, thunk in record.fields.items() if isinstance(record, Obj) else ():
            handler = next(iter(functions_in(scan.graph, scan.graph.ev.thunk(thunk))), None) if method in METHODS else None
            if handler is None:
                continue
            place = call_place(scan.graph, hit.site)
            if isinstance(handler, FuncV) and handler.symbol.file == hit.site.file:
                line = scan.graph.view(hit.site.file).symbol(handler.symbol.index).line
                place = Place(file=hit.site.file, line=line, end_line=line)
            on = scan.router(hit) if spec.get("mounted") else None
            scan.routing.registrations.append(
                Registration(
                    router=on, method="ANY" if method == "ALL" else method, path=path, place=place, start=hit.call.start,
                    card=hit.card, rule=hit.rule, handler=handler, guards=guards,
                )
            )  # fmt: skip


def _records(scan: Scan, value: AV) -> Iterator[AV]:
    """The records, also of a function that returns one through what it is given: `({ createHandlers }) => createHandlers({ GET })`."""
    for option in options(value):
        if not isinstance(option, FuncV):
            yield option
            continue
        view = scan.graph.view(option.symbol.file)
        for item in view.returns.get(option.symbol.index, ()):
            if isinstance(item.value, CallRef):
                yield from options(scan.graph.ev.arg_value(Site(view.path, item.value.call, None), 0) or option)


def _below(scan: Scan, value: AV, keys: tuple[str, ...]) -> list[Thunk]:
    thunk: Thunk | None = None
    for key in keys:
        current = value if thunk is None else next(iter(options(scan.graph.ev.thunk(thunk))))
        thunk = members.field_thunk(scan.graph.ev, current, key) if isinstance(current, Obj) else None
        if thunk is None:
            return []
    return [thunk] if thunk is not None else []
