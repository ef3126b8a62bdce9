"""What takes the proof away that a limiter counts each client: a switch, a key that the sender chooses, a key that is no client."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.values import Ext, SymbolId, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_SWITCH = re.compile(sign("limit_doubts", "switch"))
_SENT = re.compile(sign("limit_doubts", "sent"))
_KEY = re.compile(sign("limit_doubts", "key"))
_LIBRARY_KEY = re.compile(sign("limit_doubts", "library_key"))
_BOUND = re.compile(sign("limit_doubts", "bound"))
_CLIENT = re.compile(sign("limit_doubts", "client"))
_OF_ACCOUNTS = re.compile(sign("limit_doubts", "of_accounts"))
_COMMENT = ("#", "//", "*", "/*", "--")
MAX_LINES = 400


def doubt_of_own(context: Context, function: SymbolId) -> tuple[str, Evidence] | None:
    """Why a limiter that the repository writes itself may not count each client, with the line; `function` answers 429."""
    lines = context.snapshot.lines(function.file)[:MAX_LINES]
    live = [(n, t[:500]) for n, t in enumerate(lines, 1) if not t.lstrip().startswith(_COMMENT)]
    first, last = _span(context, function)
    for number, text in live:
        if first <= number <= last and _SWITCH.search(text) and not stands_in_development(context, function.file, number):
            why = "A setting decides whether the limiter counts at all; what is shipped was not found out."
            return why, context.at(function.file, number)
    sent = _chosen(live, _KEY)
    if sent is not None:
        return "The limiter counts by what the sender of the request chooses.", context.at(function.file, sent)
    if not any(_CLIENT.search(t) for _, t in live):
        return "Code of the flow answers 429; that it counts clients other than by their account was not found.", context.at_symbol(
            function
        )
    return None


def chosen_key(context: Context, limiters: Sequence[Guard]) -> Evidence | None:
    """The line that tells a library to count by what the sender of the request chooses, and by no address."""
    for guard in limiters:
        files = {guard.place.file, *(v.site.file for v in options(guard.value) if isinstance(v, Ext) and v.site is not None)}
        for file in sorted(files):
            live = [(n, t[:500]) for n, t in enumerate(context.snapshot.lines(file), 1) if not t.lstrip().startswith(_COMMENT)]
            found = _chosen([(n, t) for n, t in live if _LIBRARY_KEY.search(t)], _LIBRARY_KEY)
            if found is not None:
                return context.at(file, found)
    return None


def counts_accounts(context: Context, limiters: Sequence[Guard]) -> Evidence | None:
    """Where every limiter before the handler is one that counts accounts, and nobody passes without one."""
    if not limiters or identity_of(context).refusal_before() is None:
        return None
    named = [g for g in limiters if any(isinstance(v, Ext) and _OF_ACCOUNTS.search(v.path) for v in options(g.value))]
    return context.at_place(named[0].place) if len(named) == len(limiters) else None


def _chosen(live: list[tuple[int, str]], key: re.Pattern[str]) -> int | None:
    """The line that makes a key of what was sent, by itself or by a name that holds it, and of no address."""
    names: set[str] = set()
    for _, text in live:
        bound = _BOUND.match(text)
        if bound is not None and _SENT.search(bound["rest"]) and not _CLIENT.search(text):
            names.add(bound["name"])
    for number, text in live:
        if key.search(text) is None or _CLIENT.search(text):
            continue
        bound = _BOUND.match(text)
        words = set(re.findall(r"\w+", text)) - ({bound["name"]} if bound is not None else set())
        if (_SENT.search(text) and (bound is None or key.search(bound["name"]))) or words & names:
            return number
    return None


def _span(context: Context, function: SymbolId) -> tuple[int, int]:
    """The lines of the function and of those around it: a middleware is often made by another function."""
    view, index = context.view(function.file), function.index
    while index > 0 and view.symbol(index).parent > 0 and view.symbol(view.symbol(index).parent).kind in ("function", "method", "lambda"):
        index = view.symbol(index).parent
    symbol = view.symbol(index)
    return symbol.line, min(symbol.end_line, symbol.line + MAX_LINES)
