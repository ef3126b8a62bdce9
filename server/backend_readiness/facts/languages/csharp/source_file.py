"""One C# file: its `using` directives, its namespace, its comments, and the walk over the rest.

`using A.B` is the star import of A.B, a `global using` one of the module `global::A.B`; `using static A.B.C` the star import of the
class; `using X = A.B.C` the import of C from A.B under the name X. `global using C = A.B.C` lets every file see what stands in A.B.
"""

from __future__ import annotations

import re

from tree_sitter import Node, Parser, Query, QueryCursor

from backend_readiness.facts.builder import Builder

# imported for their handlers, which register themselves by node kind
from backend_readiness.facts.languages.csharp import definitions as _definitions  # noqa: F401
from backend_readiness.facts.languages.csharp import literals as _literals  # noqa: F401
from backend_readiness.facts.languages.csharp import operators as _operators  # noqa: F401
from backend_readiness.facts.languages.csharp import statements as _statements  # noqa: F401
from backend_readiness.facts.languages.csharp.conditional import without_left_out
from backend_readiness.facts.languages.csharp.extension_blocks import without_blocks
from backend_readiness.facts.languages.csharp.tree import LANGUAGE, Walk, parts, statements, value, visits
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Comment, Import

MAX_COMMENT_CHARS = 200
GLOBAL = "global::"
_COMMENTS = Query(LANGUAGE, "(comment) @comment")
_MARKED = re.compile(r"\b(?:todo|fixme|xxx|hack|stub|mock|not[ _-]?implemented|placeholder|nosec)", re.IGNORECASE)


def extract(source: bytes) -> Builder:
    """Never raises, whatever the bytes: syntax errors are counted in `builder.errors` and the facts of the rest still stand."""
    source, blocks = without_blocks(without_left_out(source))
    builder = Builder("csharp", source)
    root = Parser(LANGUAGE).parse(source.removeprefix(b"\xef\xbb\xbf").rjust(len(source))).root_node
    w = Walk(source, builder)
    w.blocks = blocks
    body = parts(root)
    builder.amend(0, statements=len(body))
    statements(w, body)
    if root.has_error:
        builder.errors = _count_errors(root)
    _comments(w, root)
    builder.names.discard("")
    return builder


def _count_errors(root: Node) -> int:
    count = 0
    pending = [root]
    while pending:
        node = pending.pop()
        count += node.is_error or node.is_missing
        pending.extend(child for child in node.children if child.has_error or child.is_missing)
    return count


def _comments(w: Walk, root: Node) -> None:
    if not _MARKED.search(w.text):
        return
    for node in sorted(QueryCursor(_COMMENTS).captures(root).get("comment", ()), key=lambda comment: comment.start_byte):
        written = w.raw(node)
        for number, line in enumerate(written.split("\n")):
            if _MARKED.search(line):
                text = plain(line).strip("/* \t\r")[:MAX_COMMENT_CHARS]
                w.builder.comments.append(Comment(text, w.line(node.start_byte) + number))


@visits("using_directive")
def visit_using_directive(w: Walk, node: Node) -> None:
    children = parts(node)
    alias = node.child_by_field_name("name")
    marks = {c.type for c in node.children if not c.is_named}
    written = "".join(w.raw(children[-1]).split()) if children else ""
    module = plain(written.partition("<")[0].removeprefix(GLOBAL))
    if not module:
        return
    line = w.line(node.start_byte)
    if alias is not None:
        value(w, children[-1])
        package, _, last = module.rpartition(".")
        local = w.name(w.raw(alias)).id
        seen = f"{GLOBAL}{package}" if package and local == last and "global" in marks else package or last
        w.builder.imports.append(Import(seen, last if package else None, local, line, w.owner))
    else:
        w.builder.imports.append(Import(f"{GLOBAL}{module}" if "global" in marks else module, "*", None, line, w.owner))


@visits("namespace_declaration", "file_scoped_namespace_declaration")
def visit_namespace(w: Walk, node: Node) -> None:
    name = node.child_by_field_name("name")
    if name is not None and not w.builder.package:
        w.builder.package = plain("".join(w.raw(name).split()))
    body = node.child_by_field_name("body")
    statements(w, parts(body))
