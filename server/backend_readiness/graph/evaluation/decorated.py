"""Members that a decorator of a package puts on a function: `task.delay()` of `@app.task def task()`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Symbol
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, options
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def member(ev: Evaluator, view: FileView, symbol: Symbol, base: FuncV, name: str) -> Ext | None:
    """The member, under the path of the first decorator that is known."""
    for decorator in symbol.decorators:
        written = view.facts.calls[decorator.call].callee if isinstance(decorator, CallRef) else decorator
        for value in _of_packages(ev, ev.value(written, view.path, max(0, symbol.parent))):
            return Ext(f"{value.path}().{name}", Ext(f"{value.path}()", value, None, base), None, base)
    return None


def _of_packages(ev: Evaluator, decorator: AV) -> Iterator[Ext]:
    """What it is of packages: itself, or the base of an own class."""
    for value in options(decorator):
        for found in inheritance.external_bases(ev, value) if isinstance(value, ClassV) else (value,):
            if isinstance(found, Ext) and found.known:
                yield found
