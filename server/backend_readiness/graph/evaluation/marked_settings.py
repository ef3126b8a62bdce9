"""Fields and parameters that an annotation gives a setting of the application: `@Value("${stock.url}") String url`.

Such a value is an unknown one that is called like what the annotation says (`~${stock.url}`), so that who knows the settings can tell it.
Cards name the annotations (`setting_marks`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign, CallRef, Param
from backend_readiness.graph.values import AV, Const, Ext, Site, options
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_MARKED = "~${"


def said_of(value: AV) -> str:
    """What the annotation says of such a value (`${stock.url}`); empty for any other."""
    return value.path[1:] if isinstance(value, Ext) and value.path.startswith(_MARKED) else ""


def of_field(ev: Evaluator, view: FileView, field: Assign) -> AV | None:
    """The setting that a field without a value is given; None when no annotation says so."""
    if field.kind != "field" or not ev.world.knowledge.setting_marks.names:
        return None
    return _said(ev, view, annotations_of(view, field))


def of_param(ev: Evaluator, view: FileView, param: Param) -> AV | None:
    """The same of a parameter."""
    if not ev.world.knowledge.setting_marks.names:
        return None
    return _said(ev, view, (d.call for d in param.decorators if isinstance(d, CallRef)))


def annotations_of(view: FileView, field: Assign) -> Iterator[int]:
    """The annotations that stand in or just before a field."""
    before = max((f.end for f in view.assigns_of.get(field.owner, ()) if f.kind == "field" and f.end <= field.start), default=0)
    for number in view.calls_of.get(field.owner, ()):
        call = view.facts.calls[number]
        if call.kind == "decorator" and before <= call.start < field.end:
            yield number


def _said(ev: Evaluator, view: FileView, numbers: Iterable[int]) -> AV | None:
    for number in numbers:
        call = view.facts.calls[number]
        for callee in options(ev.value(call.callee, view.path, call.owner)):
            for tagged, _ in ev.world.knowledge.setting_marks.matches(callee) if isinstance(callee, Ext) else ():
                site = Site(view.path, number, None)
                given = (ev.arg_value(site, 0), *(ev.arg_value(site, -1, key) for key in tagged.rule.keys))
                text = next((g.value for g in given if isinstance(g, Const) and isinstance(g.value, str)), "")
                if text:
                    return Ext(f"~{text}" if "${" in text else f"~${{{text}}}")
    return None
