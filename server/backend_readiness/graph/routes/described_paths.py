"""The path that one step of a chain of descriptions adds: texts and parameters, also where a definition keeps them.

`.in("users" / path[Long]("id"))`, `.in(base / "orders")`, `path(ROOT + "/orders")`. Options: see `graph.shapes.described`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backend_readiness.facts.model import CallRef, Concat, Index, Lit, Member, Name, Op, Value
from backend_readiness.graph.routes.derived_paths import derived_path
from backend_readiness.graph.routes.given_parts import given_part
from backend_readiness.graph.routes.path_operators import PathOperators
from backend_readiness.graph.routes.route_units import RouteUnits
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import Const, Ext, Site, Text, options
from backend_readiness.graph.views import FileView, callee_name

MAX_STEPS = 120
MAX_JOINED = 6
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY", "ANY"})


def path_of_step(scan: Scan, given: Mapping[str, Any], site: Site) -> str:
    """What a step adds to the path: texts and parameters, joined by `/`."""
    view = scan.graph.view(site.file)
    call = view.facts.calls[site.call]
    found = ""
    for arg in call.args[: 2 if given.get("methods") else 1]:
        found = _written(scan, given, (view, call.owner, arg.value), site)
        found = found or derived_path(scan.graph, site, arg.value, given.get("derived", {}))
        if found:
            break
    return found


def _written(scan: Scan, given: Mapping[str, Any], held: tuple[FileView, int, Value], site: Site, depth: int = 0) -> str:
    """The path of an expression, also where a definition keeps it: `val base = "api" / version`, then `.in(base / "orders")`."""
    view, owner, value = held
    segments = frozenset(given.get("segments", ()))
    units = RouteUnits(scan.graph)
    rests = frozenset(given.get("rests", ()))
    paths = PathOperators(scan.graph, frozenset(), rests)
    found = ""
    for part, called in _parts(view, value, segments):
        names = _texts_of(scan, view, called) if called >= 0 and given.get("named") == callee_name(view.facts.calls[called]) else ()
        kept_path = units.meant(view, owner, part) if segments and depth < MAX_JOINED and isinstance(part, Name | Member) else None
        written = kept_path.values[0] if kept_path is not None and len(kept_path.values) == 1 else None
        if depth < MAX_JOINED and (handed := given_part(scan.graph, site, part)) is not None:
            put = (scan.graph.view(handed[0].file), handed[0].owner, handed[0].expr)
            found = join(found, _written(scan, given, put, handed[1], depth + 1), keep_root=False)
        elif isinstance(part, Concat):
            found = join(found, next(iter(texts(scan.graph.ev, scan.graph.ev.value(part, view.path, owner, site.env))), ""),
                         keep_root=False)  # fmt: skip
        elif kept := _kept_segment(scan, view, owner, part, segments):
            found = join(found, paths.path(kept[0], 0, kept[1], names=()), keep_root=False)
        elif kept_path is not None and written is not None and _is_written(scan.graph.view(kept_path.file), written, segments):
            inner = (scan.graph.view(kept_path.file), kept_path.owner, written)
            found = join(found, _written(scan, given, inner, site, depth + 1), keep_root=False)
        elif (isinstance(part, Name) and part.id in rests) or _is_path(scan, view, owner, part, segments):
            found = join(found, paths.path(view, owner, part, names=names), keep_root=False)
    return found


def _is_written(view: FileView, value: Value, segments: frozenset[str]) -> bool:
    """Does the expression put a path together, or is it a parameter that later steps say more of?"""
    calls = [part for part, _ in _parts(view, value, segments) if isinstance(part, CallRef)]
    named = any(callee_name(view.facts.calls[c.call]) in segments for c in calls)
    return named if isinstance(value, CallRef) else isinstance(value, Op) and value.op in ("/", "and")


def _kept_segment(scan: Scan, view: FileView, owner: int, part: Value, segments: frozenset[str]) -> tuple[FileView, CallRef] | None:
    """A parameter that a definition keeps: `val id = path[Long]("id")`, then `.in(id)`."""
    for option in options(scan.graph.ev.value(part, view.path, owner)) if isinstance(part, Name | Member) and segments else ():
        if isinstance(option, Ext) and option.site is not None:
            holder = scan.graph.view(option.site.file)
            if callee_name(holder.facts.calls[option.site.call]) in segments:
                return holder, CallRef(option.site.call)
    return None


def _texts_of(scan: Scan, view: FileView, number: int) -> tuple[str, ...]:
    call = view.facts.calls[number]
    return tuple(t for a in call.args[:1] for t in texts(scan.graph.ev, scan.graph.ev.value(a.value, view.path, call.owner))[:1])


def _parts(view: FileView, value: Value, segments: frozenset[str], depth: int = 0) -> Iterator[tuple[Value, int]]:
    """The parts of a path, each with the number of the first step that says more of it, or -1."""
    first = -1
    for _ in range(MAX_STEPS if segments else 0):  # `path[String]("genre").map(Genre(_))`, `("list" / genre).and(limit)`
        call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
        callee = call.callee.base if call is not None and isinstance(call.callee, Index) else call.callee if call is not None else None
        if not isinstance(callee, Member) or callee.name in segments or not isinstance(callee.base, CallRef | Op | Lit):
            break
        first = value.call if isinstance(value, CallRef) else first
        value = callee.base
    if isinstance(value, Op) and value.op in ("/", "and") and depth < MAX_STEPS:
        for operand in value.operands:
            yield from _parts(view, operand, segments, depth + 1)
    else:
        yield value, first


def _is_path(scan: Scan, view: FileView, owner: int, part: Value, segments: frozenset[str]) -> bool:
    if isinstance(part, Lit):
        return isinstance(part.value, str) and part.value.upper() not in METHODS
    if isinstance(part, CallRef):
        return callee_name(view.facts.calls[part.call]) in segments
    meant = options(scan.graph.ev.value(part, view.path, owner)) if isinstance(part, Name | Member) else ()
    return any(isinstance(o, Text) or (isinstance(o, Const) and str(o.value) not in METHODS) for o in meant)
