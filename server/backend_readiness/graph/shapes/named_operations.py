"""Operations of an OpenAPI document that code gives their handlers by name: `builder.operation("listOrders").handler(this::list)`.

`callee` names one operation by its `operationId` (`name`); what answers it is the last argument of the later steps `options.steps`, what
earlier ones are given runs before it. Without a name the call takes every operation that has the key `options.marked`, answered by the
method of its name of the only class that has them all. The document is one that the same file names by a literal, or the file that hands
out what the call is on; `options.base`: its base path counts; `options.router`: the call that makes the router which has the operations.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Lit, Value
from backend_readiness.graph.routes.later_steps import steps_after
from backend_readiness.graph.routes.openapi import base_path, child, operations, read_document, text_of
from backend_readiness.graph.routes.routing import Guard, Registration, RouterKey, call_place
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, Site, SymbolId
from backend_readiness.model import Place

SUFFIXES = (".json", ".yaml", ".yml")
MAX_DOCUMENTS = 4
Operation = tuple[str, str, str, Place, bool]  # operationId, method, path, place, marked


def collect(scan: Scan) -> None:
    read: dict[tuple[str, str], list[Operation]] = {}
    for hit in scan.hits.get("named_operations", ()):
        marked = str(hit.rule.options.get("marked", ""))
        key = (hit.site.file, marked)
        if key not in read:
            read[key] = [o for d in _documents(scan, hit) for o in _operations(scan, d, marked, bool(hit.rule.options.get("base")))]
        names = set(scan.texts(hit, hit.rule.name)) if hit.rule.name is not None else set()
        together = {o[0] for o in read[key] if o[4]}
        for name, method, path, place, is_marked in read[key]:
            if marked and is_marked:
                _add(scan, hit, method, path, place, _called(scan, name, together), ())
            elif not marked and name in names:
                given = list(_given(scan, hit))
                guards = tuple(Guard(value=v, place=call_place(scan.graph, s), start=0) for v, s in given[:-1])
                for value, _ in given[-1:]:
                    _add(scan, hit, method, path, scan.place(hit), value, guards)


def _router(scan: Scan, hit: Hit) -> RouterKey | None:
    """The router that the operations become part of: what the only call of option `router` makes where the document is named."""
    wanted = str(hit.rule.options.get("router", ""))
    for file in _naming(scan, hit) if wanted else ():
        made = scan.graph.view(file).calls_by_name.get(wanted, ())
        if len(made) == 1:
            return ("site", file, made[0])
    return None


def _add(scan: Scan, hit: Hit, method: str, path: str, place: Place, handler: AV | None, guards: tuple[Guard, ...]) -> None:
    scan.routing.registrations.append(
        Registration(
            router=_router(scan, hit), method=method, path=path, place=place, start=hit.call.start, card=hit.card, rule=hit.rule,
            handler=handler, guards=guards,
        )
    )  # fmt: skip


def _documents(scan: Scan, hit: Hit) -> list[str]:
    return [d for f in _naming(scan, hit) for d in _named_in(scan, f)]


def _naming(scan: Scan, hit: Hit) -> list[str]:
    """The file of the call when it names a document; else, when it is given what the call is on, the only other that names that type."""
    if _named_in(scan, hit.site.file):
        return [hit.site.file]
    given = scan.graph.view(hit.site.file).symbol(hit.call.owner).params
    for name in dict.fromkeys(n for p in given if p.type is not None and (n := last_name(p.type)) is not None):
        others = [f for f in scan.graph.naming(name) if f != hit.site.file and f in scan.graph.production and _named_in(scan, f)]
        if len(others) == 1:
            return others
    return []


def _named_in(scan: Scan, file: str) -> list[str]:
    """The documents whose names stand in a file, wherever the application keeps them."""
    facts = scan.graph.view(file).facts
    written: list[Value | None] = [a.value for c in facts.calls for a in c.args]
    written.extend(a.value for a in facts.assigns)
    names = {v.value.removeprefix("./").lstrip("/") for v in written if isinstance(v, Lit) and isinstance(v.value, str)}
    wanted = tuple(n for n in names if n.endswith(SUFFIXES))
    if not wanted:
        return []
    return [f.path for f in scan.graph.snapshot.files if any(f"/{f.path}".endswith(f"/{n}") for n in wanted)][:MAX_DOCUMENTS]


def _operations(scan: Scan, document: str, marked: str, with_base: bool) -> Iterator[Operation]:
    root = read_document(scan.graph.text(document))
    before = base_path(root) if root is not None and with_base else ""
    for path, _, methods in operations(root) if root is not None else ():
        for method, line, operation in methods:
            name = text_of(operation, "operationId")
            place = Place(file=document, line=line, end_line=line)
            yield name, method.upper(), join(before, path, keep_root=False), place, bool(marked) and child(operation, marked) is not None


def _given(scan: Scan, hit: Hit) -> Iterator[tuple[AV, Site]]:
    """What the steps behind the call are given, in their order."""
    steps = hit.rule.options.get("steps", ())
    view = scan.graph.view(hit.site.file)
    for name, number in steps_after(view, hit.site.call):
        call = view.facts.calls[number]
        if name in steps and call.args:
            yield scan.graph.ev.value(call.args[0].value, view.path, call.owner, hit.site.env), Site(view.path, number, hit.site.env)


def _called(scan: Scan, name: str, together: set[str]) -> AV | None:
    """The method of the only class that has methods called like all the operations."""
    found: list[FuncV] = []
    for where in scan.graph.defining(name) if name else ():
        if where.file in scan.graph.production:
            view = scan.graph.view(where.file)
            holder = view.holder(where.index)
            if holder is None or view.symbol(holder).kind != "class":
                continue
            if together <= {view.symbol(n).name for n in view.children.get(holder, ())}:
                found.append(FuncV(where, InstV(ClassV(SymbolId(where.file, holder)))))
    return found[0] if len(found) == 1 else None
