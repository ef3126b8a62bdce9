"""Where command lines stand that a clock runs (`schedule_files.yml`)."""

from __future__ import annotations

from functools import cache

from backend_readiness.rules import yaml_files
from backend_readiness.rules.card_rules import Closed


class ScheduleFiles(Closed):
    """The keys are described at the head of the file."""

    crontabs: tuple[str, ...]
    documents: tuple[str, ...]
    kinds: tuple[str, ...]
    times: tuple[str, ...]
    commands: tuple[str, ...]


@cache
def load_schedule_files() -> ScheduleFiles:
    return ScheduleFiles.model_validate(yaml_files.read("schedule_files.yml"))
