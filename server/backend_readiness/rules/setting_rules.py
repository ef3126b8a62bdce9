"""Where applications keep their settings (`setting_files.yml`): the files, those of their builds, and the keys of profiles."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from backend_readiness.rules import yaml_files


class HandedOut(BaseModel):
    """Settings that a server hands out to the applications of a system, each in the file that is called like the application."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    below: tuple[str, ...] = Field(alias="from")
    endings: tuple[str, ...]


class Sources(BaseModel):
    """Annotations that name a file of settings (argument `files`), and those that name packages of the application (`packages`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    named_by: tuple[str, ...]
    files: tuple[str, ...]
    scanned_by: tuple[str, ...]
    packages: tuple[str, ...]


class SettingRules(BaseModel):
    """`profiles`: a document of a file that sets one of these keys holds only where that profile is active.

    `active`: settings that name the active profiles, whose files are `profile_files`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: tuple[str, ...]
    builds: tuple[str, ...]
    handed_out: HandedOut
    environment_files: tuple[str, ...]
    environment_reads: tuple[str, ...]
    environment_calls: tuple[str, ...]
    profiles: tuple[str, ...]
    active: tuple[str, ...]
    profile_files: tuple[str, ...]
    sources: Sources


@cache
def load_setting_rules() -> SettingRules:
    return SettingRules.model_validate(yaml_files.read("setting_files.yml"))
