"""One Go file: its package, its imports, its declarations, and what its comments say.

The name under which a package is used is its last path element; `/v2` and `.v3` at the end are versions and no names. Imports
for their effect and of dots (`import . "x"`) bind no name.
"""

from __future__ import annotations

import re

from tree_sitter import Node, Parser, Query, QueryCursor

from backend_readiness.facts.builder import Builder

# imported for their handlers, which register themselves by node kind
from backend_readiness.facts.languages.go import chains as _chains  # noqa: F401
from backend_readiness.facts.languages.go import literals as _literals  # noqa: F401
from backend_readiness.facts.languages.go import statements as _statements  # noqa: F401
from backend_readiness.facts.languages.go import text
from backend_readiness.facts.languages.go import values as _values  # noqa: F401
from backend_readiness.facts.languages.go.definitions import announce_type, declare_function, declare_type
from backend_readiness.facts.languages.go.tree import COMMENT, LANGUAGE, Walk, parts, statement
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Call, CallRef, Comment, Import, Lit, Value

MAX_COMMENT_CHARS = 200
MAX_DOC_CHARS = 120
MAX_ANNOTATIONS = 8

_COMMENTS = Query(LANGUAGE, "(comment) @comment")
_MARKED = re.compile(r"\b(?:todo|fixme|xxx|hack|stub|mock|not[ _-]?implemented|placeholder|eslint-disable|nosec)", re.IGNORECASE)
_ANNOTATION = re.compile(r"//[ \t]*@([a-z]\w{0,40})[ \t]+(\S[^\n]{0,300})")
_DIRECTIVE = re.compile(r"//(encore:\w{1,40})[ \t]+(\S[^\n]{0,300})")
_VERSION = re.compile(r"(?:/v\d{1,3}|\.v\d{1,3})$")


def extract_file(source: bytes) -> Builder:
    """The facts of one file. Syntax errors are counted and the facts of the rest still stand."""
    builder = Builder("go", source)
    root = Parser(LANGUAGE).parse(source).root_node
    w = Walk(source, builder)
    children = parts(root)
    for child in children:
        if child.type == "type_declaration":
            for spec in parts(child):
                announce_type(w, spec)
    for child in root.named_children:
        _top(w, child)
    builder.amend(0, statements=len(children))
    if root.has_error:
        builder.errors = _count_errors(root)
    _comments(w, root)
    builder.names.discard("")
    return builder


def _top(w: Walk, node: Node) -> None:
    match node.type:
        case "package_clause":
            _package(w, node)
        case "import_declaration":
            for child in parts(node):
                for spec in parts(child) if child.type == "import_spec_list" else [child]:
                    _import(w, spec)
        case "function_declaration" | "method_declaration":
            above = _above(w, node)
            declare_function(w, node, _doc(w, above), _annotations(w, above))
        case "type_declaration":
            for spec in parts(node):
                declare_type(w, spec, _doc(w, _above(w, node)))
        case "comment":
            return
        case _:
            statement(w, node)


def _package(w: Walk, node: Node) -> None:
    names = parts(node)
    if names:
        w.builder.package = plain(w.raw(names[0]))


def _import(w: Walk, node: Node) -> None:
    path, alias = node.child_by_field_name("path"), node.child_by_field_name("name")
    if path is None:
        return
    module = str(text.string(w.raw(path)).value)
    line = w.line(node.start_byte)
    written = plain(w.raw(alias)) if alias is not None else ""
    if written == ".":
        w.builder.imports.append(Import(module, "*", None, line))
    elif written == "_":
        w.builder.imports.append(Import(module, None, None, line))
    elif module:
        w.builder.imports.append(Import(module, None, written or local_name(module), line))


def local_name(module: str) -> str:
    """The name that a package most likely has: `chi` of `github.com/go-chi/chi/v5`, `yaml` of `gopkg.in/yaml.v3`, `goji` of `goji.io`."""
    if "/" not in module and "." in module:
        return module.partition(".")[0]
    last = _VERSION.sub("", module).rpartition("/")[2]
    last = last.removesuffix(".go").removesuffix("-go")
    return last.rpartition("go-")[2].replace("-", "_") if last.startswith("go-") else last.rpartition("-")[2] or last


def _above(w: Walk, node: Node) -> list[Node]:
    """The comment right above a declaration, its last line first."""
    found: list[Node] = []
    above, row = node.prev_named_sibling, node.start_point[0]
    for _ in range(40):
        if above is None or above.type != COMMENT or above.end_point[0] + 1 != row:
            break
        found.append(above)
        row = above.start_point[0]
        above = above.prev_named_sibling
    return found


def _doc(w: Walk, above: list[Node]) -> str:
    """The first line of a comment."""
    lines = plain(w.raw(above[-1])).lstrip("/* \t").splitlines() if above else []
    return lines[0].strip().removesuffix("*/").strip()[:MAX_DOC_CHARS] if lines else ""


def _annotations(w: Walk, above: list[Node]) -> tuple[Value, ...]:
    """`// @router /orders [get]` as the decorator `doc:router("/orders [get]")`; words with a capital only document.

    `//encore:api public path=/orders` is `doc:encore:api("public", path="/orders")`.
    """
    found: list[Value] = []
    for node in reversed(above):
        written = plain(w.raw(node)).strip()
        match = _ANNOTATION.fullmatch(written)
        said = match or _DIRECTIVE.fullmatch(written)
        if said is not None and len(found) < MAX_ANNOTATIONS:
            start, end = node.start_byte, node.end_byte
            args = (Arg(Lit(said.group(2))),) if match is not None else _words(said.group(2))
            call = Call(w.builder.name(f"doc:{said.group(1)}"), args, w.owner, w.line(start), w.last_line(end), start, end, "decorator")
            found.append(CallRef(w.builder.add_call(call)))
    return tuple(found)


def _words(written: str) -> tuple[Arg, ...]:
    """`public method=GET,PUT path=/orders`: words, and words with a name."""
    named = [word.partition("=") for word in written.split()[:MAX_ANNOTATIONS]]
    return tuple(Arg(Lit(text), name=name) if sign else Arg(Lit(name)) for name, sign, text in named)


def _comments(w: Walk, root: Node) -> None:
    if not _MARKED.search(w.text):
        return
    for node in QueryCursor(_COMMENTS).captures(root).get("comment", ()):
        written = w.raw(node)
        if _MARKED.search(written):
            w.builder.comments.append(Comment(plain(written).strip("/* \t\n")[:MAX_COMMENT_CHARS], w.line(node.start_byte)))


def _count_errors(root: Node) -> int:
    count = 0
    pending = [root]
    while pending:
        node = pending.pop()
        count += node.is_error or node.is_missing
        pending.extend(child for child in node.children if child.has_error or child.is_missing)
    return count
