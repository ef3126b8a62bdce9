"""Where applications keep their settings (`setting_files.yml`): the files, those of their builds, and the keys of profiles."""

from __future__ import annotations

from functools import cache

import yaml
from pydantic import BaseModel, ConfigDict

from backend_readiness.rules.cards import RULES


class SettingRules(BaseModel):
    """`profiles`: a document of a file that sets one of these keys holds only where that profile is active."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: tuple[str, ...]
    builds: tuple[str, ...]
    profiles: tuple[str, ...]


@cache
def load_setting_rules() -> SettingRules:
    return SettingRules.model_validate(yaml.safe_load((RULES / "setting_files.yml").read_text("utf-8")))
