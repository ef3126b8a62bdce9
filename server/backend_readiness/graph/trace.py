"""Chains: user action -> frontend handler -> API call -> route -> middleware -> handler -> services -> data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from backend_readiness.errors import UnknownStart
from backend_readiness.graph.backend.backend import Backend
from backend_readiness.graph.backend.edges import Edges
from backend_readiness.graph.background.jobs import Job, jobs_of, received
from backend_readiness.graph.interface.messages import message_matches
from backend_readiness.graph.interface.sent_when_shown import sends_when_shown
from backend_readiness.graph.interface.server_actions import action_matches
from backend_readiness.graph.interface.shown import loads_at
from backend_readiness.graph.interface.ui import Ui
from backend_readiness.graph.remote.answers import Answers
from backend_readiness.graph.routes.routing import BoundRoute, RouterKey
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.routes.webhooks import caller_of
from backend_readiness.graph.sent.actions import action_calls
from backend_readiness.graph.sent.clients import ApiCall, Clients
from backend_readiness.graph.sent.declared import DeclaredLink, matches_of
from backend_readiness.graph.sent.described_calls import described_calls
from backend_readiness.graph.sent.drawn_elements import DrawnElements
from backend_readiness.graph.sent.element_addresses import ElementAddresses
from backend_readiness.graph.sent.element_values import ElementValues
from backend_readiness.graph.sent.forms import form_calls
from backend_readiness.graph.sent.gateways import gateways
from backend_readiness.graph.sent.graphql_calls import graphql_calls
from backend_readiness.graph.sent.helper_forms import helper_calls
from backend_readiness.graph.sent.linking import Linking, Match
from backend_readiness.graph.sent.method_calls import method_matches
from backend_readiness.graph.sent.model_addresses import with_asked_addresses
from backend_readiness.graph.sent.named_addresses import with_named_routes
from backend_readiness.graph.sent.procedures import procedure_calls
from backend_readiness.graph.sent.proxies import rewrites
from backend_readiness.graph.sent.senders import Senders
from backend_readiness.graph.sent.service_calls import ServiceCalls
from backend_readiness.graph.sent.settings_requests import settings_calls
from backend_readiness.graph.sent.written_markup import WrittenMarkup
from backend_readiness.graph.settings.env_files import EnvFiles
from backend_readiness.graph.steps import Step
from backend_readiness.graph.world import Graph
from backend_readiness.model import Chain, Gap, Link, LinkStatus, Place, Stage

MAX_CHAINS = 8
SKETCHED_LINKS, SKETCHED_DEPTH = 24, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """A chain with the route and the walk behind it, for the controls."""

    chain: Chain
    bound: BoundRoute | None
    backend: Backend | None


class Tracer:
    """All questions about chains of one graph; routes, calls and matches are computed once."""

    def __init__(self, graph: Graph, declared: Sequence[DeclaredLink] = ()) -> None:
        """`declared`: calls that the owner of the repository knows and the source does not show."""
        self.graph = graph
        self._declared = tuple(declared)
        self.service_calls = ServiceCalls(graph, lambda: self.routes)
        self.edges = Edges(graph, self.service_calls)
        self.ui = Ui(graph, self.edges)
        self._answers = Answers(graph, lambda: self.routes, lambda: self.calls)
        self._walks: dict[int, Backend] = {}

    @cached_property
    def _scan(self) -> tuple[Scan, tuple[BoundRoute, ...]]:
        scan = Scan(self.graph)
        return scan, scan.run()

    @property
    def routes(self) -> tuple[BoundRoute, ...]:
        """All backend routes, sorted by path and method."""
        return self._scan[1]

    def mounts_above(self, router: RouterKey) -> list[RouterKey]:
        """The routers that a router is mounted on, innermost first."""
        found: list[RouterKey] = []
        current: RouterKey | None = router
        for _ in range(8):
            current = next((m.parent for m in self._scan[0].routing.mounts if m.child == current), None)
            if current is None or current in found:
                break
            found.append(current)
        return found

    def guarded_at(self, file: str, line: int) -> set[RouterKey]:
        """The routers on which a line puts up something that runs before or after their handlers."""
        routers = self._scan[0].routing.routers
        return {k for k, i in routers.items() if any(g.place.file == file and g.place.line <= line <= g.place.end_line for g in i.guards)}

    def mounted_at(self, router: RouterKey) -> Place | None:
        """Where the way from the outermost router to this one begins; None for the outermost itself."""
        mounts = {m.child: m for m in reversed(self._scan[0].routing.mounts)}
        below, place = router, None
        for _ in range(8):
            mount = mounts.get(below)
            if mount is None:
                break
            place = mount.place
            if mount.parent is None:
                break
            below = mount.parent
        return place

    @cached_property
    def calls(self) -> tuple[ApiCall, ...]:
        called = (
            *action_calls(self.graph, self.routes),
            *procedure_calls(self.graph, self.routes),
            *self.service_calls.of_interface(),
            *graphql_calls(self.graph, self.routes),
            *described_calls(self.graph),
        )
        written = (*Clients(self.graph).calls(), *settings_calls(self.graph), *form_calls(self.graph, self.routes))
        drawn = (*helper_calls(self.graph, self.routes), *DrawnElements(self.graph, self.routes).calls())
        values, addresses = ElementValues(self.graph, self.routes), ElementAddresses(self.graph, self.routes, drawn)
        environment = EnvFiles(self.graph)
        asked = (with_asked_addresses(self.graph, addresses.applied(values.applied(c))) for c in written)
        sent = (with_named_routes(self.graph, self.routes, environment.applied(c)) for c in asked)
        in_texts = WrittenMarkup(self.graph, self.routes).calls()
        carried = {(c.place.file, c.start) for c in called if c.rpc == "graphql"}  # what a request carries says more than its address
        return (*(c for c in sent if (c.place.file, c.start) not in carried), *drawn, *in_texts, *called)

    @cached_property
    def linking(self) -> Linking:
        behind = (*rewrites(self.graph), *(g.rewrite for g in gateways(self.graph)))
        linking = Linking(self.routes, self.calls, behind, self.senders.is_interface)
        linking.declare(message_matches(self.graph, self.routes))
        linking.declare((*action_matches(self.graph, self.ui, self.routes), *method_matches(self.graph, self.routes)))
        linking.declare(matches_of(self.graph, self.routes, self._declared))
        return linking

    @cached_property
    def senders(self) -> Senders:
        """Whose the requests of a file are."""
        return Senders(self.graph, self.routes)

    @cached_property
    def scheduled(self) -> tuple[Job, ...]:
        """What clocks run. No endpoints: they are starts of chains, and not among the routes."""
        return jobs_of(self.graph)

    @cached_property
    def received(self) -> tuple[Job, ...]:
        """What messages run."""
        return received(self.graph, self.edges.buses)

    @cached_property
    def has_frontend(self) -> bool:
        """Does the repository have a user interface at all?"""
        return bool(self.linking.matches) or any(i.elements for i in self.graph.facts.files.values())

    # ------------------------------------------------------------ from a route

    def from_route(self, bound: BoundRoute, asked: str = "ANY") -> list[Traced]:
        """One chain for each way from the interface to the route; one without interface when there is none.

        `asked`: the method that is asked for; where the interface sends it to a route of any, what it sends otherwise is left out.
        """
        calls = self.linking.calls_of(bound)
        sent = [m for m in calls if m.call.method in (asked, "ANY")] if bound.route.endpoint.method == "ANY" else []
        matches = sorted(
            sent or calls,
            key=lambda m: (m.status is not LinkStatus.CONFIRMED, m.call.kind == "link", m.call.place.file, m.call.start),
        )
        chains: list[Traced] = []
        for match in matches[:MAX_CHAINS]:
            for steps in self.user_paths(match.call):
                if len(chains) < MAX_CHAINS:
                    chains.append(self.chain(match.route, match, steps))
        if all(m.call.rpc == "message" for m in matches):  # a page is opened before it sends any
            chains.append(self.chain(bound, None, ()))
        unique = {tuple((link.stage, link.file, link.line) for link in t.chain.links): t for t in reversed(chains)}
        as_found = reversed(unique.values())  # sorting keeps it between equals
        return sorted(as_found, key=lambda t: (not t.chain.complete, _guesses(t.chain)))

    def user_paths(self, call: ApiCall) -> list[tuple[Step, ...]]:
        if call.kind != "call":
            return [()]
        step = self.ui.events.around(call.place.file, call.start)
        if step is not None:  # `@click="fetch('/orders')"`
            return [(step,)]
        shown = loads_at(self.graph, call.place.file, call.start) or sends_when_shown(self.ui, call.through)
        found = self.ui.paths(call.owner, shown=shown)
        return found or [()]

    def chain(self, bound: BoundRoute, match: Match | None, steps: tuple[Step, ...]) -> Traced:
        """Put a chain together; `steps` lead from the user to the API call."""
        links: list[Link] = []
        gaps: list[Gap] = []
        parent: int | None = None
        if match is not None:
            parent = self._frontend(match.call, match.status, match.why, steps, links)
            if not any(link.stage is Stage.USER_ACTION for link in links):
                gaps.append(Gap(stage=Stage.USER_ACTION, why="no element or page that leads to the call was found"))
        elif self.has_frontend:
            caller = caller_of(self.graph, bound)
            why = f"called by {caller}, no frontend expected" if caller else "no frontend code calls this endpoint"
            gaps.append(Gap(stage=Stage.API_CALL, why=why))
        backend = self.walk(bound)
        offset = len(links)
        for link in backend.links:
            links.append(replace(link, parent=parent if link.parent is None else link.parent + offset))
        if not any(link.stage is Stage.HANDLER for link in backend.links):
            gaps.append(Gap(stage=Stage.HANDLER, why="the handler of the route could not be resolved"))
        if not any(link.stage in (Stage.DATA, Stage.EXTERNAL) for link in backend.links):
            gaps.append(Gap(stage=Stage.DATA, why="no data access or service call was found below the handler"))
        chain = Chain(endpoint=bound.route.endpoint, complete=not gaps, links=tuple(links), gaps=tuple(gaps))
        return Traced(chain=chain, bound=bound, backend=backend)

    def from_job(self, job: Job) -> Traced:
        """The chain of what a clock or a message starts; it has no endpoint."""
        backend = Backend(self.graph, self.edges, self._answers)
        backend.run(job)
        touched = any(link.stage in (Stage.DATA, Stage.EXTERNAL) for link in backend.links)
        gaps = () if touched else (Gap(stage=Stage.DATA, why="no data access or service call was found below the handler"),)
        return Traced(chain=Chain(endpoint=None, complete=not gaps, links=tuple(backend.links), gaps=gaps), bound=None, backend=backend)

    def walk(self, bound: BoundRoute) -> Backend:
        """The walk below a route, made once."""
        known = self._walks.get(id(bound))
        if known is None:
            known = self._walks[id(bound)] = Backend(self.graph, self.edges, self._answers)
            known.walk(bound)
        return known

    def sketch(self, bound: BoundRoute) -> Backend:
        """What lies near below the handler of a route; the whole walk of every route would take long in a large repository."""
        found = Backend(self.graph, self.edges, max_links=SKETCHED_LINKS, max_depth=SKETCHED_DEPTH)
        found.sketch(bound)
        return found

    def ended(self, call: ApiCall, reason: str, steps: tuple[Step, ...]) -> Traced:
        """The chain of a request that reaches no route, and why (`sent.linking.Unmatched`). It has no endpoint."""
        links: list[Link] = []
        self._frontend(call, LinkStatus.CONFIRMED, f"the request is sent here; {reason}", steps, links)
        gap = Gap(stage=Stage.ROUTE, why=f"{reason}: {call.symbol}")
        return Traced(chain=Chain(endpoint=None, complete=False, links=tuple(links), gaps=(gap,)), bound=None, backend=None)

    def unasked(self, steps: tuple[Step, ...]) -> Traced:
        """The chain of an action below which no request was found. It has no endpoint."""
        links: list[Link] = []
        self._steps(steps, links, None)
        gap = Gap(stage=Stage.API_CALL, why="no request was found below what the event runs")
        return Traced(chain=Chain(endpoint=None, complete=False, links=tuple(links), gaps=(gap,)), bound=None, backend=None)

    def _frontend(self, call: ApiCall, status: LinkStatus, why: str, steps: tuple[Step, ...], links: list[Link]) -> int:
        """Append the interface's links; returns the index of the API call."""
        parent: int | None = None
        if call.kind != "call":
            links.append(_link(Stage.USER_ACTION, LinkStatus.CONFIRMED, call, f"<{call.kind}>", None, "the browser sends it"))
            parent = 0
        parent = self._steps(steps, links, parent)
        links.append(_link(Stage.API_CALL, status, call, call.symbol, parent, why))
        return len(links) - 1

    def _steps(self, steps: tuple[Step, ...], links: list[Link], parent: int | None) -> int | None:
        """Append a link for each step; returns the index of the last."""
        for step in steps:
            links.append(
                Link(
                    stage=Stage.USER_ACTION if step.kind in ("event", "load") else Stage.FRONTEND_HANDLER,
                    status=step.status,
                    file=step.place.file,
                    line=step.place.line,
                    end_line=step.place.end_line,
                    symbol=step.symbol,
                    parent=parent,
                    why=step.why,
                )
            )
            parent = len(links) - 1
        return parent

    # ------------------------------------------------------------ starts

    def by_endpoint(self, method: str, path: str) -> list[BoundRoute]:
        """Routes of a method and path; parameters' names and the trailing slash do not count. One of its method hides one of any."""
        from backend_readiness.graph.urls import shape, uniform

        wanted = shape(uniform(path))
        found = [r for r in self.routes if shape(r.route.endpoint.path) == wanted and _method_fits(method, r.route.endpoint.method)]
        if not found:  # many servers compare paths without regard to case
            folded = tuple(part.lower() for part in wanted)
            found = [r for r in self.routes if _folded(r) == folded and _method_fits(method, r.route.endpoint.method)]
        found = [r for r in found if r.route.endpoint.method == method] or found
        exact = [r for r in found if r.route.endpoint.path == path]
        return sorted(exact or found, key=lambda r: "?" in r.registration.name)  # one of several handlers of a path comes last

    def nearest(self, text: str, limit: int = 3) -> list[str]:
        import difflib

        return difflib.get_close_matches(text, [str(r.route.endpoint) for r in self.routes], limit, 0.3)

    def start(self, text: str) -> tuple[str, list[Traced]]:
        """Chains for a start in any of the three forms, best first, and the form.

        Errors: `UnknownStart` when a route, file or line names nothing; free text that fits nothing gives no chain.
        """
        from backend_readiness.graph.locate import from_location, parse_location
        from backend_readiness.graph.search import from_text

        method, _, path = text.strip().partition(" ")
        if path and method.isalpha() and method.isupper():
            bound = self.by_endpoint(method, path.strip())
            if not bound:
                near = self.nearest(text)
                raise UnknownStart(f"no route {text!r} in the repository" + (f"; the nearest: {', '.join(near)}" if near else ""))
            return "route", [t for b in bound for t in self.from_route(b, method)]
        location = parse_location(text)
        if location is not None:
            return "location", from_location(self, *location)
        return "text", from_text(self, text)


def _method_fits(wanted: str, method: str) -> bool:
    return wanted == method or "ANY" in (wanted, method)


def _folded(bound: BoundRoute) -> tuple[str, ...]:
    from backend_readiness.graph.urls import shape

    return tuple(part.lower() for part in shape(bound.route.endpoint.path))


def _guesses(chain: Chain) -> int:
    return sum(link.status is LinkStatus.INFERRED for link in chain.links)


def _link(stage: Stage, status: LinkStatus, call: ApiCall, symbol: str, parent: int | None, why: str) -> Link:
    return Link(
        stage=stage,
        status=status,
        file=call.place.file,
        line=call.place.line,
        end_line=call.place.end_line,
        symbol=symbol,
        parent=parent,
        why=why,
    )
