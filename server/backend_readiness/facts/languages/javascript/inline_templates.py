"""Templates that stand as a text in the decorator of a component: `@Component({ template: \\`<form (ngSubmit)="save()">\\` })`."""

from __future__ import annotations

import re

from backend_readiness.facts.languages.javascript.walk import Walk
from backend_readiness.facts.model import Call, CallRef, Name, Record, Value

MAX_TEMPLATE = 400_000
_START = re.compile(r"(?<![\w$])template\s*:\s*([`'\"])")


def inline_template(w: Walk, decorators: tuple[Value, ...], owner: int) -> None:
    """Add the elements of the template of a class, owned by the class, at their true lines."""
    for item in decorators:
        call = w.builder.calls[item.call] if isinstance(item, CallRef) else None
        if call is None or call.callee != Name("Component") or not _has_template(call):
            continue
        if w.base:
            continue  # a script inside of a page has no components
        found = _START.search(w.text, call.start, call.end)
        if found is None:
            continue
        end = _end(w.text, found.end(), call.end, found.group(1))
        if 0 < end - found.end() <= MAX_TEMPLATE:
            from backend_readiness.facts.languages.markup.documents import template_into

            line = call.line + w.text.count("\n", call.start, found.end())
            template_into(
                w.builder, w.text[found.end() : end].encode("latin-1"), language="angular", owner=owner, line=line, start=found.end()
            )


def _has_template(call: Call) -> bool:
    first = call.args[0].value if call.args else None
    return isinstance(first, Record) and any(key == "template" for key, _ in first.items)


def _end(source: str, start: int, limit: int, quote: str) -> int:
    place = start
    while place < limit:
        if source[place] == "\\":
            place += 2
            continue
        if source[place] == quote:
            return place
        place += 1
    return start
