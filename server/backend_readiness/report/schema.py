"""The report and the trace as other programs read them: closed, frozen pydantic models of `report/1` and `trace/1`.

Lines count from 1, `end_line` is inclusive, paths are relative to the repository with `/`. The JSON Schema in
`references/report.schema.json` is generated from here (`schema_json`).
"""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend_readiness.model import EvidenceKind, FindingStatus, Layer, LinkStatus, Severity, Stage, Verdict, VerifiedBy

Line = Annotated[int, Field(ge=1)]
Score = Annotated[int, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
LayerStatus = Literal["ready", "at_risk", "not_ready", "unverified"]
Readiness = Literal["ready", "ready_with_conditions", "not_ready"]
Engine = Literal["static", "agent"]
BaselineState = Literal["new", "known"]


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True, populate_by_name=True)


class ToolOut(_Out):
    name: str
    version: str


class RepositoryOut(_Out):
    """`commit` is null for a folder that is no git repository; `dirty` says that files differ from the commit."""

    commit: str | None
    dirty: bool


class FlowOut(_Out):
    name: str
    entry_url: str | None = None
    success_criteria: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()


class EndpointOut(_Out):
    method: str
    path: str


class LinkOut(_Out):
    """One row of a chain. `quote` is the text of line `line`, null when the line is too long to show."""

    stage: Stage
    status: LinkStatus
    file: str
    line: Line
    end_line: Line
    symbol: str
    parent: Annotated[int, Field(ge=0)] | None = None
    operation: str | None = None
    target: str | None = None
    why: str = ""
    quote: str | None = None


class GapOut(_Out):
    stage: Stage
    why: str


class ChainOut(_Out):
    endpoint: EndpointOut | None
    complete: bool
    links: tuple[LinkOut, ...]
    gaps: tuple[GapOut, ...] = ()


class RejectedOut(_Out):
    file: str
    line: Line
    why: str


class SearchOut(_Out):
    """The search that proves an absence. `digest` is over all its fields and the blobs of all files it read."""

    scope: str
    roles: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    files_searched: Annotated[int, Field(ge=0)]
    rejected: tuple[RejectedOut, ...] = ()
    unread: tuple[str, ...] = ()
    digest: Digest


class EvidenceOut(_Out):
    """`quote` is the exact text of `line`..`end_line`, but for secrets when `redacted`; `blob` is the git hash of the file."""

    kind: EvidenceKind
    file: str | None = None
    line: Line | None = None
    end_line: Line | None = None
    quote: str | None = None
    blob: str | None = None
    redacted: bool = False
    search: SearchOut | None = None
    note: str = ""


class LayerOut(_Out):
    """`score` is null when no control of the layer was verified."""

    id: Layer
    title: str
    status: LayerStatus
    score: Score | None
    verified_share: Share
    summary: str


class ControlOut(_Out):
    """The verdict of one control. `title` says what is wrong when it is open, else what must hold; `question` what is left to
    settle when it is `unverified`."""

    id: str
    title: str
    layer: Layer
    verdict: Verdict
    severity: Severity
    why: str
    verified_by: VerifiedBy
    question: str = ""
    evidence: tuple[EvidenceOut, ...] = ()


class AcceptedOut(_Out):
    """Who lives with the finding, why, and until which day; `expired` when that day has passed."""

    reason: str
    owner: str
    expires: str
    expired: bool


class FindingOut(_Out):
    """A control that fails or holds in part. `baseline` is set when the report was compared with an earlier one."""

    id: str
    title: str
    layer: Layer
    severity: Severity
    status: FindingStatus
    control: str
    why: str
    evidence: tuple[EvidenceOut, ...]
    fix: tuple[str, ...]
    fingerprint: str
    baseline: BaselineState | None = None
    accepted: AcceptedOut | None = None

    @property
    def is_accepted(self) -> bool:
        return self.accepted is not None and not self.accepted.expired


class AttestedOut(_Out):
    """What the configuration vouches for until `expires`: a control, or an item of the checklists that only people can answer."""

    control: str | None
    item: str | None
    owner: str
    date: str
    expires: str | None
    evidence: str | None


class ScoreOut(_Out):
    overall: Score
    verdict: Readiness
    verified_share: Share
    blockers: tuple[str, ...]
    reasons: tuple[str, ...]


class ChecklistItemOut(_Out):
    """One thing to do. `finding` is null for a question that must be settled first."""

    id: str
    text: str
    severity: Severity
    layer: Layer
    finding: str | None


class SkippedOut(_Out):
    path: str
    reason: str


class AgentOut(_Out):
    """What a run with a model used. `usd` is null when the model's price is not known; `settled` counts verdicts that it gave."""

    provider: str
    model: str
    turns: Annotated[int, Field(ge=0)]
    input_tokens: Annotated[int, Field(ge=0)]
    cached_tokens: Annotated[int, Field(ge=0)]
    output_tokens: Annotated[int, Field(ge=0)]
    usd: Annotated[float, Field(ge=0)] | None
    settled: Annotated[int, Field(ge=0)]


class RunOut(_Out):
    """How far the run came. `id` and `created_at` are outside the integrity digest: same bytes, same report."""

    files: Annotated[int, Field(ge=0)]
    skipped: tuple[SkippedOut, ...] = ()
    incomplete: tuple[str, ...] = ()
    agent: AgentOut | None = None
    id: str | None = None
    created_at: str | None = None


class Report(_Out):
    schema_: Literal["backend-readiness/report/1"] = Field(default="backend-readiness/report/1", alias="schema")
    tool: ToolOut
    engine: Engine
    repository: RepositoryOut
    flow: FlowOut
    chains: tuple[ChainOut, ...]
    layers: tuple[LayerOut, ...]
    controls: tuple[ControlOut, ...]
    findings: tuple[FindingOut, ...]
    score: ScoreOut
    checklist: tuple[ChecklistItemOut, ...]
    attestations: tuple[AttestedOut, ...] = ()
    run: RunOut
    integrity: Digest


class StartOut(_Out):
    kind: Literal["route", "location", "text"]
    value: str


class TraceOut(_Out):
    schema_: Literal["backend-readiness/trace/1"] = Field(default="backend-readiness/trace/1", alias="schema")
    start: StartOut
    chains: tuple[ChainOut, ...]


def schema_json() -> str:
    """The JSON Schema of the report as text, ready for `references/report.schema.json`."""
    schema = Report.model_json_schema(by_alias=True, mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "backend-readiness report"
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"
