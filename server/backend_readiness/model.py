"""The shared nouns: frozen values that every stage after `facts` passes on.

Lines count from 1; `end_line` is inclusive. Paths are relative to the repository root, with `/`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Layer(StrEnum):
    INFRASTRUCTURE = "infrastructure"
    SECURITY = "security"
    PERFORMANCE = "performance"
    RELIABILITY = "reliability"
    OBSERVABILITY = "observability"
    DATA = "data"

    @property
    def title(self) -> str:  # type: ignore[override]  # reads like a property of the layer, str.title is never wanted
        return _LAYER_TITLES[self]


_LAYER_TITLES = {
    Layer.INFRASTRUCTURE: "Infrastructure Reality",
    Layer.SECURITY: "Security",
    Layer.PERFORMANCE: "Performance & Scalability",
    Layer.RELIABILITY: "Reliability & Resilience",
    Layer.OBSERVABILITY: "Observability & Operability",
    Layer.DATA: "Data Integrity & Lifecycle",
}


class Severity(StrEnum):
    """Most severe first; `rank` sorts (3 = critical)."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        return {"critical": 3, "high": 2, "medium": 1, "low": 0}[self.value]


class Verdict(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    PARTIAL = "partial"
    NOT_APPLICABLE = "not_applicable"
    UNVERIFIED = "unverified"


class FindingStatus(StrEnum):
    MISSING = "missing"
    PARTIAL = "partial"
    STUBBED = "stubbed"


class VerifiedBy(StrEnum):
    STATIC = "static"
    RUNTIME = "runtime"
    AGENT = "agent"
    ATTESTATION = "attestation"


class EvidenceKind(StrEnum):
    CODE = "code"
    CONFIG = "config"
    DOC = "doc"
    RUNTIME = "runtime"
    ABSENCE = "absence"


class Stage(StrEnum):
    """The stages of a chain, in the order in which a request passes them."""

    USER_ACTION = "user_action"
    FRONTEND_HANDLER = "frontend_handler"
    API_CALL = "api_call"
    ROUTE = "route"
    MIDDLEWARE = "middleware"
    HANDLER = "handler"
    SERVICE = "service"
    DATA = "data"
    EXTERNAL = "external"


class LinkStatus(StrEnum):
    CONFIRMED = "confirmed"
    INFERRED = "inferred"
    MISSING = "missing"
    STUBBED = "stubbed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands."""

    file: str
    line: int
    end_line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file that was not read, and why (binary, larger than 1 MiB, vendored, unreadable ...)."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedHit:
    """A place that a search found and that does not count, with the reason."""

    file: str
    line: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The recorded search that proves an absence. `validate` runs it again.

    `patterns` are regular expressions (Python `re`, matched line by line, bounded) and `paths` globs
    (`**/*.py`); the claim is that no line of a matching file matches, but for `rejected`.
    """

    scope: str
    roles: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    files_searched: int = 0
    rejected: tuple[RejectedHit, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Path, span, exact quote and blob hash. `quote` is the text of the lines `line`..`end_line`.

    Controls name the place; `report.evidence` fills in `quote` and `blob`. For an absence the place is where
    the thing should stand, and `search` says how it was looked for.
    """

    kind: EvidenceKind
    file: str | None = None
    line: int | None = None
    end_line: int | None = None
    quote: str | None = None
    blob: str | None = None
    search: Search | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`method` is upper case (`GET`, `ANY`, `QUERY`, `RPC`, `WS` ...), `path` has `{name}` and `{name*}` parameters."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    name: str
    where: str  # path | query | header | cookie | body | form


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A named piece of code: a handler, a middleware, a model."""

    symbol: str
    file: str
    line: int
    end_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One backend endpoint. `place` is the registration; `handler` the function that answers, if it was resolved.

    `middleware` stands in the order in which a request passes it.
    """

    endpoint: Endpoint
    place: Place
    framework: str
    handler: Named | None
    params: tuple[Param, ...] = ()
    middleware: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One row of a chain. `parent` is the index in the chain's `links` of the link that leads to this one."""

    stage: Stage
    status: LinkStatus
    file: str
    line: int
    end_line: int
    symbol: str
    parent: int | None = None
    operation: str | None = None  # read | write | delete | call
    target: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A link that should exist and does not."""

    stage: Stage
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    endpoint: Endpoint | None
    complete: bool
    links: tuple[Link, ...]
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Something a user can do. `endpoints` are the routes it needs; `methods`: how those that take any are asked for, where it was said."""

    name: str
    endpoints: tuple[Endpoint, ...]
    entry_url: str | None = None
    success_criteria: tuple[str, ...] = ()
    place: Place | None = None
    description: str = ""
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlResult:
    """The verdict of one control on one flow."""

    id: str
    layer: Layer
    title: str
    severity: Severity
    verdict: Verdict
    why: str
    verified_by: VerifiedBy = VerifiedBy.STATIC
    evidence: tuple[Evidence, ...] = ()
    status: FindingStatus | None = None  # of the finding, when the verdict is fail or partial
    fix: tuple[str, ...] = ()
    question: str = ""  # what an agent or a person must settle, when unverified


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """What was read: for the head of every answer."""

    root: str
    commit: str | None
    dirty: bool
    files: int
    skipped: tuple[Skipped, ...] = field(default=())
