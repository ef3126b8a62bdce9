"""Attributes of Rust as decorators: `#[get("/x", data = "<form>")]` is a call with keywords, `#[handler]` a name.

`#[derive(A, B)]` is a call with the names of what is derived. Attributes for the compiler and for documentation are left out.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.rust.macros import arguments_of
from backend_readiness.facts.languages.rust.tree import Walk, kinds, value
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Call, CallRef, Lit, Value

_TREE = kinds("token_tree")
_LEFT_OUT = frozenset(
    ("allow", "warn", "deny", "forbid", "expect", "cfg", "cfg_attr", "doc", "inline", "must_use", "non_exhaustive", "repr",
     "rustfmt", "clippy", "macro_use", "macro_export", "no_mangle", "global_allocator", "deprecated", "feature", "default",
     "track_caller", "cold", "automock")
)  # fmt: skip


def decorators(w: Walk, nodes: list[Node], *, keyed: bool = False) -> list[Value | tuple[str, str]]:
    """The attributes above an item. With `keyed`, `#[key = "text"]` gives (key, text); else it is left out."""
    found: list[Value | tuple[str, str]] = []
    for item in nodes[:40]:
        node = next((c for c in item.named_children if c.type == "attribute"), None)
        head = node.named_children[0] if node is not None and node.named_children else None
        if node is None or head is None:
            continue
        name = plain(w.raw(head))
        bound = node.child_by_field_name("value")
        if bound is not None:
            text = value(w, bound)
            if keyed and isinstance(text, Lit) and isinstance(text.value, str):
                found.append((name, text.value))
            continue
        if name in _LEFT_OUT or name.partition("::")[0] in _LEFT_OUT or keyed:
            continue
        callee = value(w, head)
        tree = node.child_by_field_name("arguments")
        if tree is None or tree.kind_id not in _TREE:
            found.append(callee)
            continue
        args = arguments_of(w, tree)
        start, end = w.start(item), w.end(item)
        w.builder.calls.append(Call(callee, args, w.owner, w.line(start), w.last_line(end), start, end, "decorator"))
        found.append(CallRef(len(w.builder.calls) - 1))
    return found
