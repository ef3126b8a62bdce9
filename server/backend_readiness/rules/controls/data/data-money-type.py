"""Amounts of money in the flow's tables are decimals or integer minor units."""

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.schema import schema_of

_MONEY = regex.compile(
    r"(?i)(^|_)(price|amount|total|subtotal|balance|cost|fee|salary|wage|payment|revenue|discount|tax|vat|tip|refund|credit)s?(_|$)(?!(count|type|id|at|status|method|reference|url|rate|date)\b)"
    r"|(price|amount|balance|subtotal)$|^(unit|total|net|gross)(Price|Amount|Cost)"
)
_NOT = regex.compile(
    r"(?i)_(id|at|on|count|type|status|method|reference|url|date|name|state|limit|intent)$|(Id|At|Count|Type|Status|Method|Url|Date|Name)$"
)
_FLOAT = regex.compile(r"(?i)\b(float\w*|double\w*|real|FloatField|binary_?double)\b")
_EXACT = regex.compile(r"(?i)decimal|numeric|money|\b(big|small)?_?int\w*|integer|bigint|DECIMAL|DecimalField|Decimal128")


def verify(context: Context) -> Judgement:
    schema = schema_of(context)
    tables = schema.of_flow(context)
    exact = []
    unclear = []
    for declared in tables:
        for side in (declared.model, declared.migrated):
            for column in side.columns.values() if side is not None else ():
                if _MONEY.search(column.name) is None or _NOT.search(column.name) is not None or column.references:
                    continue
                kind = column.type.partition(" ")[0] if _EXACT.search(column.type.partition(" ")[0]) else column.type
                if _FLOAT.search(kind) is not None and _EXACT.search(kind) is None:
                    others = [s.column(column.name) for s in (declared.model, declared.migrated) if s is not None]
                    places = {(c.file, c.line): c for c in (column, *others) if c is not None}
                    why = f"`{declared.name}.{column.name}` holds an amount of money as binary floating point ({kind})."
                    return failed(why, *(context.at(c.file, c.line) for c in places.values()))
                (exact if _EXACT.search(kind) else unclear).append(column)
    if exact:
        return passed("Amounts are exact numbers in the schema.", *(context.at(c.file, c.line) for c in exact[:4]))
    if unclear:
        return unverified(
            f"The type of `{unclear[0].name}` does not say how amounts are held.", context.at(unclear[0].file, unclear[0].line)
        )
    if not context.is_resolved or any(r.registration.touches for r in context.routes):
        return unverified("The flow's data calls were not all found.")
    unknown = [e for e, _ in context.effects if e.kind in ("orm", "sql", "nosql") and schema.table(e.target) is None]
    if unknown and any(_MONEY.search(e.target or "") for e in unknown):
        return unverified(f"The schema of `{unknown[0].target}` was not found.")
    return not_applicable("The flow stores and computes no amounts of money.", context.at_route())
