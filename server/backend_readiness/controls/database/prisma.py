"""Prisma schema files: models with their fields, read line by line."""

from __future__ import annotations

import re

from backend_readiness.controls.database.tables import Column, Index, Table
from backend_readiness.snapshot import Snapshot

_MODEL = re.compile(r"^\s*model\s+(\w+)\s*\{")
_FIELD = re.compile(r"^\s*(\w+)\s+([\w.]+(?:\(\"[^\"]*\"\))?)(\[\])?(\?)?(\s.*)?$")
_BLOCK = re.compile(r"^\s*@@(id|unique|index|map)\b(.*)$")
_LIST = re.compile(r"\[([^\]]*)\]")
_DOCUMENTS = re.compile(r"^\s*provider\s*=\s*\"mongodb\"", re.MULTILINE)
_TEXT = re.compile(r"\"([^\"]*)\"")


def prisma_tables(snapshot: Snapshot) -> list[Table]:
    """The models of all `schema.prisma` files."""
    found: list[Table] = []
    for path in snapshot.glob("**/*.prisma"):
        tables = _tables(snapshot.lines(path), path)
        if _DOCUMENTS.search(snapshot.text(path)) is not None:  # what the client checks, the store does not
            for table in tables:
                table.kind = "document"
        found.extend(tables)
    return found


def _tables(lines: object, path: str) -> list[Table]:
    found: list[Table] = []
    table: Table | None = None
    relations: list[tuple[Table, str, str, str]] = []
    for number, line in enumerate(lines, 1):  # type: ignore[arg-type,var-annotated]  # the lines of a snapshot
        line = str(line).split("//")[0]
        start = _MODEL.match(line)
        if start is not None:
            table = Table(name=start.group(1), model=start.group(1), source="prisma", file=path, line=number)
            found.append(table)
            continue
        if table is None:
            continue
        if line.strip() == "}":
            table = None
            continue
        block = _BLOCK.match(line)
        if block is not None:
            listed = _LIST.search(block.group(2))
            columns = tuple(c.strip().partition("(")[0] for c in listed.group(1).split(",")) if listed is not None else ()
            if block.group(1) == "map":
                text = _TEXT.search(block.group(2))
                table.name = text.group(1) if text is not None else table.name
            elif block.group(1) == "id":
                for column in columns:
                    table.set(column, primary=True)
            else:
                table.indexes.append(Index(columns=columns, unique=block.group(1) == "unique", file=path, line=number))
            continue
        field = _FIELD.match(line)
        if field is None:
            continue
        rest = field.group(5) or ""
        if "@relation" in rest:
            listed = re.search(r"fields:\s*\[([^\]]*)\]", rest)
            rule = re.search(r"onDelete:\s*(\w+)", rest)
            for column in listed.group(1).split(",") if listed is not None else ():
                relations.append((table, column.strip(), field.group(2), rule.group(1) if rule is not None else ""))
            continue
        if field.group(3):
            continue
        table.columns[field.group(1)] = Column(
            name=field.group(1), type=f"{field.group(2)} {rest}".strip(), nullable=field.group(4) is not None, unique="@unique" in rest,
            primary=re.search(r"@id\b", rest) is not None, file=path, line=number,
        )  # fmt: skip
    for owner, column, target, rule_text in relations:
        owner.set(column, references=target, on_delete=rule_text)
    return found
