"""What the written type of a parameter says: of an unknown argument, and while nobody's argument is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Param, Symbol, Value
from backend_readiness.graph.classes import structural
from backend_readiness.graph.values import AV, UNKNOWN, Ext, InstV, SymbolId, options

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
