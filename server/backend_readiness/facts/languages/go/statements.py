"""Statements of Go.

Choices the model leaves open: of `a, b := f()` each name has an Assign of its own, with `Op("result", (call, Lit(i)))`; of
`v, ok := m[k]` (or a type assertion) the first has the value. `defer` is a `finally` Block, `select` a `switch` one, and a
`panic` both a Call and a Throw. Several returned values are a Seq. `a += b` gives `a` what it was and `b`, joined.
"""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from backend_readiness.facts.languages.go.tree import MAX_ITEMS, Walk, block_statements, body_of, parts, statement, value, visits
from backend_readiness.facts.languages.go.types import lower_type
from backend_readiness.facts.model import Assign, Block, CallRef, Concat, Lit, Name, Op, Return, Seq, Throw, Value

_NUMBERS = frozenset({"int_literal", "float_literal"})
_TEXTS = frozenset({"interpreted_string_literal", "raw_string_literal"})


def _bind(w: Walk, target: Node, bound: Value | None, kind: str, node: Node, typed: Value | None = None) -> None:
    start, end = node.start_byte, node.end_byte
    if w.declaring:  # only now: what stands on the right is still that of the block around
        w.renamed = {**w.renamed, **w.declaring}
    made = Assign(value(w, target), bound, typed, w.owner, w.line(start), w.last_line(end), start, end, kind)
    w.builder.assigns.append(made)


def _bind_all(w: Walk, targets: list[Node], sources: list[Node], kind: str, node: Node, typed: Value | None = None) -> None:
    if len(sources) == len(targets):
        for target, source in zip(targets, sources, strict=True):
            w.lambda_name = w.raw(target) if source.type == "func_literal" and target.type == "identifier" else ""
            bound = value(w, source)
            w.lambda_name = ""
            _bind(w, target, bound, kind, node, typed)
        return
    values = [value(w, source) for source in sources]
    for i, target in enumerate(targets[:MAX_ITEMS]):
        bound_to: Value | None = None
        if len(values) == 1 and isinstance(values[0], CallRef):
            bound_to = Op("result", (values[0], Lit(i)))
        elif len(values) == 1 and i == 0:
            bound_to = values[0]
        _bind(w, target, bound_to, kind, node, typed)


@visits("short_var_declaration", "assignment_statement", "receive_statement")
def visit_assignment(w: Walk, node: Node) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    sources = parts(right) if right is not None and right.type == "expression_list" else [right] if right is not None else []
    operator = node.child_by_field_name("operator")
    sign = operator.type if operator is not None else "="
    declares = node.type == "short_var_declaration" or (node.type == "receive_statement" and any(c.type == ":=" for c in node.children))
    kind = "let" if declares else "assign" if sign == "=" else "aug"
    if left is None:
        for source in sources:
            value(w, source)
        return
    targets = parts(left)
    is_text = sign == "+=" and len(targets) == len(sources) == 1 and targets[0].type == "identifier" and sources[0].type not in _NUMBERS
    if is_text:  # `path += "/v1"`
        _bind(w, targets[0], Concat((value(w, targets[0]), value(w, sources[0]))), "assign", node)
        return
    _bind_all(w, targets, sources, kind, node)


@visits("var_declaration", "const_declaration", "var_spec_list")
def visit_declaration(w: Walk, node: Node) -> None:
    for child in parts(node):
        statement(w, child)


@visits("var_spec", "const_spec")
def visit_spec(w: Walk, node: Node) -> None:
    typed = lower_type(w, node.child_by_field_name("type"))
    kind = "const" if node.type == "const_spec" else "let"
    bound = node.child_by_field_name("value")
    names = [n for n in node.children_by_field_name("name") if n.is_named]
    if bound is None:
        for name in names:
            _bind(w, name, None, kind, node, typed)
        return
    _bind_all(w, names, parts(bound), kind, node, typed)


@visits("return_statement")
def visit_return(w: Walk, node: Node) -> None:
    values = [value(w, child) for part in parts(node) for child in (parts(part) if part.type == "expression_list" else [part])]
    if not values and w.results:
        values = [w.name(name) for name in w.results]
    returned = values[0] if len(values) == 1 else Seq(tuple(values)) if values else None
    start, end = node.start_byte, node.end_byte
    w.builder.returns.append(Return(returned, w.owner, w.line(start), w.last_line(end), start))


