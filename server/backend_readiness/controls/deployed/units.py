"""Units of the host that start a program of the repository: `ExecStart=` of a `.service` file."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_production
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_for_development

_STARTS = re.compile(sign("units", "starts"))
_BESIDE = re.compile(sign("units", "beside"))
MAX_FILES = 20
MAX_LINES = 200


def unit_of(context: Context) -> Evidence | None:
    """The line of the first unit that starts something which is no store or proxy."""
    for path in context.snapshot.glob(*signs("units", "files"))[:MAX_FILES]:
        if is_production(path) and not is_for_development(path):
            for number, line in enumerate(context.snapshot.lines(path)[:MAX_LINES], 1):
                if _STARTS.match(line) is not None and _BESIDE.search(line[:500]) is None:
                    return context.at(path, number)
    return None
