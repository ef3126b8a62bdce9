"""Calls of the chain that hand the request to code which only a run would show: with one of them, nothing is proved to be left undone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Call, Member
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_HANDS = re.compile(sign("handed_on", "hands"))
_RECEIVER = re.compile(sign("handed_on", "receiver"))
_ROUTES = re.compile(sign("handed_on", "routes"))
_ACCOUNTS = re.compile(sign("handed_on", "accounts"))
_OUTSIDE = re.compile(sign("handed_on", "outside"))


def handed_on(context: Context) -> Evidence | None:
    """A call that was not followed, on something that finds who does the work: a mediator, a bus, an aggregate, a router of its own."""
    for file, call, name in _unfollowed(context):
        taken = dotted(call.callee.base) if isinstance(call.callee, Member) else None
        on = (taken or "").rpartition(".")[2]
        if _ROUTES.match(name) is not None or (_HANDS.match(name) is not None and _RECEIVER.search(on) is not None):
            return context.at(file, call.line)
    return None


def looks_up_an_account(context: Context) -> Evidence | None:
    """A call that was not followed and signs somebody in, or asks whether the password is right: it reads an account somewhere."""
    return next((context.at(f, c.line) for f, c, name in _unfollowed(context) if _ACCOUNTS.match(name) is not None), None)


def asks_outside(context: Context) -> Evidence | None:
    """A call, followed or not, that by its name asks a service outside."""
    made = ((f, context.view(f).facts.calls[n]) for f, n in _calls(context))
    return next((context.at(f, c.line) for f, c in made if _OUTSIDE.match(callee_name(c) or "") is not None), None)


def _calls(context: Context) -> Iterator[tuple[str, int]]:
    for where in (r.function.symbol for r in context.functions):
        view = context.view(where.file)
        yield from ((where.file, n) for scope in view.body(where.index) for n in view.calls_of.get(scope, ()))


def _unfollowed(context: Context) -> Iterator[tuple[str, Call, str]]:
    followed = {(e.site.file, e.site.call) for r in context.functions for e in context.tracer.edges.of_symbol(r.function.symbol)}
    for file, number in _calls(context):
        if (file, number) not in followed:
            call = context.view(file).facts.calls[number]
            yield file, call, callee_name(call) or ""
