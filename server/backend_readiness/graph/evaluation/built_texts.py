"""Texts that are put together step by step in one function: `sb.WriteString("SELECT ...")`, and `sb.String()` in the end.

A card names the call that gives the text (role `built_text`); what is written before it to the same variable are its parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, CallRef, Member, Name
from backend_readiness.graph.evaluation.texts import join_text
from backend_readiness.graph.values import AV, Const, Ext, Text

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_PARTS = 60


def built_text(graph: Graph, value: AV | None) -> AV | None:
    """The text that the call behind `value` gives; `value` itself when it is no such call, or nothing known is written."""
    if not isinstance(value, Ext) or value.site is None or "built_text" not in graph.knowledge.roles_of(value.path.removesuffix("()")):
        return value
    view = graph.view(value.site.file)
    last = view.facts.calls[value.site.call]
    name = last.callee.base if isinstance(last.callee, Member) else None
    if not isinstance(name, Name):
        return value
    numbers = sorted((n for s in view.body(last.owner) for n in view.calls_of.get(s, ())), key=lambda n: view.facts.calls[n].start)
    parts: list[AV] = []
    for number in numbers[: 20 * MAX_PARTS]:
        call = view.facts.calls[number]
        if call.start >= last.start or len(parts) >= MAX_PARTS:
            break
        if call is not last and _begins_with(graph, call, value.site.file, name) and call.args:
            parts.append(graph.ev.value(call.args[-1].value, value.site.file, call.owner, value.site.env))
    text = join_text(parts) if parts else value
    return text if isinstance(text, Const | Text) and isinstance(parts[0], Const | Text) else value


def _begins_with(graph: Graph, call: Call, file: str, name: Name) -> bool:
    """`sb.WriteString(x)`, also as a later step of `sb.append(a).append(b)`."""
    callee = call.callee
    for _ in range(MAX_PARTS):
        if not isinstance(callee, Member):
            return False
        if callee.base == name:
            return True
        if not isinstance(callee.base, CallRef):
            return False
        callee = graph.view(file).facts.calls[callee.base.call].callee
    return False
