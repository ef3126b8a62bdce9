"""What a `verify` hook looks at: the flow's chain first, then the application, then the deployment."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from backend_readiness.controls.absence import Absences
from backend_readiness.controls.deployed.deployment import Deployment
from backend_readiness.controls.places import is_production, kind_of
from backend_readiness.controls.resolved import is_resolved
from backend_readiness.controls.roles import RoleCall, Roles
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.graph.backend.backend import Backend
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.backend.pruning import Reached
from backend_readiness.graph.families import are_kin, family
from backend_readiness.graph.routes.routing import BoundRoute, Guard, Touch, functions_in
from backend_readiness.graph.sent.linking import Match
from backend_readiness.graph.trace import Traced, Tracer
from backend_readiness.graph.values import Site, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Evidence, EvidenceKind, Flow, Link, Named, Place, Stage
from backend_readiness.snapshot import Snapshot
from backend_readiness.snapshot.manifests import host_of, is_mark, parts_of

# What a build made, or what browsers are given: minified, it is no source of the backend.
_BUILT = re.compile(r"\.min\.\w+$|(^|/)(public|static|assets|dist|build|vendor|wwwroot)/")


class Context:
    """One flow of one repository. Everything is computed when it is asked for."""

    def __init__(self, tracer: Tracer, snapshot: Snapshot, flow: Flow, traced: Sequence[Traced]) -> None:
        self.tracer = tracer
        self.graph = tracer.graph
        self.snapshot = snapshot
        self.flow = flow
        self.traced = tuple(traced)
        self.deployment = Deployment(snapshot)
        self.absences = Absences(snapshot, tracer.graph.facts)

    @cached_property
    def roles(self) -> Roles:
        """Who plays a role in the backend of the flow."""
        return Roles(self.graph, self.tracer.edges, self.language)

    # ------------------------------------------------------------ the flow

    @cached_property
    def routes(self) -> tuple[BoundRoute, ...]:
        """The routes of the flow, each once."""
        return tuple({id(t.bound): t.bound for t in self.traced if t.bound is not None}.values())

    @cached_property
    def backends(self) -> tuple[Backend, ...]:
        return tuple({id(t.backend): t.backend for t in self.traced if t.backend is not None}.values())

    @cached_property
    def matches(self) -> tuple[Match, ...]:
        """The frontend calls that reach the flow's routes."""
        return tuple(m for r in self.routes for m in self.tracer.linking.calls_of(r))

    @cached_property
    def functions(self) -> tuple[Reached, ...]:
        """Middleware, handlers and services of the chain, each once, in the order of the walk."""
        return tuple({r.function.symbol: r for b in self.backends for r in b.functions}.values())

    @cached_property
    def handlers(self) -> tuple[Named, ...]:
        return tuple({h.file + str(h.line): h for r in self.routes if (h := r.route.handler) is not None}.values())

    @cached_property
    def effects(self) -> tuple[tuple[Effect, Link], ...]:
        """Data and service touches of the chain with their links: those that the handlers make themselves, then the others as walked."""
        found = {(e.site.file, e.site.call, e.operation, e.target): (e, b.links[i]) for b in self.backends for e, i in b.effects}
        places = [(h.file, h.line, h.end_line) for h in self.handlers]
        own = {k for k, (_, link) in found.items() if any(link.file == f and a <= link.line <= z for f, a, z in places)}
        return (*(found[k] for k in found if k in own), *(found[k] for k in found if k not in own))

    @cached_property
    def calls(self) -> tuple[ChainCall, ...]:
        """Every call in the functions of the chain."""
        return tuple(c for r in self.functions for c in self.calls_in(r.function.symbol))

    def calls_in(self, function: SymbolId) -> Iterator[ChainCall]:
        view = self.view(function.file)
        for scope in view.body(function.index):
            for number in view.calls_of.get(scope, ()):
                call = view.facts.calls[number]
                callee = tuple(options(self.graph.ev.value(call.callee, function.file, call.owner)))
                yield ChainCall(site=Site(function.file, number, None), call=call, callee=callee, function=function)

    @cached_property
    def guards(self) -> tuple[Guard, ...]:
        """What runs before the handlers of the flow, from the outside in."""
        return tuple({(g.place, g.start, id(g.value)): g for r in self.routes for g in r.guards}.values())  # one call may put up several

    def chain_role(self, role: str) -> list[RoleCall]:
        """Calls with a role in the functions of the chain."""
        bodies: dict[str, set[int]] = defaultdict(set)
        for reached in self.functions:
            where = reached.function.symbol
            bodies[where.file].update(self.view(where.file).body(where.index))
        return [c for c in self.roles.among(role, bodies) if c.call.owner in bodies[c.site.file]]

    def guard_with_role(self, role: str) -> Guard | None:
        """The first guard of the flow that plays the role by the cards."""
        return next((g for g in self.guards if role in self.roles.of_value(g.value)), None)

    def guard_that_answers(self, status: int) -> tuple[Guard, SymbolId] | None:
        """The first guard of the flow whose code answers or raises the status, with the function that does."""
        for guard in self.guards:
            for function in self.roles.functions(guard.value):
                if status in self.roles.statuses(function.symbol, depth=2):
                    return guard, function.symbol
        return None

    @property
    def writes(self) -> bool:
        """Does the flow change data?"""
        return any(o in ("write", "delete") for o in (*(e.operation for e, _ in self.effects), *(t.operation for t in self.touches)))

    @cached_property
    def touches(self) -> tuple[Touch, ...]:
        """What the framework itself does to models where a class leaves the answer to its base."""
        return tuple(t for r in self.routes if not functions_in(self.graph, r.handler) for t in r.registration.touches)

    @property
    def base_looks_up(self) -> bool:
        """Does a base class of the framework look rows up by what the source does not show: filters of a list, the row to be changed?"""
        return any(r.registration.touches and r.route.endpoint.method not in ("POST", "DELETE") for r in self.routes)

    @cached_property
    def is_resolved(self) -> bool:
        """Were all handlers of the flow found, and all that they do? If not, nothing can be said to be missing from the chain."""
        return is_resolved(self)

    # ------------------------------------------------------------ the application

    @cached_property
    def framework(self) -> str:
        """`python/fastapi`: language and framework of the flow's first route; empty without a route."""
        return self.routes[0].card.id if self.routes else ""

    @cached_property
    def language(self) -> str:
        return self.framework.partition("/")[0]

    @cached_property
    def backend_root(self) -> str:
        """The folder of the application that serves the flow (`backend`, "" for the root of the repository)."""
        if not self.routes:
            return ""
        path = self.routes[0].route.place.file
        applications = self.snapshot.applications
        roots = [a.root for a in applications if a.holds(path) and not is_mark(applications, a)]
        root = max(roots, key=len, default="")
        return host_of(applications, root) if root else root

    @cached_property
    def backend_roots(self) -> tuple[str, ...]:
        """The backend's folder and those of the projects of the repository that it is built upon; ("",) when it is the whole repository."""
        return parts_of(self.snapshot.applications, self.backend_root) if self.backend_root else ("",)

    def is_backend(self, path: str) -> bool:
        """Does the file lie in a folder of the backend?"""
        return any(not root or path.startswith(f"{root}/") for root in self.backend_roots) and not self.is_apart(path)

    @cached_property
    def _apart(self) -> tuple[str, ...]:
        """Folders within the backend's that hold another backend: it has an image and routes of its own, and the flow touches none."""
        touched = {f.function.symbol.file for f in self.functions} | {r.route.place.file for r in self.routes}
        places = {r.route.place.file for r in self.tracer.routes}
        images = {d.path.rpartition("/")[0] for d in self.deployment.dockerfiles}
        inner = [a.root for a in self.snapshot.applications if a.root in images and a.root not in self.backend_roots]
        return tuple(
            f"{root}/"
            for root in inner
            if root
            and (not self.backend_root or root.startswith(f"{self.backend_root}/"))
            and any(p.startswith(f"{root}/") for p in places)
            and not any(p.startswith(f"{root}/") for p in touched)
        )

    def is_apart(self, path: str) -> bool:
        """Does the file belong to another backend of the repository, which lies within this one's folder?"""
        return path.startswith(self._apart)

    @cached_property
    def source_globs(self) -> tuple[str, ...]:
        """Globs of the backend's source files, for recorded searches."""
        files = ((p, family(i.language)) for p, i in self.graph.facts.files.items() if self.is_backend(p))
        names = (p.rpartition("/")[2] for p, language in files if are_kin(language, self.language))
        shapes = {f"*.{n.rpartition('.')[2]}" if "." in n else n for n in names}
        prefixes = [f"{root}/" if root else "" for root in self.backend_roots]
        return tuple(f"{p}**/{s}" for p in prefixes for s in sorted(shapes)) or tuple(f"{p}**/*" for p in prefixes)

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """Source files of the backend that could not be read or parsed: an absence cannot be claimed over them."""
        suffixes = tuple(g.rpartition("*")[2] for g in self.source_globs)
        return tuple(
            s.path
            for s in self.snapshot.skipped
            if self.is_backend(s.path)
            and s.path.endswith(suffixes)
            and is_production(s.path)
            and "vendored" not in s.reason
            and not (s.reason == "minified" and _BUILT.search(s.path) is not None)
        )

    def dependencies(self) -> dict[str, str]:
        """Declared dependencies of the backend's application and of those around it: name -> version text."""
        found: dict[str, str] = {}
        for application in self.snapshot.applications:
            around = self.backend_root.startswith(f"{application.root}/")
            if not self.backend_root or not application.root or application.root in self.backend_roots or around:
                found.update(application.dependencies)
        return found

    def production_files(self, language: str | None = None) -> Iterator[str]:
        """Files with facts that are no tests or samples, of one family of languages or all."""
        for path, index in self.graph.facts.files.items():
            if is_production(path) and (language is None or are_kin(family(index.language), language)):
                yield path

    def view(self, file: str) -> FileView:
        return self.graph.view(file)

    # ------------------------------------------------------------ evidence

    def at(self, file: str, line: int, end_line: int | None = None, note: str = "") -> Evidence:
        """Evidence at a place; its kind follows from the file."""
        return Evidence(kind=kind_of(file), file=file, line=line, end_line=end_line or line, note=note)

    def at_place(self, place: Place | Named | Link, note: str = "") -> Evidence:
        """Evidence at a place, shortened to its first line when it is a whole function."""
        end = place.end_line if place.end_line - place.line <= 6 else place.line
        return self.at(place.file, place.line, end, note)

    def at_call(self, call: RoleCall | ChainCall, note: str = "") -> Evidence:
        facts = call.call
        return self.at(call.site.file, facts.line, min(facts.end_line, facts.line + 11), note)

    def at_symbol(self, symbol: SymbolId, note: str = "") -> Evidence:
        facts = self.view(symbol.file).symbol(symbol.index)
        return self.at(symbol.file, facts.line, facts.line, note)

    def at_route(self, note: str = "") -> Evidence:
        """Evidence at the registration of the flow's first route: where a missing guard would have stood."""
        place = self.routes[0].route.place
        return self.at(place.file, place.line, place.end_line if place.end_line - place.line <= 6 else place.line, note)

    def at_application(self, note: str = "") -> Evidence:
        """Evidence where the application is made (the outermost router), else at the route."""
        for bound in self.routes:
            router = bound.registration.router
            if router is not None and router[0] == "site":
                for mount in self.tracer.mounts_above(router):
                    router = mount
                if router[0] == "site":
                    call = self.view(router[1]).facts.calls[router[2]]
                    return self.at(router[1], call.line, min(call.end_line, call.line + 5), note)
        from backend_readiness.controls.defaults import place_named  # it looks at contexts itself

        named = place_named(self, "application") if self.routes else None
        return self.at(named.file, named.line, named.line, note) if named is not None and named.file and named.line else self.at_route(note)

    def missing(
        self, scope: str, *, at: Evidence, roles: tuple[str, ...] = (), patterns: tuple[str, ...] = (), paths: tuple[str, ...] = ()
    ) -> Evidence | None:
        """Proof of an absence: `at` is where the thing should stand, the search is run now and recorded.

        None when a pattern hits a line of production code that is no comment: then the thing may be there in a form that
        is not known, and the verdict is `unverified`. Also None when source files in scope could not be read.
        """
        searched, unread = paths or self.source_globs, self.unread if not paths else ()
        ours = set(self.source_globs) <= set(searched)
        search = self.absences.prove(scope, roles=roles, patterns=patterns, paths=searched, unread=unread, of_server=ours)
        if search is None:
            return None
        return Evidence(kind=EvidenceKind.ABSENCE, file=at.file, line=at.line, end_line=at.end_line, search=search, note=at.note)

    def is_found(self, patterns: tuple[str, ...], paths: tuple[str, ...] = ()) -> bool:
        """Is there any of `hits`?"""
        return self.absences.is_found(patterns, paths or self.source_globs)

    def hits(self, patterns: tuple[str, ...], paths: tuple[str, ...] = ()) -> list[tuple[str, int, str]]:
        """(file, line, text) of production code that matches, comments left out; for looking before judging.

        Files that nothing imports and that import nothing of the repository come last: they may be code kept as data. Behind them come
        those of other backends.
        """
        return sorted(self.absences.hits(patterns, paths or self.source_globs), key=self._nearness)

    def first_hit(self, patterns: tuple[str, ...], paths: tuple[str, ...] = ()) -> tuple[str, int, str] | None:
        """The first of `hits`, for patterns that thousands of lines match: what stands behind it is not searched."""
        best: tuple[str, int, str] | None = None
        for hit in self.absences.first_hits(patterns, paths or self.source_globs):
            if self._nearness(hit) == (False, False):
                return hit
            best = hit if best is None or self._nearness(hit) < self._nearness(best) else best
        return best

    def _nearness(self, hit: tuple[str, int, str]) -> tuple[bool, bool]:
        return self.is_apart(hit[0]), self.graph.is_loose(hit[0])


__all__ = ["ChainCall", "Context", "Stage"]
