"""Code that would answer a control and stands in a comment: a reader cites it first, so a proof of absence names it."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement
from backend_readiness.controls.places import is_production
from backend_readiness.model import Evidence, Verdict

MAX_PLACES = 2
MAX_TEXT = 300
_MARK = re.compile(r"^\s*(?:#+|//+|\*|/\*+|--|<!--|%|;)\s*")
# A call, a setting that is given a value, a symbol of a list: not a sentence about them.
_CODE = re.compile(
    r"^[@$]?[\w.$\"':\[\]>-]{2,80}(?:\s*\(.{0,200}[)\[{(,]\s*;?\s*(?:do\b.*)?$|\s*(?:=|=>|:=)\s*\S|:\s+[\w\"'\[{]+;?$|\s+:\w+,?$|\s+do\b.{0,40}$)"
)


def with_comments(context: Context, judgement: Judgement) -> Judgement:
    """The judgement with what was taken out: lines of code in comments that its recorded searches rejected."""
    if judgement.verdict is not Verdict.FAIL:
        return judgement
    added = [e for proof in judgement.evidence if proof.search is not None for e in _taken_out(context, proof)]
    known = {(e.file, e.line) for e in judgement.evidence}
    new = [e for e in added if (e.file, e.line) not in known][:MAX_PLACES]
    return judgement.with_evidence(*new) if new else judgement


def taken_out(context: Context, patterns: tuple[str, ...], paths: tuple[str, ...] = ()) -> tuple[Evidence, ...]:
    """The first line of code of the backend that matches and stands in a comment."""
    live = set(context.hits(patterns, paths))
    for file, line, text in context.absences.all_hits(patterns, paths or context.source_globs):
        if (file, line, text) not in live and context.is_backend(file) and is_production(file) and _is_code(text):
            return (context.at(file, line, note="commented out"),)
    return ()


def _is_code(text: str) -> bool:
    return _MARK.match(text) is not None and _CODE.match(_MARK.sub("", text[:MAX_TEXT]).strip()) is not None


def _taken_out(context: Context, proof: Evidence) -> list[Evidence]:
    rejected = proof.search.rejected if proof.search is not None else ()
    hits = [h for h in rejected if h.why == "a comment" and context.is_backend(h.file)]
    return [context.at(h.file, h.line, note="commented out") for h in hits if _is_code(context.snapshot.lines(h.file)[h.line - 1])]
