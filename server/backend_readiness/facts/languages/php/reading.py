"""One PHP file from bytes to facts: parsed, walked, and the markup between its tags read as a template."""

from __future__ import annotations

import re

from tree_sitter import Node, Parser, Query, QueryCursor

from backend_readiness.facts.builder import Builder

# imported for their handlers, which register themselves by node kind
from backend_readiness.facts.languages.php import calls, definitions, names, statements, values
from backend_readiness.facts.languages.php.tree import LANGUAGE, Walk, suite
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, CallRef, Comment, Value

_HANDLERS = (calls, definitions, names, statements, values)
MAX_COMMENT_CHARS = 200
_COMMENTS = Query(LANGUAGE, "(comment) @comment")
_MARKED = re.compile(r"\b(?:todo|fixme|xxx|hack|stub|mock|not[ _-]?implemented|placeholder|nosec)", re.IGNORECASE)
_TAG = re.compile(rb"<[A-Za-z]")
# words of the language that may be names of constants and of arguments, which the grammar does not know
_CONSTANT = re.compile(rb"(\bconst\s+(?:\w+\s+)?)(callable|mixed|namespace|true)(?=\s*=)", re.IGNORECASE)
_ARGUMENT = re.compile(rb"([(,]\s*)(clone|include|list|new|print|require|yield)(?=\s*:(?!:))")


def read(source: bytes, path: str) -> Builder:
    """See the package."""
    builder = Builder("php", source)
    w = Walk(source, builder)
    root = Parser(LANGUAGE).parse(_with_plain_names(source)).root_node
    suite(w, root.named_children)
    builder.amend(0, statements=root.named_child_count)
    if root.has_error:
        builder.errors = _count_errors(root)
    _collect_comments(w, root)
    builder.names.discard("")
    if b"?>" in source or not source.lstrip()[:5].lower().startswith(b"<?php"):
        _read_markup(w, source, root)
    return builder


def _with_plain_names(source: bytes) -> bytes:
    """The source with words that stand as names made names of the same length; the texts are read from the source itself."""
    masked = _CONSTANT.sub(lambda m: m[1] + b"_" * len(m[2]), source)
    return _ARGUMENT.sub(lambda m: m[1] + b"_" * len(m[2]), masked)


def read_into(builder: Builder, code: bytes, *, owner: int, line: int, start: int) -> Value | None:
    """Add the facts of PHP code that stands in a template at `line` and byte `start`; the value of its first expression."""
    return _piece(builder, b"<?= ", code, owner, line, start)


def arguments_into(builder: Builder, code: bytes, *, owner: int, line: int, start: int) -> tuple[Arg, ...]:
    """The same for what stands between the brackets of a call."""
    before = len(builder.calls)
    value = _piece(builder, b"<?= f(", code + b");", owner, line, start)
    if not isinstance(value, CallRef) or value.call != len(builder.calls) - 1 or value.call < before:
        return ()
    return builder.calls.pop().args


def _piece(builder: Builder, tag: bytes, code: bytes, owner: int, line: int, start: int) -> Value | None:
    w = Walk(tag + code, builder, owner=owner, first_line=line, shift=start - len(tag))
    root = Parser(LANGUAGE).parse(tag + code).root_node
    suite(w, root.named_children)
    if root.has_error:
        builder.errors += 1
    return w.outputs[min(w.outputs)] if w.outputs else None


def _count_errors(root: Node) -> int:
    count = 0
    pending = [root]
    while pending:
        node = pending.pop()
        count += node.is_error or node.is_missing
        pending.extend(child for child in node.children if child.has_error or child.is_missing)
    return count


def _collect_comments(w: Walk, root: Node) -> None:
    """Keep the comments that say that something is unfinished or switched off."""
    if not _MARKED.search(w.text):
        return
    for node in QueryCursor(_COMMENTS).captures(root).get("comment", ()):
        written = w.raw(node)
        if _MARKED.search(written):
            text = plain(written).strip("/*# \n\t")[:MAX_COMMENT_CHARS]
            w.builder.comments.append(Comment(text, w.line(node.start_byte)))


def _read_markup(w: Walk, source: bytes, root: Node) -> None:
    """Elements of the HTML between the tags; what `echo` and `<?=` put there is part of their attributes."""
    if not _TAG.search(source):
        return
    from backend_readiness.facts.languages.php.inline import collect_markup

    collect_markup(w, source)
