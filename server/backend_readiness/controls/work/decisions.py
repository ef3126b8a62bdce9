"""Writes that a flow decides by what it has read: a row looked for before another is added, a value read, changed and put back."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import Declared, schema_of
from backend_readiness.controls.database.tables import Column, Index, plain, same_table
from backend_readiness.controls.work.conditions import compares, counts, is_negative, limits_number, names_of
from backend_readiness.controls.work.filters import Lookup, lookups
from backend_readiness.controls.work.finders import LANGUAGES
from backend_readiness.controls.work.headers import bound_in_head
from backend_readiness.controls.work.promised import handed_to
from backend_readiness.controls.work.reads import chain_sites, later_steps
from backend_readiness.controls.work.sequence import Step, calls_in, steps
from backend_readiness.facts.model import Assign, Block, Call, CallRef, Member, Name, Op, Value
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_INSERTS = frozenset(
    """add add_all create insert insertOne insertMany insert_one insert_many bulk_create bulkCreate createMany save insertInto put
    acreate create_user put_item putItem merge Create Insert InsertOne Add AddAsync AddRange AddRangeAsync persist create! save! insert!
    forceCreate saveAll saveAndFlush insert_all""".split()  # noqa: SIM905
)
_UPSERTS = frozenset(
    ("get_or_create", "update_or_create", "findOrCreate", "upsert", "findOneAndUpdate", "on_conflict_do_nothing", "on_conflict_do_update")
)
_LOCKS = frozenset(
    """with_for_update select_for_update forUpdate forShare setLock for_update lockForUpdate sharedLock lock lock!
    with_lock""".split()  # noqa: SIM905
)
_FINDS_OR_ADDS = regex.compile(r"(?i)^a?(first|find|get|update)_?or_?(create|new|insert|add|initialize)")
_LOCKING = regex.compile(sign("decisions", "locks"))
_ENDS = regex.compile(sign("decisions", "ends"))
_KEYS = frozenset({"id", "pk", "uuid"})
_DEPTH = 3
# Columns that split the rows of all tables, and that a filter of the whole application adds to each query.
_SCOPE = regex.compile(r"(?i)^(tenant|organi[sz]ation|org|workspace|company)_?id$|^(deleted_?at|is_?deleted)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A row that is looked for (`read`), a branch on whether it is there (`line`), and the row that is added otherwise (`insert`).

    `limits`: the branch asks how many there are, so that more than one may be.
    """

    read: Lookup
    file: str
    line: int
    insert: Step
    declared: Declared | None
    columns: tuple[str, ...]
    adds: bool = True  # else a row that is there is given other values
    limits: bool = False

    @property
    def rule(self) -> Column | Index | None:
        """What in the database keeps a second such row out."""
        return rule_over(self.declared, self.columns) if self.declared is not None and not self.limits else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A column that gets a value computed from the one read before: `product.stock -= 1`."""

    assign: Assign
    file: str
    column: str
    table: str
    reads: tuple[Lookup, ...]
    locked: bool


def rule_over(declared: Declared, columns: tuple[str, ...]) -> Column | Index | None:
    """The unique rule that compares no more than these columns."""
    table = declared.real
    wanted = {plain(c) for c in columns}
    keys = [c for c in table.columns.values() if c.primary]
    for column in table.columns.values():
        if plain(column.name) in wanted and (column.unique or (column.primary and len(keys) == 1)):
            return column
    if keys and {plain(c.name) for c in keys} <= wanted:
        return keys[0]
    for index in table.indexes:
        own = {plain(c) for c in index.columns if _SCOPE.match(c) is None or plain(c) in wanted}
        if index.unique and own and own <= wanted:
            return index
    return None


def is_insert(context: Context, step: Step) -> bool:
    """Does the write add a row?"""
    if step.kind != "write" or step.effect is None or step.effect.operation != "write":
        return False
    name = callee_name(step.call) or ""
    if name in _INSERTS:
        return True
    if step.effect.statement is None or name in _UPSERTS:
        return False
    written = texts(context.graph.ev, step.effect.statement)
    return any(callee_name(c) == "insert" for c in calls_of_effect(context, step.effect)) or any(
        "insert" in t[:40].lower() for t in written
    )


def is_locked(context: Context, effect: Effect) -> bool:
    """Does the read lock the rows that it gives?"""
    if any(callee_name(c) in _LOCKS or any(a.name in _LOCKS for a in c.args) for c in calls_of_effect(context, effect)):
        return True
    call = context.view(effect.site.file).facts.calls[effect.site.call]
    text = "\n".join(context.snapshot.lines(effect.site.file)[call.line - 1 : call.end_line])
    said = texts(context.graph.ev, effect.statement) if effect.statement is not None else []
    return "lock:" in text or "clause.Locking" in text or any(_LOCKING.search(t) is not None for t in (text, *said[:4]))


def calls_of_effect(context: Context, effect: Effect) -> list[Call]:
    """The call that touches the data, and those that build its statement or go on with its result."""
    view = context.view(effect.site.file)
    call = view.facts.calls[effect.site.call]
    values = [*options(context.graph.ev.value(call.callee, effect.site.file, call.owner, effect.site.env))]
    values += options(effect.statement) if effect.statement is not None else ()
    sites = [effect.site, *(s for v in values for s in chain_sites(v))]
    chained = next((c for c in context.calls if (c.site.file, c.site.call) == (effect.site.file, effect.site.call)), None)
    if chained is not None:
        sites += later_steps(context, chained)
    return [context.view(s.file).facts.calls[s.call] for s in sites]


class Decisions:
    """The decisions of one flow."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.steps = steps(context)
        self.lookups = {(q.effect.site.file, q.effect.site.call): q for q in lookups(context)}
        self.inserts = [s for s in self.steps if is_insert(context, s)]

    def checks(self) -> list[Check]:
        """Existence checks before inserts into the same table, each once."""
        schema = schema_of(self.context)
        found: list[Check] = []
        for reached in self.context.functions:
            symbol = reached.function.symbol
            view = self.context.view(symbol.file)
            for scope in view.body(symbol.index):
                for block in view.blocks_of.get(scope, ()):
                    if block.kind != "if" or block.subject is None:
                        continue
                    query = self._tested(view, scope, block)
                    if query is None or query.effect.operation != "read" or not query.filters:
                        continue
                    columns = tuple(c for t, c in query.filters if same_table(t, query.effect.target) or not t)
                    insert = next(
                        (s for s in self.inserts if s.effect is not None and same_table(s.effect.target, query.effect.target)), None
                    )
                    if insert is None and not is_negative(block.subject):  # `if (taken) throw`, and then a row is given the value
                        known = schema.table(query.effect.target)
                        keys = {plain(c.name) for c in known.real.columns.values() if c.primary} if known is not None else set()
                        columns = tuple(c for c in columns if plain(c) not in _KEYS | keys)
                        insert = self._change_after(query, block) if columns else None
                    if insert is None or not self._decides(view, symbol, block, insert):
                        continue
                    if columns and not any(c.read is query for c in found):
                        declared = schema.table(query.effect.target)
                        found.append(
                            Check(
                                read=query,
                                file=symbol.file,
                                line=block.line,
                                insert=insert,
                                declared=declared,
                                columns=columns,
                                adds=insert in self.inserts,
                                limits=limits_number(block.subject),
                            )
                        )
        return found

    def _change_after(self, query: Lookup, block: Block) -> Step | None:
        """A change of a row of the table that was read, by what other columns than its key say."""
        if not isinstance(block.subject, Name | CallRef | Op) or all(plain(c) in _KEYS for _, c in query.filters):
            return None
        own = (s for s in self.steps if s.kind == "write" and s.effect is not None and s.effect.operation == "write")
        return next((s for s in own if s.effect is not None and same_table(s.effect.target, query.effect.target)), None)

    def _decides(self, view: FileView, symbol: SymbolId, block: Block, insert: Step) -> bool:
        """Is the insert left out when the row is there: the branch ends the request, or holds the insert under `not`?"""
        negative = is_negative(block.subject)
        stops = any(r.owner == block.owner and block.start <= r.start < block.end for r in view.facts.returns) or any(
            t.owner == block.owner and block.start <= t.start < block.end for t in view.facts.throws
        )
        stops = stops or any(
            isinstance(c.callee, Name) and _ENDS.match(c.callee.id) is not None and block.start <= c.start < block.end
            for c in (view.facts.calls[n] for n in view.calls_of.get(block.owner, ()))
        )
        if not negative and stops:
            return True
        taken = 0 if negative else 1
        return any(s == symbol and b == block.start and a == taken for s, b, a in insert.path)

    def _tested(self, view: FileView, scope: int, block: Block) -> Lookup | None:
        for number in calls_in(view, block.subject):
            query = self._read_of(Site(view.path, number, None), _DEPTH)
            if query is not None:
                return query
        start = max((a.end for a in bound_in_head(view, block)), default=block.start)
        return next((q for n in names_of(block.subject, 0) if (q := self._bound(view, scope, Name(n), start)) is not None), None)

    def _bound(self, view: FileView, scope: int, value: Value, start: int) -> Lookup | None:
        """The look-up that a local name was last given before `start`."""
        if not isinstance(value, Name):
            return None
        for holder in view.enclosing(scope):
            bound = view.bindings.get((holder, value.id))
            if not bound:
                if (handed := handed_to(view, holder, value.id)) is not None:
                    return next(
                        (q for n in calls_in(view, handed) if (q := self._read_of(Site(view.path, n, None), _DEPTH)) is not None), None
                    )
                continue
            before = [a for a, way in bound if not way and a.start < start and a.value is not None and a.kind != "aug"]
            for number in calls_in(view, before[-1].value) if before else ():
                query = self._read_of(Site(view.path, number, None), _DEPTH)
                if query is not None:
                    return query if query.effect.operation == "read" else None
            return None
        return None

    def _read_of(self, site: Site, depth: int) -> Lookup | None:
        """The look-up that a call makes, itself or in what it calls when that is all that it does."""
        query = self.lookups.get((site.file, site.call))
        if query is not None or depth == 0:
            return query
        for edge in self.context.tracer.edges.of_call(site):
            if edge.kind != "call":
                continue
            target = edge.target.symbol
            view = self.context.view(target.file)
            numbers = [n for s in view.body(target.index) for n in view.calls_of.get(s, ())]
            inside = [q for n in numbers if (q := self.lookups.get((target.file, n))) is not None]
            if len(inside) == 1:
                return inside[0]
            if not inside and len(numbers) <= 12:
                for number in numbers:
                    below = self._read_of(Site(target.file, number, None), depth - 1)
                    if below is not None:
                        return below
        return None

    def suspects(self) -> list[Lookup]:
        """Look-ups by something other than a key, in tables to which the flow adds rows, that no check is known to test."""
        known = {id(c.read) for c in self.checks()}
        found = []
        for query in self.lookups.values():
            columns = [c for _, c in query.filters if plain(c) not in ("id", "pk", "uuid", "_id")]
            if query.effect.operation != "read" or not columns or id(query) in known or is_locked(self.context, query.effect):
                continue
            after = [s for s in self.inserts if s.effect is not None and same_table(s.effect.target, query.effect.target)]
            if after and any(s.kind == "read" and s.effect is query.effect for s in self.steps):
                found.append(query)
        return found

    def found_or_added(self) -> list[tuple[Lookup, Declared, tuple[str, ...]]]:
        """Writes that look for the row themselves and add it where it is not there, by columns that were read: (call, table, columns)."""
        found = []
        for query in self.lookups.values():
            if query.effect.operation != "write" or query.unread or _FINDS_OR_ADDS.match(callee_name(query.call.call) or "") is None:
                continue
            declared = schema_of(self.context).table(query.effect.target)
            columns = tuple(c for _, c in query.filters if declared is not None and declared.real.column(c) is not None)
            if declared is not None and columns and declared.real.kind != "document":
                found.append((query, declared, columns))
        return found

    def hidden(self) -> Evidence | None:
        """A read of a table to which the flow adds rows whose columns could not be read, or a write that looks for the row itself."""
        for query in self.lookups.values() if self.context.language in LANGUAGES else ():
            name = callee_name(query.call.call) or ""
            if query.effect.operation == "write" and _FINDS_OR_ADDS.match(name) is not None:
                return self.context.at_call(query.call)
            added = any(s.effect is not None and same_table(s.effect.target, query.effect.target) for s in self.inserts)
            if query.unread and query.effect.target and (added or not self.inserts):
                return self.context.at_call(query.call)
        return None

    def compared(self) -> Evidence | None:
        """A branch on whether a column is large enough, in a flow that changes rows."""
        columns = {plain(c) for d in schema_of(self.context).of_flow(self.context, "read") for c in d.real.columns}
        for reached in self.context.functions:
            view = self.context.view(reached.function.symbol.file)
            for scope in view.body(reached.function.symbol.index):
                for block in view.blocks_of.get(scope, ()):
                    if block.kind == "if" and compares(block.subject, columns, 0):
                        return self.context.at(view.path, block.line)
        return None

    def changes(self) -> list[Change]:
        """Columns of rows of the flow's tables that are counted up or down in code."""
        schema = schema_of(self.context)
        reads = [q for q in self.lookups.values() if q.effect.operation == "read"]
        found: list[Change] = []
        for reached in self.context.functions:
            symbol = reached.function.symbol
            view = self.context.view(symbol.file)
            body = set(view.body(symbol.index))
            for assign in view.facts.assigns:
                if assign.owner not in body or not isinstance(assign.target, Member) or not counts(assign):
                    continue
                column = assign.target.name
                if isinstance(assign.target.base, Name) and assign.target.base.id == "self":
                    continue
                bound = self._bound(view, assign.owner, assign.target.base, assign.start)
                for query in [bound] if bound is not None else reads:
                    declared = schema.table(query.effect.target)
                    if bound is None and (declared is None or declared.real.column(column) is None):
                        continue
                    mine = tuple(r for r in reads if r is query or same_table(r.effect.target, query.effect.target))
                    locked = any(is_locked(self.context, r.effect) for r in mine)
                    found.append(
                        Change(assign=assign, file=symbol.file, column=column, table=query.effect.target, reads=mine, locked=locked)
                    )
                    break
        return found


def check_evidence(context: Context, check: Check) -> tuple[Evidence, Evidence]:
    """The read, and the insert that it decides."""
    return context.at_call(check.read.call), check.insert.evidence(context)
