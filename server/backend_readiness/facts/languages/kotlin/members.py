"""The body of a class or object, and what annotations and modifiers say about a declaration."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import Walk, other, parts, value
from backend_readiness.facts.languages.kotlin.chains import arguments
from backend_readiness.facts.languages.kotlin.grammar import ANNOTATION, GRAMMAR, MODIFIERS, USER_TYPE, VALUE_ARGUMENTS, child_of
from backend_readiness.facts.model import Arg, Call, CallRef, Value

INVOCATION = GRAMMAR.kind("constructor_invocation")
PLAIN = frozenset(("Suppress", "Deprecated", "JvmStatic", "JvmField", "JvmOverloads", "JvmName", "OptIn"))


@GRAMMAR.lowers("annotation")
def annotation(w: Walk, node: Node) -> Value:
    """Every annotation is a Call of kind `decorator`; only the marks of the language itself are plain names."""
    made = child_of(node, INVOCATION)
    written = child_of(made, USER_TYPE) if made is not None else child_of(node, USER_TYPE)
    if written is None:
        return other(w, node)
    callee = value(w, written)
    args: tuple[Arg, ...] = arguments(w, child_of(made, VALUE_ARGUMENTS)) if made is not None else ()
    if w.raw(written) in PLAIN:
        return callee
    start, end = node.start_byte, node.end_byte
    call = Call(callee, args, w.owner, w.line(start), w.last_line(end), start, end, "decorator")
    return CallRef(w.builder.add_call(call))


def modifiers_of(w: Walk, nodes: list[Node]) -> tuple[tuple[Value, ...], frozenset[str], int]:
    """The annotations, the words (`data`, `private`), and where the declaration starts after its annotations (-1: nowhere)."""
    found: list[Value] = []
    words: set[str] = set()
    start = -1
    for node in nodes:
        if node.kind_id in w.extras:
            continue
        if node.kind_id not in MODIFIERS:
            start = node.start_byte if start < 0 else start
            break
        for item in parts(w, node):
            if item.kind_id == ANNOTATION:
                found.append(value(w, item))
            else:
                start = item.start_byte if start < 0 else start
                words.add(w.raw(item))
    return tuple(found), frozenset(words), start
