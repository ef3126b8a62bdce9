"""A call inside of a function of the chain."""

from __future__ import annotations

from dataclasses import dataclass

from backend_readiness.facts.model import Call
from backend_readiness.graph.values import AV, Ext, Site, SymbolId


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainCall:
    """A call inside a function of the chain, with the values that its callee may be."""

    site: Site
    call: Call
    callee: tuple[AV, ...]
    function: SymbolId

    @property
    def paths(self) -> tuple[str, ...]:
        """The canonical paths of external callees (see `graph.values.Ext`)."""
        return tuple(v.path for v in self.callee if isinstance(v, Ext))
