"""The keys that sign tokens, sessions and cookies: where the calls that are given one have it, by the cards."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_scopes
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import states
from backend_readiness.controls.deployed.layered import is_replaced
from backend_readiness.controls.deployed.named_values import written_values
from backend_readiness.controls.kept import once
from backend_readiness.controls.protection.secrets import Source, source_of
from backend_readiness.graph.references import argument_thunk, step_site
from backend_readiness.graph.values import Ext, Site, Thunk
from backend_readiness.rules.cards import Ref
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.places import is_for_development

_OF_OTHERS = re.compile(sign("signing", "of_others"))


def signing_keys(context: Context) -> list[Source]:
    """Where each key comes from: those of the chain, else of the whole backend; then those that the framework reads from settings."""
    return once(context, _signing_keys)


def _signing_keys(context: Context) -> list[Source]:
    here, elsewhere = _given(context)
    settings = _of_settings(context)
    return [*here, *settings] if here else [*settings, *elsewhere]


def _given(context: Context) -> tuple[list[Source], list[Source]]:
    """(keys of calls of the chain, keys of other calls)."""
    scopes = set(chain_scopes(context))
    here: list[Source] = []
    elsewhere: list[Source] = []
    for call in context.roles.calls("signing_key"):
        own = (call.site.file, call.call.owner) in scopes
        if not own and _OF_OTHERS.search(call.site.file) is not None:
            continue  # a token that another party asks for says nothing of those of the application
        for tagged, _ in context.graph.knowledge.signing.matches(call.callee):
            thunk = next((t for ref in tagged.rule.key if (t := _thunk(context, call.callee, call.site, ref)) is not None), None)
            if thunk is not None:
                source = source_of(context, thunk.expr, thunk.file, call.call.line)
                (here if own else elsewhere).append(source)
                break
    return here, elsewhere


def _thunk(context: Context, callee: Ext, site: Site, ref: Ref) -> Thunk | None:
    at = step_site(callee, ref.at) if ref.at is not None else site
    return argument_thunk(context.graph.ev, at, ref) if at is not None else None


def _of_settings(context: Context) -> list[Source]:
    signed = states(context, "signing_key")
    names = signed.value.split() if signed is not None else []
    written = [(name, *found) for name in names for found in written_values(context, name)]
    shipped = [w for w in written if not is_for_development(w[1])] or written
    return [source_of(context, value, file, line) for name, file, line, value in shipped if not is_replaced(context, file, name)]
