"""What patterns ask of a request: `def call(%{method: "GET", path_info: ["orders", id]} = conn, _)`, `case {conn.method, conn.path_info}`.

A list of pieces of a path is written as the path: `["orders", id]` is `/orders/{id}`. Only methods of HTTP and paths count.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.elixir.tree import MAX_ITEMS, Walk, child, inner
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Lit, Name, Op, Seq, Value

_METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"))
_PATHS = ("request_path", "path_info")


def said(w: Walk, pattern: Node | None) -> Value | None:
    """The method, the path, or both, which the pattern of a clause names."""
    parts = inner(pattern)
    node = parts[0] if len(parts) == 1 else None
    if node is not None and node.type == "binary_operator" and w.raw(node.child_by_field_name("operator") or node) == "when":
        node = node.child_by_field_name("left")
    if node is not None and node.type == "tuple":
        items = [_text(w, part) for part in inner(node)[:MAX_ITEMS]]
        return Seq(tuple(Lit(i) for i in items)) if any(i is not None for i in items) else None
    found = _text(w, node) if node is not None else None
    return Lit(found) if found is not None else None


def asked(w: Walk, params: list[Node]) -> Value | None:
    """What the parameters of a clause of a function ask of a request, as a condition; None when they name no path."""
    tests: list[Value] = []
    for number, param in enumerate(params[:MAX_ITEMS]):
        held = _pattern(param)
        if held is not None:
            tests.extend(_of_map(w, held))
        elif (text := _text(w, param)) is not None and (text in _METHODS) == (number == 0):
            tests.append(_test("method" if text in _METHODS else _PATHS[0], text))
    named = [t.operands[0] for t in tests if isinstance(t, Op)]
    if not any(isinstance(n, Name) and n.id in _PATHS for n in named):
        return None
    return tests[0] if len(tests) == 1 else Op("and", tuple(tests))


def _test(name: str, text: str) -> Op:
    return Op("==", (Name(name), Lit(text)))


def _pattern(node: Node) -> Node | None:
    """The map in `%Plug.Conn{...} = conn`, `conn = %{...}` and `%{...}`."""
    if node.type == "binary_operator":
        sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
        return next((s for s in sides if s is not None and s.type == "map"), None)
    return node if node.type == "map" else None


def _of_map(w: Walk, node: Node) -> list[Value]:
    found: list[Value] = []
    for entry in inner(child(node, "map_content")):
        for pair in inner(entry) if entry.type == "keywords" else ():
            parts = inner(pair)
            key = plain(w.raw(parts[0])).strip().rstrip(":") if len(parts) == 2 else ""
            text = _text(w, parts[1]) if key in (*_PATHS, "method") else None
            if text is not None and (text in _METHODS) == (key == "method"):
                w.builder.names.add(key)
                found.append(_test(key, text))
    return found


def _text(w: Walk, node: Node) -> str | None:
    """A method, or a path: a text, the start of one (`"/files/" <> name`), or the pieces in a list."""
    if node.type == "string":
        text = plain(w.raw(node)).strip('"')
        return text if text in _METHODS or (text.startswith("/") and "#{" not in text) else None
    if node.type == "binary_operator" and w.raw(node.child_by_field_name("operator") or node) == "<>":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        start = _text(w, left) if left is not None else None
        rest = w.raw(right).lstrip("_") or "rest" if right is not None and right.type == "identifier" else "rest"
        return f"{start}{{{plain(rest)}}}" if start is not None and start.endswith("/") else None
    return _of_pieces(w, inner(node)) if node.type == "list" else None


def _of_pieces(w: Walk, pieces: list[Node]) -> str | None:
    steps: list[str] = []
    for number, piece in enumerate(pieces):
        tail = piece if piece.type == "binary_operator" and w.raw(piece.child_by_field_name("operator") or piece) == "|" else None
        step = tail.child_by_field_name("left") if tail is not None else piece
        if step is not None and step.type == "string":
            steps.append(plain(w.raw(step)).strip('"'))
        elif step is not None and step.type == "identifier":
            steps.append(f"{{{plain(w.raw(step)).lstrip('_') or f'part{number}'}}}")
        else:
            return None
        if tail is not None:
            steps.append("{rest*}")
    known = not steps or any(not s.startswith("{") for s in steps)
    return "/" + "/".join(steps) if known else None
