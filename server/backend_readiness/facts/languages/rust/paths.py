"""Paths and `use` declarations of Rust. Modules are written with dots: `axum.routing`, `crate.orders`, `super.db`, `self.api`.

What an inline module says of `super` and `self` is told from the file: in `mod api { use super::x; }` it is `self.x` of the file.
A path that starts with a crate's name which nothing in the file binds is noted as an Import without a local name.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.rust.tree import MAX_DEPTH, Walk, kinds, lowers, unknown, value, visits, without_extras
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Import, Member, Name, Value

SCOPED = kinds("scoped_identifier", "scoped_type_identifier")
CRATE, SELF, SUPER = kinds("crate"), kinds("self"), kinds("super")
GENERIC = kinds("generic_type", "generic_type_with_turbofish")
LIST = kinds("use_list")
SCOPED_LIST = kinds("scoped_use_list")
ALIASED = kinds("use_as_clause")
STAR = kinds("use_wildcard")
IDENTIFIER = kinds("identifier", "type_identifier", "primitive_type")
_ROOTS = ("crate", "self", "super")
_STANDARD = frozenset(("std", "core", "alloc"))


# ---------------------------------------------------------------- paths in expressions and types


@lowers("scoped_identifier", "scoped_type_identifier")
def lower_path(w: Walk, node: Node) -> Value:
    steps: list[str] = []
    head: Node | None = node
    while head is not None and head.kind_id in SCOPED:
        name = head.child_by_field_name("name")
        if name is not None:
            steps.append(w.raw(name))
        head = head.child_by_field_name("path")
        if head is not None and head.kind_id in GENERIC:
            head = head.child_by_field_name("type") or head
    steps.reverse()
    result = _head(w, head, steps)
    for step in steps[:MAX_DEPTH]:
        result = w.builder.member(result, plain(step.removeprefix("r#")))
    return result


def _head(w: Walk, head: Node | None, steps: list[str]) -> Value:
    if head is None:  # `::std::mem`
        return w.name(steps.pop(0)) if steps else Name("")
    number = head.kind_id
    if number in CRATE or number in SELF or number in SUPER:
        ups = ["super"] if number in SUPER else []
        while steps and steps[0] == "super":
            ups.append(steps.pop(0))
        root = "crate" if number in CRATE else "self"
        while len(steps) > 1 and steps[0][:1].islower():  # modules between may stand inline, where only a whole path leads to the file
            ups.append(steps.pop(0))
        base = rooted(w, [root, *ups])
        return w.name(_local(w, base))
    if number in IDENTIFIER:
        written = w.raw(head)
        if written == "Self" and w.self_type is not None:  # inside a trait: the type that has it
            return w.name("self") if w.in_trait else w.self_type
        if written in w.lets:  # `let rocket = rocket::build()`: what a path starts with is never a variable
            w.parted.add(plain(written))
            return w.name(f"{written}::")
        if written[:1].islower():
            w.heads.add(plain(written))
        return w.bounds.get(written) or w.name(written)
    if head.type == "bracketed_type":  # `<A as B>::c`: the type's own
        inner = without_extras(head.named_children)
        first = inner[0] if inner else head
        typed = first.child_by_field_name("type") if first.type == "qualified_type" else first
        if typed is not None and w.raw(typed) == "Self" and "Self" in w.bounds:  # inside a trait: what the trait above it gives
            typed = first.child_by_field_name("alias") or typed
        return value(w, typed) if typed is not None else unknown(w, head)
    return value(w, head)


def _local(w: Walk, base: list[str]) -> str:
    """The local name under which a module that a path starts from is imported (`super::`), noted once."""
    module = ".".join(base)
    local = module + "::"
    if local not in w.known:
        w.builder.imports.append(Import(module, None, local, 1))
    return local


def rooted(w: Walk, path: list[str]) -> list[str]:
    """A path that starts with `crate`, `self` or `super`, told from the file instead of from the inline module."""
    if path[0] == "crate":
        return path
    rest = path[1:] if path[0] == "self" else path
    ups = 0
    while ups < len(rest) and rest[ups] == "super":
        ups += 1
    inside = len(w.mods) - ups
    if inside >= 0:
        return ["self", *w.mods[:inside], *rest[ups:]]
    return [*["super"] * -inside, *rest[ups:]]


@lowers("crate", "super")
def lower_root(w: Walk, node: Node) -> Value:
    return _head(w, node, [])


def add_heads(w: Walk) -> None:
    """Note the crates that are named only in paths (`axum::Router::new()`), and what the names of imported macros mean."""
    builder = w.builder
    macros = [Import(i.module, f"{i.name}!", f"{i.local}!", i.line, i.owner) for i in builder.imports if f"{i.local}!" in builder.names]
    builder.imports.extend(m for m in macros if m.name != "None!")
    for head in sorted(w.parted):
        builder.imports.extend(_named_apart(w, head))
    bound = {i.local for i in builder.imports} | {s.name for s in builder.symbols if s.kind in ("class", "enum", "interface", "namespace")}
    for head in sorted(w.heads - bound - _STANDARD):
        builder.imports.append(Import(head, None, None, 1))


def _named_apart(w: Walk, head: str) -> list[Import]:
    """What a path that starts with the name of a variable means: what the file imports so, a module in the file, else what a module of the
    crate may give whose names the file takes all, or a crate."""
    local = f"{head}::"
    same = [Import(i.module, i.name, local, i.line, i.owner) for i in w.builder.imports if i.local == head]
    if not same and any(s.name == head and s.kind == "namespace" for s in w.builder.symbols):
        same = [Import(f"self.{head}", None, local, 1)]
    stars = [i for i in w.builder.imports if i.name == "*" and i.module.partition(".")[0] in _ROOTS] if not same else []
    return same or [*(Import(i.module, head, local, i.line, i.owner) for i in stars[:3]), Import(head, None, local, 1)]


# ---------------------------------------------------------------- use


@visits("use_declaration")
def visit_use(w: Walk, node: Node) -> None:
    argument = node.child_by_field_name("argument")
    if argument is not None:
        _use(w, argument, [], 0)


def _use(w: Walk, node: Node, above: list[str], depth: int) -> None:
    number = node.kind_id
    if depth > 40:
        return
    if number in LIST:
        for child in node.named_children:
            _use(w, child, above, depth + 1)
    elif number in SCOPED_LIST:
        path, inner = node.child_by_field_name("path"), node.child_by_field_name("list")
        if inner is not None:
            _use(w, inner, above + (_steps(w, path) if path is not None else []), depth + 1)
    elif number in STAR:
        inside = without_extras(node.named_children)
        _add(w, node, above + (_steps(w, inside[0]) if inside else []), None, star=True)
    elif number in ALIASED:
        path, alias = node.child_by_field_name("path"), node.child_by_field_name("alias")
        if path is not None and alias is not None:
            _add(w, node, above + _steps(w, path), plain(w.raw(alias)))
    elif number in SCOPED or number in IDENTIFIER or number in CRATE or number in SELF or number in SUPER:
        path_steps = above + _steps(w, node)
        _add(w, node, path_steps, path_steps[-1] if path_steps[-1] != "self" else "")


def _steps(w: Walk, node: Node) -> list[str]:
    return [plain(s.strip().removeprefix("r#")) for s in w.raw(node).split("::") if s.strip()][:40]


def _add(w: Walk, node: Node, path: list[str], local: str | None, *, star: bool = False) -> None:
    if not path:
        return
    if len(path) > 1 and path[-1] == "self":  # `use a::b::{self}`
        path = path[:-1]
        local = local or path[-1]
    if path[0] in _ROOTS:
        path = rooted(w, path)
    line = w.line(w.start(node))
    owner = w.owner
    builder = w.builder
    if star:
        builder.imports.append(Import(".".join(path), "*", None, line, owner))
        return
    local = None if local in ("_", "") else local
    if local is not None:
        w.name(local)
    if len(path) == 1 or all(step == "super" for step in path):
        builder.imports.append(Import(".".join(path), None, local, line, owner))
    else:
        builder.imports.append(Import(".".join(path[:-1]), path[-1], local, line, owner))


@visits("extern_crate_declaration")
def visit_extern(w: Walk, node: Node) -> None:
    """`#[macro_use] extern crate rocket;` brings the names of its macros too."""
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    if name is None:
        return
    module, line = plain(w.raw(name)), w.line(w.start(node))
    w.builder.imports.append(Import(module, None, plain(w.raw(alias if alias is not None else name)), line, w.owner))
    before = node.prev_named_sibling
    if before is not None and "macro_use" in w.raw(before):
        w.builder.imports.append(Import(module, "*", None, line, w.owner))


__all__ = ["Member", "add_heads", "rooted"]
