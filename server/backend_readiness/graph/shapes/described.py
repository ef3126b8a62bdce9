"""Routes that a chain describes before its last call gives a handler: `endpoint.get.in("users" / path[Long]("id")).serverLogic(show)`.

`callee` of the rule is that last call, `handler` its argument. Options: `verbs` maps steps of the chain to HTTP methods; `paths` are steps
whose argument is a part of the path, `segments` calls in it that are parameters; what else such a step is given is no path.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import CallRef, Func, Lit, Member, Name, Op, Value
from backend_readiness.graph.path_operators import PathOperators
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routing import Registration
from backend_readiness.graph.scan import Hit, Scan
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import AV, Const, Ext, Site, SymbolId, Text, options
from backend_readiness.graph.views import FileView, callee_name

MAX_STEPS = 120


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("described", ()):
        verbs: dict[str, str] = hit.rule.options.get("verbs", {})
        wanted = frozenset(hit.rule.options.get("paths", ()))
        method, path = "", ""
        for name, site in _steps(hit.callee):
            method = verbs.get(name, method)
            if name in wanted and site is not None:
                path = join(path, _path(scan, hit, site), keep_root=False)
        if method:
            scan.routing.registrations.append(
                Registration(
                    router=None, method=method, path=path or "/", place=scan.place(hit), start=scan.start(hit), card=hit.card,
                    rule=hit.rule, handler=_handler(scan, hit),
                )
            )  # fmt: skip


def _steps(callee: Ext) -> list[tuple[str, Site | None]]:
    """The steps of a chain, the first one first; those that are calls with their places."""
    found: list[tuple[str, Site | None]] = []
    current: AV | None = callee
    for _ in range(MAX_STEPS):
        if not isinstance(current, Ext):
            break
        if current.path.endswith(")"):
            found.append((last_step(current.path), current.site))
            current = current.base.base if isinstance(current.base, Ext) else None
        else:
            found.append((last_step(current.path), None))
            current = current.base
    return found[::-1]


def _handler(scan: Scan, hit: Hit) -> AV | None:
    functions = [a.value for a in hit.call.args if isinstance(a.value, Func)]
    if functions:
        return scan.graph.ev.symbol_value(SymbolId(hit.site.file, functions[-1].symbol))
    return scan.value(hit, hit.rule.handler)


def _path(scan: Scan, hit: Hit, site: Site) -> str:
    """What a step adds to the path: texts and parameters, joined by `/`."""
    view = scan.graph.view(site.file)
    call = view.facts.calls[site.call]
    paths = PathOperators(scan.graph, frozenset(), frozenset())
    segments = frozenset(hit.rule.options.get("segments", ()))
    found = ""
    for arg in call.args[:1]:
        for part in _parts(arg.value):
            if _is_path(scan, view, call.owner, part, segments):
                found = join(found, paths.path(view, call.owner, part), keep_root=False)
    return found


def _parts(value: Value) -> Iterator[Value]:
    if isinstance(value, Op) and value.op in ("/", "and"):
        for operand in value.operands:
            yield from _parts(operand) if not isinstance(operand, Op) or operand.op != value.op else operand.operands
    else:
        yield value


def _is_path(scan: Scan, view: FileView, owner: int, part: Value, segments: frozenset[str]) -> bool:
    if isinstance(part, Lit):
        return isinstance(part.value, str)
    if isinstance(part, CallRef):
        return callee_name(view.facts.calls[part.call]) in segments
    if isinstance(part, Name | Member):
        return any(isinstance(o, Const | Text) for o in options(scan.graph.ev.value(part, view.path, owner)))
    return False
