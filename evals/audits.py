"""Audits of the good app and of its twins, in worker processes, reduced to what the score compares."""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from backend_readiness.errors import UnknownStart
from backend_readiness.model import Severity, Verdict
from evals.seeded import Seeded, load_seeded, shop_copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    file: str
    line: int
    end_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicted:
    """A control's verdict; `severity` is the finding's where there is one."""

    verdict: Verdict
    severity: Severity
    why: str
    places: tuple[Span, ...]

    @property
    def open(self) -> bool:
        return self.verdict in (Verdict.FAIL, Verdict.PARTIAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One audit. `error` says why there is none; `incomplete` what broke off in it."""

    controls: dict[str, Verdicted]
    seconds: float
    incomplete: tuple[str, ...] = ()
    error: str = ""


Key = tuple[str, str]
"""A flow and its endpoint; the endpoint "" stands for all endpoints together."""


def audit(root: Path, key: Key, cache: Path) -> Audited:
    """Audits a flow by its endpoint. An endpoint that the app does not have gives an `Audited` with an error."""
    from backend_readiness.graph.flows import whole
    from backend_readiness.workspace import Workspace

    started = time.perf_counter()
    name, endpoint = key
    workspace = Workspace(root, cache_dir=cache)
    try:
        flow = workspace.resolve_flow(name, [endpoint]) if endpoint else whole(workspace.tracer)
        report = workspace.audit(flow)
    except UnknownStart as error:
        return Audited(controls={}, seconds=time.perf_counter() - started, error=f"no such endpoint: {error}")
    except Exception as error:  # a crash is a row of the board: the other audits still count
        return Audited(controls={}, seconds=time.perf_counter() - started, error=f"{type(error).__name__}: {error}")
    controls = {
        control.id: Verdicted(
            verdict=control.verdict,
            severity=control.severity,
            why=control.why,
            places=tuple(
                Span(file=e.file, line=e.line, end_line=e.end_line or e.line)
                for e in control.evidence
                if e.file is not None and e.line is not None
            ),
        )
        for control in report.controls
    }
    return Audited(controls=controls, seconds=time.perf_counter() - started, incomplete=report.run.incomplete)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One audit to make: of a twin, or of the good app when `change` is None."""

    key: Key
    change: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audits:
    """The good app by flow and endpoint, and each twin by the id of its change."""

    good: dict[Key, Audited]
    twins: dict[str, Audited]


EVERY_ENDPOINT: Key = ("every endpoint", "")
Progress = Callable[[int, int], None]


def run_audits(changes: Iterable[Seeded], *, jobs: int = 2, progress: Progress = lambda done, total: None) -> Audits:
    """Audits the good app for each flow that the changes name, and each twin for its own. All share one new cache of facts."""
    wanted = tuple(changes)
    keys = sorted({(seeded.flow, seeded.endpoint) for seeded in wanted} | {EVERY_ENDPOINT})
    tasks = [*(Task(key=key) for key in keys), *(Task(key=(seeded.flow, seeded.endpoint), change=seeded.id) for seeded in wanted)]
    found = Audits(good={}, twins={})
    with tempfile.TemporaryDirectory(prefix="backend-readiness-eval-") as folder:
        for done, (task, audited) in enumerate(_performed(tasks, Path(folder), jobs), start=1):
            if task.change is None:
                found.good[task.key] = audited
            else:
                found.twins[task.change] = audited
            progress(done, len(tasks))
    return found


def _performed(tasks: list[Task], scratch: Path, jobs: int) -> Iterator[tuple[Task, Audited]]:
    first, rest = tasks[0], tasks[1:]
    yield perform(first, scratch)  # alone: it fills the cache for all others
    if jobs <= 1 or not rest:
        yield from (perform(task, scratch) for task in rest)
        return
    with ProcessPoolExecutor(max_workers=jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = [pool.submit(perform, task, scratch) for task in rest]
        yield from (future.result() for future in as_completed(waiting))


def perform(task: Task, scratch: Path) -> tuple[Task, Audited]:
    """Makes the copy that the task asks for below `scratch`, audits it and removes it."""
    folder = Path(tempfile.mkdtemp(dir=scratch))
    changes = [load_seeded()[task.change]] if task.change else []
    try:
        return task, audit(shop_copy(folder / "shop", changes), task.key, scratch / "cache")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
