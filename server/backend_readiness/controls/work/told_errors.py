"""Functions that answer an error of any kind with its message, as libraries are given them: `onError(error, req, res)`."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import backend_files
from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_test
from backend_readiness.controls.work.error_texts import always_told
from backend_readiness.model import Evidence

_ERROR = re.compile(r"^_?(err|error|e|ex)$")
_REQUEST = re.compile(r"^_?(req|request)$")
MAX_LINES = 60


def told_by_a_function(context: Context) -> Evidence | None:
    """The first function with the three parameters that tells the message of every error."""
    for file in backend_files(context):
        if is_test(file):
            continue
        lines = context.snapshot.lines(file)
        for symbol in context.view(file).facts.symbols:
            handles = len(symbol.params) == 3 and _ERROR.match(symbol.params[0].name) and _REQUEST.match(symbol.params[1].name)
            if handles and always_told(lines[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_LINES)]):
                return context.at(file, symbol.line)
    return None
