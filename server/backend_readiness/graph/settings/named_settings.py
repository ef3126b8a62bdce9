"""Texts that settings of the application hold by name in modules and classes: `settings.API_PREFIX`, `app.config["AUTH_PREFIX"]`."""

from __future__ import annotations

import re

from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.values import AV, Const, Ext, options
from backend_readiness.snapshot.places import is_for_development, is_test

MAX_FILES = 20
_NAME = re.compile(r"[A-Z][A-Z0-9_]{2,80}")


def text_of(ev: Evaluator, value: Ext) -> AV | None:
    """The text of a setting, where all modules that ship and give it one agree; None otherwise."""
    holder, _, name = value.path.rpartition(".")
    if not _NAME.fullmatch(name) or not ev.world.is_settings_object(holder):
        return None
    files = [p for p in ev.world.naming(name) if not is_test(p) and not is_for_development(p)]
    found: set[str] = set()
    for path in files[:MAX_FILES]:
        view = ev.world.view(path)
        owners = [0, *(n for n, s in enumerate(view.facts.symbols) if s.kind == "class" and not is_for_development(_apart(s.name)))]
        for owner in owners:
            for assign, _ in view.bindings.get((owner, name), ()):
                given = options(ev.value(assign.value, path, assign.owner)) if assign.value is not None else ()
                found.update(o.value for o in given if isinstance(o, Const) and isinstance(o.value, str))
    return Const(found.pop()) if len(found) == 1 else None


def _apart(name: str) -> str:
    """`DevelopmentConfig` as words with a sign between."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
