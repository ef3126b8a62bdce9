"""Fields that are stored out of a body which a part of the framework hands on whole, though no rule of the validation lists them."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed
from backend_readiness.rules.signs import sign

_HANDS_ON = re.compile(sign("unlisted_fields", "hands_on"))
_TAKES = re.compile(sign("unlisted_fields", "takes"))
_LISTED = re.compile(sign("unlisted_fields", "listed"))
_PRIVILEGED = re.compile(sign("unlisted_fields", "privileged"))
MAX_LINES = 400


def unlisted_right(context: Context) -> Judgement | None:
    """A record that takes a field with rights from the body by its name, where the validation knows nothing of that field."""
    heads = [
        context.at(h.file, number)
        for h in context.handlers
        for number, text in enumerate(context.snapshot.lines(h.file)[:MAX_LINES], 1)
        if h.line <= number <= max(h.end_line, h.line) and _HANDS_ON.search(text) is not None
    ]
    if not heads:
        return None
    lines = list(chain_text(context))
    listed = {m[1] for _, _, t in lines for m in _LISTED.finditer(t[:500])}
    for file, line, text in lines:
        for match in _TAKES.finditer(text[:500]):
            if match[1] == match[2] and _PRIVILEGED.match(match[1]) is not None and match[1] not in listed:
                why = f"The whole body of the request is handed on, and `{match[1]}` is taken from it, which no rule lists."
                return failed(why, context.at(file, line), heads[0])
    return None
