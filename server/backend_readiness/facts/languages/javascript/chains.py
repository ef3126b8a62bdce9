"""Members, subscripts and calls: `a.b[c](d).e` is one loop, however long the chain is.

Calls are recorded from the inside out, so an argument of a call and what it is called on have lower indexes than the
call. `require("m")` and `import("m")` stay calls, and are noted for `modules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from tree_sitter import Node

from backend_readiness.facts.languages.javascript import amd
from backend_readiness.facts.languages.javascript.types import type_arguments
from backend_readiness.facts.languages.javascript.walk import MAX_DEPTH, MAX_ITEMS, MAX_RUN, NOTHING, Walk, inner, lowers, unknown, value
from backend_readiness.facts.languages.text import is_text
from backend_readiness.facts.model import Arg, Assign, Call, CallRef, Concat, Index, Lit, Member, Name, Op, Record, Seq, Value

_OBJECT, _SELF = Name("Object"), Name("self")
_LEFT = {"call_expression": "function", "member_expression": "object", "subscript_expression": "object"}


@lowers("call_expression", "member_expression", "subscript_expression")
def chain(w: Walk, node: Node) -> Value:
    links: list[tuple[str, Node]] = []
    run = 0
    at: Node | None = node
    room = min(MAX_RUN, MAX_DEPTH - w.depth)
    while at is not None:
        kind = at.type
        if kind == "non_null_expression":
            at = inner(w, at)
            continue
        field = _LEFT.get(kind)
        if field is None:
            break
        run = 0 if kind == "call_expression" else run + 1
        if run > room:
            w.cut = True
            break
        links.append((kind, at))
        at = at.child_by_field_name(field)
    if at is None:
        lowered: Value = NOTHING
    elif run > room:
        lowered = unknown(w, at)
    else:
        # the names on top of the root nest its value as deep as so many levels of expression
        w.depth += run
        lowered = value(w, at)
        w.depth -= run
    for kind, link in reversed(links):
        if kind == "member_expression":
            name = link.child_by_field_name("property")
            lowered = Member(lowered, w.word(name)) if name is not None else lowered
        elif kind == "call_expression":
            awaited = _awaited(w, link) if type(lowered) is Name and lowered.id == "await" else None
            lowered = CallRef(_call(w, link, lowered)) if awaited is None else awaited
        else:
            key = link.child_by_field_name("index")
            lowered = Index(lowered, value(w, key) if key is not None else NOTHING)
    return lowered


def _awaited(w: Walk, node: Node) -> Value | None:
    """`await (a ? b : c)(url)`: the grammar of JavaScript takes `await` for a function there."""
    written = node.child_by_field_name("arguments")
    given = [c for c in written.named_children if c.kind_id != w.comment_kind] if written is not None else []
    return value(w, given[0]) if len(given) == 1 and given[0].type != "spread_element" else None


def _call(w: Walk, node: Node, callee: Value) -> int:
    written = node.child_by_field_name("arguments")
    given = arguments(w, written) if written is not None and written.type != "template_string" else ()
    if (plain := _on_its_own(w, callee, given)) is not None:
        callee, given = plain
    if type(callee) is Index and type(callee.key) is Lit and isinstance(callee.key.value, str) and callee.key.value.isidentifier():
        callee = Member(callee.base, callee.key.value)  # `router["get"](...)`
    kind: Literal["call", "template"] = "call"
    args = given
    if written is not None and written.type == "template_string":
        kind = "template"
        text = value(w, written)
        args = (Arg(Concat((text,)) if is_text(text) and not isinstance(text, Concat) else text),)
    types = node.child_by_field_name("type_arguments")
    type_args = type_arguments(w, types) if types is not None else ()
    place = (w.line(node), w.end_line(node), w.base + node.start_byte, w.base + node.end_byte)
    index = w.builder.add_call(Call(callee, args, w.owner, *place, kind, False, type_args))
    if type(callee) is Member and callee.name == "assign" and callee.base == _OBJECT and len(args) > 1:
        _assigned(w, args, place)
    if type(callee) is Name and callee.id in ("require", "import") and args:
        module = args[0].value
        if isinstance(module, Lit) and isinstance(module.value, str):
            w.requires[index] = (module.value, w.line(node), w.owner)
    if type(callee) is Name and callee.id in amd.LOADERS and len(args) > 1:
        amd.module_call(w, callee.id, args, place)
    return index


def _on_its_own(w: Walk, callee: Value, args: tuple[Arg, ...]) -> tuple[Value, tuple[Arg, ...]] | None:
    """`app.get.apply(app, ["/x"].concat(all))` is `app.get("/x", ...all)`, `app.get.call(app, "/x", show)` is `app.get("/x", show)`."""
    method = callee.base if type(callee) is Member and callee.name in ("apply", "call") else None
    if not isinstance(method, Member | Index) or not args or args[0].value != method.base or args[0].spread:
        return None
    if isinstance(callee, Member) and callee.name == "call":
        return method, args[1:]
    return (method, tuple(_items(w, args[1].value))) if len(args) == 2 and not args[1].spread else None


def _items(w: Walk, value: Value) -> Iterator[Arg]:
    """The items of a list as arguments; what is put behind them, or is no list that is written out, is spread."""
    made = w.builder.calls[value.call] if type(value) is CallRef else None
    if made is not None and type(made.callee) is Member and made.callee.name == "concat" and type(made.callee.base) is Seq:
        yield from _items(w, made.callee.base)
        for arg in made.args:
            yield from _items(w, arg.value)
    elif type(value) is Seq:
        for item in value.items:
            yield Arg(item.operands[0], None, True) if type(item) is Op and item.op == "*" and len(item.operands) == 1 else Arg(item)
    else:
        yield Arg(value, None, True)


def _assigned(w: Walk, args: tuple[Arg, ...], place: tuple[int, int, int, int]) -> None:
    """`Object.assign(this.paths, given)` also sets the field: to what it is given, beside what it held."""
    target = args[0].value
    if type(target) is Member and target.base == _SELF:
        given = Record(tuple((None, arg.value) for arg in args[1:]))
        w.builder.assigns.append(Assign(target, given, None, w.owner, *place, "assign"))


def arguments(w: Walk, node: Node) -> tuple[Arg, ...]:
    found = []
    comment = w.comment_kind
    for child in node.named_children[:MAX_ITEMS]:
        number = child.kind_id
        if number == comment:
            continue
        if child.type == "spread_element":
            spread = inner(w, child)
            if spread is not None:
                found.append(Arg(value(w, spread), None, True))
        else:
            found.append(Arg(value(w, child)))
    return tuple(found)


@lowers("new_expression")
def new(w: Walk, node: Node) -> Value:
    constructor = node.child_by_field_name("constructor")
    callee = value(w, constructor) if constructor is not None else NOTHING
    written = node.child_by_field_name("arguments")
    args = arguments(w, written) if written is not None else ()
    types = type_arguments(w, node.child_by_field_name("type_arguments"))
    place = (w.line(node), w.end_line(node), w.base + node.start_byte, w.base + node.end_byte)
    return CallRef(w.builder.add_call(Call(callee, args, w.owner, *place, "new", False, types)))
