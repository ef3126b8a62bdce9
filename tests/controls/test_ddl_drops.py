"""Statements that drop several things at once, or nothing that has a name."""

from __future__ import annotations

from backend_readiness.controls.database.ddl import apply_sql
from backend_readiness.controls.database.tables import Table


def test_tables_and_columns_that_are_dropped_are_gone() -> None:
    tables: list[Table] = []
    apply_sql("CREATE TABLE a (id int, note text);\nCREATE TABLE b (id int);\nCREATE TABLE c (id int);", "m.sql", tables)
    apply_sql('ALTER TABLE "a" DROP COLUMN "note", DROP CONSTRAINT "a_key";\nDROP TABLE "b", "c";', "m.sql", tables)
    assert [t.name for t in tables] == ["a"]
    assert list(tables[0].columns) == ["id"]
