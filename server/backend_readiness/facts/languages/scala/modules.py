"""Packages and imports of Scala.

`import a.b.{C, D => E}` is one fact for each name; what is imported inside a class or a function counts for the whole file.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import Walk, parts, suite
from backend_readiness.facts.languages.scala.grammar import F_BODY, F_NAME, GRAMMAR, child_of
from backend_readiness.facts.model import Import

WILDCARD = GRAMMAR.set_of("namespace_wildcard")
SELECTORS = GRAMMAR.set_of("namespace_selectors")
RENAMED = GRAMMAR.set_of("arrow_renamed_identifier", "as_renamed_identifier")


@GRAMMAR.visits("package_clause")
def visit_package(w: Walk, node: Node) -> None:
    """`package a.b`; several clauses one below the other are one name."""
    name = node.child_by_field_id(F_NAME)
    outer = w.builder.package
    path = [w.name(w.raw(child)).id for child in parts(w, name)]
    w.builder.package = ".".join([*([outer] if outer else []), *path])
    body = node.child_by_field_id(F_BODY)
    if body is not None:
        suite(w, parts(w, body))


@GRAMMAR.visits("import_declaration")
def visit_import(w: Walk, node: Node) -> None:
    path: list[str] = []
    line = w.line(node.start_byte)
    behind = [child for child in node.named_children if child.kind_id not in w.extras]
    for number, child in enumerate(behind):
        if child.kind_id in w.identifiers:
            path.append(w.name(w.raw(child)).id)
            following = behind[number + 1] if number + 1 < len(behind) else None
            if following is None or (following.kind_id in w.identifiers and w.text[child.end_byte : following.start_byte].strip() == ","):
                _one(w, path, path[-1:], line)
                path = []
        elif child.kind_id in WILDCARD:
            _star(w, path, line)
            path = []
        elif child.kind_id in SELECTORS:
            _selected(w, path, child, line)
            path = []
        elif child.kind_id in RENAMED:
            _renamed(w, path, child, line)
            path = []


def _one(w: Walk, path: list[str], local: list[str], line: int) -> None:
    if len(path) > 1:
        w.builder.imports.append(Import(".".join(path[:-1]).removeprefix("_root_."), path[-1], local[0], line))


def _star(w: Walk, path: list[str], line: int) -> None:
    if path:
        w.builder.imports.append(Import(".".join(path).removeprefix("_root_."), "*", None, line))


def _renamed(w: Walk, path: list[str], node: Node, line: int) -> None:
    names = [w.name(w.raw(child)).id for child in parts(w, node) if child.kind_id in w.identifiers]
    if len(names) == 2:
        _one(w, [*path, names[0]], names[1:], line)


def _selected(w: Walk, path: list[str], node: Node, line: int) -> None:
    for child in parts(w, node):
        if child.kind_id in w.identifiers:
            name = w.name(w.raw(child)).id
            _one(w, [*path, name], [name], line)
        elif child.kind_id in RENAMED:
            _renamed(w, path, child, line)
        elif child.kind_id in WILDCARD:
            _star(w, path, line)


@GRAMMAR.visits("comment", "block_comment", "export_declaration", "end_marker", "using_directive", "self_type", "derives_clause")
def visit_nothing(w: Walk, node: Node) -> None:
    """No fact stands in it."""


@GRAMMAR.visits("compilation_unit", "ERROR", "template_body", "with_template_body")
def visit_statements(w: Walk, node: Node) -> None:
    suite(w, parts(w, node))


@GRAMMAR.visits("package_object")
def visit_package_object(w: Walk, node: Node) -> None:
    """The members of a package object are names of the package."""
    name = node.child_by_field_id(F_NAME)
    outer = w.builder.package
    if name is not None:
        w.builder.package = ".".join([*([outer] if outer else []), w.name(w.raw(name)).id])
    body = child_of(node, GRAMMAR.set_of("template_body"))
    suite(w, parts(w, body))
