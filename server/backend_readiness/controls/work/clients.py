"""Where the client of the database is made: there pools, timeouts and the record of slow statements are set."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import library_rules, place_of
from backend_readiness.controls.deployed.setups import Setup, setups_of
from backend_readiness.model import Evidence
from backend_readiness.rules.setup_rules import SetupTopic
from backend_readiness.rules.signs import sign

_ASIDE = re.compile(sign("clients", "aside"))


def is_aside(path: str) -> bool:
    """Is the file a script beside what runs: a seed, a migration, a tool?"""
    return _ASIDE.search(path) is not None


def clients(context: Context, topic: SetupTopic) -> list[Setup]:
    """The forms of the topic in what runs, not in scripts beside it."""
    return [s for s in setups_of(context, topic, each=True) if s.at.file is not None and not is_aside(s.at.file)]


def client_place(context: Context) -> Evidence | None:
    """The line that makes the client, or the setting from which the framework makes it; None where neither was found."""
    for topic in ("connection_pool", "connection_single"):
        for setup in clients(context, topic):
            return setup.at
    for rule in library_rules(context, "pooling"):
        place = place_of(context, rule)
        if place is not None:
            return place
    return None
