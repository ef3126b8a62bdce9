"""Loops in the functions of a flow, and which effects happen once for each element."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_production
from backend_readiness.controls.work.touches import touches
from backend_readiness.facts.model import Call, CallRef, Func, Lit, Member, Name, Op, Seq, Value
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.values import FuncV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence

_EACH = frozenset(("map", "forEach", "each", "flatMap", "filter", "reduce", "eachSeries", "mapSeries"))
_NEXT = frozenset(("Next", "next", "hasNext", "hasMoreElements", "MoveNext", "NextResult"))
_LENGTHS = frozenset(("length", "Length", "Count", "count", "size", "len", "sizeof", "Len"))
_COMPARES = frozenset(("<", "<=", ">", ">=", "!="))
MIN_NAME = 5
_OPTIONAL = frozenset({"rust"})  # languages whose optional values and results have `map` and `filter`
_ITERATES = re.compile(r"iter|^(drain|chars|lines|split\w*|keys|values|windows|chunks|buffer_unordered|stream)")
_OF_DATA = frozenset(
    """firstOrCreate firstOrNew updateOrCreate updateOrInsert firstOrFail findOrFail findOrNew find_or_create_by find_or_create_by!
    find_or_initialize_by get_or_create update_or_create findOrCreate findByIdAndUpdate findOneAndUpdate FirstOrCreate""".split()  # noqa: SIM905
)
_STORES = frozenset(("orm", "sql", "nosql"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """An effect that runs once per element. `line` is the loop's head, `at` the call inside of it that leads to the effect."""

    effect: Effect
    file: str
    line: int
    at: Call
    over: Value | None


def repeated(context: Context) -> list[Repeated]:
    """Data touches of the chain that stand inside a loop over a collection that is not fixed."""
    effects = {(e.site.file, e.site.call): e for e, _ in context.effects if e.kind in _STORES}
    found: list[Repeated] = []
    for reached in context.functions:
        symbol = reached.function.symbol
        view = context.view(symbol.file)
        for scope in view.body(symbol.index):
            for start, end, line, over in _loops(view, scope):
                if _fixed(over):
                    continue
                for owner in view.body(scope):
                    for number in view.calls_of.get(owner, ()):
                        call = view.facts.calls[number]
                        if not start <= call.start < call.end <= end:
                            continue
                        if _builds_on(view, scope, call):
                            continue
                        effect = effects.get((symbol.file, number)) or _below(context, Site(symbol.file, number, None), effects, 3)
                        if effect is not None:
                            found.append(Repeated(effect=effect, file=symbol.file, line=line, at=call, over=over))
            found.extend(_handed(context, symbol.file, scope, effects))
    unique = {(r.file, r.at.start): r for r in found}
    return list(unique.values())


def _handed(context: Context, file: str, scope: int, effects: dict[tuple[str, int], Effect]) -> list[Repeated]:
    """Functions that are handed by their names to what goes through a collection: `Enum.map(&load/1)`, `ids.map(load)`."""
    view = context.view(file)
    found = []
    for number in view.calls_of.get(scope, ()):
        call = view.facts.calls[number]
        if callee_name(call) not in _EACH or not isinstance(call.callee, Member) or _fixed(call.callee.base) or _of_one(view, scope, call):
            continue
        for arg in (a for a in call.args if not isinstance(a.value, Func)):
            for value in options(context.graph.ev.value(arg.value, file, call.owner)):
                effect = _from(context, [(value.symbol, 3)], effects) if isinstance(value, FuncV) else None
                if effect is not None:
                    found.append(Repeated(effect=effect, file=file, line=call.line, at=call, over=call.callee.base))
    return found


def unresolved_in_loops(context: Context) -> list[Evidence] | None:
    """The head of a loop and a call in it that no library but one for data has (`$model::firstOrCreate`), whoever its receiver is."""
    effects = {(e.site.file, e.site.call) for e, _ in context.effects}
    for reached in context.functions:
        file = reached.function.symbol.file
        view = context.view(file)
        for scope in view.body(reached.function.symbol.index):
            for start, end, line, over in _loops(view, scope):
                for owner in view.body(scope) if not _fixed(over) else ():
                    for number in view.calls_of.get(owner, ()):
                        call = view.facts.calls[number]
                        within = start <= call.start < call.end <= end and (file, number) not in effects
                        if within and isinstance(call.callee, Member) and callee_name(call) in _OF_DATA:
                            return [context.at(file, line), context.at(file, call.line)]
    return None


def open_in_loops(context: Context) -> tuple[list[Evidence], bool] | None:
    """A call in a loop that leads nowhere, though the repository has methods of its name that touch data; is there but one of them?"""
    touching = {
        context.view(e.site.file).symbol(s).name
        for e, _ in context.effects
        for s in context.view(e.site.file).enclosing(context.view(e.site.file).facts.calls[e.site.call].owner)[:1]
    }
    for reached in context.functions:
        file = reached.function.symbol.file
        view = context.view(file)
        for scope in view.body(reached.function.symbol.index):
            for start, end, line, over in _loops(view, scope):
                for owner in view.body(scope) if not _fixed(over) else ():
                    for number in view.calls_of.get(owner, ()):
                        call = view.facts.calls[number]
                        name = callee_name(call) or ""
                        if not (start <= call.start < call.end <= end) or not isinstance(call.callee, Member) or len(name) < MIN_NAME:
                            continue
                        if context.tracer.edges.of_call(Site(file, number, None)):
                            continue
                        named = [w for w in context.graph.ev.world.defining(name) if is_production(w.file)]
                        if name in touching or any(touches(context, w, _STORES, 2) for w in named[:3]):
                            return [context.at(file, line), context.at(file, call.line)], len(named) == 1
    return None


