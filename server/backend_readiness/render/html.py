"""The report as one HTML file that loads nothing: no script, no font, no address. Autoescape is on for every expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.render.plain import (
    STAGE_TITLES,
    STATUS_TITLES,
    VERDICT_TITLES,
    accepted_text,
    chain_title,
    children_of,
    one_line,
    place_of,
    searched,
    visible,
)

if TYPE_CHECKING:
    from backend_readiness.report.schema import ChainOut, Report

FORMAT = "html"
SUFFIX = ".html"
_MAX_DEPTH = 20


def render(report: Report, *, width: int | None = None, color: bool = False) -> str:
    """A self-contained page; `width` and `color` mean nothing to it."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    env = Environment(
        loader=PackageLoader("backend_readiness", "render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    env.filters |= {
        "accepted": accepted_text,
        "place": place_of,
        "searched": searched,
        "chain_title": chain_title,
        "line": one_line,
        "depths": _depths,
    }
    env.globals |= {"stages": STAGE_TITLES, "statuses": STATUS_TITLES, "verdicts": VERDICT_TITLES}
    return env.get_template("report.html.j2").render(report=report)


def _shown(value: object) -> object:
    """Every expression is made visible before it is escaped."""
    return visible(value) if isinstance(value, str) else value


def _depths(chain: ChainOut) -> list[int]:
    """How deep each link stands below the start of the chain, at most `_MAX_DEPTH`."""
    parent_of = {child: parent for parent, children in children_of(chain).items() for child in children}
    depths: list[int] = []
    for index in range(len(chain.links)):
        parent = parent_of[index]
        depths.append(0 if parent is None else min(_MAX_DEPTH, depths[parent] + 1))
    return depths
