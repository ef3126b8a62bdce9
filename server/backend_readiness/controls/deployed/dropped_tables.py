"""Tables that are dropped and made anew whenever the process starts: by a setting, or by a line that the start runs."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.at_start import calls_of_module, text_at_start
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.deployed.switched_off import is_off
from backend_readiness.controls.judgement import Judgement, failed, unverified
from backend_readiness.controls.kept import once
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_DROPS = re.compile(sign("dropped_tables", "drops"))
_BY_NAME = re.compile(sign("dropped_tables", "by_name"))
_WHAT = "The tables are dropped and made anew when the application starts."


def dropped_at_start(context: Context, lost: str, *more: Evidence) -> Judgement | None:
    """fail with `lost` behind what is dropped; unverified where a condition stands before it; None when nothing is dropped."""
    found = setup_of(context, "schema_dropped")
    if found is not None and found.off is None:
        return failed(f"{found.rule.says} {lost}", found.at, *more)
    line = once(context, _dropping)
    if line is None:
        return None
    at, asked = line
    if asked:
        return unverified("The start drops all tables under a condition; whether it holds in what ships was not settled.", at, *more)
    return failed(f"{_WHAT} {lost}", at, *more)


def drops(context: Context, file: str, text: str) -> bool:
    """Does the line drop all tables, by itself or where a name says so which a line of the file sets to true?"""
    if _DROPS.search(text) is not None:
        return True
    named = _BY_NAME.search(text[:500])
    if named is None:
        return False
    said = re.compile(rf"\b(?:const|let|var)\s+{re.escape(named.group(1))}\s*=\s*true\b")
    return any(said.search(t[:200]) is not None for t in context.snapshot.lines(file)[:5_000])


def is_asked(context: Context, file: str, line: int) -> bool:
    """Does a condition decide whether the line runs?"""
    return any(b.kind in ("if", "case") and b.line <= line <= b.end_line for b in context.view(file).facts.blocks)


def _dropping(context: Context) -> tuple[Evidence, bool] | None:
    """The line, and whether a condition stands around it; one without before one with."""
    perhaps: Evidence | None = None
    for file, number, text in (*text_at_start(context), *calls_of_module(context)):
        if not drops(context, file, text) or is_off(context, file, number):
            continue
        if not is_asked(context, file, number):
            return context.at(file, number), False
        perhaps = perhaps or context.at(file, number)
    return (perhaps, True) if perhaps is not None else None
