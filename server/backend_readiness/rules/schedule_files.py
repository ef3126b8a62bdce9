"""Where command lines stand that a clock runs (`schedule_files.yml`)."""

from __future__ import annotations

from functools import cache

import yaml

from backend_readiness.rules.card_rules import Closed
from backend_readiness.rules.cards import RULES


class ScheduleFiles(Closed):
    """The keys are described at the head of the file."""

    crontabs: tuple[str, ...]
    documents: tuple[str, ...]
    kinds: tuple[str, ...]
    times: tuple[str, ...]
    commands: tuple[str, ...]


@cache
def load_schedule_files() -> ScheduleFiles:
    return ScheduleFiles.model_validate(yaml.safe_load((RULES / "schedule_files.yml").read_text("utf-8")))
