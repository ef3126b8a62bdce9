"""Data that a flow touches out of sight: through a package that is given the connection, and of which no card knows what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.controls.chain_calls import ChainCall
from backend_readiness.graph.values import Ext, options

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context

MAX_ARGS = 4


def hands_data_on(context: Context) -> bool:
    """Does a flow in which no touch of a database is known give a connection of one to a package whose call is not known?"""
    if any(e.kind in ("orm", "sql", "nosql") for e, _ in context.effects):
        return False
    return any(_is_unknown(context, call) and _takes_connection(context, call) for call in context.calls)


def _is_unknown(context: Context, call: ChainCall) -> bool:
    outside = [v for v in call.callee if isinstance(v, Ext) and v.known and not context.roles.of_value(v)]
    return bool(outside) and len(outside) == len(call.callee) and not context.tracer.edges.of_call(call.site)


def _takes_connection(context: Context, call: ChainCall) -> bool:
    for arg in call.call.args[:MAX_ARGS]:
        given = options(context.graph.ev.value(arg.value, call.site.file, call.call.owner))
        if any(isinstance(v, Ext) and v.known and "data_session" in context.roles.of_value(v) for v in given):
            return True
    return False