@visits("expression_statement", "go_statement", "labeled_statement")
def visit_expression(w: Walk, node: Node) -> None:
    for child in parts(node):
        if child.type == "label_name":
            continue
        if child.type.endswith("_statement"):
            statement(w, child)
            continue
        lowered = value(w, child)
        if isinstance(lowered, CallRef) and w.builder.calls[lowered.call].callee == Name("panic"):
            args = w.builder.calls[lowered.call].args
            start = child.start_byte
            w.builder.throws.append(Throw(args[0].value if args else None, w.owner, w.line(start), start))


@visits("inc_statement", "dec_statement")
def visit_step(w: Walk, node: Node) -> None:
    for child in parts(node):
        _bind(w, child, Lit(1 if node.type == "inc_statement" else -1), "aug", node)


@visits("statement_list", "ERROR", "for_clause")
def visit_statements(w: Walk, node: Node) -> None:
    for child in parts(node):
        statement(w, child)


@visits("block")
def visit_own_block(w: Walk, node: Node) -> None:
    """A block that stands for itself, as applications write groups of routes: what it declares anew is its own."""
    _own_names(w, node, lambda _: True)


def _own_names(w: Walk, node: Node, own: Callable[[Node], bool]) -> None:
    outer = w.renamed
    for child in body_of(node):
        if child.type == "short_var_declaration" and own(child):
            w.declaring = _declared_anew(w, child)
            visit_assignment(w, child)
            w.declaring = None
        else:
            statement(w, child)
    w.renamed = outer


def _inner_block(w: Walk, body: Node | None) -> None:
    """The body of a loop or a branch. What it makes of an outer name under the same name (`api := api.Group("/x")`) is its own, and so
    is what stands beside it. So is a group below a path (`admin := api.Group("/admin")`), as another branch may have one of that name;
    what else only the same name is given (`err := check()`) keeps the name that everything knows it by."""
    declared = [child for child in body_of(body) if child.type == "short_var_declaration"]
    if body is not None and any(goes_on(w, child) for child in declared):
        visit_own_block(w, body)
    elif body is not None and any(_below_path(w, child) for child in declared):
        _own_names(w, body, lambda child: _below_path(w, child))
    else:
        block_statements(w, body)


def goes_on(w: Walk, node: Node) -> bool:
    """`name := name.method(...)`: a call on what the name meant before."""
    left, right = (parts(node.child_by_field_name(f)) for f in ("left", "right"))
    if len(left) != 1 or len(right) != 1 or right[0].type != "call_expression":
        return False
    inner: Node | None = right[0]
    while inner is not None and inner.type in ("call_expression", "selector_expression"):
        inner = inner.child_by_field_name("function" if inner.type == "call_expression" else "operand")
    return inner is not None and inner.type == left[0].type == "identifier" and w.raw(inner) == w.raw(left[0])


def _below_path(w: Walk, node: Node) -> bool:
    """`name := other.method("/path")`, also with more calls behind it: `r.PathPrefix("/admin").Subrouter()`."""
    left, right = (parts(node.child_by_field_name(f)) for f in ("left", "right"))
    inner: Node | None = right[0] if len(left) == len(right) == 1 else None
    while inner is not None and inner.type in ("call_expression", "selector_expression"):
        given = parts(inner.child_by_field_name("arguments")) if inner.type == "call_expression" else []
        if given and given[0].type in _TEXTS and w.raw(given[0])[1:2] == "/":
            return True
        inner = inner.child_by_field_name("function" if inner.type == "call_expression" else "operand")
    return False


def _declared_anew(w: Walk, node: Node) -> dict[str, str]:
    """Names on the left that the function around declares as well, each with a name of its own."""
    left = {w.raw(n) for n in parts(node.child_by_field_name("left")) if n.type == "identifier"} - {"_", w.receiver}
    taken = {a.target.id for a in w.builder.assigns if a.owner == w.owner and isinstance(a.target, Name)} if left else set()
    return {name: f"{name}'{node.start_byte}" for name in left if name in taken}


