"""Names of classes and functions: namespaces, `use`, and qualified names, each bound by one Import.

A module is a namespace with dots: `use App\\Models\\User` is Import(module="App.Models", name="User", local="User").
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.php.tree import F_ALIAS, F_BODY, F_NAME, F_TYPE, Walk, suite, visits
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Import, Name

_OWN = {"self", "static"}
TYPES = frozenset(
    {"int", "string", "bool", "float", "array", "object", "mixed", "void", "null", "false", "true", "callable", "iterable", "never",
     "boolean", "integer", "double", "resource", "scalar", "numeric", "list"}
)  # fmt: skip


def class_name(w: Walk, written: str) -> Name:
    """The Name of a class as written; a qualified one is imported under it. The class itself for `self` and `static`."""
    low = written.lower()
    if low in _OWN:
        return w.name(w.classes[-1]) if w.classes and w.classes[-1] else w.name("self")
    if low == "parent":
        return w.name("super")
    return qualified(w, written)


def scope_name(w: Walk, written: str) -> Name:
    """The same for what stands before `::`, where `self` and `static` are the object at hand."""
    return w.name("self") if written.lower() in _OWN else class_name(w, written)


def qualified(w: Walk, written: str) -> Name:
    if "\\" not in written:
        full = w.used.get(written.lower())
        if full is not None and "\\" in full:
            bind(w, full, written, 0)  # names of classes are one in any case of their letters
        return w.name(full) if full is not None and "\\" not in full else w.name(written)
    parts = [p for p in written.split("\\") if p]
    if not parts:
        return w.name(written)
    if written.startswith("\\"):
        full = "\\".join(parts)
    elif parts[0].lower() == "namespace":
        full = "\\".join([w.namespace, *parts[1:]]).lstrip("\\")
    else:
        first = w.used.get(parts[0].lower())
        full = "\\".join([first or (f"{w.namespace}\\{parts[0]}" if w.namespace else parts[0]), *parts[1:]])
    if "\\" not in full:
        return w.name(full)  # `\PDO`
    bind(w, full, written, 0)
    return w.name(written)


def bind(w: Walk, full: str, local: str, offset: int) -> None:
    """An Import for a full name, once for each local name."""
    if local in w.imported:
        return
    w.imported.add(local)
    space, _, last = full.rpartition("\\")
    module = plain(space).replace("\\", ".")
    w.builder.imports.append(Import(module=module, name=plain(last), local=plain(local), line=w.line(offset)))


@visits("namespace_definition")
def visit_namespace(w: Walk, node: Node) -> None:
    name, body = node.child_by_field_id(F_NAME), node.child_by_field_id(F_BODY)
    w.namespace = w.raw(name).strip("\\") if name is not None else ""
    w.builder.package = w.builder.package or plain(w.namespace).replace("\\", ".")
    if body is not None:
        suite(w, body.named_children)


@visits("namespace_use_declaration")
def visit_use(w: Walk, node: Node) -> None:
    group = node.child_by_field_id(F_BODY)
    prefix = next((w.raw(c) for c in node.named_children if c.type == "namespace_name"), "") if group is not None else ""
    whole = node.child_by_field_id(F_TYPE)
    kind = w.raw(whole) if whole is not None else _word(w, node)
    for clause in (group or node).named_children:
        if clause.type == "namespace_use_clause":
            _clause(w, clause, prefix, kind or _word(w, clause))


def _word(w: Walk, node: Node) -> str:
    """`function` or `const` where names of these are imported."""
    return next((c.type for c in node.children[:2] if c.type in ("function", "const")), "")


def _clause(w: Walk, clause: Node, prefix: str, kind: str) -> None:
    alias = clause.child_by_field_id(F_ALIAS)
    written = next((w.raw(c) for c in clause.named_children if c.type in ("name", "qualified_name") and c != alias), "")
    full = "\\".join(p for p in (*prefix.split("\\"), *written.split("\\")) if p)
    if not full:
        return
    local = w.raw(alias) if alias is not None else full.rpartition("\\")[2]
    if not kind:
        w.used[local.lower()] = full
    if "\\" in full:
        bind(w, full, local, clause.start_byte)
