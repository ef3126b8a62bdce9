"""Checks of settings that find a fault, and whether the start ends at it or goes on."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_production
from backend_readiness.facts.model import Block
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_GIVES_BACK = re.compile(sign("setting_checks", "gives_back"))
_REPORTS = re.compile(sign("setting_checks", "reports"))
_ENDS = re.compile(sign("setting_checks", "ends"))
_ASKS = re.compile(sign("setting_checks", "asks"))
MAX_BELOW = 16  # lines below a check in which its outcome is asked
_BESIDE = 60  # the `except` of a `try` begins this near to its end


def ends_the_start(context: Context, check: Evidence) -> bool | None:
    """Does a fault that the check finds end the start? None where a check only gives its outcome, and nobody near it asks for that."""
    lines, line = context.snapshot.lines(check.file or ""), check.line or 1
    below = [t[:500] for t in lines[line - 1 : line + MAX_BELOW] if not t.lstrip().startswith(("//", "*", "#"))]
    own = not any(_GIVES_BACK.search(t) and "await " not in t for t in below[:1]) and not any(_REPORTS.search(t) for t in below)
    if own or any(_ENDS.search(t) for t in below):
        return True
    return False if any(_ASKS.search(t) for t in below[1:]) or any(_REPORTS.search(t) for t in below) else None


def goes_on_without(context: Context, name: str) -> Evidence | None:
    """Where settings of a class are made and what its checks throw is caught, each time, without ending the start."""
    found: Evidence | None = None
    for file in context.graph.facts.naming(name):
        if not is_production(file):
            continue
        view = context.view(file)
        for number in view.calls_by_name.get(name, ()):
            call = view.facts.calls[number]
            if callee_name(call) != name:
                continue
            caught = next((c for b in view.blocks_of.get(call.owner, ()) if b.kind == "try" and b.start <= call.start < b.end for c in _catches(view, b)), None)  # fmt: skip  # noqa: E501
            if caught is None or any(_ENDS.search(t[:500]) for t in context.snapshot.lines(file)[caught.line - 1 : caught.end_line]):
                return None
            found = found or context.at(file, caught.line, caught.end_line)
    return found


def _catches(view: FileView, block: Block) -> list[Block]:
    return [c for c in view.blocks_of.get(block.owner, ()) if c.kind == "catch" and 0 <= c.start - block.end <= _BESIDE]
