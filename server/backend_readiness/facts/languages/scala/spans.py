"""What stands before a declaration: annotations and modifiers."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import Walk, other, parts, value
from backend_readiness.facts.languages.scala.chains import arguments
from backend_readiness.facts.languages.scala.grammar import ANNOTATION, ARGUMENTS, F_NAME, GRAMMAR, MODIFIERS, children_of
from backend_readiness.facts.model import Arg, Call, CallRef, Value

PLAIN = frozenset(("tailrec", "inline", "volatile", "transient", "unchecked", "nowarn", "main", "SuppressWarnings", "deprecated"))


@GRAMMAR.lowers("annotation")
def annotation(w: Walk, node: Node) -> Value:
    """Every annotation is a Call of kind `decorator`; only the marks of the language itself are plain names."""
    written = node.child_by_field_id(F_NAME)
    if written is None:
        return other(w, node)
    callee = value(w, written)
    args: list[Arg] = []
    for given in children_of(node, ARGUMENTS):
        args.extend(arguments(w, given))
    if w.raw(written) in PLAIN:
        return callee
    start, end = node.start_byte, node.end_byte
    call = Call(callee, tuple(args), w.owner, w.line(start), w.last_line(end), start, end, "decorator")
    return CallRef(w.builder.add_call(call))


def decorated(w: Walk, node: Node) -> tuple[tuple[Value, ...], frozenset[str], int]:
    """The annotations before the name, the words (`case`, `override`), and where the declaration starts after its annotations."""
    found: list[Value] = []
    words: set[str] = set()
    start = -1
    for child in node.children:
        if child.kind_id in ANNOTATION and start < 0:
            found.append(value(w, child))
        elif child.kind_id in MODIFIERS:
            start = child.start_byte if start < 0 else start
            words.update(w.raw(item) for item in parts(w, child))
            words.update(item.type for item in child.children if not item.is_named)
        elif child.kind_id not in w.extras:
            start = child.start_byte if start < 0 else start
            if child.is_named:
                break
            words.add(child.type)
    return tuple(found), frozenset(words), max(start, node.start_byte)
