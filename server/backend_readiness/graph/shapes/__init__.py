"""The shapes in which frameworks register routes, one module each with `collect(scan)`. Found by walking this package."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Scan


@cache
def collectors() -> tuple[Callable[[Scan], None], ...]:
    """The `collect` functions of all shapes, in the order of their names."""
    modules = [importlib.import_module(f"{__name__}.{i.name}") for i in sorted(pkgutil.iter_modules(__path__), key=lambda i: i.name)]
    return tuple(m.collect for m in modules)
