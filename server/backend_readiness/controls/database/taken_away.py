"""What migrations take away from tables or call anew: indexes, constraints, foreign keys, and the names of tables and columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backend_readiness.controls.database.tables import Table, plain, same_table

_FOREIGN = ("fkey", "foreign", "fk")
_UNIQUE = ("key", "uq", "unique")


def drop_rule(table: Table, name: str) -> None:
    """Take an index or constraint away; an unnamed one of a column is found by the usual naming."""
    if not name:
        return
    before = len(table.indexes)
    table.indexes[:] = [i for i in table.indexes if i.name != name and (i.name or not _usual(table, i.columns, name))]
    table.checks[:] = [c for c in table.checks if name not in c[0]]
    for key in table.keys.pop(name, ()):
        table.set(key, references="", on_delete="")
    if len(table.indexes) != before:
        return
    for column in list(table.columns.values()):
        stem, said = plain(f"{table.name}{column.name}"), plain(name)
        if said.startswith(stem):
            kind = said[len(stem) :]
            if kind in _UNIQUE:
                table.set(column.name, unique=False)
            elif kind in _FOREIGN:
                table.set(column.name, references="", on_delete="")
            elif kind == "":
                table.set(column.name, indexed=False)
        elif name.startswith("ix_") and said == f"ix{stem}":
            table.set(column.name, indexed=False)
        elif said.startswith(f"fk{plain(table.name)}") and said.endswith(plain(column.name)):
            table.set(column.name, references="", on_delete="")


def drop_over(table: Table, columns: Iterable[str], *, foreign: bool) -> None:
    """Take away what is over exactly these columns: their foreign keys, or indexes and unique rules."""
    names = [plain(c) for c in columns]
    if not foreign:
        table.indexes[:] = [i for i in table.indexes if [plain(c) for c in i.columns] != names]
    for column in [c for c in table.columns.values() if plain(c.name) in names]:
        if foreign:
            table.set(column.name, references="", on_delete="")
        elif len(names) == 1:
            table.set(column.name, unique=False, indexed=False)


def rename_table(tables: list[Table], old: str, new: str) -> None:
    for table in [t for t in tables if old and new and same_table(t.name, old)]:
        table.name = new


def rename_column(table: Table, old: str, new: str) -> None:
    """The column keeps its place among the others, and the rules over it go with it."""
    column = table.column(old)
    if column is None or not new:
        return
    table.columns = {new if c is column else n: replace(c, name=new) if c is column else c for n, c in table.columns.items()}
    table.indexes[:] = [replace(i, columns=tuple(new if plain(c) == plain(old) else c for c in i.columns)) for i in table.indexes]
    table.keys = {n: tuple(new if plain(c) == plain(old) else c for c in held) for n, held in table.keys.items()}


def _usual(table: Table, columns: tuple[str, ...], name: str) -> bool:
    """Is that how tools call an index of no name: `users_email_unique`?"""
    stem = plain(table.name + "".join(columns))
    return plain(name) in {f"{stem}{kind}" for kind in ("unique", "index", "idx", "key", "")} | {f"ix{stem}", f"index{stem}"}
