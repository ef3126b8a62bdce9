"""What answers a request that a server sends to another program of its repository.

A host that names a program (`http://orders-service:8080/orders`) leaves no doubt; the name of a setting or an address of this machine does:
then the route must be the only one of its method and path among the other programs. A host of elsewhere is never one of these.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from backend_readiness.graph.classes.declared_methods import declaration
from backend_readiness.graph.evaluation.marked_settings import said_of
from backend_readiness.graph.evaluation.params import given_by_callers
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.remote.declared import DeclaredRequests
from backend_readiness.graph.remote.programs import Programs
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall, Clients
from backend_readiness.graph.sent.gateways import Gateway, gateways
from backend_readiness.graph.sent.path_fits import compared
from backend_readiness.graph.tagged import Tagged, spoken
from backend_readiness.graph.urls import Hole, Piece, alternatives, shape
from backend_readiness.graph.values import AV, Const, Ext, FuncV, InstV, ParamV, Site, options
from backend_readiness.graph.views import CONSTRUCTORS
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus
from backend_readiness.rules.page_rules import ClientRule

ONE_WORD, TWO_WORDS = 9, 18  # what so many written segments count at least, see `path_fits`
MAX_URLS = 4
_ADDRESS = re.compile(r"(?:[a-z+]{2,8}:)?//([^/]*)(.*)", re.DOTALL)
_LOCAL = re.compile(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal)(?::\d+)?")
_OPEN = re.compile(r"\{([^{}]*)\}")
_MARKED = re.compile(r"\$\{([^{}:]{1,80})(?::[^{}]*)?\}/?")
_SETTING = re.compile(r"[A-Za-z][\w.:-]{2,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`route` of another program answers the request."""

    route: BoundRoute
    status: LinkStatus
    why: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """`programs`: the folders of those that may be meant, None when any other may; `sure`: a name of a host says so, or this machine."""

    segments: tuple[str, ...]
    programs: frozenset[str] | None
    sure: bool


