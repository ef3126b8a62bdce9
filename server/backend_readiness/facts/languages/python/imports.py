"""Import statements of Python.

`import a.b` binds only `a`: it is written as Import("a", None, "a") and, for the module that it loads, as
Import("a.b", None, None). `import a.b as c` is one fact, Import("a.b", None, "c").
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.python.tree import F_ALIAS, F_MODULE_NAME, F_NAME, Walk, kind, visits
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Import

ALIASED = kind("aliased_import")
DOTTED = kind("dotted_name")
WILDCARD = kind("wildcard_import")


def _dotted(w: Walk, node: Node) -> str:
    """A dotted name without the blanks that may stand around its dots."""
    return plain("".join(w.raw(node).split()))


def _add(w: Walk, node: Node, module: str, name: str | None, local: str | None) -> None:
    w.builder.imports.append(Import(module, name, local, w.line(node.start_byte), w.owner))


def _imported(w: Walk, node: Node) -> tuple[str, str | None] | None:
    """The dotted name of one import clause and its alias, None for anything else (comments, errors)."""
    if node.kind_id == DOTTED:
        return _dotted(w, node), None
    if node.kind_id != ALIASED:
        return None
    name, alias = node.child_by_field_id(F_NAME), node.child_by_field_id(F_ALIAS)
    return (_dotted(w, name), w.name(w.raw(alias)).id) if name is not None and alias is not None else None


@visits("import_statement")
def visit_import(w: Walk, node: Node) -> None:
    for child in node.named_children:
        clause = _imported(w, child)
        if clause is None or not clause[0]:
            continue
        module, alias = clause
        if alias is not None:
            _add(w, child, module, None, alias)
            continue
        package = module.partition(".")[0]
        _add(w, child, package, None, package)
        if package != module:
            _add(w, child, module, None, None)


@visits("import_from_statement", "future_import_statement")
def visit_import_from(w: Walk, node: Node) -> None:
    source = node.child_by_field_id(F_MODULE_NAME)
    module = _dotted(w, source) if source is not None else "__future__"
    for child in node.named_children:
        if child == source:
            continue
        if child.kind_id == WILDCARD:
            _add(w, child, module, "*", None)
            continue
        clause = _imported(w, child)
        if clause is not None and clause[0]:
            _add(w, child, module, clause[0], clause[1] or clause[0])
