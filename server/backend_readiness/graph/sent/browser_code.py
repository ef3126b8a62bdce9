"""What of a page that a server draws runs in the browser: its scripts, and the code in attributes (`@click="save()"`, `x-data="{}"`)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import CallRef, Element, Func, Member, Record, Value
from backend_readiness.graph.views import FileView

_CODE = re.compile(r"@[a-z]|x-|v-|on[a-z]|hx-on")
MAX_DEPTH = 6


class BrowserCode:
    def __init__(self) -> None:
        self._starts: dict[str, frozenset[int]] = {}

    def holds(self, view: FileView, number: int) -> bool:
        """Does the browser run the call of that number?"""
        start = view.facts.calls[number].start
        if any(e.start < start < e.end for e in view.facts.elements if e.tag.lower() == "script"):
            return True
        if view.path not in self._starts:
            self._starts[view.path] = frozenset(_in_attributes(view))
        return number in self._starts[view.path]


def _in_attributes(view: FileView) -> Iterator[int]:
    """The calls in the code of attributes: those of its functions, and those that it is itself."""
    functions: set[int] = set()
    for value in _written(view.facts.elements):
        for part in _parts(view, value, 0):
            if isinstance(part, Func):
                functions.add(part.symbol)
            elif isinstance(part, CallRef):
                yield part.call
    for number, call in enumerate(view.facts.calls) if functions else ():
        if not functions.isdisjoint(view.enclosing(call.owner)):
            yield number


def _written(elements: tuple[Element, ...]) -> Iterator[Value]:
    return (a.value for e in elements for a in e.attrs if a.value is not None and _CODE.match(a.name))


def _parts(view: FileView, value: Value, depth: int) -> Iterator[Value]:
    """The functions and calls of an expression: `{ save() {} }`, `fetch(url).then(show)`."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, Record):
        inner = tuple(v for _, v in value.items)
    elif isinstance(value, Member):
        inner = (value.base,)
    elif isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        inner = (call.callee, *(a.value for a in call.args))
    else:
        inner = ()
    if isinstance(value, Func | CallRef):
        yield value
    for part in inner:
        yield from _parts(view, part, depth + 1)


__all__ = ["BrowserCode"]
