"""The schema of the configuration file. Unknown keys are errors."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from backend_readiness.model import Severity

Text = Annotated[str, Field(min_length=1, max_length=500)]
Endpoint = Annotated[str, Field(pattern=r"^[A-Z]{2,12} \S+$", max_length=500)]
PlaceText = Annotated[str, Field(pattern=r"^[^:\s][^:]*:[1-9]\d{0,6}$", max_length=500)]
MAX_ENTRIES = 500


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Profile(StrEnum):
    """What is asked of the repository: a prototype is weighed more lightly, a service at scale more heavily."""

    PROTOTYPE = "prototype"
    TEAM = "team"
    SCALE = "scale"


class DeclaredFlow(_Closed):
    """A flow by name. Without endpoints it is the one that the name means, with what else is said here."""

    name: Text
    entry_url: Text | None = None
    success: tuple[Text, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()


class Attestation(_Closed):
    """What a person vouches for: a control, or an item of the checklists that only people can answer."""

    control: Text | None = None
    item: Text | None = None
    verdict: Literal["pass", "not_applicable"] = "pass"
    flow: Text | None = None
    owner: Text
    date: datetime.date
    expires: datetime.date | None = None
    evidence: Text | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> Attestation:
        if (self.control is None) == (self.item is None):
            raise ValueError("an attestation names either a control or an item")
        return self


class AcceptedRisk(_Closed):
    """A finding that the owner lives with until a date. `finding` is its fingerprint; `control` takes every finding of that control."""

    finding: Text | None = None
    control: Text | None = None
    flow: Text | None = None
    reason: Text
    owner: Text
    expires: datetime.date

    @model_validator(mode="after")
    def _names_what_it_accepts(self) -> AcceptedRisk:
        if (self.finding is None) == (self.control is None):
            raise ValueError("an accepted risk names either a finding (its fingerprint) or a control")
        return self


class DeclaredLink(_Closed):
    """A call that static analysis cannot see: the line that makes it, and the endpoint that it reaches."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: PlaceText = Field(alias="from")
    to: Endpoint
    why: Text


class Configuration(_Closed):
    """Everything that the file says; empty without one."""

    profile: Profile = Profile.TEAM
    exclude: tuple[Text, ...] = ()
    controls: Text | None = None
    flows: Annotated[tuple[DeclaredFlow, ...], Field(max_length=MAX_ENTRIES)] = ()
    attestations: Annotated[tuple[Attestation, ...], Field(max_length=MAX_ENTRIES)] = ()
    accepted_risks: Annotated[tuple[AcceptedRisk, ...], Field(max_length=MAX_ENTRIES)] = ()
    severity: Mapping[str, Severity] = Field(default_factory=dict)
    links: Annotated[tuple[DeclaredLink, ...], Field(max_length=MAX_ENTRIES)] = ()

    @field_validator("controls")
    @classmethod
    def _stays_inside(cls, folder: str | None) -> str | None:
        if folder is not None and (folder.startswith("/") or ".." in PurePosixPath(folder).parts):
            raise ValueError("the folder of controls stands inside the repository")
        return folder

    @field_validator("flows")
    @classmethod
    def _names_are_told_apart(cls, flows: tuple[DeclaredFlow, ...]) -> tuple[DeclaredFlow, ...]:
        names = [flow.name for flow in flows]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"the flow {twice!r} stands twice")
        return flows
