"""Rules on fields that nothing may evaluate: annotations whose engine no build file of the repository brings."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_BUILDS = signs("inert_rules", "builds")
_VERSION = re.compile(sign("inert_rules", "version"))
_BRINGS = re.compile(sign("inert_rules", "brings"))
_NEARBY = re.compile(sign("inert_rules", "nearby"))
_LANGUAGES = ("java", "kotlin")
FIRST = (2, 3)  # the first version whose web starter leaves the engine out


def without_engine(context: Context) -> Evidence | None:
    """The line of a build file near which the engine would stand, where the framework brings none and no build file names one."""
    if context.language not in _LANGUAGES:
        return None
    texts = {path: context.snapshot.text(path) for path in context.snapshot.glob(*_BUILDS)}
    versions = [(int(a), int(b)) for text in texts.values() for a, b in _VERSION.findall(text)]
    if not versions or min(versions) < FIRST or any(_BRINGS.search(text) is not None for text in texts.values()):
        return None
    for path in sorted(texts, key=lambda p: p.count("/")):
        for number, line in enumerate(context.snapshot.lines(path)[:2_000], 1):
            if _NEARBY.search(line) is not None:
                return context.at(path, number)
    return None
