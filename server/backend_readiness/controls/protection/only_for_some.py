"""Refusals that not every request of the flow comes to, or not in time."""

from __future__ import annotations

from collections.abc import Callable

from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.late_refusals import comes_after_a_write
from backend_readiness.controls.protection.refusals import only_if_sent
from backend_readiness.graph.backend.other_paths import is_for_other_paths
from backend_readiness.graph.views import FileView


def for_some(context: Context) -> Callable[[FileView, int, int, frozenset[str]], bool]:
    """Asks of a place in a function: is it reached only where a credential was sent (`refusals.only_if_sent`), or only by requests for
    addresses of which the flow has none, or only after the handler has written?"""
    paths = [r.route.endpoint.path for r in context.routes]

    def is_spared(view: FileView, scope: int, start: int, off: frozenset[str]) -> bool:
        return (
            only_if_sent(view, scope, start, off)
            or is_for_other_paths(view, scope, start, paths)
            or comes_after_a_write(context, view, scope, start)
        )

    return is_spared
