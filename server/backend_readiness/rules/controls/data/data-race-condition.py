"""Writes that depend on an earlier read are guarded by a lock, a constraint, a version or one atomic statement."""

from backend_readiness.controls.context import Context
from backend_readiness.controls.filters import lookups
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.schema import schema_of
from backend_readiness.controls.tables import plain
from backend_readiness.controls.writes import texts_of_chain, writes
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Assign, Member, Op
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence

_GUARDS = (
    r"with_for_update|select_for_update|(?i:FOR\s+UPDATE)|LOCK\.UPDATE"
    r"|lock:\s*true|pessimistic_write|version_id_col|optimistic|\bF\(|\$inc\b|\.increment\(|\.decrement\("
    r"|advisory|redlock|\.lock\(|SERIALIZABLE|isolation_level|ON CONFLICT|on_conflict|IntegrityError|UniqueViolation|P2002|SequelizeUniqueConstraintError|11000"
)


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The flow's handlers were not all resolved.")
    found = writes(context)
    if not found:
        if any(r.registration.touches for r in context.routes):
            return unverified("The flow's writes were not all found.")
        return not_applicable("The flow writes nothing that depends on a read.", context.at_route())
    guards = texts_of_chain(context, _GUARDS)
    changed = _changed_in_place(context)
    reads = [q for q in lookups(context) if q.effect.operation == "read" and q.filters]
    schema = schema_of(context)
    kept: list[Evidence] = []
    for query in reads:
        inserts = [w for w in found if w.inserts and w.effect.target == query.effect.target and w.effect.target]
        columns = [c for t, c in query.filters if plain(c) not in ("id", "pk", "uuid")]
        declared = schema.table(query.effect.target)
        if not inserts or not columns or declared is None:
            continue
        rule = next((r for c in columns if (r := declared.real.unique_over(c)) is not None), None)
        if rule is not None:
            kept.append(context.at(rule.file, rule.line))
        elif not guards:
            shown = declared.shown.column(columns[0])
            where = [context.at(shown.file, shown.line)] if shown is not None else []
            why = f"The flow looks for a `{declared.name}` by `{columns[0]}` and then inserts one: two requests at once both find nothing."
            return failed(why, context.at_call(query.call), context.at_call(inserts[0].call), *where)
    if changed and not guards:
        function, assign = changed[0]
        name = dotted(assign.target) or "a value"
        why = f"`{name}` is read, changed in the code and written back without a lock: a second request in between is lost."
        return failed(why, context.at(function.file, assign.line))
    if guards and (changed or reads):
        return passed("What the write depends on is locked, versioned or checked by the database.", context.at(*guards[0]), *kept[:2])
    if kept:
        return passed("The check before the insert is backed by a unique rule.", *kept[:2])
    if reads and any(w.effect.operation == "write" and not w.inserts for w in found):
        return unverified("Whether the update depends on what was read is not settled.", context.at_call(reads[0].call))
    return not_applicable(
        "No write of the flow depends on an earlier read of the same rows.", *(context.at_call(w.call) for w in found[:1])
    )


def _changed_in_place(context: Context) -> list[tuple[SymbolId, Assign]]:
    """`row.stock -= 1` and `row.stock = row.stock - 1` in the functions of the chain."""
    found = []
    for reached in context.functions:
        symbol = reached.function.symbol
        view = context.view(symbol.file)
        body = set(view.body(symbol.index))
        for assign in view.facts.assigns:
            if assign.owner not in body or not isinstance(assign.target, Member) or (dotted(assign.target) or "self").startswith("self"):
                continue
            name = dotted(assign.target)
            own = isinstance(assign.value, Op) and any(dotted(o) == name for o in assign.value.operands) and assign.value.op in ("+", "-")
            if assign.kind == "aug" or own:
                found.append((symbol, assign))
    return found
