"""A base that is called like the class itself: `class Endpoint : Endpoint<Order>`, `class ListView(LoginRequiredMixin, ListView)`.

Another class of the name is meant: with type arguments that of a library, elsewhere what the name meant before the class was defined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Name, Value
from backend_readiness.graph.evaluation import exports, packages
from backend_readiness.graph.values import AV, ClassV, SymbolId
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def of_library(ev: Evaluator, base: AV, written: Value, view: FileView, index: int) -> AV:
    """The class of a library behind a base that seems to be the class itself."""
    return packages.of_library(ev, view, written.id) or base if isinstance(written, Name) and _is_itself(base, view, index) else base


def imported_before(ev: Evaluator, base: AV | None, written: Value, view: FileView, index: int) -> AV | None:
    """What an import gave the name that the class then takes for itself."""
    if not isinstance(written, Name) or not _is_itself(base, view, index):
        return base
    symbol = view.symbol(index)
    before = [i for i in view.imports.get(written.id, ()) if i.owner == symbol.parent and i.line < symbol.line]
    return exports.all_imported(ev, view, before) if before else base


def _is_itself(base: AV | None, view: FileView, index: int) -> bool:
    return isinstance(base, ClassV) and base.symbol == SymbolId(view.path, index)
