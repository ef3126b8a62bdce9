"""Tokens that are the key of a stored row: the row says until when, and what accepts the token compares it."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import schema_of
from backend_readiness.controls.judgement import Judgement, passed, unverified
from backend_readiness.controls.lifetimes import named_hours, written_hours
from backend_readiness.rules.signs import sign, signs

_COLUMN = re.compile(sign("stored_lives", "column"))
_SET = re.compile(sign("stored_lives", "set"))
_COMPARED = signs("stored_lives", "compared")
MAX_STATEMENT = 3


def of_stored_rows(context: Context, longest: float) -> Judgement | None:
    """How long tokens without a claim live whose row the flow stores with its end; None where nothing of the kind was found."""
    kept = next((c for t in schema_of(context).of_flow(context, "write") for c in t.real.columns.values() if _COLUMN.search(c.name)), None)
    compared = context.hits(_COMPARED) if kept is not None else []
    if kept is None or not compared:
        return None
    lines = list(chain_text(context))
    said = [
        " ".join(t for _, _, t in lines[n : n + MAX_STATEMENT]) for n, (_, _, text) in enumerate(lines) if _SET.search(text) is not None
    ]
    lives = [h if (h := written_hours(t)) is not None else named_hours(context, t) for t in said]
    known = [h for h in lives if h is not None]
    at = context.at(kept.file, kept.line), context.at(*compared[0][:2])
    if known and min(known) <= longest:
        return passed("The token names a stored row, whose end is compared when the token is accepted.", *at)
    return unverified("The token names a stored row that has an end; how far away that is was not resolved.", *at)
