"""Functions around a handler that run once, when the routes are set up: what they make lives as long as the process."""

from __future__ import annotations

from functools import cached_property

from backend_readiness.controls.context import Context
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import FuncV
from backend_readiness.graph.views import FileView


class SetUps:
    """The functions inside of which the handlers of one flow are written, and that are no part of what a request runs."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def runs_once(self, view: FileView, scope: int) -> bool:
        """Is a handler of the flow written inside of the function, which the chain does not run?"""
        if scope not in self._around_handlers.get(view.path, ()):
            return False
        return not set(view.enclosing(scope)) & self._running.get(view.path, set())

    @cached_property
    def _running(self) -> dict[str, set[int]]:
        """File -> the functions of the chain."""
        found: dict[str, set[int]] = {}
        for reached in self.context.functions:
            found.setdefault(reached.function.symbol.file, set()).add(reached.function.symbol.index)
        return found

    @cached_property
    def _around_handlers(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for route in self.context.routes:
            for value in functions_in(self.context.graph, route.handler):
                if isinstance(value, FuncV):
                    around = self.context.view(value.symbol.file).enclosing(value.symbol.index)[1:]
                    found.setdefault(value.symbol.file, set()).update(s for s in around if s)
        return found