def _loops(view: FileView, scope: int) -> list[tuple[int, int, int, Value | None]]:
    """(start, end, line, iterated) of loops: `for` blocks without their heads, comprehensions, callbacks of `map` and the like."""
    found: list[tuple[int, int, int, Value | None]] = []
    heads = {a.line: a.value for a in view.facts.assigns if a.owner == scope and a.kind == "for"}
    for block in view.blocks_of.get(scope, ()):
        if block.kind == "loop" and block.line in heads:
            over = heads[block.line]
            start = view.facts.calls[over.call].end if isinstance(over, CallRef) else block.start
            found.append((start, block.end, block.line, over))
        elif block.kind == "loop" and (over := _counted(view, block.subject)) is not None:
            start = view.facts.calls[block.subject.call].end if isinstance(block.subject, CallRef) else block.start
            found.append((start, block.end, block.line, over))
    for assign in view.facts.assigns:
        if assign.owner != scope or assign.kind not in ("let", "assign") or not isinstance(assign.value, Seq):
            continue
        inner = next(
            (a for a in view.facts.assigns if a.kind == "for" and a.owner == scope and assign.start < a.start and a.end <= assign.end), None
        )
        if inner is not None:
            found.append((assign.start, inner.start, assign.line, inner.value))
    for number in view.calls_of.get(scope, ()):
        call = view.facts.calls[number]
        if callee_name(call) in _EACH and isinstance(call.callee, Member) and not _of_one(view, scope, call):
            for arg in call.args:
                if isinstance(arg.value, Func):
                    symbol = view.symbol(arg.value.symbol)
                    found.append((symbol.start, symbol.end, call.line, call.callee.base))
    return found


def _counted(view: FileView, condition: Value | None) -> Value | None:
    """The collection that a loop goes through by its condition: `i < rows.length`, `i < len(rows)`, `rows.Next()`."""
    if isinstance(condition, CallRef):
        callee = view.facts.calls[condition.call].callee
        return callee.base if isinstance(callee, Member) and callee.name in _NEXT else None
    for operand in condition.operands if isinstance(condition, Op) and condition.op in _COMPARES else ():
        if isinstance(operand, Member) and operand.name in _LENGTHS:
            return operand.base
        call = view.facts.calls[operand.call] if isinstance(operand, CallRef) else None
        if call is not None and callee_name(call) in _LENGTHS:
            return call.callee.base if isinstance(call.callee, Member) else call.args[0].value if call.args else None
    return None


def _builds_on(view: FileView, scope: int, call: Call) -> bool:
    """Is a query only added to: `query = query.filter(...)`?"""
    root = call.callee
    while isinstance(root, Member | CallRef):
        root = root.base if isinstance(root, Member) else view.facts.calls[root.call].callee
    if not isinstance(root, Name):
        return False
    around = [
        a for s in view.enclosing(call.owner) for a in view.facts.assigns if a.owner == s and a.start <= call.start and call.end <= a.end
    ]
    return any(a.target == root and isinstance(a.value, CallRef) and view.facts.calls[a.value.call].end >= call.end for a in around)


def _of_one(view: FileView, scope: int, call: Call) -> bool:
    """Where a value that may be missing has a `map` too, only what an iterator is made of is gone through.

    The steps before it begin where it begins: adapters of iterators and pointers do not stand in the callee.
    """
    if view.language not in _OPTIONAL:
        return False
    before = (view.facts.calls[n] for n in view.calls_of.get(scope, ()))
    return not any(c.start == call.start and c.end < call.end and _ITERATES.search(callee_name(c) or "") is not None for c in before)


def _fixed(over: Value | None) -> bool:
    """Is the collection written out in the code, element by element? One element may be a comprehension's, so only a constant counts."""
    if not isinstance(over, Seq) or not over.items:
        return False
    return all(isinstance(i, Lit) for i in over.items) or (len(over.items) > 1 and all(_written_out(i) for i in over.items))


def _written_out(item: Value, depth: int = 0) -> bool:
    if isinstance(item, Seq):
        return depth < 3 and all(_written_out(i, depth + 1) for i in item.items)
    return isinstance(item, Lit | Name | Member)


def _below(context: Context, site: Site, effects: dict[tuple[str, int], Effect], depth: int) -> Effect | None:
    """The first touch in the functions that a call runs."""
    return _from(context, [(e.target.symbol, depth) for e in context.tracer.edges.of_call(site) if e.kind == "call"], effects)


def _from(context: Context, todo: list[tuple[SymbolId, int]], effects: dict[tuple[str, int], Effect]) -> Effect | None:
    """The first touch in the functions, each with how far its calls are followed."""
    seen: set[SymbolId] = set()
    while todo and len(seen) < 40:
        where, left = todo.pop(0)
        if where in seen:
            continue
        seen.add(where)
        view = context.view(where.file)
        for scope in view.body(where.index):
            for number in view.calls_of.get(scope, ()):
                if (where.file, number) in effects:
                    return effects[where.file, number]
        if left:
            todo.extend((e.target.symbol, left - 1) for e in context.tracer.edges.of_symbol(where) if e.kind == "call")
    return None
