"""Exports that a module leaves empty or out, and whoever loads it fills in: `const api = require("./api"); api.prefix = "/v1"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Lit, Member, Name, Value
from backend_readiness.graph.families import family
from backend_readiness.graph.values import AV, UNKNOWN, ModV, UnknownV, options
from backend_readiness.snapshot.places import is_test

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_FILES = 40


def value_of(ev: Evaluator, file: str, name: str, written: Value | None) -> AV | None:
    """What the only other file that fills in the export gives it; None where the module itself says something, or several files do."""
    if not isinstance(written, Lit) or written.value not in ("", None) or family(ev.world.view(file).language) != "javascript":
        return None
    value = ev.guarded(("put elsewhere", file, name), lambda: _put(ev, file, name))
    return None if isinstance(value, UnknownV) else value


def added(ev: Evaluator, file: str, name: str) -> AV | None:
    """What the only other file that adds a member of that name to the exported object gives it: `app.model = connect`."""
    if family(ev.world.view(file).language) != "javascript":
        return None
    value = ev.guarded(("put elsewhere", file, name), lambda: _put(ev, file, name))
    return None if isinstance(value, UnknownV) else value


def _put(ev: Evaluator, file: str, name: str) -> AV:
    found: list[AV] = []
    for path in ev.world.naming(name)[:MAX_FILES]:
        view = ev.world.view(path)
        for assign in view.facts.assigns if path != file and name in view.member_names and not is_test(path) else ():
            target = assign.target
            if not isinstance(target, Member) or target.name != name or not isinstance(target.base, Name) or assign.value is None:
                continue
            if any(isinstance(o, ModV) and o.file == file for o in options(ev.value(target.base, path, assign.owner))):
                found.append(ev.value(assign.value, path, assign.owner))
    return found[0] if len(found) == 1 else UNKNOWN
