"""What an annotation says of the field or parameter that a call is made on: `emitter.send()` with `@Channel("orders") Emitter emitter`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backend_readiness.facts.model import CallRef, Member, Name, Value
from backend_readiness.graph.evaluation.marked_settings import annotations_of
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import Ext, Site, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph


def marked_texts(graph: Graph, site: Site, marks: tuple[str, ...], written: Value | None = None) -> list[str]:
    """The first texts of the annotations that fit `marks`, of what the call at `site` is made on, or of what is `written` there."""
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    held = call.callee.base if written is None and isinstance(call.callee, Member) else written
    name = _name(held) if held is not None else None
    classes = [i for i in view.enclosing(call.owner) if view.symbol(i).kind == "class"]
    if name is None or not classes:
        return []
    patterns = [compiled(m) for m in marks]
    found: list[str] = []
    for number in (*_of_field(view, classes[0], name), *_of_parameter(view, classes[0], name)):
        mark = view.facts.calls[number]
        named = (o.path for o in options(graph.ev.value(mark.callee, site.file, mark.owner)) if isinstance(o, Ext))
        if any(p.fullmatch(n) for n in named for p in patterns):
            found.extend(texts(graph.ev, graph.ev.arg_value(Site(site.file, number, None), 0))[:1])
    return found


def _name(value: Value) -> str | None:
    if isinstance(value, Member) and value.base == Name("self"):
        return value.name
    return value.id if isinstance(value, Name) else None


def _of_field(view: FileView, cls: int, name: str) -> Iterator[int]:
    """The annotations that stand in or just before the field."""
    for field in (f for f in view.assigns_of.get(cls, ()) if f.kind == "field" and f.target == Name(name)):
        yield from annotations_of(view, field)


def _of_parameter(view: FileView, cls: int, name: str) -> Iterable[int]:
    """The annotations of the parameter of that name of a constructor, which keeps it under the same one."""
    constructors = (view.symbol(i) for i in view.children.get(cls, ()) if view.symbol(i).name in ("constructor", view.symbol(cls).name))
    params = (p for c in constructors for p in c.params if p.name == name)
    return [d.call for p in params for d in p.decorators if isinstance(d, CallRef)]
