"""Prefixes that the configuration puts before the paths of some controllers:
`configurer.addPathPrefix("/api", HandlerTypePredicate.forAnnotation(RestController.class))`.

Option `added` of a rule of shape `mapping`: the name of such a `call`, the names of calls that tell the controllers by an `annotation`, the
`package` they stand in, or a class that they are of (`type`), and of those that mean `all`. A predicate that is none of these says nothing
about the paths: which controllers it means is not known. With the `call` alone its arguments stand before all paths:
`registry.setApplicationDestinationPrefixes("/app")`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend_readiness.facts.file_index import last_name
from backend_readiness.facts.model import Call, CallRef, Func, Lit, Member, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import ClassV
from backend_readiness.graph.views import FileView, callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_FILES = 20
MAX_STEPS = 12


def before(graph: Graph, cls: ClassV, spec: dict[str, Any]) -> list[str]:
    """The prefixes of a controller; `[""]` when it has none."""
    found: list[str] = []
    for file in graph.calling(str(spec["call"]))[:MAX_FILES]:
        view = graph.view(file)
        for number in view.calls_by_name.get(str(spec["call"]), ()) if file in graph.production else ():
            call = view.facts.calls[number]
            if len(spec) == 1:
                return [t for a in call.args[:MAX_STEPS] for t in texts(graph.ev, graph.ev.value(a.value, file, call.owner))] or [""]
            if len(call.args) == 2 and _is_meant(graph, view, call.args[1].value, cls, spec):
                found.extend(texts(graph.ev, graph.ev.value(call.args[0].value, file, call.owner)))
    return found[:1] or [""]


def _is_meant(graph: Graph, view: FileView, predicate: Value, cls: ClassV, spec: dict[str, Any]) -> bool:
    calls: list[Call] = []
    if isinstance(predicate, Func):  # `c -> c.isAnnotationPresent(RestController.class)`, `c -> true`
        returned = [r.value for r in view.returns.get(predicate.symbol, ())]
        if len(returned) != 1:
            return False
        if returned[0] == Lit(True):
            return True
        predicate = returned[0] if returned[0] is not None else predicate
    for _ in range(MAX_STEPS):  # `forAnnotation(...).and(forBasePackage(...))`
        if not isinstance(predicate, CallRef):
            break
        call = view.facts.calls[predicate.call]
        calls.append(call)
        predicate = call.callee.base if isinstance(call.callee, Member) else predicate
        calls.extend(view.facts.calls[a.value.call] for a in call.args if callee_name(call) == "and" and isinstance(a.value, CallRef))
    asked = [c for c in calls if callee_name(c) != "and"]
    return bool(asked) and all(_fits(graph, view, c, cls, spec) for c in asked)


def _fits(graph: Graph, view: FileView, call: Call, cls: ClassV, spec: dict[str, Any]) -> bool:
    name = callee_name(call)
    there = graph.view(cls.symbol.file)
    named = {_class_named(a.value) for a in call.args}
    if name in spec.get("annotation", ()):
        holders = [cls, *(b for b in inheritance.bases(graph.ev, cls) if isinstance(b, ClassV))]
        marks = {m for c in holders for m in _marks(graph.view(c.symbol.file), c.symbol.index)}
        return bool(named & marks)
    if name in spec.get("type", ()):
        above = [b for b in inheritance.bases(graph.ev, cls) if isinstance(b, ClassV)]
        return bool(named & {graph.view(c.symbol.file).symbol(c.symbol.index).name for c in (cls, *above)})
    if name in spec.get("package", ()):
        package = graph.facts.files[there.path].package
        said = [t for a in call.args for t in texts(graph.ev, graph.ev.value(a.value, view.path, call.owner))]
        return any(f"{package}.".startswith(f"{t}.") for t in said)
    return name in spec.get("all", ())


def _class_named(value: Value) -> str | None:
    """`RestController` of `RestController.class`."""
    return last_name(value.base if isinstance(value, Member) and value.name in ("class", "java") else value)


def _marks(view: FileView, index: int) -> list[str]:
    """The names of the annotations of a class."""
    written = [view.facts.calls[d.call].callee if isinstance(d, CallRef) else d for d in view.symbol(index).decorators]
    return [name for d in written if (name := last_name(d))]
