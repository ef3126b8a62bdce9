"""Tables as a repository declares them: columns, keys, indexes and checks, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from backend_readiness.rules.signs import sign

_GONE = re.compile(r"(?i)^(deleted|removed|archived)_?(at|on|time)$")
_NULL_TIME = re.compile(sign("tables", "null_time"))
_ANY_CASE = re.compile(sign("tables", "any_case"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`type` is the text of the type as written; `references` the table (or model) that a foreign key leads to."""

    name: str
    type: str = ""
    nullable: bool = True
    unique: bool = False
    indexed: bool = False
    primary: bool = False
    references: str = ""
    on_delete: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index or unique constraint over columns, in order. A column that it takes whatever its case (`lower(email)`) goes by its name."""

    columns: tuple[str, ...]
    unique: bool = False
    name: str = ""
    partial: bool = False
    file: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        bare = tuple(found.group(1) if (found := _ANY_CASE.match(c)) is not None else c for c in self.columns)
        object.__setattr__(self, "columns", bare)


@dataclass(slots=True, kw_only=True)
class Table:
    """`source` says who declares it: model, migration, sql, prisma. `keys`: columns of foreign keys by the name of the constraint."""

    name: str
    model: str = ""
    source: str = "model"
    kind: str = "sql"  # sql | document
    file: str = ""
    line: int = 0
    columns: dict[str, Column] = field(default_factory=dict)
    indexes: list[Index] = field(default_factory=list)
    checks: list[tuple[str, str, int]] = field(default_factory=list)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def column(self, name: str) -> Column | None:
        """The column of that name, spelled in either case style.

        `pk` names the key where no column is called so; a model without a key of its own has one that the library adds.
        """
        found = self.columns.get(name) or next((c for n, c in self.columns.items() if plain(n) == plain(name)), None)
        keys = [c for c in self.columns.values() if c.primary]
        if found is None and name == "pk" and len(keys) == 1:
            return keys[0]
        adds = found is None and self.source == "model" and self.kind == "sql" and plain(name) in ("id", "pk")
        if adds and not keys:
            return Column(name=name, type="key", nullable=False, primary=True, file=self.file, line=self.line)
        return found

    def unique_over(self, name: str) -> Index | Column | None:
        """What keeps a single column unique, or a composite rule that holds it."""
        column = self.column(name)
        if column is not None and (column.unique or column.primary):
            return column
        return next((i for i in self.indexes if i.unique and _within(i.columns, name) and not self._never_equal(i)), None)

    def _never_equal(self, index: Index) -> bool:
        """Does the rule hold a time that is null for all rows that count? Two nulls are never equal, so that it refuses nothing."""
        held = [c for n in index.columns if _GONE.match(n) is not None and (c := self.column(n)) is not None]
        return any(c.nullable and _NULL_TIME.search(c.type) is not None for c in held)

    def index_for(self, name: str) -> Index | Column | None:
        """What serves a filter on the column: a key, a unique rule, an index that starts with it."""
        column = self.column(name)
        keys = [c for c in self.columns.values() if c.primary]
        if column is not None and (column.unique or column.indexed or (column.primary and (len(keys) <= 1 or keys[0] is column))):
            return column
        return next((i for i in self.indexes if i.columns and plain(i.columns[0]) == plain(name)), None)

    def set(self, name: str, **changes: object) -> None:
        column = self.column(name)
        if column is not None:
            self.columns[column.name] = replace(column, **changes)  # type: ignore[arg-type]  # the callers name fields of Column


def plain(name: str) -> str:
    """A name without case and underscores: `owner_id` and `ownerId` alike."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _within(columns: tuple[str, ...], name: str) -> bool:
    """Does a rule over the columns keep the one unique, alone or within an owner: `(tenant_id, slug)`, not `(username, email)`?"""
    others = [c for c in columns if plain(c) != plain(name)]
    return len(others) < len(columns) and all(
        re.search(r"(?i)(id|type|locale|language|deleted_?at|tenant|scope|org\w*|site)$", c) for c in others
    )


def join_changed(tables: list[Table]) -> None:
    """Put the changes of a table that were read before what makes it onto the one that is made: files need not stand in their order.

    A table without a key of its own was only changed; it belongs to one of the same name, with a key, in the same part of the repository.
    """
    for changed in [t for t in tables if not any(c.primary for c in t.columns.values())]:
        made = next(
            (
                t
                for t in tables
                if t is not changed
                and plain(t.name) == plain(changed.name)
                and t.file.partition("/")[0] == changed.file.partition("/")[0]
                and any(c.primary for c in t.columns.values())
            ),
            None,
        )
        if made is not None:
            made.columns.update({n: c for n, c in changed.columns.items() if made.column(n) is None})
            made.indexes += changed.indexes
            made.checks += changed.checks
            tables.remove(changed)


def same_table(left: str, right: str) -> bool:
    """Do two names mean one table: `Article`, `articles`, `public.Articles`?"""
    a, b = (plain(n.rpartition(".")[2]) for n in (left, right))
    return bool(a) and (a == b or _singular(a) == _singular(b))


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith(("ses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
