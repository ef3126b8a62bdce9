"""The JavaScript adapter: JavaScript, TypeScript, JSX and TSX, as files of their own or inside of other files.

Choices that the model leaves open stand in the docstrings of the modules: `functions` (names and kinds of
functions), `definitions` (decorators of fields, type aliases), `modules` (`require`),
`patterns`, `statements`, `jsx`. `*x` of a spread is `Op("*", (x,))` in a Seq.
"""

from __future__ import annotations

from functools import cache

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from backend_readiness.facts.builder import Builder

# imported for their handlers, which register themselves by node kind
from backend_readiness.facts.languages.javascript import SUFFIXES
from backend_readiness.facts.languages.javascript import chains as _chains  # noqa: F401
from backend_readiness.facts.languages.javascript import jsx as _jsx  # noqa: F401
from backend_readiness.facts.languages.javascript import statements as _statements  # noqa: F401
from backend_readiness.facts.languages.javascript import values as _values  # noqa: F401
from backend_readiness.facts.languages.javascript.binds import without_binds
from backend_readiness.facts.languages.javascript.decorators import without_chains
from backend_readiness.facts.languages.javascript.modules import lazy_imports
from backend_readiness.facts.languages.javascript.text import marked_line, may_hold_marks
from backend_readiness.facts.languages.javascript.walk import Grammar, Walk, directive, inner, statements, unknown, value
from backend_readiness.facts.model import Comment, Seq, Unknown, Value

DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")
MAX_RETRY_BYTES = 300_000
MAX_ERRORS = 1_000
_LANGUAGES = {
    "javascript": tree_sitter_javascript.language,
    "typescript": tree_sitter_typescript.language_typescript,
    "tsx": tree_sitter_typescript.language_tsx,
}


def extract(source: bytes, path: str) -> Builder:
    """The facts of one file in a filled Builder of language `javascript` or `typescript`.

    Never raises, whatever the bytes: syntax errors are counted in `builder.errors` and the facts of the rest still
    stand. JavaScript that only parses with type annotations (Flow, mislabelled TypeScript) is read with them. TypeScript
    that only parses without what stands behind the calls of decorators is read without it, and so are signs that bind a method.
    """
    grammar = next((SUFFIXES[suffix] for suffix in SUFFIXES if path.endswith(suffix)), "javascript")
    builder = Builder("javascript" if grammar == "javascript" else "typescript", source)
    root = _parse(source, grammar)
    if root.has_error and b"::" in source and (calm := without_binds(source)) != source:
        source, root = _calmer(source, root, calm, grammar)
    if grammar == "javascript" and root.has_error and len(source) <= MAX_RETRY_BYTES:
        other = _parse(source, "tsx")
        if _count_errors(other) < _count_errors(root):
            grammar, root = "tsx", other
    if grammar != "javascript" and root.has_error and b"@" in source and (calm := without_chains(source)) != source:
        source, root = _calmer(source, root, calm, grammar)
    w = Walk(builder, source, _grammar(grammar), 0, 1, 0)
    w.ambient = path.endswith(DECLARATIONS)
    _collect(w, root)
    return builder


def _calmer(source: bytes, root: Node, calm: bytes, grammar: str) -> tuple[bytes, Node]:
    """Of a source and one of the same length, that of which more is understood."""
    other = _parse(calm, grammar)
    return (calm, other) if _count_errors(other) < _count_errors(root) else (source, root)


def extract_into(builder: Builder, source: bytes, *, grammar: str, owner: int = 0, line: int = 1, start: int = 0) -> None:
    """Append the facts of a script that is embedded in another file.

    `line` and `start` are the place of the first byte of `source` in that file, `owner` the symbol that plays the module.
    `grammar`: a value of `SUFFIXES`.
    """
    _collect(Walk(builder, source, _grammar(grammar), owner, line, start), _parse(source, grammar))


def expression_into(builder: Builder, text: str, *, owner: int, line: int, start: int, grammar: str = "typescript") -> Value:
    """Lower one expression or a list of statements of a template binding, which stands at `line` and `start`.

    Calls in it become Calls of `owner`. Several statements give a Seq of their values; a text that does not parse
    Unknown, and no facts.
    """
    unparsed = Unknown(text[:80])
    source = text.encode("utf-8", "replace")
    wrapped = b"(" + source + b"\n)"
    root = _parse(wrapped, grammar)
    is_expression = not root.has_error and root.named_child_count == 1 and root.named_children[0].type == "expression_statement"
    if is_expression:
        w = Walk(builder, wrapped, _grammar(grammar), owner, line, start - 1)
    else:
        root = _parse(source, grammar)
        if root.has_error:
            return unparsed
        w = Walk(builder, source, _grammar(grammar), owner, line, start)
    found = [_statement_value(w, child) for child in root.named_children if child.kind_id != w.comment_kind]
    _finish(w)
    return found[0] if len(found) == 1 else Seq(tuple(found)) if found else unparsed


def _statement_value(w: Walk, node: Node) -> Value:
    if node.type != "expression_statement":
        value(w, node)
        return unknown(w, node)
    found = inner(w, node)
    return value(w, found) if found is not None else unknown(w, node)


@cache
def _grammar(name: str) -> Grammar:
    return Grammar(Language(_LANGUAGES[name]()))


@cache
def _comments(name: str) -> Query:
    return Query(_grammar(name).language, "(comment) @comment")


def _parse(source: bytes, grammar: str) -> Node:
    return Parser(_grammar(grammar).language).parse(source).root_node


def _collect(w: Walk, root: Node) -> None:
    children = root.named_children
    count = statements(w, children)
    if w.owner == 0:
        module = w.builder.symbols[0]
        w.builder.amend(0, statements=module.statements + count, doc=directive(w, children) or module.doc)
    _finish(w)
    if root.has_error:
        w.builder.errors += _count_errors(root)
    if may_hold_marks(w.text):
        _collect_comments(w, root)


def _finish(w: Walk) -> None:
    lazy_imports(w)
    w.builder.errors += w.cut


def _count_errors(root: Node) -> int:
    """Nodes that did not parse or are missing, at most `MAX_ERRORS`."""
    count = 0
    stack = [root]
    while stack and count < MAX_ERRORS:
        node = stack.pop()
        count += node.is_error or node.is_missing
        stack.extend(child for child in node.children if child.has_error)
    return count


def _collect_comments(w: Walk, root: Node) -> None:
    """One Comment for each comment that says something is unfinished, at the line that says so."""
    name = next(name for name in _LANGUAGES if _grammar(name).handlers is w.handlers)
    # captures come in no particular order
    for node in sorted(QueryCursor(_comments(name)).captures(root).get("comment", ()), key=lambda node: node.start_byte):
        found = marked_line(w.text, node.start_byte, node.end_byte)
        if found is not None:
            text, start = found
            w.builder.comments.append(Comment(text, w.line(node) + w.text.count("\n", node.start_byte, start)))