class Answers:
    """The requests between the programs of one repository."""

    def __init__(self, graph: Graph, routes: Callable[[], tuple[BoundRoute, ...]], calls: Callable[[], Iterable[ApiCall]]) -> None:
        """`calls`: requests that are known already; those that a page sends are never met below a handler."""
        self._graph = graph
        self._routes = routes
        self._calls = calls
        self._programs = Programs(graph)
        self._declared = DeclaredRequests(graph)

    def of(self, site: Site, callee: AV, runs: Iterable[FuncV]) -> list[Answer]:
        """What answers the request that a call sends: itself, through functions around a client, or by a method of a declared client.

        `callee` is what is called, `runs` the functions of the repository that the call runs.
        """
        if not self._several:
            return []
        view = self._graph.view(site.file)
        call = view.facts.calls[site.call]
        sent = self._sent.get((site.file, call.start), ())
        found = [a for c in sent for u in c.urls[:MAX_URLS] for a in self._answer(c.method, self._with_given(u), (), site.file)]
        count = sum(not a.spread for a in call.args)
        packages = [o for o in options(callee) if isinstance(o, Ext)] if self._graph.has_implementing else []
        declared = [declaration(self._graph.ev, o, count) for o in packages]
        for method in (*runs, *(d for d in declared if d is not None)):
            request = self._declared.of(method)
            if request is not None:
                asking = method.self_value.cls.symbol.file if isinstance(method.self_value, InstV) else method.symbol.file
                found.extend(self._answer(request.method, (request.path,), request.hosts, asking))
        return list({(str(a.route.route.endpoint), a.route.route.place.file): a for a in found}.values())

    # ------------------------------------------------------------ what is there

    @cached_property
    def _several(self) -> bool:
        """Do at least two programs answer requests?"""
        return len({self._programs.root(r.route.place.file) for r in self._routes()}) > 1

    @cached_property
    def _gateways(self) -> tuple[Gateway, ...]:
        return gateways(self._graph)

    @cached_property
    def _sent(self) -> dict[tuple[str, int], list[ApiCall]]:
        found: dict[tuple[str, int], list[ApiCall]] = defaultdict(list)
        index: PatternIndex[Tagged[ClientRule]] = PatternIndex()
        for card in self._graph.knowledge.cards:
            for rule in card.service_requests:
                index.add(self._graph.knowledge.patterns(card, rule.callee), rule.verbs, Tagged(rule, card), spoken(card))
        for call in (*self._calls(), *(Clients(self._graph, index).calls() if index.names else ())):
            if call.rpc is None and call.kind == "call":
                found[call.place.file, call.start].append(call)
        return found

    @cached_property
    def _by_length(self) -> dict[int, list[tuple[BoundRoute, tuple[str, ...], str]]]:
        found: dict[int, list[tuple[BoundRoute, tuple[str, ...], str]]] = defaultdict(list)
        for route in self._routes():
            pattern = shape(route.route.endpoint.path)
            handler = route.route.handler.file if route.route.handler is not None else route.route.place.file
            found[len(pattern)].append((route, pattern, self._programs.root(handler)))
        return found

    # ------------------------------------------------------------ one request

    def _answer(self, method: str, url: tuple[Piece, ...], hosts: tuple[str, ...], file: str) -> list[Answer]:
        own = self._programs.root(file)
        for asked in self._asked(url, hosts, file):
            best = 0
            words = [s for s in asked.segments if "{" not in s] if asked.programs is None else []
            about = frozenset(r for s in words for r in self._programs.about(s))
            fitting: list[tuple[BoundRoute, str]] = []
            for route, pattern, root in self._by_length.get(len(asked.segments), ()):
                if root == own or (asked.programs is not None and root not in asked.programs):
                    continue
                score = compared(route, asked.segments, pattern) if route.route.endpoint.method in (method, "ANY") else None
                if score is None or score < (ONE_WORD if asked.programs or asked.sure or root in about else TWO_WORDS):
                    continue
                score = 2 * score + (route.route.endpoint.method == method)
                fitting = [*(fitting if score == best else ()), (route, root)] if score >= best else fitting
                best = max(best, score)
            if len({root for _, root in fitting}) == 1 and len({str(r.route.endpoint) for r, _ in fitting}) == 1:
                route = fitting[0][0]
                sure = asked.sure and asked.programs is not None and route.route.endpoint.method == method
                status = LinkStatus.CONFIRMED if sure else LinkStatus.INFERRED
                return [Answer(route=route, status=status, why=f"answers {route.route.endpoint}, which is requested here")]
        return []

    def _asked(self, url: tuple[Piece, ...], hosts: tuple[str, ...], file: str) -> Iterator[_Asked]:
        """The ways to read an address, the surest first; none for an address of elsewhere."""
        text = "".join(p if isinstance(p, str) else self._said(p, file) for p in url)
        address = _ADDRESS.match(text)
        host, path = (address[1], address[2]) if address is not None else ("", text)
        if address is None and (text.startswith("{") or self._names_host(text)):
            host, slash, rest = text.partition("/")
            path = slash + rest.lstrip("/")
        open_names = [n for n in _OPEN.findall(host) if n]
        said = [*hosts, *(v for n in open_names for v in self._programs.values(n))]
        said += [t for p in url[:1] if not isinstance(p, str) and "//" in (t := self._set(p, file))]
        if host and not open_names and not _LOCAL.fullmatch(host):
            said.append(f"//{host}")
        segments = shape(path)
        for each in said:
            programs, before = self._of_host(each)
            if programs:
                yield _Asked((*before, *segments), programs, True)
        if any(self._is_elsewhere(each) for each in said):
            return
        for gateway in self._gateways:
            behind_it = gateway.rewrite.apply(path.partition("?")[0])
            if behind_it is not None:
                labels = [_host(h)[0].partition(":")[0] for h in gateway.hosts]
                meant = frozenset(r for h in labels for r in self._programs.named(h) or self._programs.about(h))
                yield _Asked(shape(behind_it), meant or None, True)
        about = frozenset(r for n in (*open_names, *(h for h in hosts if "/" not in h)) for r in self._programs.about(n))
        if about:
            behind = [path for s in said if self._programs.is_inner(_host(s)[0]) and (path := shape(_host(s)[1]))]
            yield from (_Asked((*path, *segments), about, False) for path in dict.fromkeys(behind))  # a gateway of the cluster
            yield _Asked(segments, about, False)
        yield _Asked(segments, None, bool(_LOCAL.fullmatch(host)))

    def _names_host(self, text: str) -> bool:
        """Does an address without a scheme begin with a host: `localhost/orders`, `stock:8080/levels`?"""
        host = text.partition("/")[0]
        return bool(_LOCAL.fullmatch(host) or (host and self._programs.named(host)))

    def _with_given(self, url: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """The address with what all who make the object give to its constructor for the beginning: `new Asking("http://stock/levels")`."""
        first = url[0] if url else ""
        value = first.value if isinstance(first, Hole) else None
        if not isinstance(value, ParamV) or self._graph.view(value.symbol.file).symbol(value.symbol.index).name not in CONSTRUCTORS:
            return url
        given = alternatives(self._graph.ev, given_by_callers(self._graph.ev, value))
        return (*given[0], *url[1:]) if len(given) == 1 else url

    def _said(self, hole: Hole, file: str) -> str:
        """A part that is not known as `{name}`, or the path that the settings of the application give it."""
        text = self._set(hole, file)
        return text if text.startswith("/") and not text.startswith("//") else "{" + re.sub(r"[{}]", "", self._name(hole)) + "}"

    def _set(self, hole: Hole, file: str) -> str:
        """What the settings of the application say that an annotation names."""
        marked = said_of(hole.value)
        return self._programs.filled(marked, file) if marked else ""

    def _name(self, hole: Hole) -> str:
        """What a part that is not known is called: the setting that is asked for (`env("ORDERS_URL")`), else its own name."""
        marked = _MARKED.fullmatch(said_of(hole.value))
        if marked is not None:
            return marked[1]
        site = hole.value.site if isinstance(hole.value, Ext) else None
        given = self._graph.ev.arg_value(site, 0) if site is not None else None
        asked = given.value if isinstance(given, Const) and isinstance(given.value, str) else ""
        return asked if _SETTING.fullmatch(asked) else hole.name or "value"

    def _of_host(self, said: str) -> tuple[frozenset[str], tuple[str, ...]]:
        """The programs that a name or an address means, and the path that it has of its own."""
        host, path = _host(said)
        return (self._programs.named(host) if host and not _LOCAL.fullmatch(host) else frozenset()), shape(path)

    def _is_elsewhere(self, said: str) -> bool:
        """Is it an address outside of the repository?"""
        host, _ = _host(said)
        if _OPEN.search(host) or _LOCAL.fullmatch(host) or self._programs.is_inner(host):
            return False
        return ("//" in said or "." in host) and not self._programs.named(host)


def _host(said: str) -> tuple[str, str]:
    address = _ADDRESS.match(said)
    return (address[1], address[2]) if address is not None else (said.partition("/")[0], "/" + said.partition("/")[2])
