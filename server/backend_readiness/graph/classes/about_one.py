"""The classes behind a generic interface that are about one class: `IHandler<AddOrder>` is what `class Adds : IHandler<AddOrder>` is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Index, Seq
from backend_readiness.graph.classes import parts
from backend_readiness.graph.values import AV, ClassV, options
from backend_readiness.snapshot.places import is_production

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_CLASSES = 400
MAX_MEANT = 3


def implementers(ev: Evaluator, cls: ClassV, about: AV | None) -> list[ClassV]:
    """Those that write the interface with that type argument; none where no class does, or more than three do."""
    if not isinstance(about, ClassV):
        return []
    key = (cls.symbol, about.symbol)
    known = ev.implementers_about.get(key)
    if known is None:
        cuts = ev.cuts
        known = _find(ev, cls, about)
        if ev.cuts == cuts:
            ev.implementers_about[key] = known
    return known


def _find(ev: Evaluator, cls: ClassV, about: ClassV) -> list[ClassV]:
    name = ev.world.view(cls.symbol.file).symbol(cls.symbol.index).name
    found: list[ClassV] = []
    for written in ev.world.subclasses(name)[:MAX_CLASSES]:
        where = parts.declared(ev, written)
        view = ev.world.view(written.file)
        for base in view.symbol(written.index).bases:
            if not isinstance(base, Index) or last_name(base.base) != name:
                continue
            first = base.key.items[0] if isinstance(base.key, Seq) and base.key.items else base.key
            given = options(ev.value(first, written.file, max(0, view.symbol(written.index).parent)))
            if any(isinstance(o, ClassV) and o.symbol == about.symbol for o in given) and is_production(where.file):
                found.append(ClassV(where))
    return found if len(found) <= MAX_MEANT else []
