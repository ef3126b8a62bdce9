"""Macros of the repository that are written like a function: one rule, whose parameters are values.

`macro_rules! app { ($state: expr) => { App::new().app_data($state) } }` is the function `app!` where the file also calls it. One that
repeats pairs, `($($path: expr => $routes: expr),*) => { Router::new()$(.nest($path, $routes))* }`, is a function with a loop over them,
wherever it is called. Other rules only quote: what they repeat or choose between is known where they are expanded.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from backend_readiness.facts.languages.rust.expressions import block_value
from backend_readiness.facts.languages.rust.items import tail
from backend_readiness.facts.languages.rust.pieces import MAX_PIECES_DEEP, first, piece
from backend_readiness.facts.languages.rust.tree import Walk, kinds, lowers, visits, without_extras
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Assign, Block, Name, Param, Seq, Symbol, Value

RULE = kinds("macro_rule")
BINDING = kinds("token_binding_pattern")
REPEATED = kinds("token_repetition_pattern")
REPETITION = kinds("token_repetition")
ROWS = "$rows"
_VALUES = frozenset({"expr", "ident", "literal", "path"})
_BEFORE, _AFTER = "fn f(){", "}"


@lowers("metavariable")
def lower_metavariable(w: Walk, node: Node) -> Value:
    return w.name(w.raw(node))


@visits("macro_definition")
def visit_macro(w: Walk, node: Node) -> None:
    rules = [c for c in node.named_children if c.kind_id in RULE]
    named = node.child_by_field_name("name")
    if named is None or len(rules) != 1:
        return
    given, body = rules[0].child_by_field_name("left"), rules[0].child_by_field_name("right")
    pair = _repeated_pair(w, given) if given is not None else ()
    params = [Param(ROWS)] if pair else _params(w, given) if given is not None and f"{w.raw(named)}!" in w.text else None
    if params is None or body is None:
        return
    name = f"{plain(w.raw(named))}!"
    start, end, inner = w.start(node), w.end(node), w.text[body.start_byte + 1 : max(body.start_byte + 1, body.end_byte - 1)]
    line, last = w.line(start), w.last_line(end)
    spans = [(_begin(w, body, loop), w.end(loop)) for loop in _repetitions(body)] if pair else []
    loops = list(_repetitions(body)) if pair else []
    for loop in loops:
        inner = _without_signs(inner, loop, body.start_byte + 1)
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
        for first_at, last_at in spans:
            w.builder.blocks.append(Block("loop", Name(ROWS), symbol, w.line(first_at), w.last_line(last_at), first_at, last_at))
            bound = Seq(tuple(Name(n) for n in pair))
            w.builder.assigns.append(
                Assign(bound, Name(ROWS), None, symbol, w.line(first_at), w.line(first_at), first_at, first_at + 1, "for")
            )
        tail(w, block_value(w, block), statements)
        w.owner, w.holder = outer


def _repeated_pair(w: Walk, node: Node) -> tuple[str, ...]:
    """The names of the two values that a rule repeats with an arrow between them; none for any other rule."""
    repeated = [c for c in node.named_children if c.kind_id in REPEATED and any(i.kind_id in BINDING for i in c.named_children)]
    if len(repeated) != 1 or any(c.kind_id in BINDING for c in node.named_children):
        return ()
    parts = [c for c in repeated[0].children if c.kind_id in BINDING or c.type == "=>"]
    if len(parts) != 3 or parts[1].type != "=>":
        return ()
    fragments = [p.child_by_field_name("type") for p in (parts[0], parts[2])]
    names = [p.child_by_field_name("name") for p in (parts[0], parts[2])]
    known = all(f is not None and w.raw(f) in _VALUES for f in fragments)
    return tuple(plain(w.raw(n)) for n in names if n is not None) if known else ()


def _repetitions(node: Node, depth: int = 0) -> Iterator[Node]:
    for child in node.named_children:
        if child.kind_id in REPETITION:
            yield child
        elif depth < MAX_PIECES_DEEP:
            yield from _repetitions(child, depth + 1)


def _begin(w: Walk, body: Node, loop: Node) -> int:
    """Where a repetition begins; one of steps, `Router::new()$(.route($path, $handler))*`, with the chain that it goes on."""
    steps = any(c.type == "." for c in loop.children[2:3])
    return w.start(body) + 1 if steps else w.start(loop)


def _without_signs(inner: str, loop: Node, start: int) -> str:
    """The text of a body without `$(` and `)*` around what is repeated."""
    closing = max(c.start_byte for c in loop.children if c.type == ")")
    for first_at, last_at in ((loop.start_byte, loop.start_byte + 2), (closing, loop.end_byte)):
        inner = inner[: first_at - start] + " " * (last_at - first_at) + inner[last_at - start :]
    return inner


def _params(w: Walk, node: Node) -> list[Param] | None:
    """The parameters, where all of them are values; None for what repeats or is spelled out."""
    found = []
    for child in node.named_children:
        name, fragment = child.child_by_field_name("name"), child.child_by_field_name("type")
        if child.kind_id not in BINDING or name is None or fragment is None or w.raw(fragment) not in _VALUES:
            return None
        found.append(Param(plain(w.raw(name))))
    return found
