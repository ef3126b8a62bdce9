"""What the model answers: a part of the report, as the input of one tool. It names places; quotes are filled in from the snapshot."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend_readiness.model import FindingStatus, Layer, Severity

TOOL = "report_fragment"
MAX_SETTLED = 12
MAX_OBSERVED = 5

Line = Annotated[int, Field(ge=1, le=10_000_000)]
Path = Annotated[str, Field(min_length=1, max_length=1_000)]
Steps = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=400)], ...], Field(max_length=8)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Closed):
    """A place in the repository that shows the verdict: what you read there, and why it shows it."""

    file: Path
    line: Line
    end_line: Line | None = None
    text: Annotated[str | None, Field(max_length=400, description="The line as you read it; finds the place when the number is off")] = None
    note: Annotated[str, Field(max_length=300)] = ""


class Rejected(_Closed):
    file: Path
    line: Line
    why: Annotated[str, Field(min_length=1, max_length=300)]


class Absence(_Closed):
    """A search that would have found the thing. It is run again: any hit that is not in `rejected` refutes it."""

    scope: Annotated[str, Field(min_length=1, max_length=200, description="In words: what was searched, for what")]
    paths: Annotated[tuple[Path, ...], Field(max_length=20, description="Globs as in .gitignore; none: all files")] = ()
    patterns: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=290)], ...],
        Field(max_length=20, description="RE2, line by line; none: the files of `paths` do not exist"),
    ] = ()
    rejected: Annotated[tuple[Rejected, ...], Field(max_length=40)] = ()


class Settled(_Closed):
    """The verdict on one control."""

    control: Annotated[str, Field(max_length=80)]
    verdict: Literal["pass", "fail", "partial", "not_applicable", "unverified"]
    why: Annotated[str, Field(min_length=10, max_length=600, description="One or two sentences for the reader of the report")]
    places: Annotated[tuple[Place, ...], Field(max_length=12)] = ()
    absence: Absence | None = None
    fix: Annotated[Steps, Field(description="For fail and partial: steps in this repository's own framework and files")] = ()
    status: FindingStatus | None = None


class Observed(_Closed):
    """Something wrong on the flow that no control of the catalogue names."""

    title: Annotated[str, Field(min_length=5, max_length=80)]
    layer: Layer
    severity: Severity
    why: Annotated[str, Field(min_length=10, max_length=600)]
    places: Annotated[tuple[Place, ...], Field(min_length=1, max_length=12)]
    fix: Annotated[Steps, Field(min_length=1)]


class Fragment(_Closed):
    controls: Annotated[tuple[Settled, ...], Field(max_length=MAX_SETTLED)] = ()
    observations: Annotated[tuple[Observed, ...], Field(max_length=MAX_OBSERVED)] = ()


def schema() -> dict[str, Any]:
    """The tool's input schema."""
    return Fragment.model_json_schema()
