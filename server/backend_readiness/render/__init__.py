"""A report as text: one module per format, found by walking this folder.

A format is a module with `FORMAT` (its name), `SUFFIX` (of the file) and `render(report, *, width, color)`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from backend_readiness.errors import InvalidReport, UnusableInput

if TYPE_CHECKING:
    from backend_readiness.report.schema import Report


class Renderer(Protocol):
    """`width` is the number of columns and `color` whether escape codes are wanted; only formats for a terminal use them."""

    FORMAT: str
    SUFFIX: str

    def render(self, report: Report, *, width: int | None = None, color: bool = False) -> str: ...


@cache
def renderers() -> dict[str, Renderer]:
    """All formats by name, sorted. Importing a format is cheap: it loads its libraries when it renders."""
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    found = {module.FORMAT: cast(Renderer, module) for module in modules if hasattr(module, "FORMAT")}
    return dict(sorted(found.items()))


def renderer(name: str) -> Renderer:
    """The format of that name. Errors: `UnusableInput` naming those there are."""
    found = renderers().get(name)
    if found is None:
        raise UnusableInput(f"There is no format {name!r}: take one of {', '.join(renderers())}.")
    return found


def render(report: Report, name: str, *, width: int | None = None, color: bool = False) -> str:
    """The report in the format `name`.

    Errors: `UnusableInput` for an unknown format, `InvalidReport` for a report that was altered after it was sealed.
    """
    from backend_readiness.report import canonical

    if canonical.integrity(canonical.plain(report)) != report.integrity:
        raise InvalidReport("The report was altered after it was written: its digest differs.")
    return renderer(name).render(report, width=width, color=color)
