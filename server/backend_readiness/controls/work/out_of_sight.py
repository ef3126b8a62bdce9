"""Work of a flow that its chain does not show: while there is some, nothing can be said to be missing from the flow."""

from __future__ import annotations

import re
from weakref import WeakKeyDictionary

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import databases
from backend_readiness.controls.places import is_production
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.subjects import Subject
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.controls.work.writes import STORES
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import CallRef, Func, Member, Name
from backend_readiness.graph.values import Ext, ParamV, SymbolId, UnknownV, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_WORKS = re.compile(sign("out_of_sight", "works"))
_KEEPS = re.compile(sign("out_of_sight", "keeps"))
_OBJECTS = re.compile(sign("out_of_sight", "objects"))
_GOES_ON = re.compile(sign("out_of_sight", "goes_on"))
_STAYS = re.compile(sign("out_of_sight", "stays"))
_ASKS = re.compile(sign("out_of_sight", "asks_elsewhere"))
_GUARDS = frozenset({"auth_guard", "session_guard"})
_FOUND: WeakKeyDictionary[Context, list[ChainCall]] = WeakKeyDictionary()


def unseen_work(context: Context) -> list[ChainCall]:
    """Calls of the chain that hand work to what was not seen: an object of a package that no card describes, a method that is declared
    only, a function that the framework gives."""
    found = _FOUND.get(context)
    if found is None:
        found = _FOUND[context] = [
            c for c in _unexplained(context) if _is_declared_only(context, c) or _is_away(c, _WORKS) or _is_injected(context, c)
        ]
    return found


def _unexplained(context: Context) -> list[ChainCall]:
    """Calls that touch nothing known, lead to no body in the repository, and play no role."""
    effects = {(e.site.file, e.site.call) for e, _ in context.effects}
    starts = {(file, context.view(file).facts.calls[number].start) for file, number in effects}
    roles_of = context.graph.knowledge.roles_of
    return [
        c
        for c in context.calls
        if c.call.kind == "call"
        and (c.site.file, c.call.start) not in starts
        and not any((p.startswith("~") and _OBJECTS.match(p) is None) or roles_of(p) for p in c.paths)
        and not _leads_on(context, c)
    ]


def _leads_on(context: Context, call: ChainCall) -> bool:
    return any(not _has_no_body(context, e.target.symbol) for e in context.tracer.edges.of_call(call.site))


def _has_no_body(context: Context, where: SymbolId) -> bool:
    """Is it a method of an interface, a protocol or an abstract class, which says only that there is one?"""
    view = context.view(where.file)
    symbol = view.symbol(where.index)
    if symbol.parent <= 0 or symbol.statements > 1 or symbol.kind not in ("method", "function") or not is_production(where.file):
        return False
    if view.symbol(symbol.parent).kind == "interface":
        return symbol.statements == 0
    last = context.snapshot.lines(where.file)[symbol.end_line - 1].strip()
    return last == "..." or last.endswith(": ...")


def _is_declared_only(context: Context, call: ChainCall) -> bool:
    targets = context.tracer.edges.of_call(call.site)
    callee = call.call.callee
    receiver = dotted(callee.base) if isinstance(callee, Member) else ""
    if not call.call.args or _GOES_ON.search(receiver or "") is not None:
        return False  # a value that is read, or a log
    return bool(targets) and all(_has_no_body(context, e.target.symbol) for e in targets)


def _is_away(call: ChainCall, named: re.Pattern[str]) -> bool:
    """Is a method of one of the names called on an object of a package?"""
    callee = call.call.callee
    if not isinstance(callee, Member) or named.match(callee_name(call.call) or "") is None or _GOES_ON.search(dotted(callee.base) or ""):
        return False
    paths = [p.rpartition(".")[0] for p in call.paths]
    unknown = any(p.startswith("?") for p in paths) and not any(_OBJECTS.match(p) for p in paths)
    return bool(paths) and not unknown and not any(_STAYS.search(p) for p in paths)


def _is_injected(context: Context, call: ChainCall) -> bool:
    """Is it a function that a handler is given by a parameter which the framework fills in (`notify = Depends(get_notify)`)?"""
    callee = call.call.callee
    if not isinstance(callee, Name) or not all(isinstance(v, ParamV | UnknownV) for v in call.callee):
        return False
    symbol = context.view(call.function.file).symbol(call.function.index)
    return any(p.name == callee.id and isinstance(p.default, CallRef) for p in symbol.params)


def asks_elsewhere(context: Context) -> Evidence | None:
    """A guard or a strategy of a package that asks another service who the caller is: LDAP, OAuth, SAML."""
    for guard in context.guards:
        if any(isinstance(v, Ext) and _asks(v.path) for v in options(guard.value)):
            return context.at_place(guard.place)
    for reached in context.functions:
        where = reached.function.symbol
        view = context.view(where.file)
        if view.symbol(where.index).kind != "lambda":
            continue
        for call in view.facts.calls:
            if any(isinstance(a.value, Func) and a.value.symbol == where.index for a in call.args):
                values = options(context.graph.ev.value(call.callee, where.file, call.owner))
                if any(isinstance(v, Ext) and _asks(v.path) for v in values):
                    return context.at(where.file, call.line)
    return None


def _asks(path: str) -> bool:
    return _ASKS.search(path) is not None and "provider" not in path  # an own provider asks nobody else


def asks_accounts(context: Context) -> Evidence | None:
    """Where a flow without a touch of a database may look accounts up all the same: it signs somebody in, or a package finds the caller."""
    if {e.kind for e, _ in context.effects} & STORES:
        return None
    found = databases(context)
    if not (found.drivers or found.servers or found.files or found.selected or found.embedded):
        return None
    if Subject(context).sign_in:
        return context.at_route()
    for guard in context.guards:
        external = any(isinstance(v, Ext) for v in options(guard.value))
        roles = context.roles.of_value(guard.value)
        if external and (roles & _GUARDS or "session_start" in roles):
            return context.at_place(guard.place)
    refused = identity_of(context).refusal_before()
    return refused[1][0] if refused is not None and refused[1] else None


def hidden_data(context: Context) -> tuple[str, Evidence] | None:
    """Why a flow of which no touch of a database is known may have one, with the place."""
    lost = unseen_work(context)
    if lost:
        return "The flow hands work to what was not seen; whether that reaches a database was not settled.", context.at_call(lost[0])
    kept = next((c for c in _unexplained(context) if _is_away(c, _KEEPS)), None)
    if kept is not None:
        return "The flow asks an object of a package; whether that reads or keeps records was not settled.", context.at_call(kept)
    asked = asks_accounts(context)
    if asked is not None:
        return "Who the caller is is found out by what was not seen; whether that reads a database was not settled.", asked
    return None
