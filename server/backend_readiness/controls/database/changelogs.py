"""The schema that changelogs of Liquibase make, as XML or YAML; formatted SQL is read as any other SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from backend_readiness.controls.database.tables import Column, Index, Table, same_table
from backend_readiness.controls.deployed.yamlfile import Entry, documents
from backend_readiness.snapshot import Snapshot

MAX_CHARS = 1_000_000
MAX_NODES = 40_000
MAX_DEPTH = 40
_TAG = re.compile(r"<(/?)(?:[\w.-]{1,40}:)?([A-Za-z]\w{0,60})((?:\s+[\w:.-]{1,60}\s*=\s*(?:\"[^\"]{0,2000}\"|'[^']{0,2000}'))*)\s*(/?)>")
_ATTRIBUTE = re.compile(r"([\w.-]{1,60})\s*=\s*(?:\"([^\"]{0,2000})\"|'([^']{0,2000})')")
_CHANGES = frozenset(
    """createTable addColumn dropTable dropColumn addForeignKeyConstraint addUniqueConstraint createIndex addNotNullConstraint
    dropNotNullConstraint addPrimaryKey dropUniqueConstraint dropIndex renameTable renameColumn modifyDataType""".split()  # noqa: SIM905
)
_UNDONE = frozenset(
    ("dropTable", "dropColumn", "sql", "sqlFile", "insert", "update", "delete", "loadData", "modifyDataType", "customChange")
)


@dataclass(slots=True)
class Node:
    """An element with its attributes, or a mapping of YAML with its scalars."""

    name: str
    line: int
    values: dict[str, str]
    inner: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changelog:
    """`back`: some | none, whether each of its change sets can be taken back; `line` is that of the first that cannot."""

    path: str
    back: str
    line: int


def apply_changelog(snapshot: Snapshot, path: str, tables: list[Table]) -> Changelog | None:
    """Apply the changes of a file to `tables`; None when it is no changelog."""
    text = snapshot.text(path)
    if len(text) > MAX_CHARS or "databaseChangeLog" not in text:
        return None
    roots = _xml(text) if path.endswith(".xml") else _yaml(text)
    found, stuck = False, 0
    for node in roots:
        for change_set in _named(node, "changeSet"):
            undo = any(n.name == "rollback" for n in change_set.inner)
            for change in _flat(change_set):
                if change.name in _CHANGES:
                    found = True
                    _apply(change, path, tables)
                if change.name in _UNDONE and not undo:
                    stuck = stuck or change.line
    return Changelog(path=path, back="none" if stuck else "some", line=stuck or 1) if found else None


def _flat(change_set: Node) -> Iterator[Node]:
    for node in change_set.inner:
        if node.name == "changes":
            for change in node.inner:
                yield from change.inner if change.name == "" else (change,)
        else:
            yield node


def _named(node: Node, name: str, depth: int = 0) -> Iterator[Node]:
    if node.name == name:
        yield node
    elif depth < MAX_DEPTH:
        for inner in node.inner:
            yield from _named(inner, name, depth + 1)


# ---------------------------------------------------------------- the two forms


def _xml(text: str) -> list[Node]:
    """The elements, read tag by tag: no entity is resolved and nothing is fetched."""
    text = re.sub(r"<!--.*?-->", lambda m: "\n" * m.group().count("\n"), text, flags=re.DOTALL)
    top = Node("", 1, {})
    stack = [top]
    line, last = 1, 0
    for count, tag in enumerate(_TAG.finditer(text)):
        if count > MAX_NODES:
            break
        line += text.count("\n", last, tag.start())
        last = tag.start()
        if tag.group(1):
            if len(stack) > 1:
                stack.pop()
            continue
        values = {m.group(1): m.group(2) if m.group(2) is not None else m.group(3) for m in _ATTRIBUTE.finditer(tag.group(3))}
        node = Node(tag.group(2), line, values)
        stack[-1].inner.append(node)
        if not tag.group(4) and len(stack) < MAX_DEPTH:
            stack.append(node)
    return top.inner


def _yaml(text: str) -> list[Node]:
    return [_node("", e, [MAX_NODES]) for e in documents(text)]


def _node(name: str, entry: Entry, left: list[int], depth: int = 0) -> Node:
    node = Node(name, entry.line, {})
    if depth > MAX_DEPTH or left[0] <= 0:
        return node
    for key, value in entry.items():
        left[0] -= 1
        if value.text:
            node.values[key] = value.text
        else:
            node.inner.append(_node(key, value, left, depth + 1))
    for item in entry.each():
        left[0] -= 1
        inner = _node("", item, left, depth + 1)
        node.inner.extend(inner.inner if not inner.values else [inner])
    return node


# ---------------------------------------------------------------- changes


def _apply(change: Node, path: str, tables: list[Table]) -> None:
    name = change.values.get("tableName") or change.values.get("baseTableName") or change.values.get("oldTableName") or ""
    table = next((t for t in tables if same_table(t.name, name)), None)
    if change.name == "createTable":
        made = Table(name=name, source="migration", file=path, line=change.line)
        for column in _columns(change):
            _add(made, column, path)
        tables.append(made)
        return
    if table is None:
        return
    names = tuple(
        n.strip() for n in re.split(r",", change.values.get("columnNames") or change.values.get("baseColumnNames") or "") if n.strip()
    )
    column_name = change.values.get("columnName", "")
    if change.name == "addColumn":
        for column in _columns(change):
            _add(table, column, path)
    elif change.name == "dropTable":
        tables.remove(table)
    elif change.name == "renameTable":
        table.name = change.values.get("newTableName", table.name)
    elif change.name == "dropColumn":
        for gone in (column_name, *(c.values.get("name", "") for c in _columns(change))):
            table.columns.pop(gone, None)
    elif change.name == "addForeignKeyConstraint":
        for key in names:
            target = change.values.get("referencedTableName", "")
            table.set(key, references=target, on_delete=change.values.get("onDelete", ""))
    elif change.name == "addUniqueConstraint":
        table.indexes.append(Index(columns=names, unique=True, name=change.values.get("constraintName", ""), file=path, line=change.line))
    elif change.name == "createIndex":
        columns = tuple(c.values.get("name", "") for c in _columns(change))
        unique = change.values.get("unique") == "true"
        table.indexes.append(Index(columns=columns, unique=unique, name=change.values.get("indexName", ""), file=path, line=change.line))
    elif change.name == "addPrimaryKey":
        for key in names:
            table.set(key, primary=True, nullable=False)
    elif change.name in ("addNotNullConstraint", "dropNotNullConstraint"):
        table.set(column_name, nullable=change.name.startswith("drop"))
    elif change.name in ("dropUniqueConstraint", "dropIndex"):
        gone_name = change.values.get("constraintName") or change.values.get("indexName") or ""
        table.indexes[:] = [i for i in table.indexes if i.name != gone_name]


def _columns(change: Node) -> list[Node]:
    """`<column>` elements, or the entries of `columns:`."""
    found = [n for n in change.inner if n.name == "column"]
    for node in change.inner:
        if node.name == "columns":
            found.extend(n for n in node.inner if n.name in ("column", ""))
    return found


def _add(table: Table, node: Node, path: str) -> None:
    name = node.values.get("name", "")
    rules: dict[str, str] = {}
    for inner in node.inner:
        if inner.name == "constraints":
            rules.update(inner.values)
    primary = rules.get("primaryKey") == "true"
    if name:
        table.columns[name] = Column(
            name=name,
            type=node.values.get("type", ""),
            nullable=rules.get("nullable", "true") != "false" and not primary,
            unique=rules.get("unique") == "true",
            primary=primary,
            references=rules.get("references", rules.get("referencedTableName", "")).partition("(")[0],
            file=path,
            line=node.line,
        )
