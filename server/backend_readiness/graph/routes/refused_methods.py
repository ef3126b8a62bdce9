"""The one method that a script answers, where what it includes refuses all others.

`if ($_SERVER["REQUEST_METHOD"] !== "POST") { echo "..."; exit; }` at the top of a file. Options of the rule: `asked_method` (the name and
the key that hold the method) and `exits` (calls that end the script).
"""

from __future__ import annotations

from backend_readiness.facts.model import Block, Index, Lit, Name, Op
from backend_readiness.graph.sent.requests import METHODS
from backend_readiness.graph.unconditional import is_always_asked
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import RouteRule

_OTHER_THAN = ("!=", "!==")


def only_method(graph: Graph, view: FileView, rule: RouteRule) -> str | None:
    """The method without which an included file ends the script; None where it lets several through."""
    name, key = rule.options["asked_method"]
    exits = set(rule.options["exits"])
    asked = Index(Name(name), Lit(key))
    for block in view.blocks_of.get(0, ()):
        test = block.subject
        if block.kind != "if" or not isinstance(test, Op) or test.op not in _OTHER_THAN or asked not in test.operands:
            continue
        said = next((str(o.value).upper() for o in test.operands if isinstance(o, Lit)), "")
        if said in METHODS and _exits(view, block, exits) and is_always_asked(graph, view, block):
            return said
    return None


def _exits(view: FileView, block: Block, exits: set[str]) -> bool:
    calls = [view.facts.calls[n] for n in view.calls_of.get(0, ())]
    return any(block.start <= c.start and c.end <= block.end and callee_name(c) in exits for c in calls)
