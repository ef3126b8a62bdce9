"""JSX: elements with their attributes, their visible text and their place in the tree of elements.

The span of an Element is the whole element. A fragment is transparent; as a value it is its first element. Elements
inside of attributes and of callbacks (`rows.map(r => <tr/>)`) have the lexically enclosing element as parent.
An attribute without a value has None.
"""

from __future__ import annotations

from html import unescape

from tree_sitter import Node

from backend_readiness.facts.builder import MAX_TEXT
from backend_readiness.facts.languages.javascript.text import literal_texts, squeeze
from backend_readiness.facts.languages.javascript.walk import MAX_DEPTH, NOTHING, Walk, inner, lowers, unknown, value
from backend_readiness.facts.languages.text import MAX_LITERAL_CHARS, plain
from backend_readiness.facts.model import Attr, Element, ElementRef, Lit, Value


@lowers("jsx_element", "jsx_self_closing_element")
def element(w: Walk, node: Node) -> Value:
    tag = node.child_by_field_name("open_tag") or node
    name = tag.child_by_field_name("name")
    texts: list[str] = []
    if name is None:
        first = len(w.builder.elements)
        _children(w, node, texts)
        return ElementRef(first) if len(w.builder.elements) > first else unknown(w, node)
    written = plain(w.raw(name))
    index = w.builder.add_element(_element(w, node, tag, written, (), ""))
    outer, w.element = w.element, index
    attrs = tuple(_attributes(w, tag))
    if node is not tag:
        _children(w, node, texts)
    w.element = outer
    w.builder.elements[index] = _element(w, node, tag, written, attrs, squeeze(texts, MAX_TEXT))
    w.builder.names.update(attr.name for attr in attrs)
    return ElementRef(index)


def _element(w: Walk, node: Node, tag: Node, name: str, attrs: tuple[Attr, ...], text: str) -> Element:
    return Element(
        tag=name,
        attrs=attrs,
        text=text,
        owner=w.owner,
        parent=w.element,
        line=w.line(tag),
        end_line=w.end_line(tag),
        close_line=w.end_line(node),
        start=w.base + node.start_byte,
        end=w.base + node.end_byte,
    )


def _attributes(w: Walk, tag: Node) -> list[Attr]:
    found = []
    for child in tag.named_children:
        if child.type == "jsx_expression":
            spread = inner(w, child)
            content = inner(w, spread) if spread is not None else None
            if content is not None:
                found.append(Attr("...", value(w, content), w.line(child)))
        elif child.type == "jsx_attribute":
            parts = [part for part in child.named_children if part.kind_id != w.comment_kind]
            if parts:
                found.append(Attr(plain(w.raw(parts[0])), _attribute_value(w, parts[1]) if len(parts) > 1 else None, w.line(child)))
    return found


def _attribute_value(w: Walk, node: Node) -> Value | None:
    if node.type == "string":
        # no escapes here, but character references
        return Lit(unescape(plain(w.raw(node)[1:-1][: MAX_LITERAL_CHARS * 4]))[:MAX_LITERAL_CHARS])
    lowered = value(w, node)
    return None if lowered is NOTHING else lowered


def _children(w: Walk, node: Node, texts: list[str]) -> None:
    """Walk what stands between the tags; what is visible text goes to `texts`."""
    for child in node.named_children:
        kind = child.type
        if kind in ("jsx_text", "html_character_reference"):
            if len(texts) < MAX_TEXT:
                texts.append(plain(w.raw(child)[: MAX_TEXT * 10]))
        elif kind == "jsx_expression":
            content = inner(w, child)
            if content is not None:
                lowered = value(w, content)
                if len(texts) < MAX_TEXT:
                    texts.append(" ".join(literal_texts(lowered)))
        elif kind == "jsx_element" and _is_fragment(child):
            if w.depth >= MAX_DEPTH:
                w.cut = True
                continue
            w.depth += 1
            _children(w, child, texts)
            w.depth -= 1
        elif kind not in ("jsx_opening_element", "jsx_closing_element"):
            texts.append(" ")
            value(w, child)


def _is_fragment(node: Node) -> bool:
    tag = node.child_by_field_name("open_tag")
    return tag is not None and tag.child_by_field_name("name") is None
