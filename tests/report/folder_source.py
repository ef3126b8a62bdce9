"""A snapshot of `{path: text}` with the surface that the report needs, and the case that most tests here start from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pathspec

from backend_readiness.model import (
    Chain,
    ControlResult,
    Endpoint,
    Evidence,
    EvidenceKind,
    FindingStatus,
    Flow,
    Gap,
    Layer,
    Link,
    LinkStatus,
    RejectedHit,
    Search,
    Severity,
    Skipped,
    Stage,
    Verdict,
)
from backend_readiness.report.build import build
from backend_readiness.report.schema import Report

FIXTURE = Path(__file__).parents[1] / "fixtures" / "login_app"
COMMIT = "c0ffee" + "0" * 34


@dataclass(frozen=True)
class FakeFile:
    path: str
    blob: str
    size: int = 0


@dataclass
class FolderSource:
    """`texts` is all there is; blobs are git's, so that they are those of a real snapshot."""

    texts: Mapping[str, str]
    commit: str | None = COMMIT
    dirty: bool = False
    skipped: tuple[Skipped, ...] = ()
    files: tuple[FakeFile, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.files = tuple(FakeFile(path, _blob(text)) for path, text in sorted(self.texts.items()))

    def file(self, path: str) -> FakeFile | None:
        return next((f for f in self.files if f.path == path), None)

    def text(self, path: str) -> str:
        return self.texts[path]

    def lines(self, path: str) -> tuple[str, ...]:
        found = self.texts[path].split("\n")
        return tuple(line.removesuffix("\r") for line in (found if found[-1] else found[:-1]))

    def glob(self, *patterns: str) -> tuple[str, ...]:
        spec = pathspec.GitIgnoreSpec.from_lines(patterns)
        return tuple(f.path for f in self.files if spec.match_file(f.path))


def _blob(text: str) -> str:
    data = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def login_app() -> FolderSource:
    texts = {p.relative_to(FIXTURE).as_posix(): p.read_text(encoding="utf-8") for p in FIXTURE.rglob("*") if p.is_file()}
    return FolderSource(texts, skipped=(Skipped(path="web/logo.png", reason="binary"),))


def place(file: str, line: int, end_line: int | None = None, **more: object) -> Evidence:
    return Evidence(kind=EvidenceKind.CODE, file=file, line=line, end_line=end_line or line, **more)  # type: ignore[arg-type]


def result(
    name: str, layer: Layer, verdict: Verdict, severity: Severity = Severity.HIGH, *evidence: Evidence, **more: object
) -> ControlResult:
    return ControlResult(
        id=name, layer=layer, title=f"{name} holds", severity=severity, verdict=verdict, why="Because.", evidence=evidence, **more
    )  # type: ignore[arg-type]


LOGIN = Flow(
    name="login",
    endpoints=(Endpoint(method="POST", path="/api/login"),),
    entry_url="/login",
    success_criteria=("The user holds a token",),
)

CHAIN = Chain(
    endpoint=Endpoint(method="POST", path="/api/login"),
    complete=False,
    links=(
        Link(
            stage=Stage.USER_ACTION,
            status=LinkStatus.CONFIRMED,
            file="web/Login.tsx",
            line=12,
            end_line=12,
            symbol="<form onSubmit>",
            why="handler in the element",
        ),
        Link(
            stage=Stage.API_CALL,
            status=LinkStatus.CONFIRMED,
            file="web/Login.tsx",
            line=4,
            end_line=4,
            symbol="fetch",
            parent=0,
            operation="call",
            target="POST /api/login",
        ),
        Link(stage=Stage.ROUTE, status=LinkStatus.CONFIRMED, file="app/sessions.py", line=14, end_line=14, symbol="POST /login", parent=1),
        Link(stage=Stage.HANDLER, status=LinkStatus.CONFIRMED, file="app/sessions.py", line=15, end_line=20, symbol="login", parent=2),
        Link(
            stage=Stage.DATA,
            status=LinkStatus.CONFIRMED,
            file="app/sessions.py",
            line=16,
            end_line=16,
            symbol="db.query",
            parent=3,
            operation="read",
            target="users",
        ),
        Link(
            stage=Stage.SERVICE,
            status=LinkStatus.STUBBED,
            file="app/sessions.py",
            line=23,
            end_line=24,
            symbol="issue",
            parent=3,
            why="returns the id as a token",
        ),
    ),
    gaps=(Gap(stage=Stage.EXTERNAL, why="no token service is called"),),
)

RESULTS = (
    ControlResult(
        id="sec-rate-limit-auth",
        layer=Layer.SECURITY,
        title="Sign-in attempts are not limited",
        severity=Severity.CRITICAL,
        verdict=Verdict.FAIL,
        why="Nothing limits the attempts on POST /api/login.",
        evidence=(
            Evidence(
                kind=EvidenceKind.ABSENCE,
                file="app/sessions.py",
                line=14,
                end_line=15,
                search=Search(
                    scope="middleware and decorators of POST /api/login",
                    roles=("rate_limiter",),
                    paths=("**/*.py",),
                    patterns=(r"(?i)limiter|throttle", r"\b429\b", r"\.first\(\)"),
                    rejected=(RejectedHit(file="app/sessions.py", line=16, why="limits rows, not requests"),),
                ),
                note="a limiter would stand here",
            ),
        ),
        fix=("Limit sign-in attempts per account and address", "Answer 429 with Retry-After", "Test the limit"),
    ),
    ControlResult(
        id="sec-secrets-in-code",
        layer=Layer.SECURITY,
        title="A secret stands in the code",
        severity=Severity.HIGH,
        verdict=Verdict.FAIL,
        why="The signing key is a literal.",
        evidence=(place("app/main.py", 9),),
        fix=("Read the key from the environment", "Replace the key"),
    ),
    ControlResult(
        id="inf-no-stub-response",
        layer=Layer.INFRASTRUCTURE,
        title="The token is a stub",
        severity=Severity.MEDIUM,
        verdict=Verdict.PARTIAL,
        status=FindingStatus.STUBBED,
        why="The token is the user's id in clear.",
        evidence=(place("app/sessions.py", 23, 24),),
        fix=("Sign the token",),
    ),
    result("inf-database-real", Layer.INFRASTRUCTURE, Verdict.PASS, Severity.CRITICAL, place("app/main.py", 10)),
    result("data-unique-constraints", Layer.DATA, Verdict.PASS, Severity.HIGH, place("app/models.py", 11)),
    result("obs-structured-logs", Layer.OBSERVABILITY, Verdict.PASS, Severity.MEDIUM, place("app/sessions.py", 19)),
    result(
        "rel-graceful-shutdown",
        Layer.RELIABILITY,
        Verdict.UNVERIFIED,
        Severity.CRITICAL,
        question="Does the platform send SIGTERM to uvicorn?",
    ),
    result("perf-pagination", Layer.PERFORMANCE, Verdict.NOT_APPLICABLE, Severity.HIGH),
    result("perf-indexes", Layer.PERFORMANCE, Verdict.PASS, Severity.MEDIUM, place("app/models.py", 11)),
)


def login_report(source: FolderSource | None = None) -> Report:
    return build(source or login_app(), LOGIN, [CHAIN], RESULTS, engine="static", tool_version="0.1.0")
