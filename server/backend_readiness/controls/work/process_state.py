"""What the process that serves a flow keeps for itself, on the chain of the flow or beside it: open connections, collections of a file."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs, signs_by

_SOCKETS = signs("process_state", "sockets")
_TIMERS = signs("process_state", "timers")
_CARRIERS = (sign("process_state", "carriers"),)
_COLLECTIONS = signs_by("process_state", "collections")
_CHANGED = sign("process_state", "changed")
_REMOVED = sign("process_state", "removed")
_SPARE = re.compile(sign("process_state", "spare"))
_BROWSER = re.compile(sign("process_state", "browser"))
_BESIDE = re.compile(sign("process_state", "beside"))
MAX_NAMES = 60
MAX_LINES = 6_000


def kept_connections(context: Context) -> Evidence | None:
    """Where the process takes connections that stay open, and nothing carries what is sent to those of other instances."""
    found = [h for h in context.hits(_SOCKETS) if _is_of_process(context, h[0])]
    if not found:
        return None
    manifests = ("**/package.json", "**/*.csproj", "**/requirements*.txt", "**/pyproject.toml")
    return None if context.is_found(_CARRIERS, (*context.source_globs, *manifests)) else context.at(*found[0][:2])


def kept_timer(context: Context) -> Evidence | None:
    """Where the process works by itself at times."""
    return next((context.at(*h[:2]) for h in context.hits(_TIMERS) if _is_of_process(context, h[0])), None)


def kept_collection(context: Context) -> tuple[str, Evidence] | None:
    """The first collection of a whole file of the backend that begins empty and is changed by functions; its name and place."""
    patterns = _COLLECTIONS.get(context.language)
    if not patterns:
        return None
    made = re.compile(patterns[0])
    for file, line, text in context.hits(patterns)[:MAX_NAMES]:
        name = made.match(text[:400])
        if name is None or _SPARE.search(name["name"]) is not None or not _is_of_process(context, file):
            continue
        forms = re.compile("|".join(p.replace("{name}", re.escape(name["name"])) for p in (_CHANGED, _REMOVED)))
        if any(forms.search(t[:400]) for t in context.snapshot.lines(file)[:MAX_LINES]):
            return name["name"], context.at(file, line)
    return None


def _is_of_process(context: Context, file: str) -> bool:
    inside = file[len(context.backend_root) :] if context.backend_root and file.startswith(f"{context.backend_root}/") else file
    if not context.is_backend(file) or _BESIDE.search(inside) is not None or _BROWSER.search(context.snapshot.text(file)) is not None:
        return False
    return not context.graph.is_loose(file) or any(r.route.place.file == file for r in context.tracer.routes)
