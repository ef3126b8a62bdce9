"""What undoes the check of a token: a dropped error, an end that only some tokens get, a second kind that passes for the first."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import Found
from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.tokens import Tokens
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs_by

_VALID = re.compile(sign("token_terms", "valid"))
_ENDS = re.compile(sign("token_terms", "ends"))
_REFRESH = re.compile(sign("token_terms", "refresh"))
_OWN_KEY = re.compile(sign("token_terms", "own_key"))
_TELLS_APART = re.compile(sign("token_terms", "tells_apart"))
MAX_SITES = 8


def is_dropped(tokens: Tokens, found: Found) -> bool:
    """Does the error of the check go nowhere, with nothing in the function that asks whether the token is valid?"""
    context = found.context
    patterns = signs_by("token_terms", "dropped").get(context.language or "", ())
    line = context.snapshot.lines(found.site.file)[found.call.line - 1][:500]
    return any(re.match(p, line) for p in patterns) and _VALID.search(tokens.text_around(found)) is None


def ends_only_sometimes(found: Found) -> Evidence | None:
    """The condition within which alone the function sets the end of the token that it signs."""
    context, file = found.context, found.site.file
    view = context.view(file)
    symbol = view.symbol(found.call.owner)
    if not found.call.owner:
        return None
    lines = context.snapshot.lines(file)[symbol.line - 1 : min(symbol.end_line, symbol.line + 120)]
    ends = [n for n, t in enumerate(lines, symbol.line) if _ENDS.search(t[:500]) is not None]
    blocks = [b for b in view.blocks_of.get(found.call.owner, ()) if b.kind in ("if", "else")]
    for block in blocks:
        inside = block.start <= found.call.start < block.end
        other = any(b is not block and b.kind == "else" and 0 <= b.start - block.end <= 40 for b in blocks)
        if ends and not inside and not other and block.kind == "if" and all(block.line < n <= block.end_line for n in ends):
            return context.at(file, block.line, block.end_line)
    return None


def passes_for_access(context: Context, tokens: Tokens, checked: Found) -> Evidence | None:
    """Where refresh tokens are signed, by the key of the others, while the check that the flow runs asks for no kind."""
    where = SymbolId(checked.site.file, checked.call.owner)
    sites = inputs_of(context).sites.get(where, ())[:MAX_SITES] if where.index else ()
    around = [tokens.text_around(checked)]
    for site in sites:
        view = context.view(site.file)
        caller = view.symbol(view.facts.calls[site.call].owner)
        around.append("\n".join(context.snapshot.lines(site.file)[caller.line - 1 : min(caller.end_line, caller.line + 120)]))
    if any(_TELLS_APART.search(text) is not None for text in around):
        return None
    made = [f for f in tokens.signs if _is_refresh(context, f)]
    if not made or any(_OWN_KEY.search(tokens.text_around(f)) is not None for f in made):
        return None
    return made[0].evidence()


def _is_refresh(context: Context, found: Found) -> bool:
    name = context.view(found.site.file).symbol(found.call.owner).name
    lines = context.snapshot.lines(found.site.file)[found.call.line - 1 : found.call.end_line]
    return _REFRESH.search(name) is not None or any(_REFRESH.search(t[:500]) is not None for t in lines)
