"""A variable that is given what a call on itself makes, and is used for paths: `r = r.Group("/v1")`, then `r.GET("/orders", list)`.

What stands before such a statement means what the name meant before, what stands after it means what it was given: facts call the second
by a name of its own. Only a statement that the function itself always runs counts, and only a variable that is handed a path: of a query
that is built step by step (`db = db.Where("id = ?", id)`) every step is the same thing.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.go.statements import goes_on, visit_assignment
from backend_readiness.facts.languages.go.tree import Walk, body_of, parts, statement

_TEXTS = frozenset({"interpreted_string_literal", "raw_string_literal"})
MAX_NODES = 2_000


def function_body(w: Walk, node: Node | None) -> None:
    """The statements of a function, and of a function in it; what it declares anew ends with it."""
    outer = w.renamed
    own = {p.name for p in w.builder.symbols[w.owner].params}
    if w.renamed:
        w.renamed = {name: called for name, called in w.renamed.items() if name not in own}
    statements = body_of(node)
    for position, child in enumerate(statements):
        name = _given_anew(w, child)
        if name and _is_handed_paths(w, name, statements[position:]):
            w.declaring = {name: f"{name}'{child.start_byte}"}
            visit_assignment(w, child)
            w.declaring = None
        else:
            statement(w, child)
    w.renamed = outer


def _given_anew(w: Walk, node: Node) -> str:
    """The variable that `name = name.method(...)` gives something."""
    operator = node.child_by_field_name("operator") if node.type == "assignment_statement" else None
    if operator is None or operator.type != "=" or not goes_on(w, node):
        return ""
    name = w.raw(parts(node.child_by_field_name("left"))[0])
    return name if name != w.receiver else ""


def _is_handed_paths(w: Walk, name: str, statements: list[Node]) -> bool:
    """Does a call on the name take a text that begins with a slash as its first or second argument, or an empty first one?"""
    pending = list(reversed(statements))
    for _ in range(MAX_NODES):
        if not pending:
            break
        node = pending.pop()
        if node.type == "call_expression" and _is_on(w, node, name) and _takes_path(w, node):
            return True
        pending.extend(reversed(node.named_children))
    return False


def _is_on(w: Walk, call: Node, name: str) -> bool:
    called = call.child_by_field_name("function")
    held = called.child_by_field_name("operand") if called is not None and called.type == "selector_expression" else None
    return held is not None and held.type == "identifier" and w.raw(held) == name


def _takes_path(w: Walk, call: Node) -> bool:
    given = [w.raw(a)[1:-1] if a.type in _TEXTS else None for a in parts(call.child_by_field_name("arguments"))[:2]]
    return any(text is not None and text.startswith("/") for text in given) or (given[:1] == [""] and len(given) > 1)
