"""The name of a constant of an enum as a text: `Event.PAID.name()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.values import AV, Const, InstV

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

ASKED = ("name", "toString")


def called(ev: Evaluator, base: AV | None, name: str) -> Const | None:
    """What a method that every enum has answers for one of its constants; a method that the enum writes itself never comes here."""
    if name not in ASKED or not isinstance(base, InstV) or base.site is None:
        return None
    cls, site = base.cls.symbol, base.site
    view = ev.world.view(cls.file)
    if site.file != cls.file or view.symbol(cls.index).kind != "enum" or view.facts.calls[site.call].owner != cls.index:
        return None
    written = view.result_names.get(site.call)
    return Const(written) if written else None
