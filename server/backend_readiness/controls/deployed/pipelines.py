"""What a workflow of GitHub runs: which of its lines are switched off, and whether it runs at all by itself."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.yamlfile import Entry, documents

_NEVER = re.compile(r"(?i)^\s*(\$\{\{)?\s*false\s*(\}\})?\s*$")
_BY_HAND = frozenset({"workflow_dispatch", "workflow_call"})


def switched_off(context: Context, path: str) -> frozenset[int]:
    """The lines of jobs and steps whose condition is `false`."""
    found: set[int] = set()
    for document in documents(context.snapshot.text(path)):
        jobs = document.get("jobs")
        for _, job in jobs.items() if jobs is not None else ():
            steps = job.get("steps")
            for part in (job, *(steps.each() if steps is not None else ())):
                if (asked := part.get("if")) is not None and _NEVER.match(asked.text) is not None:
                    found.update(range(part.line, part.end_line + 1))
    return frozenset(found)


def only_by_hand(context: Context, path: str) -> bool:
    """Does the workflow name only events that somebody must cause, so that nothing starts it by itself?"""
    for document in documents(context.snapshot.text(path)):
        started = document.get("on")
        if started is not None and document.get("jobs") is not None:
            events = _events(started)
            return bool(events) and "workflow_dispatch" in events and events <= _BY_HAND
    return False


def _events(started: Entry) -> frozenset[str]:
    return frozenset((*started.texts(), *(key for key, _ in started.items())))
