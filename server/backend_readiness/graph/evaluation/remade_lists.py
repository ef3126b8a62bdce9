"""Lists that a function makes anew from one that it is given: `urls = [scoped(url) for url in urls]` holds one item for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign, Name, Seq
from backend_readiness.graph.values import Env, ListV, SymbolId, Thunk

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

_LANGUAGES = frozenset({"python"})
MAX_ITEMS = 60


def remade(ev: Evaluator, assign: Assign, view: FileView, scope: int, env: Env | None) -> ListV | None:
    """The list of what the comprehension gives for each item of a parameter; None where it is anything else."""
    written = assign.value if view.language in _LANGUAGES else None
    if not isinstance(written, Seq) or len(written.items) != 1 or env is None or env.symbol != SymbolId(view.path, scope):
        return None
    blocks = [b for b in view.blocks_of.get(scope, ()) if b.kind == "comprehension" and assign.start <= b.start and b.end <= assign.end]
    inside = (blocks[0].start, blocks[0].end) if len(blocks) == 1 else (0, 0)
    heads = [a for a in view.facts.assigns if a.kind == "for" and a.owner == scope and inside[0] <= a.start < inside[1]]
    if len(heads) != 1 or not isinstance(heads[0].target, Name) or not isinstance(heads[0].value, Name):
        return None
    over, name = env.args.get(heads[0].value.id), heads[0].target.id
    if not isinstance(over, ListV):
        return None
    envs = [Env(env.symbol, {**env.args, name: ev.thunk(t)}, env.self_value, env.outer, env.depth, env.site) for t in over.items]
    return ListV(tuple(Thunk(view.path, scope, written.items[0], e) for e in envs[:MAX_ITEMS]))
