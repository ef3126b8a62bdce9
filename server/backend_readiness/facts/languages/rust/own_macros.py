"""Macros of a file's own that are written like a function: one rule, whose parameters are values.

`macro_rules! app { ($state: expr) => { App::new().app_data($state) } }` is the function `app!` where the file also calls it. Other rules
only quote: what they repeat or choose between is known where they are expanded.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.rust.expressions import block_value
from backend_readiness.facts.languages.rust.items import tail
from backend_readiness.facts.languages.rust.pieces import first, piece
from backend_readiness.facts.languages.rust.tree import Walk, kinds, lowers, visits, without_extras
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Param, Symbol, Value

RULE = kinds("macro_rule")
BINDING = kinds("token_binding_pattern")
_VALUES = frozenset({"expr", "ident", "literal", "path"})
_BEFORE, _AFTER = "fn f(){", "}"


@lowers("metavariable")
def lower_metavariable(w: Walk, node: Node) -> Value:
    return w.name(w.raw(node))


@visits("macro_definition")
def visit_macro(w: Walk, node: Node) -> None:
    rules = [c for c in node.named_children if c.kind_id in RULE]
    named = node.child_by_field_name("name")
    if named is None or len(rules) != 1 or f"{w.raw(named)}!" not in w.text:
        return
    given, body = rules[0].child_by_field_name("left"), rules[0].child_by_field_name("right")
    params = _params(w, given) if given is not None else None
    if params is None or body is None:
        return
    name = f"{plain(w.raw(named))}!"
    start, end, inner = w.start(node), w.end(node), w.text[body.start_byte + 1 : max(body.start_byte + 1, body.end_byte - 1)]
    line, last = w.line(start), w.last_line(end)
    with piece(w, _BEFORE, inner, _AFTER, body.start_byte + 1) as root:
        block = first(root, "block") if root is not None and not root.has_error else None
        if block is None:
            return
        statements = without_extras(block.named_children)
        symbol = w.builder.add_symbol(
            Symbol("function", name, w.owner, line, last, start, end, params=tuple(params), statements=len(statements))
        )
        outer = w.owner, w.holder
        w.owner, w.holder = symbol, -1
        tail(w, block_value(w, block), statements)
        w.owner, w.holder = outer


def _params(w: Walk, node: Node) -> list[Param] | None:
    """The parameters, where all of them are values; None for what repeats or is spelled out."""
    found = []
    for child in node.named_children:
        name, fragment = child.child_by_field_name("name"), child.child_by_field_name("type")
        if child.kind_id not in BINDING or name is None or fragment is None or w.raw(fragment) not in _VALUES:
            return None
        found.append(Param(plain(w.raw(name))))
    return found
