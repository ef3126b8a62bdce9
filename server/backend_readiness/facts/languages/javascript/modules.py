"""Imports and exports of both module systems.

`const x = require("m")` and its destructured forms are Imports and no Assign (the call is kept); where `require` is only
a part of the value, the Assign stands and the Import has no local name. A declaration that is exported has Name(its
name) as the value of its Export, a default export without a name the Func or the expression.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.javascript.functions import decorator
from backend_readiness.facts.languages.javascript.patterns import bound_names, key
from backend_readiness.facts.languages.javascript.text import decode_string
from backend_readiness.facts.languages.javascript.walk import NOTHING, Walk, inner, lowers, value
from backend_readiness.facts.model import CallRef, Export, Func, Import, Index, Lit, Member, Name, Record, Value


def _source(w: Walk, node: Node) -> str | None:
    written = node.child_by_field_name("source")
    return decode_string(w.raw(written)[1:-1]) if written is not None else None


def _is_erased(node: Node) -> bool:
    """`import type { Order } from "./order"`, `import { type Order } from "./order"`."""
    above: Node | None = node
    for _ in range(4):
        if above is None or above.type not in ("import_specifier", "named_imports", "identifier", "namespace_import", "import_clause"):
            break
        if any(child.type == "type" for child in above.children):
            return True
        above = above.parent
    return above is not None and above.type == "import_statement" and any(child.type == "type" for child in above.children)


def _add_import(w: Walk, module: str, name: str | None, local: str | None, node: Node) -> None:
    w.builder.imports.append(Import(module, name, local, w.line(node), w.owner, _is_erased(node)))
    w.builder.names.update(found for found in (name, local) if found)


@lowers("import_statement")
def import_statement(w: Walk, node: Node) -> Value:
    module = _source(w, node)
    clauses = [child for child in node.named_children if child.type in ("import_clause", "import_require_clause")]
    if module is not None and not clauses:
        _add_import(w, module, None, None, node)
    for clause in clauses:
        if clause.type == "import_require_clause":
            local, required = inner(w, clause), _source(w, clause)
            if local is not None and required is not None:
                _add_import(w, required, None, w.name(w.raw(local)).id, node)
        elif module is not None:
            _import_clause(w, module, clause)
    return NOTHING


def _import_clause(w: Walk, module: str, clause: Node) -> None:
    for child in clause.named_children:
        if child.type == "identifier":
            _add_import(w, module, "default", w.name(w.raw(child)).id, child)
        elif child.type == "namespace_import":
            local = inner(w, child)
            if local is not None:
                _add_import(w, module, None, w.name(w.raw(local)).id, child)
        elif child.type == "named_imports":
            for item in child.named_children:
                name = item.child_by_field_name("name")
                alias = item.child_by_field_name("alias")
                imported = key(w, name) if name is not None else None
                if imported is not None:
                    _add_import(w, module, imported, w.name(w.raw(alias)).id if alias is not None else imported, item)


@lowers("import_alias")
def import_alias(w: Walk, node: Node) -> Value:
    for child in node.named_children:
        value(w, child)
    return NOTHING


# ---------------------------------------------------------------- require


def import_by_require(w: Walk, target: Value, lowered: Value, node: Node) -> bool:
    """Whether `target = lowered` is nothing but names taken from a `require`; then they are Imports."""
    call = lowered.base if isinstance(lowered, Member) else lowered
    if not isinstance(call, CallRef) or call.call not in w.requires:
        return False
    callee = w.builder.calls[call.call].callee
    if not isinstance(callee, Name) or callee.id != "require":
        return False
    module = w.requires[call.call][0]
    if isinstance(target, Name):
        taken = [(lowered.name if isinstance(lowered, Member) else None, target.id)]
    elif isinstance(target, Record) and not isinstance(lowered, Member) and not target.computed:
        taken = [(name, item.id) for name, item in target.items if name is not None and isinstance(item, Name)]
        if len(taken) != len(target.items):
            return False
    else:
        return False
    for name, local in taken:
        _add_import(w, module, name, local, node)
    del w.requires[call.call]
    return True


def lazy_imports(w: Walk) -> None:
    """Import what was required or imported without a name of its own."""
    for module, line, owner in w.requires.values():
        w.builder.imports.append(Import(module, None, None, line, owner))
    w.requires.clear()


# ---------------------------------------------------------------- exports


def _add_export(w: Walk, name: str, lowered: Value | None, module: str | None, node: Node) -> None:
    if w.exporting:
        w.builder.exports.append(Export(name, lowered, module, w.line(node)))
        w.builder.names.add(name)


def commonjs_export(w: Walk, target: Value, lowered: Value, node: Node) -> None:
    """`module.exports = value`, `exports.x = value`, `module.exports.x = value`, and the same under a name of its own."""
    if not w.own_exports.isdisjoint(_names_in(target)) and isinstance(target, Member):
        _add_export(w, target.name, lowered, None, node)
    elif _is_exports(target) and isinstance(target, Member):
        _add_export(w, "=", lowered, None, node)
    elif isinstance(target, Member) and _is_exports(target.base):
        _add_export(w, target.name, lowered, None, node)
    elif isinstance(target, Index) and _is_exports(target.base) and isinstance(target.key, Lit) and isinstance(target.key.value, str):
        _add_export(w, target.key.value, lowered, None, node)


def keep_exports(w: Walk, name: str, lowered: Value, written: Node) -> None:
    """`const orders = module.exports`, `const orders = (module.exports = {})`: another name for what the module exports."""
    while written.type == "parenthesized_expression" and (within := inner(w, written)) is not None:
        written = within
    left = written.child_by_field_name("left") if written.type == "assignment_expression" else None
    if _is_exports(lowered) or (left is not None and w.raw(left) in ("module.exports", "exports")):
        w.own_exports.add(name)


def _names_in(target: Value) -> tuple[str, ...]:
    return (target.base.id,) if isinstance(target, Member) and isinstance(target.base, Name) else ()


def _is_exports(target: Value) -> bool:
    if isinstance(target, Member):
        return target.name == "exports" and isinstance(target.base, Name) and target.base.id == "module"
    return isinstance(target, Name) and target.id == "exports"


@lowers("export_statement")
def export_statement(w: Walk, node: Node) -> Value:
    tokens = {child.type for child in node.children if not child.is_named}
    decorators = tuple(decorator(w, child) for child in node.named_children if child.type == "decorator")
    declaration = node.child_by_field_name("declaration")
    written = node.child_by_field_name("value")
    if declaration is not None:
        w.decorators = decorators
        _export_declaration(w, node, declaration, "default" in tokens)
        w.decorators = ()
    elif "default" in tokens and written is not None:
        w.decorators = decorators
        _add_export(w, "default", value(w, written), None, node)
        w.decorators = ()
    elif "=" in tokens:
        found = inner(w, node)
        _add_export(w, "=", value(w, found) if found is not None else None, None, node)
    else:
        _export_names(w, node, _source(w, node), "*" in tokens)
    return NOTHING


def _export_declaration(w: Walk, node: Node, declaration: Node, is_default: bool) -> None:
    before, imported_before = len(w.builder.assigns), len(w.builder.imports)
    lowered = value(w, declaration)
    if isinstance(lowered, Func):
        name = w.builder.symbols[lowered.symbol].name
        _add_export(w, "default" if is_default else name, Name(name) if name else lowered, None, node)
        return
    if is_default:
        _add_export(w, "default", lowered, None, node)
        return
    names = [imported.local for imported in w.builder.imports[imported_before:] if imported.local and imported.owner == w.owner]
    for assign in w.builder.assigns[before:]:
        if assign.owner == w.owner and assign.kind in ("let", "const"):
            names.extend(bound_names(assign.target))
    for name in names:
        _add_export(w, name, Name(name), None, node)


def _export_names(w: Walk, node: Node, module: str | None, has_star: bool) -> None:
    named = False
    for child in node.named_children:
        if child.type == "namespace_export":
            named = True
            name = inner(w, child)
            if name is not None:
                _add_export(w, key(w, name) or "", Name("*"), module, node)
        elif child.type == "export_clause":
            named = True
            for item in child.named_children:
                name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                inside = key(w, name) if name is not None else None
                if inside is not None:
                    _add_export(w, (key(w, alias) if alias is not None else None) or inside, Name(inside), module, item)
    if has_star and not named:
        _add_export(w, "*", None, module, node)
