"""The writes of a flow that its handlers make, themselves or below them, apart from those of what runs before every handler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.model import Link, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_readiness.controls.context import Context
    from backend_readiness.graph.backend.effects import Effect

_STORED = ("orm", "nosql", "sql")


def stored_writes(context: Context) -> list[tuple[Effect, Link]]:
    """The writes to stores on the chain, in the order of its effects."""
    return [(e, link) for e, link in context.effects if e.operation == "write" and e.kind in _STORED]


def own_writes(context: Context) -> list[tuple[Effect, Link]]:
    """Those of `stored_writes` that stand below a handler."""
    below = {(link.file, link.line) for b in context.backends for e, i in b.effects if _below_handler(b.links, i) for link in (b.links[i],)}
    return [(e, link) for e, link in stored_writes(context) if (link.file, link.line) in below]


def handlers_touch(context: Context) -> bool:
    """Does anything below the handlers read or change data, or call a service?"""
    return any(_below_handler(b.links, i) for b in context.backends for _, i in b.effects)


def _below_handler(links: Sequence[Link], index: int) -> bool:
    at: int | None = index
    while at is not None:
        if links[at].stage == Stage.HANDLER:
            return True
        at = links[at].parent
    return False
