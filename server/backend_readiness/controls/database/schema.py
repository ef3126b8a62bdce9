"""The database schema of a repository: what models declare, and what migrations make of it.

Where migrations make the schema, they are what production gets; the models say what the code believes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.configured_models import configured_tables
from backend_readiness.controls.database.migrations import Migrations
from backend_readiness.controls.database.models import Models
from backend_readiness.controls.database.prisma import prisma_tables
from backend_readiness.controls.database.source_tables import source_tables
from backend_readiness.controls.database.tables import Column, Index, Table, same_table
from backend_readiness.controls.kept import once
from backend_readiness.controls.work.sequence import of_guards
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.values import ClassV, Site, SymbolId
from backend_readiness.graph.world import Graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One table from both sides; `real` is the one that production gets, as far as the repository says."""

    name: str
    model: Table | None
    migrated: Table | None

    @property
    def real(self) -> Table:
        found = self.migrated if self.migrated is not None and self.migrated.columns else self.model or self.migrated
        assert found is not None
        return found

    @property
    def shown(self) -> Table:
        """The side that a reader would be sent to: the model where there is one."""
        found = self.model or self.migrated
        assert found is not None
        return found


# What sends the writes that were gathered, and what notes in the session of the framework who is signed in.
_NO_ROWS = re.compile(r"(?i)(?:^|\.)(?:save_?changes(?:async)?|flush|commit(?:async)?|log_?(?:in|out)|sign_?(?:in|out))(?:\(\))?$")


class Schema:
    def __init__(self, graph: Graph) -> None:
        self.models = [*Models(graph).tables, *prisma_tables(graph.snapshot), *configured_tables(graph)]
        migrations = Migrations(graph)
        self.migrations = migrations.files
        self.migrated = [t for t in migrations.tables if t.columns or t.indexes]
        self.in_source = source_tables(graph) if not self.models and not self.migrated else []
        self.migrated += self.in_source

    def table(self, name: str) -> Declared | None:
        """The table that a flow's target means: a model's class or a table's name."""
        model = next((t for t in self.models if t.model == name), None) or next(
            (t for t in self.models if same_table(t.name, name) or same_table(t.model, name)), None
        )
        wanted = model.name if model is not None else name
        migrated = next((t for t in self.migrated if same_table(t.name, wanted)), None)
        if migrated is None and model is not None:
            migrated = next((t for t in self.migrated if same_table(t.name, model.model)), None)
        return Declared(name=wanted, model=model, migrated=migrated) if model is not None or migrated is not None else None

    def of_flow(self, context: Context, *operations: str) -> list[Declared]:
        """The tables that the flow's data calls touch, each once, in the order of the chain; those that its guards touch come last."""
        found: dict[str, Declared] = {}
        aside = of_guards(context)
        for effect, _ in sorted(context.effects, key=lambda e: _within(context, e[0].site, aside)):
            if effect.kind in ("orm", "sql", "nosql") and effect.target and (not operations or effect.operation in operations):
                declared = self.table(effect.target)
                if declared is not None:
                    found.setdefault(declared.name, declared)
        if not operations or "write" in operations:
            for call in context.calls:  # rows that are added with another one: `Order(lines=[OrderLine(...)])`
                for value in call.callee:
                    if isinstance(value, ClassV):
                        name = context.view(value.symbol.file).symbol(value.symbol.index).name
                        made = next((t for t in self.models if t.model == name and t.file == value.symbol.file), None)
                        declared = self.table(made.name) if made is not None else None
                        if declared is not None:
                            found.setdefault(declared.name, declared)
        for touch in context.touches:  # what a base class of the framework does by itself
            declared = self.table(touch.target) if not operations or touch.operation in operations else None
            if declared is not None:
                found.setdefault(declared.name, declared)
        return list(found.values())


def _within(context: Context, site: Site, functions: frozenset[SymbolId]) -> bool:
    view = context.view(site.file)
    return any(SymbolId(site.file, scope) in functions for scope in view.enclosing(view.facts.calls[site.call].owner))


def lost_table(context: Context) -> Effect | None:
    """A write of the flow to a database of which no table was found: what is said of the flow's tables leaves it out."""
    schema = schema_of(context)
    stored = (e for e, _ in context.effects if e.operation == "write" and e.kind in ("orm", "sql") and not _NO_ROWS.search(e.path))
    return next((e for e in stored if not e.target or schema.table(e.target) is None), None)


def schema_of(context: Context) -> Schema:
    """The schema of the repository, read once for a graph."""
    return once(context.graph, Schema)


__all__ = ["Column", "Declared", "Index", "Schema", "Table", "lost_table", "schema_of"]
