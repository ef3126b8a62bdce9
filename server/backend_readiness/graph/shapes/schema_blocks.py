"""Types of a GraphQL schema that are written as blocks: `query do field :orders, list_of(:order) do resolve &Orders.list/3 end end`.

`callee` takes the block of a type (`child`), `method` says of which. Options: `field` is the name of calls in the block that are fields,
`named` the keyword that gives a field another name, `resolves` the name of the keyword, or of the call in a field's own block, that
gives the function; `guards` calls there that run first;
`imports` calls whose text names another block, `objects` the calls that give it (the text, then the block at `child`).
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Call, Func
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.routes.routing import Guard, Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.routes.schema_fields import SchemaFields
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Ext, Site, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place

MAX_DEPTH = 6


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("schema_blocks", ()):
        if hit.rule.method is not None:
            for view, call in _fields(scan, hit, hit.site, 0):
                _register(scan, hit, view, call)


def _block(scan: Scan, hit: Hit, site: Site) -> int | None:
    """The symbol of the block that a call is given."""
    thunk = argument_thunk(scan.graph.ev, site, hit.rule.child) if hit.rule.child is not None else None
    return thunk.expr.symbol if thunk is not None and isinstance(thunk.expr, Func) else None


def _fields(scan: Scan, hit: Hit, site: Site, depth: int) -> Iterator[tuple[FileView, Call]]:
    """The fields of a block and of the blocks that it imports."""
    block, given, view = _block(scan, hit, site), hit.rule.options, scan.graph.view(site.file)
    for number in view.calls_of.get(block, ()) if block is not None and depth < MAX_DEPTH else ():
        call = view.facts.calls[number]
        if callee_name(call) == given["field"]:
            yield view, call
        elif callee_name(call) == given["imports"]:
            for name in _texts(scan, Site(site.file, number, None)):
                for other in _objects(scan, hit, name):
                    yield from _fields(scan, hit, other, depth + 1)


def _texts(scan: Scan, site: Site) -> list[str]:
    return texts(scan.graph.ev, scan.graph.ev.arg_value(site, 0))[:1]


def _objects(scan: Scan, hit: Hit, name: str) -> Iterator[Site]:
    patterns = [compiled(p) for p in hit.rule.options["objects"]]
    step = hit.rule.options["objects"][0].rpartition(".")[2]
    for path in scan.graph.naming(step):
        view = scan.graph.view(path)
        for number, call in enumerate(view.facts.calls if path in scan.graph.production else ()):
            if callee_name(call) == step and name in _texts(scan, Site(path, number, None)):
                for value in options(scan.graph.ev.value(call.callee, path, call.owner)):
                    if isinstance(value, Ext) and any(p.fullmatch(value.path) for p in patterns):
                        yield Site(path, number, None)


def _register(scan: Scan, hit: Hit, view: FileView, call: Call) -> None:
    site = Site(view.path, view.facts.calls.index(call), None)
    given = hit.rule.options
    place = Place(file=view.path, line=call.line, end_line=call.line)
    handler: AV | None = scan.graph.ev.arg_value(site, 999, str(given["resolves"]))
    guards: list[Guard] = []
    inner = _block(scan, hit, site)
    for number in view.calls_of.get(inner, ()) if inner is not None else ():
        name, value = callee_name(view.facts.calls[number]), scan.graph.ev.arg_value(Site(view.path, number, None), 0)
        if name == given["resolves"]:
            handler = value
        elif name in given["guards"] and value is not None:
            guards.extend(scan.guards_of(value, place, 0))
    other = scan.graph.ev.arg_value(site, 999, str(given["named"])) if "named" in given else None
    for name in (texts(scan.graph.ev, other)[:1] if other is not None else []) or _texts(scan, site):
        scan.routing.registrations.append(
            Registration(
                router=None, method=str(hit.rule.method), path=SchemaFields(scan, {}).field_name(name), place=place, start=call.start,
                card=hit.card, rule=hit.rule, handler=handler, guards=tuple(guards),
            )
        )  # fmt: skip