@visits("comment", "empty_statement", "break_statement", "continue_statement", "goto_statement", "fallthrough_statement")
def visit_nothing(w: Walk, node: Node) -> None:
    """No fact stands in it."""


@visits("send_statement")
def visit_send(w: Walk, node: Node) -> None:
    for child in parts(node):
        value(w, child)


def _block(w: Walk, kind: str, subject: Value | None, start: int, end: int, empty: bool) -> None:
    w.builder.blocks.append(Block(kind, subject, w.owner, w.line(start), w.last_line(end), start, end, empty))


@visits("defer_statement")
def visit_defer(w: Walk, node: Node) -> None:
    _block(w, "finally", None, node.start_byte, node.end_byte, False)
    for child in parts(node):
        value(w, child)


@visits("if_statement")
def visit_if(w: Walk, node: Node) -> None:
    """A chain of `else if` without recursion along it."""
    current: Node | None = node
    while current is not None and current.type == "if_statement":
        initializer = current.child_by_field_name("initializer")
        if initializer is not None:
            statement(w, initializer)
        condition = current.child_by_field_name("condition")
        subject = value(w, condition) if condition is not None else None
        body = current.child_by_field_name("consequence")
        _block(w, "if", subject, current.start_byte, (body or current).end_byte, not body_of(body))
        _inner_block(w, body)
        current = current.child_by_field_name("alternative")
    if current is not None:
        _block(w, "else", None, current.start_byte, current.end_byte, not body_of(current))
        block_statements(w, current)


@visits("for_statement")
def visit_for(w: Walk, node: Node) -> None:
    body = node.child_by_field_name("body")
    head = next((c for c in parts(node) if c != body), None)
    subject: Value | None = None
    if head is not None and head.type == "range_clause":
        right = head.child_by_field_name("right")
        subject = value(w, right) if right is not None else None
        targets = parts(head.child_by_field_name("left"))
        for i, target in enumerate(targets):
            keys = Op("keys", (subject,)) if subject is not None else None
            _bind(w, target, subject if i == 1 else keys, "for", head)
    elif head is not None and head.type == "for_clause":
        for field in ("initializer", "condition", "update"):
            child = head.child_by_field_name(field)
            if child is not None and field == "condition":
                subject = value(w, child)
            elif child is not None:
                statement(w, child)
    elif head is not None:
        subject = value(w, head)
    _block(w, "loop", subject, node.start_byte, node.end_byte, not body_of(body))
    _inner_block(w, body)


@visits("expression_switch_statement", "type_switch_statement", "select_statement")
def visit_switch(w: Walk, node: Node) -> None:
    initializer, written, alias = (node.child_by_field_name(f) for f in ("initializer", "value", "alias"))
    if initializer is not None:
        statement(w, initializer)
    subject = value(w, written) if written is not None else None
    for target in parts(alias):
        _bind(w, target, subject, "let", node)
    _block(w, "switch", subject, node.start_byte, node.end_byte, False)
    for case in parts(node):
        if case.type in ("expression_case", "type_case", "default_case", "communication_case"):
            _case(w, case, parts(alias))


def _case(w: Walk, node: Node, aliases: list[Node]) -> None:
    fields = ("value", "type", "communication")
    heads = [child for field in fields for child in node.children_by_field_name(field) if child.is_named]
    subjects: list[Value] = []
    for head in heads:
        if head.type.endswith("_statement"):
            statement(w, head)
        elif node.type == "type_case":
            typed = lower_type(w, head)
            if typed is not None:
                subjects.append(typed)
            for target in aliases if len(heads) == 1 else ():
                _bind(w, target, None, "let", node, typed)
        else:
            lowered = value(w, head)
            subjects.extend(lowered.items if isinstance(lowered, Seq) else (lowered,))
    subject = subjects[0] if len(subjects) == 1 else Seq(tuple(subjects)) if subjects else None
    inside = [child for child in parts(node) if child not in heads]
    _block(w, "case", subject, node.start_byte, node.end_byte, not inside)
    for child in inside:
        statement(w, child)
