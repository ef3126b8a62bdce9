"""From a handler down: services in call order, and the data, queues and services that they touch."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from backend_readiness.graph.backend.edges import Edge, Edges, last_step_of
from backend_readiness.graph.backend.effects import Effect, effect_of
from backend_readiness.graph.backend.handed_statements import each, handed, names_record, takes_statement
from backend_readiness.graph.backend.idle_constructors import does_something
from backend_readiness.graph.backend.inner_calls import inner_calls, lies_within
from backend_readiness.graph.backend.passed_effects import passed
from backend_readiness.graph.backend.pruning import Reached, pruned
from backend_readiness.graph.backend.quiet import is_accessor, made_with, settles, tells
from backend_readiness.graph.backend.same_program import SameProgram
from backend_readiness.graph.backend.skipped_branches import SkippedBranches
from backend_readiness.graph.background.jobs import Job
from backend_readiness.graph.classes.parts import declared
from backend_readiness.graph.classes.template_methods import runs_of
from backend_readiness.graph.evaluation.earlier_names import callee_value
from backend_readiness.graph.evaluation.kept_results import runs_once, runs_what_it_is_given_once
from backend_readiness.graph.handling.asked_for import asked_for, asking_sites, run_by
from backend_readiness.graph.handling.bound_models import bound_models
from backend_readiness.graph.remote.answers import Answers
from backend_readiness.graph.routes.routing import BoundRoute, function_named, functions_in
from backend_readiness.graph.values import Env, FuncV, InstV, Site, SymbolId
from backend_readiness.graph.views import CONSTRUCTORS
from backend_readiness.graph.world import Graph
from backend_readiness.model import Link, LinkStatus, Named, Place, Stage

MAX_LINKS = 160
MAX_DEPTH = 10
NEAR = 2  # calls below the handler that a walk follows at once where not everything has room
_EXTERNAL = {"external", "http", "payment"}


class Backend:
    """One walk from a route. `links` is what the trace shows, `functions` and `effects` what the controls judge."""

    def __init__(
        self, graph: Graph, edges: Edges, answers: Answers | None = None, *, max_links: int = MAX_LINKS, max_depth: int = MAX_DEPTH
    ) -> None:
        self.graph = graph
        self.edges = edges
        self._answers = answers
        self._max_links = max_links
        self._max_depth = max_depth
        self.links: list[Link] = []
        self.functions: list[Reached] = []
        self.effects: list[tuple[Effect, int]] = []
        self._seen: set[SymbolId] = set()
        self._telling: set[int] = set()
        self._settling: set[int] = set()
        self._clause: Place | None = None
        self._skipped = SkippedBranches(graph)  # branches for other methods
        self._clauses: dict[SymbolId, Place] = {}  # of functions below the handler
        self._parts: set[Place] = set()  # the clauses that were followed
        self._met: set[tuple[SymbolId, SymbolId | None]] = set()
        self._full = False
        self._later: deque[tuple[Edge, int, int]] | None = None  # what waits until all that is nearer is there
        self._again: list[tuple[int, SymbolId]] = []  # links whose functions call one that is shown elsewhere
        self._takers: set[SymbolId] = set()  # functions that run statements of their callers
        self._program, self._start = SameProgram(graph), ""  # and a file of the program that runs

    def sketch(self, bound: BoundRoute) -> None:
        """Append the handler and what lies near below it: enough to tell what a route is about."""
        for function in [v for v in functions_in(self.graph, bound.handler) if isinstance(v, FuncV)][:2]:
            self._clause = bound.clause
            self._function(function, Stage.HANDLER, -1, LinkStatus.CONFIRMED, "registered on the route", made_with(self.graph, function), 0)

    def walk(self, bound: BoundRoute) -> None:
        """Append the route, its middleware, the handler and everything below to `links`; where that is too much, the nearest of it."""
        self._walk(bound)
        if self._full:
            self.links, self.functions, self.effects = [], [], []
            for kept in (self._seen, self._telling, self._settling, self._met, self._parts, self._again):
                kept.clear()
            self._clause, self._full, self._later = None, False, deque()
            self._walk(bound)
        self._prune()

    def _walk(self, bound: BoundRoute) -> None:
        route = bound.route
        at, name = route.place, f"{route.endpoint}"
        root = self._add(Stage.ROUTE, LinkStatus.CONFIRMED, at.file, at.line, at.end_line, name, None, why=f"{route.framework} route")
        handlers = [v for v in functions_in(self.graph, bound.handler) if isinstance(v, FuncV)]
        self._skipped = SkippedBranches(self.graph, before=route.endpoint.path)
        own = {h.symbol for h in handlers}  # `app.MapPost("/orders", place).RequireAuthorization()`: a guard in one chain with its handler
        for value in (f for g in bound.guards for f in run_by(self.graph, g.value) if f.symbol not in own):
            self._ahead(value, root, "runs before the handler")
        for function in [f for v in (*(g.value for g in bound.guards), bound.handler) for f in self.edges.strategies.signs_in(v)]:
            if function.symbol not in self._seen:
                self._function(function, Stage.SERVICE, root, LinkStatus.CONFIRMED, "the strategy that the route names", None, 1)
        self._clause = bound.clause
        for dependency in (d for function in handlers[:2] for d in asked_for(self.graph, function)):
            self._ahead(dependency, root, "a dependency of the handler")
        self._seen.clear()  # what runs before is no part of the handler's own way: what it calls again is shown again
        self._met.clear()
        self._start, self._skipped = handlers[0].symbol.file if handlers else "", SkippedBranches(self.graph, bound)
        for function in handlers[:2]:
            self._seen.discard(function.symbol)
            self._function(
                function, Stage.HANDLER, root, LinkStatus.CONFIRMED, "registered on the route", made_with(self.graph, function), 0
            )
            self._looked_up(bound, function)
        for function in bound.registration.runs if handlers else ():
            if function.symbol not in self._seen:
                self._function(function, Stage.HANDLER, root, LinkStatus.CONFIRMED, "the framework runs it for the route", None, 0)
        registration = bound.registration
        if not handlers and (route.handler is not None or registration.touches):
            self._inherited(bound, root)
        elif registration.stands is not None:  # a method that hands on to the one of its base
            index = next((i for i, link in enumerate(self.links) if link.stage is Stage.HANDLER), root)
            self._touched(bound, index, self.links[index].symbol)
        while self._later:
            self._edge(*self._later.popleft(), put_off=False)

    def _ahead(self, function: FuncV, root: int, why: str) -> None:
        if function.symbol not in self._seen:
            self._function(function, Stage.MIDDLEWARE, root, LinkStatus.CONFIRMED, why, made_with(self.graph, function), 1)

    def _looked_up(self, bound: BoundRoute, function: FuncV) -> None:
        """Append what the framework reads to give it to the handler."""
        index = next((i for i, link in enumerate(self.links) if link.stage is Stage.HANDLER), -1)
        for name in bound_models(self.graph, bound, function) if index >= 0 else ():
            at, why = self.links[index], f"orm: looked up by the path, {bound.card.id}"
            self._add(Stage.DATA, LinkStatus.CONFIRMED, at.file, at.line, at.line, name, index, "read", name, why)

    def run(self, job: Job) -> None:
        """Append what a clock or a message starts: its registration as the root, its function, and everything below."""
        place = job.place
        root = self._add(Stage.ROUTE, LinkStatus.CONFIRMED, place.file, place.line, place.end_line, job.symbol, None, why=job.why)
        made, self._start = made_with(self.graph, job.function), job.function.symbol.file
        self._function(job.function, Stage.HANDLER, root, LinkStatus.CONFIRMED, "registered to run", made, 0)
        self._prune()

    def _prune(self) -> None:
        shown = pruned(self.graph, self.links, self.functions, self._telling, self._settling, self._again)
        kept = {i: n for n, i in enumerate(sorted(i for i, above in shown.items() if above == i))}
        self.functions = [replace(r, link=kept[shown[r.link]]) for r in self.functions if r.link in shown]
        self.effects = [(e, kept[shown[i]]) for e, i in self.effects if i in shown]
        self.links = [
            replace(link, parent=kept.get(link.parent) if link.parent is not None else None)
            for i, link in enumerate(self.links)
            if i in kept
        ]

    def _inherited(self, bound: BoundRoute, root: int, stage: Stage = Stage.HANDLER) -> None:
        """A class that leaves the answer to its base: the class, the methods that the base runs, and what it does to the model.

        Without a class a package answers, where the repository configures it, or the framework, where the route is written.
        """
        where, stands = bound.route.place, bound.registration.stands if bound.handler is None else None
        framework = Named(symbol=bound.route.framework, file=where.file, line=where.line, end_line=where.end_line)
        handler = bound.route.handler or framework
        why = "the class answers through its base" if bound.route.handler is not None else "the framework answers for the model"
        why = "a package answers, as it is configured here" if stands is not None else why
        index = self._add(stage, LinkStatus.CONFIRMED, handler.file, handler.line, handler.end_line, handler.symbol, root, why=why)
        for function in (*bound.registration.runs, *runs_of(self.graph, bound.registration.handler)):
            if function.symbol not in self._seen:
                self._function(function, Stage.SERVICE, index, LinkStatus.CONFIRMED, "the base class runs it", None, 1)
        self._touched(bound, index, handler.symbol)

    def _touched(self, bound: BoundRoute, index: int, symbol: str) -> None:
        """Append what the base class, a package or the framework does for the handler."""
        by = "package" if bound.registration.stands is not None else "base class" if bound.route.handler is not None else "framework"
        seen = {(link.operation, link.target) for link in self.links[index + 1 :]}
        for touch in bound.registration.touches:
            if (touch.operation, touch.target) in seen:  # a method of the repository does what the base would
                continue
            place = touch.place
            why = f"orm: the {by}, {bound.card.id}"
            at = (place.file, place.line, place.end_line)
            self._add(Stage.DATA, LinkStatus.CONFIRMED, *at, symbol, index, touch.operation, touch.target, why)

    def _function(
        self, function: FuncV, stage: Stage, parent: int, status: LinkStatus, why: str, env: Env | None, depth: int, kind: str = ""
    ) -> None:
        self._seen.add(function.symbol)
        named = function_named(self.graph, function)
        part = (self._clause if stage is Stage.HANDLER else self._clauses.get(function.symbol)) or named
        index = self._add(stage, status, named.file, part.line, part.end_line, named.symbol, parent, why=why)
        if index < 0:
            return
        self.functions.append(Reached(function=function, env=env, link=index, called=kind == "call", passed=kind == "callback"))
        if depth < self._max_depth:
            self._body(function, env, index, depth)

    def _body(self, function: FuncV, env: Env | None, index: int, depth: int) -> None:
        if depth > 0 and runs_once(self.graph, function):
            return
        view = self.graph.view(function.symbol.file)
        body = view.body(function.symbol.index)
        self._seen.update(SymbolId(function.symbol.file, i) for i in body)
        numbers = sorted(
            (c for i in body for c in view.calls_of.get(i, ())), key=lambda c: (view.facts.calls[c].start, -view.facts.calls[c].end)
        )
        # What the signature asks for runs before the handler, see `asked_for`.
        asked = [view.facts.calls[s.call] for s in asking_sites(self.graph, function) if s.file == function.symbol.file]
        numbers = [c for c in numbers if not any(a.start <= view.facts.calls[c].start and view.facts.calls[c].end <= a.end for a in asked)]
        handles = depth == 0 and self.links[index].stage is Stage.HANDLER
        numbers = self._skipped.left(function, numbers, handles=handles)
        clause = self._clause if handles else self._clauses.get(function.symbol)
        numbers = [c for c in numbers if clause is None or clause.line <= view.facts.calls[c].line <= clause.end_line]
        sites = [Site(function.symbol.file, c, env) for c in numbers]
        effects: dict[int, tuple[Effect, frozenset[int]]] = {}
        settling: set[int] = set()
        at_start: list[Site] = []
        for site in sites:
            callee = callee_value(self.graph.ev, view, site.call, env)
            if runs_what_it_is_given_once(self.graph, callee):
                at_start.append(site)
            if tells(self.graph, callee, view.symbol(function.symbol.index)):
                self._telling.add(index)
            effect = effect_of(self.graph, callee, site)
            if effect is not None:
                effects[site.call] = (effect, inner_calls(self.graph, callee, site))
            elif settles(self.graph, callee):
                settling.add(site.call)
        sites = [s for s in sites if not any(lies_within(view, s, once) for once in at_start)]
        hidden = {c for _, inner in effects.values() for c in inner}
        runs = any(e.statement is not None or names_record(self.graph, e, e.site) for e, _ in effects.values())
        for site in sites:
            found = effects.get(site.call)
            if found is not None:
                if site.call not in hidden:
                    for effect in each(self.graph, found[0]):
                        self._effect(effect, index)
                    for edge in self.edges.of_call(site):
                        # Putting work on a queue is a touch, and the work runs; beside what a package implements stand own classes.
                        if edge.kind == "dispatch" or (edge.kind == "call" and self.graph.has_implementing):
                            self._edge(edge, index, depth)
                    self._ask(site, [], index, depth)
                continue
            for effect in passed(self.graph, site):
                self._effect(effect, index)
            if site.call in settling:
                self._settle(site, index)
            own = self._program.own(self.edges.of_call(site), self._start)
            for edge in own:
                self._edge(edge, index, depth)
            self._ask(site, [e.target for e in own if e.kind == "call"], index, depth)
        if (runs or self._takers) and takes_statement(self.graph, self.edges, function, env):
            self._takers.add(function.symbol)

    def _edge(self, edge: Edge, index: int, depth: int, *, put_off: bool = True) -> None:
        if put_off and self._later is not None and (edge.kind == "dispatch" or depth >= NEAR):
            self._later.append((edge, index, depth))
            return
        target = edge.target
        view = self.graph.view(target.symbol.file)
        symbol = view.symbol(target.symbol.index)
        receiver = target.self_value.cls.symbol if isinstance(target.self_value, InstV) else None
        walked = edge.clause is None or edge.clause in self._parts
        if (target.symbol in self._seen and walked) and (
            (target.symbol, receiver) in self._met
            or receiver is None
            or symbol.parent < 0
            or receiver == declared(self.graph.ev, SymbolId(target.symbol.file, symbol.parent))
        ):  # an inherited method is followed once for each class that it is called on
            self._again.append((index, target.symbol))
            if target.symbol in self._takers:
                for effect in handed(self.graph, self.edges, target, self.edges_env(edge)):
                    if effect.statement is not None or not self._is_there(effect):
                        self._effect(replace(effect, site=edge.site), index)
            return
        if len(self.links) >= self._max_links:
            self._full = True
            return
        self._met.add((target.symbol, receiver))
        quiet = symbol.name in CONSTRUCTORS or is_accessor(view, target.symbol.index)
        if quiet and not edge.crosses and not does_something(self.graph, self.edges, edge, receiver, self.edges_env(edge)):
            return
        if symbol.kind == "lambda" and edge.source.file == target.symbol.file and edge.source.index in view.enclosing(target.symbol.index):
            return  # written inside of the function that runs it: its calls are there already
        if edge.clause is not None:
            self._clauses[target.symbol] = edge.clause
            self._parts.add(edge.clause)
        env = self.edges_env(edge)
        stage = Stage.MIDDLEWARE if self.links[index].stage is Stage.MIDDLEWARE else Stage.SERVICE  # the inside of what runs before
        start = self._start
        if edge.crosses:
            self._telling.add(len(self.links))  # another service works: a step, though it may touch nothing
            self._start = target.symbol.file
        self._function(target, stage, index, edge.status, edge.why, env, depth + 1, edge.kind)
        self._start = start

    def _ask(self, site: Site, runs: list[FuncV], index: int, depth: int) -> None:
        """Go on in another program of the repository, which answers what a call requests."""
        view = self.graph.view(site.file)
        source = SymbolId(site.file, view.facts.calls[site.call].owner)
        callee = callee_value(self.graph.ev, view, site.call, site.env)
        for a in self._answers.of(site, callee, runs) if self._answers is not None else ():
            functions = [f for f in functions_in(self.graph, a.route.handler) if isinstance(f, FuncV)][:1]
            for f in functions:
                edge = Edge(source=source, target=f, site=site, kind="dispatch", status=a.status, why=a.why, crosses=True)
                self._edge(edge, index, depth)
            if not functions and a.route.registration.touches:
                self._inherited(a.route, index, Stage.SERVICE)

    def _is_there(self, effect: Effect) -> bool:
        """Was the same call followed before, for the same records?"""
        at = (effect.site.file, effect.site.call, effect.operation, effect.target)
        return any((e.site.file, e.site.call, e.operation, e.target) == at for e, _ in self.effects)

    def edges_env(self, edge: Edge) -> Env | None:
        if edge.kind != "call":
            return edge.target.env
        depth = edge.site.env.depth if edge.site.env is not None else 0
        return self.graph.ev.bind(edge.target, edge.site) if depth < 6 else None

    def _settle(self, site: Site, parent: int) -> None:
        """Append what writes the objects that were changed; it stays when nothing else of the chain writes."""
        call = self.graph.view(site.file).facts.calls[site.call]
        at = (site.file, call.line, call.end_line)
        why = "orm: writes what was changed"
        index = self._add(Stage.DATA, LinkStatus.CONFIRMED, *at, last_step_of(call.callee), parent, "write", None, why)
        if index >= 0:
            self._settling.add(index)

    def _effect(self, effect: Effect, parent: int) -> None:
        call = self.graph.view(effect.site.file).facts.calls[effect.site.call]
        stage = Stage.EXTERNAL if effect.kind in _EXTERNAL else Stage.DATA
        name = effect.path.replace("()", "").rpartition("/")[2]
        short = ".".join(name.split(".")[-2:])
        place = Place(file=effect.site.file, line=call.line, end_line=call.end_line)
        if effect.declared is not None:
            declared = function_named(self.graph, effect.declared)
            short, place = declared.symbol, Place(file=declared.file, line=declared.line, end_line=declared.end_line)
        at = (place.file, place.line, place.end_line)
        why = f"{effect.kind}: {effect.card}"
        index = self._add(stage, effect.status, *at, short, parent, effect.operation, effect.target or None, why)
        if index >= 0:
            self.effects.append((effect, index))

    def _add(
        self, stage: Stage, status: LinkStatus, file: str, line: int, end_line: int, symbol: str, parent: int | None,
        operation: str | None = None, target: str | None = None, why: str = "",
    ) -> int:  # fmt: skip
        if len(self.links) >= self._max_links:
            self._full = True
            return -1
        self.links.append(
            Link(
                stage=stage, status=status, file=file, line=line, end_line=end_line, symbol=symbol, parent=parent,
                operation=operation, target=target, why=why,
            )
        )  # fmt: skip
        return len(self.links) - 1
