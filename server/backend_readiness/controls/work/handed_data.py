"""Data that a flow touches out of sight: in a package that is given the connection or the handler's work, behind a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.facts.model import Member
from backend_readiness.graph.classes.inheritance import external_bases
from backend_readiness.graph.values import ClassV, Ext, SymbolId, options
from backend_readiness.graph.views import callee_name

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context

MAX_ARGS = 4
_GUARDS = frozenset({"auth_guard", "identifies"})  # roles of what asks who the caller is
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# Methods by which records are changed in most libraries, and owners whose methods of these names change no record.
_STORES = re.compile(r"(?:destroy|delete|save|update|create|insert|persist)(?:!|Async|_all|All|OrFail|_attributes|AndFlush)?")
_COMMITS = re.compile(r"(?i)commit(_?transaction)?(async)?")
_ASIDE = re.compile(
    r"(?i)session|cookie|cache|flash|header|request\(|response|params|file|path|disk|storage|hash|digest|token|logger|builder"
)


def hands_data_on(context: Context) -> bool:
    """Does a flow in which no touch of a database is known give a connection of one, or its work, to a package of which no card knows?"""
    if any(e.kind in ("orm", "sql", "nosql") for e, _ in context.effects):
        return False
    return any(
        (_is_unknown(context, call) and _takes_connection(context, call)) or _is_of_base(context, call) or _is_sent_on(context, call)
        for call in context.calls
    )


def changes_out_of_sight(context: Context) -> bool:
    """Does a flow that changes something by its method call what changes records, on an object of which no class is known?"""
    if not all(r.route.endpoint.method in _CHANGING for r in context.routes):
        return False
    known = {(e.site.file, e.site.call) for e, _ in context.effects}
    for call in context.calls:
        if (call.site.file, call.site.call) in known:
            continue
        path = next((p for p in call.paths), "")
        owner, _, name = path.rpartition(".")
        if _COMMITS.fullmatch(name) is not None and _is_open(context, call):
            return True
        if _STORES.fullmatch(name) is not None and _ASIDE.search(owner) is None and _is_open(context, call):
            return True
    return False


def _is_open(context: Context, call: ChainCall) -> bool:
    """Is the call made on what another call gave, and does it lead to no code of the repository?"""
    made = isinstance(call.call.callee, Member) and not context.tracer.edges.of_call(call.site)
    return made and all(isinstance(v, Ext) and ("()" in v.path or v.path.startswith("?")) for v in call.callee)


def _is_sent_on(context: Context, call: ChainCall) -> bool:
    """Is a message sent within the program whose receiver was not found: `store.send(order)`, where nothing says what `order` is?"""
    known = {(e.site.file, e.site.call) for e, _ in context.effects}  # a queue outside of the program is no gap
    if context.tracer.edges.of_call(call.site) or (call.site.file, call.site.call) in known:
        return False
    senders = context.graph.knowledge.bus_senders
    return any(not tagged.rule.channel for v in call.callee if isinstance(v, Ext) for tagged, _ in senders.matches(v))


def _is_of_base(context: Context, call: ChainCall) -> bool:
    """Does a method leave its work to the one of its name in a class of a package: `super().post(request)`?"""
    view = context.view(call.function.file)
    method = view.symbol(call.function.index)
    if method.parent <= 0 or view.symbol(method.parent).kind != "class" or callee_name(call.call) != method.name:
        return False
    bases = external_bases(context.graph.ev, ClassV(SymbolId(call.function.file, method.parent)))
    bases = [b for b in bases if not _keeps_nothing(context, b.path) and _GUARDS.isdisjoint(context.roles.of_value(b))]
    return any(path in (f"{b.path}.{method.name}", f"{b.path}().{method.name}") for b in bases for path in call.paths)


def _keeps_nothing(context: Context, path: str) -> bool:
    """Is the package one of a card, and of none that knows data or routes: a library for logs?"""
    cards = [c for c in context.graph.knowledge.cards if any(path.startswith((f"{i}.", f"{i}/")) for i in c.detect.imports)]
    return bool(cards) and not any(c.data or c.routes or c.views for c in cards)


def _is_unknown(context: Context, call: ChainCall) -> bool:
    outside = [v for v in call.callee if isinstance(v, Ext) and v.known and not context.roles.of_value(v)]
    return bool(outside) and len(outside) == len(call.callee) and not context.tracer.edges.of_call(call.site)


def _takes_connection(context: Context, call: ChainCall) -> bool:
    for arg in call.call.args[:MAX_ARGS]:
        given = options(context.graph.ev.value(arg.value, call.site.file, call.call.owner))
        if any(isinstance(v, Ext) and v.known and "data_session" in context.roles.of_value(v) for v in given):
            return True
    return False
