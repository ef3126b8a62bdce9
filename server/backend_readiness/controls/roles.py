"""Who plays a role: calls and values by the paths of the cards, and functions of the repository by what they do.

A middleware that answers 429 is a rate limiter whatever its name; one whose body does nothing is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from backend_readiness.controls.places import is_production
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.file_index import FileIndex
from backend_readiness.facts.model import Call, CallRef, Lit, Member, Name, Op, Record, Value
from backend_readiness.graph.backend.edges import Edges
from backend_readiness.graph.families import are_kin, family
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph

_STATUS_NAMES = {
    401: (
        "401",
        "UNAUTHORIZED",
        "Unauthorized",
        "UNAUTHENTICATED",
        "Unauthenticated",
        "UnauthorizedException",
        "NotAuthenticated",
        "AuthenticationFailed",
    ),
    403: ("403", "FORBIDDEN", "Forbidden", "ForbiddenException", "PermissionDenied", "PERMISSION_DENIED"),
    404: ("404", "NOT_FOUND", "NotFound", "NotFoundException", "Http404"),
    413: ("413", "REQUEST_ENTITY_TOO_LARGE", "PAYLOAD_TOO_LARGE", "CONTENT_TOO_LARGE", "PayloadTooLargeException"),
    429: ("429", "TOO_MANY_REQUESTS", "TooManyRequests", "ThrottlerException", "Throttled", "ResourceExhausted", "RESOURCE_EXHAUSTED"),
    500: ("500", "INTERNAL_SERVER_ERROR", "InternalServerError"),
    503: ("503", "SERVICE_UNAVAILABLE", "ServiceUnavailable"),
}
_BY_NAME = {n: s for s, names in _STATUS_NAMES.items() for n in names}
# `Status401Unauthorized`, `HTTP_429_TOO_MANY_REQUESTS`; `StatusUnauthorized`, `SC_UNAUTHORIZED`, `HTTP_UNAUTHORIZED`.
_NUMBERED = re.compile(r"(?:HTTP_|Status)?(\d{3})(?:_?[A-Za-z]\w*)?$")
_PREFIX = re.compile(r"^(?:HTTP_|SC_|Http|Status(?=[A-Z]))")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleCall:
    """A call that plays a role. `path` is the canonical path of its callee."""

    site: Site
    call: Call
    path: str
    role: str
    callee: Ext

    @property
    def file(self) -> str:
        return self.site.file


class Roles:
    """Look-ups of roles over one graph, in the files of one language if it is given. Tests, samples and documents do not count."""

    def __init__(self, graph: Graph, edges: Edges, language: str = "") -> None:
        self.graph = graph
        self.language = language
        self.edges = edges
        self._statuses: dict[SymbolId, frozenset[int]] = {}
        self._near: dict[str, list[str]] = {}
        self._of_file: dict[tuple[str, str], list[RoleCall]] = {}

    def calls(self, role: str) -> list[RoleCall]:
        """All calls of production code that play the role, in the order of files and places."""
        return list(self.each(role))

    def each(self, role: str) -> Iterator[RoleCall]:
        """The same one by one, each file looked into when it is its turn."""
        if role not in self._near:
            self._near[role] = list(self._playing(role))
        for path in self._near[role]:
            yield from self.in_file(path, role)

    def among(self, role: str, files: Iterable[str]) -> Iterator[RoleCall]:
        """Those of some files, in the same order."""
        for path in sorted(sorted(files), key=self.graph.is_loose):
            yield from self.in_file(path, role)

    def in_file(self, path: str, role: str) -> list[RoleCall]:
        """Those of one file; none for a file that does not count."""
        known = self._of_file.get((path, role))
        if known is None:
            known = self._of_file[path, role] = list(self._played(path, role)) if path in self._counting else []
        return known

    @cached_property
    def _files(self) -> list[str]:
        return sorted(self._counting, key=self.graph.is_loose)

    @cached_property
    def _counting(self) -> dict[str, FileIndex]:
        files = self.graph.facts.files.items()
        return {p: f for p, f in files if is_production(p) and (not self.language or are_kin(family(f.language), self.language))}

    def _names(self, path: str, role: str) -> AbstractSet[str]:
        language = family(self._counting[path].language)
        return self.graph.knowledge.names_of_role(role, language)

    def _playing(self, role: str) -> Iterator[str]:
        """The files that may play the role, by the names that they call and the modules that they import."""
        languages = {family(file.language) for file in self._counting.values()}
        names = {n for language in languages for n in self.graph.knowledge.names_of_role(role, language)}
        near = {p for n in names for p in (*self.graph.naming(n), *self._by_module.get(n, ()))}
        for path in self._files:
            if path in near:
                here = self._names(path, role)
                file = self._counting[path]
                if file.called(here) or any(last_step(m) in here for m in file.modules) or self._renamed(path, here):
                    yield path

    @cached_property
    def _by_module(self) -> dict[str, list[str]]:
        """Last name of a module -> the files that import it."""
        found: dict[str, list[str]] = {}
        for path, file in self._counting.items():
            for module in file.modules:
                found.setdefault(last_step(module), []).append(path)
        return found

    def _played(self, path: str, role: str) -> Iterator[RoleCall]:
        names = self._names(path, role)
        wanted = names | self._renamed(path, names)
        view = self.graph.view(path)
        for number in sorted(n for name in wanted for n in view.calls_by_name.get(name, ())):
            call = view.facts.calls[number]
            for value in options(self.graph.ev.value(call.callee, path, call.owner)):
                if isinstance(value, Ext):
                    for tagged, _ in self.graph.knowledge.roles.matches(value):
                        if tagged.rule == role:
                            yield RoleCall(site=Site(path, number, None), call=call, path=value.path, role=role, callee=value)

    def _renamed(self, path: str, names: AbstractSet[str]) -> set[str]:
        """Local names of the file for what plays a role by another name (`import wait from "close-with-grace"`, `import { a as b }`)."""
        imports = self.graph.view(path).facts.imports
        whole = {i.local for i in imports if i.local and i.name in (None, "default") and last_step(i.module) in names}
        return whole | {i.local for i in imports if i.local and i.name in names and i.local != i.name}

    def of_value(self, value: AV | None) -> frozenset[str]:
        """The roles of a value: of an external one by its path (`pkg.limit()` and `pkg.limit` alike), of a class by its bases."""
        found: set[str] = set()
        for option in options(value) if value is not None else ():
            if isinstance(option, Ext):
                found |= self.graph.knowledge.roles_of(option.path)
                found |= self.graph.knowledge.roles_of(option.path.removesuffix("()"))
            elif isinstance(option, ClassV | InstV):
                from backend_readiness.graph.classes.inheritance import external_bases

                cls = option if isinstance(option, ClassV) else option.cls
                for base in external_bases(self.graph.ev, cls):
                    found |= self.graph.knowledge.roles_of(base.path)
            elif isinstance(option, FuncV) and isinstance(option.self_value, InstV) and self._leaves_to_base(option.symbol):
                found |= self.of_value(option.self_value)
        return frozenset(found)

    def _leaves_to_base(self, where: SymbolId) -> bool:
        """Does the method run that of its base, without catching for good what that throws?"""
        view = self.graph.view(where.file)
        calls = [view.facts.calls[n] for n in view.calls_of.get(where.index, ())]
        above = [c for c in calls if isinstance(c.callee, Member) and c.callee.name == view.symbol(where.index).name and _is_base(view, c)]
        caught = [b for b in view.blocks_of.get(where.index, ()) if b.kind == "catch"]
        thrown = [t.start for t in view.facts.throws if t.owner == where.index]
        return bool(above) and all(any(b.start <= t < b.end for t in thrown) for b in caught)

    def in_function(self, function: SymbolId, role: str, *, depth: int = 2) -> list[RoleCall]:
        """Calls with the role in a function, and in the functions that it calls up to `depth` levels down."""
        found: list[RoleCall] = []
        todo, seen = [(function, depth)], {function}
        while todo:
            where, left = todo.pop(0)
            view = self.graph.view(where.file)
            body = set(view.body(where.index))
            found.extend(c for c in self.in_file(where.file, role) if c.call.owner in body)
            if left:
                for edge in self.edges.of_symbol(where):
                    if edge.target.symbol not in seen and len(seen) < 60:
                        seen.add(edge.target.symbol)
                        todo.append((edge.target.symbol, left - 1))
        return found

    # ------------------------------------------------------------ what a function does

    def statuses(self, function: SymbolId, *, depth: int = 1) -> frozenset[int]:
        """The HTTP statuses that a function answers with or raises, its callees included up to `depth` levels down."""
        if function not in self._statuses:
            self._statuses[function] = self._own_statuses(function)
        found = set(self._statuses[function])
        if depth:
            for edge in self.edges.of_symbol(function)[:30]:
                if edge.kind == "call":
                    found |= self.statuses(edge.target.symbol, depth=depth - 1) if edge.target.symbol != function else set()
        return frozenset(found)

    def _own_statuses(self, function: SymbolId) -> frozenset[int]:
        view = self.graph.view(function.file)
        found: set[int] = set()
        for scope in view.body(function.index):
            for number in view.calls_of.get(scope, ()):
                call = view.facts.calls[number]
                name = callee_name(call)
                if name in _BY_NAME:
                    found.add(_BY_NAME[name])
                for arg in call.args:
                    found |= status_numbers(arg.value)
            for assign in view.facts.assigns:
                if (
                    assign.owner == scope
                    and isinstance(assign.target, Member)
                    and assign.target.name in ("status", "statusCode", "status_code", "code")
                ):
                    found |= status_numbers(assign.value)
        return frozenset(found)

    def functions(self, value: AV | None) -> list[FuncV]:
        """The functions of the repository behind a guard or a handler, the methods of a middleware class included."""
        found = [f for f in functions_in(self.graph, value) if isinstance(f, FuncV)]
        for option in options(value) if value is not None else ():
            cls = option if isinstance(option, ClassV) else option.cls if isinstance(option, InstV) else None
            if cls is not None:
                view = self.graph.view(cls.symbol.file)
                found.extend(
                    FuncV(SymbolId(cls.symbol.file, i), InstV(cls))
                    for i in view.children.get(cls.symbol.index, ())
                    if view.symbol(i).name
                    in (
                        "dispatch",
                        "__call__",
                        "process_request",
                        "canActivate",
                        "use",
                        "intercept",
                        "handle",
                        "before_request",
                        "has_permission",
                        "process_view",
                        "process_exception",
                        "Invoke",
                        "InvokeAsync",
                        "doFilter",
                        "doFilterInternal",
                        "process",
                        "call",
                    )
                )
        return found


def status_numbers(value: Value | None) -> set[int]:
    """HTTP error statuses in an argument: 429, `:unauthorized`, `status.HTTP_429_TOO_MANY_REQUESTS`, `{status: 401}`."""
    found: set[int] = set()
    if isinstance(value, Lit) and isinstance(value.value, int) and not isinstance(value.value, bool) and 400 <= value.value < 600:
        found.add(value.value)
    elif isinstance(value, Lit) and isinstance(value.value, str) and value.value.islower():  # `head :too_many_requests`
        found |= {_BY_NAME[name] for name in (value.value.upper(),) if name in _BY_NAME}
    elif isinstance(value, Member | Name):
        last = (dotted(value) or "").rpartition(".")[2] or (value.name if isinstance(value, Member) else "")
        bare = _PREFIX.sub("", last)
        if bare in _BY_NAME:
            found.add(_BY_NAME[bare])
        elif (numbered := _NUMBERED.match(last)) is not None:
            found.add(int(numbered.group(1)))
    elif isinstance(value, Record):
        for key, item in value.items:
            found |= status_numbers(item)
            if isinstance(item, Lit) and isinstance(item.value, str) and key == "code":  # `{ code: "UNAUTHORIZED" }`
                found |= {_BY_NAME[name] for name in (item.value,) if name in _BY_NAME}
    elif isinstance(value, Op):
        for item in value.operands:
            found |= status_numbers(item)
    return found


def _is_base(view: FileView, call: Call) -> bool:
    """`super.run()`, `super().run()`, `parent::run()`, `base.Run()`."""
    base = call.callee.base if isinstance(call.callee, Member) else None
    if isinstance(base, CallRef):
        base = view.facts.calls[base.call].callee
    return isinstance(base, Name) and base.id in ("super", "parent", "base")
