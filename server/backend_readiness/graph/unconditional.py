"""Whether a test is asked whenever its function or script runs."""

from __future__ import annotations

from backend_readiness.facts.model import Block
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph

_ALWAYS = frozenset({"try", "with", "finally"})


def is_always_asked(graph: Graph, view: FileView, block: Block) -> bool:
    """Does a block stand in no other branch or loop, and behind no `if` as its `elseif`?"""
    head = graph.text(view.path).encode()[block.start : block.start + 4].lower()
    around = (b for b in view.blocks_of.get(block.owner, ()) if b is not block and b.start <= block.start and block.end <= b.end)
    return not head.startswith(b"el") and all(b.kind in _ALWAYS for b in around)
