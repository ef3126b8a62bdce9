"""One audited repository with everything that is computed from it, each part made when it is first asked for.

The command line, the tools and the MCP server all work on a `Workspace`; it holds no knowledge of its own.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from backend_readiness import __version__
from backend_readiness.catalogue import check_names, control_ids
from backend_readiness.errors import UnknownStart, UnusableInput
from backend_readiness.model import Chain, ControlResult, Flow, Repository, Route
from backend_readiness.progress import Progress

if TYPE_CHECKING:
    from backend_readiness.configuration import Configuration, DeclaredFlow
    from backend_readiness.configuration.own_controls import OwnControl
    from backend_readiness.controls.imported import Imported
    from backend_readiness.facts.store import Facts
    from backend_readiness.graph.sent.declared import DeclaredLink
    from backend_readiness.graph.trace import Traced, Tracer
    from backend_readiness.report.schema import AgentOut, ControlOut, FindingOut, Report
    from backend_readiness.snapshot import Snapshot

T = TypeVar("T")

_SILENT: Progress = lambda what, done, total: None  # noqa: E731


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Verdicts with their evidence in place, and the findings of those that do not hold."""

    controls: tuple[ControlOut, ...]
    findings: tuple[FindingOut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A flow's chains, best first, with a result for each control; `incomplete` says what could not be judged."""

    chains: tuple[Chain, ...]
    results: tuple[ControlResult, ...]
    incomplete: tuple[str, ...]


_PLACE = re.compile(r"(?P<file>\S[^\n]{0,1000}?):(?P<line>\d{1,7})(?::\d{1,7})?")
_FLOW_NAME = re.compile(r"[\w.-]{1,100}")
_ENDPOINT = re.compile(r"\s*[A-Za-z]{2,12}\s+/")


@cache
def code_version() -> str:
    """Identity of the installed package with its cards: what is remembered about a repository is void when it changes."""
    package = Path(__file__).parent
    stats = ((p, p.stat()) for p in sorted(package.rglob("*")) if p.suffix in (".py", ".yml", ".json"))
    return blake2b("".join(f"{p}{s.st_mtime_ns}{s.st_size}" for p, s in stats).encode()).hexdigest()[:32]


class Workspace:
    """A repository on disk, read once. `root` is a folder; `exclude` holds globs as in .gitignore.

    `today` tells which attestations and accepted risks have run out; without it all that can run out has.
    Errors: `NotARepository` when it is first read, and `UnusableInput` when nothing in it can be read.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        exclude: Sequence[str] = (),
        cache_dir: Path | None = None,
        progress: Progress | None = None,
        today: datetime.date | None = None,
    ) -> None:
        self.root = Path(root)
        self._exclude = tuple(exclude)
        self._cache_dir = cache_dir
        self._today = today or datetime.date.max
        self._progress = progress or _SILENT

    # ------------------------------------------------------------ what is read

    @cached_property
    def snapshot(self) -> Snapshot:
        from backend_readiness.snapshot import take

        self._progress("Reading files", 0, 0)
        taken = take(self.root, exclude=(*self._exclude, *self.configuration.exclude))
        if not taken.files:
            skipped = (
                f" ({len(taken.skipped)} skipped, the first: {taken.skipped[0].path}, {taken.skipped[0].reason})" if taken.skipped else ""
            )
            raise UnusableInput(f"{self.root} holds no file that can be read{skipped}: name the folder of a repository with code in it")
        return taken

    @cached_property
    def _configured(self) -> tuple[Configuration, str]:
        from backend_readiness.configuration import read

        return read(self.root)

    @property
    def configuration(self) -> Configuration:
        """What `.backend-readiness.toml` says. Errors: `UnusableInput`."""
        return self._configured[0]

    @cached_property
    def facts(self) -> Facts:
        from backend_readiness.facts.store import collect

        snapshot = self.snapshot
        return collect(snapshot, cache_dir=self._cache_dir, progress=lambda done, total: self._progress("Indexing", done, total))

    @cached_property
    def tracer(self) -> Tracer:
        from backend_readiness.graph.trace import Tracer
        from backend_readiness.graph.world import Graph

        facts = self.facts
        self._progress("Joining", 0, 0)
        return Tracer(Graph(self.snapshot, facts), declared=self._declared_links())

    @property
    def repository(self) -> Repository:
        """What was read, with what was left out by the snapshot and by the extraction of facts."""
        taken = self.snapshot
        skipped = tuple(sorted((*taken.skipped, *self.facts.skipped), key=lambda s: (s.path, s.reason)))
        return Repository(root=str(taken.root), commit=taken.commit, dirty=taken.dirty, files=len(taken.files), skipped=skipped)

    @cached_property
    def _flows(self) -> tuple[Flow, ...]:
        def find() -> tuple[Flow, ...]:
            from backend_readiness.graph.flows import flows_of

            return flows_of(self.tracer)

        found = self._once("flows", find, tuple[Flow, ...])
        named = tuple(self._declared_flow(f) for f in self.configuration.flows if f.endpoints)
        return (*named, *(f for f in found if f.name not in {n.name for n in named}))

    def _declared_flow(self, declared: DeclaredFlow) -> Flow:
        from backend_readiness.graph.flows import resolve_flow

        flow = resolve_flow(self.tracer, declared.name, declared.endpoints)
        return replace(flow, entry_url=declared.entry_url, success_criteria=declared.success, description="named by the configuration")

    def _once(self, question: str, make: Callable[[], T], kind: type[T]) -> T:
        """The answer to a question about these bytes, from the cache or made now: the same bytes have the same answer."""
        import msgspec

        body = self.facts.remembered(self._key(question), lambda: msgspec.msgpack.encode(make()))
        try:
            return msgspec.msgpack.decode(body, type=kind)
        except msgspec.MsgspecError:
            return make()

    def _key(self, question: str) -> str:
        """The question with all that its answer depends on besides the bytes of the snapshot."""
        text = self._configured[1]
        return f"{question}\0{code_version()}\0{blake2b(text.encode()).hexdigest() if text else ''}"

    @cached_property
    def own_controls(self) -> dict[str, OwnControl]:
        """The repository's own controls by id. Errors: `UnusableInput`."""
        from backend_readiness.configuration.own_controls import read_own_controls

        folder = self.configuration.controls
        return read_own_controls(self.snapshot, folder) if folder is not None else {}

    def _declared_links(self) -> tuple[DeclaredLink, ...]:
        from backend_readiness.graph.sent.declared import DeclaredLink

        return tuple(DeclaredLink(place=link.from_, endpoint=link.to, why=link.why) for link in self.configuration.links)

    # ------------------------------------------------------------ questions

    def routes(self) -> tuple[Route, ...]:
        """Every backend endpoint, sorted by path and method."""

        def read() -> tuple[Route, ...]:
            from backend_readiness.graph.handling.request_inputs import RequestInputs

            inputs = RequestInputs(self.tracer.graph)
            return tuple(inputs.route(bound) for bound in self.tracer.routes)

        return self._once("routes", read, tuple[Route, ...])

    def flows(self) -> tuple[Flow, ...]:
        """What a user can do, from the interface or from the endpoints; see `graph.flows`."""
        return self._flows

    def trace(self, start: str) -> tuple[str, list[Chain]]:
        """(`route`, `location` or `text`, chains best first) for a start in any of the three forms; the name of a flow is a text.

        An endpoint may lack its mount prefix and a place its folders, as long as one fits; a column (`a.tsx:41:7`) does not count.
        A place that nothing goes through gives no chain. Errors: `UnknownStart` when the start names nothing in the repository.
        """
        if not start.strip():
            raise UnknownStart('an empty start: give a route ("POST /login"), a place ("web/Login.tsx:41") or words ("user signs in")')
        return self._once(f"trace {start}", lambda: self._trace(start), tuple[str, list[Chain]])

    def _trace(self, start: str) -> tuple[str, list[Chain]]:
        if _FLOW_NAME.fullmatch(start.strip()):
            named = next((f for f in self._flows if f.name == start.strip()), None)
            if named is not None and (of_flow := self.chains(named)):
                return "text", [traced.chain for traced in of_flow]
        try:
            kind, found = self.tracer.start(self._located(start))
        except UnknownStart:
            from backend_readiness.graph.flows import endpoint_routes

            if not _ENDPOINT.match(start):
                raise
            kind, found = "route", [t for bound in endpoint_routes(self.tracer, start) for t in self.tracer.from_route(bound)]
        if kind == "text" and not found:
            some = [f.name for f in self.flows()[:5]]
            known = f"the flows are {', '.join(some)} ..." if some else "it has no endpoint that was recognised"
            raise UnknownStart(f"nothing in the repository fits the words {start!r}; {known}")
        return kind, [traced.chain for traced in found]

    def _located(self, start: str) -> str:
        """A place as the graph knows it: relative to the root, with `/`, without a column. Any other start as it is."""
        match = _PLACE.fullmatch(start.strip())
        if match is None:
            return start
        path = match["file"].replace("\\", "/")
        root = f"{self.snapshot.root.as_posix()}/"
        path = path.removeprefix(root).removeprefix("./")
        if self.snapshot.file(path) is None:
            ending = [f.path for f in self.snapshot.files if f.path.endswith(f"/{path}")]
            path = ending[0] if len(ending) == 1 else path
        return f"{path}:{match['line']}"

    def resolve_flow(self, name: str, endpoints: Sequence[str] = (), *, entry_url: str | None = None, success: Sequence[str] = ()) -> Flow:
        """The flow that `name` means; with `endpoints` it is these, and the name is free.

        Errors: `UnknownFlow` naming the nearest flows, `UnknownStart` for an endpoint that does not exist.
        """
        declared = next((f for f in self.configuration.flows if f.name == name and not endpoints), None)
        if declared is not None:
            endpoints, entry_url, success = declared.endpoints, entry_url or declared.entry_url, success or declared.success
        known = None if endpoints else self._flows

        def resolve() -> Flow:
            from backend_readiness.graph.flows import resolve_flow

            return resolve_flow(self.tracer, name, endpoints, known)

        flow = self._once(f"flow {name}\0{chr(0).join(endpoints)}", resolve, Flow)
        return replace(flow, entry_url=entry_url or flow.entry_url, success_criteria=tuple(success) or flow.success_criteria)

    def chains(self, flow: Flow) -> list[Traced]:
        """The chains of all endpoints of a flow, each endpoint's best first."""
        from backend_readiness.graph.flows import routes_of

        return [traced for bound in routes_of(self.tracer, flow) for traced in self.tracer.from_route(bound)]

    # ------------------------------------------------------------ judging

    def check(self, controls: Sequence[str], flow: Flow | None = None) -> Checked:
        """Verdicts of the controls named by id or by layer; all when none is named. Without a flow: of all endpoints together.

        Errors: `UnknownControl`.
        """
        from backend_readiness.graph.flows import whole

        wanted = control_ids(controls, self.own_controls)
        report = self._report(flow or whole(self.tracer), wanted)
        return Checked(controls=report.controls, findings=report.findings)

    def audit(self, flow: Flow, imported: Sequence[Imported] = ()) -> Report:
        """The sealed report on one flow, over every control of the catalogue. `imported`: findings of other tools that join it."""
        import msgspec

        from backend_readiness.report.schema import Report

        state = f"{self.snapshot.commit} {self.snapshot.dirty} {msgspec.json.encode(flow).decode()}"
        if imported:
            state += f" {blake2b(repr(imported).encode()).hexdigest()}"
        if self.configuration.attestations or self.configuration.accepted_risks:
            state += f" {self._today.isoformat()}"  # they run out
        make = lambda: self._report(flow, None, imported).model_dump_json().encode()  # noqa: E731
        return Report.model_validate_json(self.facts.remembered(self._key(f"audit {state}"), make))

    def _report(self, flow: Flow, only: frozenset[str] | None, imported: Sequence[Imported] = ()) -> Report:
        return self.report_of(flow, self.judge(flow, only, imported))

    def judge(self, flow: Flow, only: frozenset[str] | None = None, imported: Sequence[Imported] = ()) -> Judged:
        """What the controls say of a flow, before it becomes a report. `imported`: findings of other tools that join it."""
        from backend_readiness.controls import runner
        from backend_readiness.controls.attested import with_attestations
        from backend_readiness.controls.imported import with_imported

        traced = self.chains(flow)
        self._progress("Judging", 0, 0)
        errors: list[str] = []
        configured = self.configuration
        check_names(configured, self.own_controls)
        results = runner.run(
            self.tracer,
            self.snapshot,
            flow,
            traced,
            only=only,
            errors=errors,
            profile=configured.profile,
            severities=configured.severity,
            own=self.own_controls,
        )
        results = with_imported(results, imported, self.snapshot)
        results = with_attestations(results, configured.attestations, flow, self.snapshot, self._today)
        incomplete = (*errors, *(f"no facts of {s.path}: {s.reason}" for s in self.facts.skipped))
        return Judged(chains=tuple(t.chain for t in traced), results=tuple(results), incomplete=incomplete)

    def report_of(
        self, flow: Flow, judged: Judged, *, engine: Literal["static", "agent"] = "static", agent: AgentOut | None = None
    ) -> Report:
        """The sealed report on what was judged; `agent` is what a run with a model used."""
        from backend_readiness.report.build import build
        from backend_readiness.report.declared import acceptances_of, attestations_of

        return build(
            self.snapshot,
            flow,
            judged.chains,
            judged.results,
            engine=engine,
            tool_version=__version__,
            incomplete=judged.incomplete,
            acceptances=acceptances_of(self.configuration),
            attestations=attestations_of(self.configuration),
            today=self._today,
            agent=agent,
        )
