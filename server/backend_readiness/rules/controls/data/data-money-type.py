"""Amounts of money in the flow's tables are decimals or integer minor units."""

import regex

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import Column, Declared, schema_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.facts.builder import dotted
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import signs_by

_UNIT = r"(_(minor|minor_units|cents|pence|usd|eur|gbp|net|gross|paid|due|in_cents|each|per_unit|per_night|per_day))?$"
_SURE = regex.compile(
    r"(^|_)(prices?|subtotal|salary|wage|fare|revenue|balance|fees?|grand_total|(order|refund|payment|total)_(total|amount|price|cost)"
    r"|unit_cost|amount_(paid|due))" + _UNIT
)
# Words that stand for money only beside others of commerce: an ingredient has an amount, a quiz a total.
_LIKELY = regex.compile(r"(^|_)(amount|total|cost|payment|discount|tax|vat|tip|refund|deposit|credit|debit|bid)" + _UNIT)
_COMMERCE = regex.compile(
    r"order|invoice|payment|transaction|cart|checkout|wallet|expense|budget|bill|price|currenc|sale|purchase|loan|refund|payout|subscription"
    r"|product|money|bank|donation|ledger|auction|account|salar"
)
_FLOAT = regex.compile(r"(?i)\b(float\w*|double\w*|real|FloatField|binary_?double)\b")
# Types of fields, by language, that are binary floating point.
_FLOATING = {
    "go": ("float64", "float32"),
    "rust": ("f64", "f32"),
    "java": ("double", "float"),
    "kotlin": ("double", "float"),
    "csharp": ("double", "float"),
    "scala": ("double", "float"),
}
_GIVEN_AS_FLOAT = regex.compile(r"asdecimal\s*=\s*False")
_MODELS = regex.compile(r"(?i)(^|/)(domain|models?|entit(y|ies))(/|\.)")
_EXACT = regex.compile(r"(?i)decimal|numeric|money|\b(big|small)?_?int\w*|integer|bigint|DECIMAL|DecimalField|Decimal128")


def verify(context: Context) -> Judgement:
    schema = schema_of(context)
    tables = schema.of_flow(context)
    exact: list[Column] = []
    unclear: list[Column] = []
    loose: list[tuple[str, dict[tuple[str, int], Column]]] = []
    for declared in tables:
        for side in (declared.model, declared.migrated):
            for column in side.columns.values() if side is not None else ():
                if column.references or not _is_money(declared, column):
                    continue
                kind = column.type.partition(" ")[0] if _EXACT.search(column.type.partition(" ")[0]) else column.type
                if (_FLOAT.search(kind) is not None and _EXACT.search(kind) is None) or _GIVEN_AS_FLOAT.search(column.type) is not None:
                    others = [s.column(column.name) for s in (declared.model, declared.migrated) if s is not None]
                    places = {(c.file, c.line): c for c in (column, *others) if c is not None}
                    why = f"`{declared.name}.{column.name}` holds an amount of money as binary floating point ({kind})."
                    loose.append((why, places))
                    break  # the first of a table, and those of the other tables beside it
                (exact if _EXACT.search(kind) else unclear).append(column)
    if loose:
        every = {k: c for _, places in loose for k, c in places.items()}
        return failed(loose[0][0], *(context.at(c.file, c.line) for c in [*every.values()][:5]))
    held = _held_loosely(context, exact)
    if held is not None:
        why = "Amounts are exact numbers in the schema, and the source holds and computes them as binary floating point."
        return partial(why, held, *(context.at(c.file, c.line) for c in exact[:2]))
    turned = _turned(context, exact)
    if turned is not None:
        why = "Amounts are exact numbers in the schema, and the source turns them into binary floating point to compute with them."
        return partial(why, turned, *(context.at(c.file, c.line) for c in exact[:2]))
    if exact:
        return passed("Amounts are exact numbers in the schema.", *(context.at(c.file, c.line) for c in exact[:4]))
    if unclear:
        return unverified(
            f"The type of `{unclear[0].name}` does not say how amounts are held.", context.at(unclear[0].file, unclear[0].line)
        )
    if not context.is_resolved:
        return unverified("The flow's data calls were not all found.")
    unknown = [e for e, _ in context.effects if e.kind in ("orm", "sql", "nosql") and schema.table(e.target) is None]
    if unknown and any(_COMMERCE.search((e.target or "").lower()) for e in unknown):
        return unverified(f"The schema of `{unknown[0].target}` was not found.")
    return not_applicable("The flow stores and computes no amounts of money.", context.at_route())


def _held_loosely(context: Context, exact: list[Column]) -> Evidence | None:
    """A field of a class in the backend that has the name of an exact column and a type of binary floating point."""
    names = {_plain(c.name) for c in exact}
    kinds = {c.lower() for c in _FLOATING.get(context.language, ())}
    walked = {r.function.symbol.file for r in context.functions}
    files = [f for f in context.production_files(context.language) if context.is_backend(f)] if names and kinds else []
    for file in sorted(files, key=lambda f: (_MODELS.search(f) is None, f not in walked)):
        for (owner, name), assigns in context.view(file).fields.items():
            written = assigns[0].type
            if _plain(name) in names and written is not None and (dotted(written) or "").lower() in kinds:
                return context.at(file, assigns[0].line) if owner else None
    return None


def _turned(context: Context, exact: list[Column]) -> Evidence | None:
    """A line of the flow, or of a model, that makes a float of an amount to compute with it, or hands it out as one."""
    words = signs_by("data-money-type", "turns").get(context.language, ())
    if not exact or not words:
        return None
    names = "|".join(sorted({regex.escape(c.name) for c in exact}))
    pattern = regex.compile("|".join(w.replace("{name}", f"(?:{names})") for w in words))
    for file, line, text in chain_text(context):
        if pattern.search(text[:400]) is not None:
            return context.at(file, line)
    tables = schema_of(context).of_flow(context)
    for file in sorted({d.model.file for d in tables if d.model is not None} | _classes(context)):
        for number, text in enumerate(context.snapshot.lines(file)[:2_000], 1):
            if pattern.search(text[:400]) is not None:
                return context.at(file, number)
    return None


def _classes(context: Context) -> set[str]:
    """The files of the classes that the flow's data calls name."""
    names = sorted({e.target.rpartition(".")[2] for e, _ in context.effects if e.target})
    return {h[0] for n in names[:20] for h in context.hits((rf"^\s*(final\s+)?class\s+{regex.escape(n)}\b",))[:2]}


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _is_money(declared: Declared, column: Column) -> bool:
    """Does the name of the column stand for an amount of money, by itself or by the table that it is in?"""
    name = regex.sub(r"([a-z0-9])([A-Z])", r"\1_\2", column.name).lower()
    if _SURE.search(name) is not None:
        return True
    others = [n for side in (declared.model, declared.migrated) if side is not None for n in (side.name, side.model, *side.columns)]
    return _LIKELY.search(name) is not None and any(_COMMERCE.search(n.lower()) is not None for n in others if n != column.name)
