"""What the written type of a parameter says: of an unknown argument, and while nobody's argument is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Param, Record, Symbol, Value
from backend_readiness.graph.classes import structural
from backend_readiness.graph.evaluation.results import is_open
from backend_readiness.graph.values import AV, UNKNOWN, Ext, InstV, SymbolId, UnknownV, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def or_declared(ev: Evaluator, where: SymbolId, symbol: Symbol, param: Param, given: AV) -> AV:
    """An instance of the type of the parameter, where cards know that and nobody what makes the argument (`New(database.Open())`), or
    where that seems to be a case of an enum from whose inside it is taken."""
    if param.type is None or not (_is_unknown_made(ev, given) or _is_case(ev, given)):
        return given
    typed = written_type(ev, where, symbol, param.type)
    return typed if isinstance(typed, Ext) and ev.world.is_spoken_of(typed.path) and not ev.world.is_router_type(typed.path) else given


def _is_unknown_made(ev: Evaluator, given: AV) -> bool:
    if not isinstance(given, Ext) or not given.path.endswith("()") or not given.known:
        return False
    return not ev.world.is_spoken_of(given.path) and not ev.world.is_spoken_of(given.path.removesuffix("()"))


def _is_case(ev: Evaluator, given: AV) -> bool:
    made = [o.cls.symbol for o in options(given) if isinstance(o, InstV)]
    return bool(made) and all(ev.world.view(s.file).symbol(s.index).kind == "enum" for s in made)


def written_type(ev: Evaluator, where: SymbolId, symbol: Symbol, annotation: Value) -> AV:
    """An instance of the type of a parameter.

    While parameters stay symbolic, one that only names fields (`interface Paths { get: string }`) says nothing, nor does one of a
    package that no card speaks of (`AxiosRequestConfig`): what callers give does.
    """
    typed = ev.instance_of(annotation, where.file, max(0, symbol.parent))
    if not ev.callers and isinstance(typed, Ext) and typed.path.endswith("()") and not ev.world.is_spoken_of(typed.path):
        return UNKNOWN
    return UNKNOWN if not ev.callers and structural.only_names_fields(ev, typed) else typed


def of_field(ev: Evaluator, where: SymbolId, symbol: Symbol, param: Param, way: tuple[str, ...], value: AV) -> AV:
    """What the written type of a field says, where no caller does: `({ db, id }: { db: Database; id: string })`."""
    if not way or param.type is None or not ev.callers or not (is_open(value) or _kept_by_nobody(ev, where, symbol, param, value)):
        return value
    inline = isinstance(param.type, Record)
    written = next((v for name, v in param.type.items if name == way[0]), None) if isinstance(param.type, Record) else param.type
    typed = written_type(ev, where, symbol, written) if written is not None else UNKNOWN
    if not inline and not isinstance(typed, InstV):
        return value
    for step in way[1:] if inline else way:
        typed = ev.member(typed, step)
    return value if isinstance(typed, UnknownV) or (isinstance(typed, Ext) and typed.path.startswith("~")) else typed


def _kept_by_nobody(ev: Evaluator, where: SymbolId, symbol: Symbol, param: Param, value: AV) -> bool:
    """Is it a name of a container under which nothing is kept in sight?"""
    given = ev.world.given_by_container(where, symbol.params.index(param))
    base = value.base if isinstance(value, Ext) and value.site is None else None
    return isinstance(given, Ext) and isinstance(base, Ext) and base.path == given.path
