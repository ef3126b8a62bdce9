"""Whether a flow without a known write may change data all the same: by code that the trace did not read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.controls.asked_methods import asked_methods
from backend_readiness.controls.subjects import Subject, tail
from backend_readiness.facts.model import CallRef, Member, Name
from backend_readiness.graph.values import FuncV, SymbolId
from backend_readiness.model import Chain, Stage

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context
    from backend_readiness.controls.work.chain_calls import ChainCall

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_TOUCHES = frozenset({Stage.DATA, Stage.EXTERNAL})
# Functions that are there to write, whose bodies (a macro, code that is made) show no write.
_STORES = re.compile(r"(?:^|[.:])(?:[Ss]ave|[Ii]nsert|[Uu]psert|[Pp]ersist|[Dd]elete)(?:_\w+|[A-Z]\w*)?[!?]?$")
# Calls of a value by the name of a write: what the value is was not found, or it would be among the effects.
_SAVES = re.compile(r"^(save|persist|insert|upsert)(_?all|_?many|_?one|changes)?(_?async|_?sync|andflush|_attributes)?[!?]?$", re.I)
_CHANGES = re.compile(r"^(create|update|destroy|delete|remove)(_?all|_?many|_?one|_attributes?|_columns?)?(_?async)?[!?]?$", re.I)
# Values whose methods of these names change nothing that lasts, and calls that stand for a digest.
_PASSING = re.compile(r"(?i)hash|hmac|digest|cipher|crypt|map|set|cache|headers?|params|query|cookies?|sessions?|class_?list|storage|store")
# Steps of a query, before the one that says what happens with what was found.
_QUERIES = re.compile(r"^(query|filter|filter_by|where|select_from)$")
# Addresses and handlers that ask or compute: what they are sent is kept by nobody.
_ASKS = re.compile(
    r"(?i)search|filter|quer|list|get|find|fetch|load|read|export|download|preview|check|valid|verif|detect|test|decode|parse|calc|estimat|comput"
    r"|quote|convert|render|count|stat|report|log-?_?(in|out)|sign-?_?(in|out)|auth|token|session|echo|ping|health|compar|diff|look-?_?up|suggest"
    r"|complete|introspect|match|analy|translat|predict|generat|poll|metric|graphql|info|show|view|explain|inspect|exists|available|authorize"
)
MAX_DEPTH = 3
MAX_CALLS = 12


def may_write_unseen(context: Context) -> bool:
    """Does the flow ask for a change by its method, while no write was found and the trace does not prove that there is none?

    That is so when nothing below its handlers touches data or a service (what runs before them may), or when a function
    below them is called after a write and touches nothing. A sign-in has no more to do than to read.
    """
    if context.writes or not asked_methods(context) & _CHANGING:
        return False
    if _asks_for_change(context):
        return True
    if not context.effects or any(e.operation == "call" and e.kind == "orm" and e.apart for e, _ in context.effects):
        return True
    if _stores_unseen(context) or _changes_unknown(context):
        return True
    touches = ((t.chain, i) for t in context.traced for i, k in enumerate(t.chain.links) if k.stage in _TOUCHES)
    return not Subject(context).sign_in and not any(_below_handler(c, i) for c, i in touches)


def _asks_for_change(context: Context) -> bool:
    """Do the method, the address and the name of the handler all speak of a change, rather than of a question that is sent with a body?"""
    if any(r.route.handler is None for r in context.routes) or not context.effects:
        return False
    methods = frozenset(r.route.endpoint.method for r in context.routes)
    said = " ".join((*(tail(r.route.endpoint.path) for r in context.routes), *(h.symbol.rpartition(".")[2] for h in context.handlers)))
    return methods <= _CHANGING and _ASKS.search(said) is None and not Subject(context).sign_in


def writes_unknown(context: Context) -> bool:
    """Does the flow ask for a change, and call what goes by the name of a write, of which nothing says what it does?

    Other than `may_write_unseen` it takes no silence for a doubt: a flow that only computes calls nothing of that name.
    """
    if context.writes or not asked_methods(context) & _CHANGING:
        return False
    return _stores_unseen(context) or _changes_unknown(context)


def _below_handler(chain: Chain, index: int) -> bool:
    """Does the way to the link pass a handler of the chain?"""
    at: int | None = index
    while at is not None:
        if chain.links[at].stage == Stage.HANDLER:
            return True
        at = chain.links[at].parent
    return False


def _stores_unseen(context: Context) -> bool:
    """Does the flow call a function that goes by the name of a write, and that touches nothing which was found?"""
    view = context.graph.view
    named = (r.function.symbol for r in context.functions)
    return any(_STORES.search(view(w.file).symbol(w.index).name) is not None and not _touches(context, w, MAX_DEPTH) for w in named)


def _changes_unknown(context: Context) -> bool:
    """Does the flow call a value by the name of a write, and is nothing known of what that does: `@account.update(given)`?"""
    sign_in = Subject(context).sign_in
    for made in context.calls:
        callee = made.call.callee
        if not isinstance(callee, Member) or any(isinstance(v, FuncV) for v in made.callee):
            continue
        base = callee.base.id if isinstance(callee.base, Name) else callee.base.name if isinstance(callee.base, Member) else ""
        if _PASSING.search(base) is not None:
            continue
        if _SAVES.match(callee.name) or (not sign_in and (base or _ends_a_query(context, made)) and _CHANGES.match(callee.name)):
            return True
    return False


def _ends_a_query(context: Context, made: ChainCall) -> bool:
    """Is the call the last step of a query: `rows.query(Row).filter(...).delete()`?"""
    callee = made.call.callee
    calls = context.view(made.site.file).facts.calls
    base = callee.base if isinstance(callee, Member) else None
    for _ in range(MAX_CALLS):
        if not isinstance(base, CallRef) or not isinstance(inner := calls[base.call].callee, Member):
            return False
        if _QUERIES.match(inner.name):
            return True
        base = inner.base
    return False


def unknown_save(context: Context) -> ChainCall | None:
    """A record that is saved by a call without arguments, of which nothing says what it is, and which is no effect that was found."""
    known = {(e.site.file, e.site.call) for e, _ in context.effects}
    for made in context.calls:
        callee = made.call.callee
        if not isinstance(callee, Member) or made.call.args or (made.site.file, made.site.call) in known:
            continue
        base = callee.base.id if isinstance(callee.base, Name) else callee.base.name if isinstance(callee.base, Member) else ""
        own = any(isinstance(v, FuncV) for v in made.callee)
        if _SAVES.match(callee.name) and _PASSING.search(base) is None and not own:
            return made
    return None


def _touches(context: Context, where: SymbolId, depth: int) -> bool:
    """Does the function touch data or a service, itself or by what it calls?"""
    symbol = context.graph.view(where.file).symbol(where.index)
    if any(k.file == where.file and symbol.line <= k.line <= symbol.end_line for _, k in context.effects):
        return True
    return depth > 0 and any(_touches(context, e.target.symbol, depth - 1) for e in context.tracer.edges.of_symbol(where)[:MAX_CALLS])
