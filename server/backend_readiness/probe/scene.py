"""What there is to ask: the entry page, the endpoints of the flow that a GET does not change, routes of the repository by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from backend_readiness.model import Endpoint, Verdict
from backend_readiness.probe.exchange import Request
from backend_readiness.rules.probe_cards import Ask
from backend_readiness.snapshot.matching import compile_patterns

MAX_ENDPOINTS = 8
MAX_ROUTES = 8
ABSENT = "/backend-readiness-probe/no-such-path"
_STRANGE = "?backend-readiness=%FF%27%22%3C%00&limit=-1%27&page=%5B%5D"
_STRANGE_VALUE = "%FF%27%22%3C-1"
_MAX_TARGET = 1_500
_PARAM = re.compile(r"\{[^{}/]*\}")
_READS = ("GET", "ANY")
_CHANGING = ("POST", "PUT", "PATCH", "DELETE")
_VERBS = (*_READS, *_CHANGING)  # the others are no HTTP: RPC, GraphQL operations, messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A flow and a repository as a probe sees them. `base` is the path before every other.

    `acts`: endpoints whose GET is not sent, because it may do something. `routes` are all of the repository that answer a GET.
    `static` gives the verdict of the static analysis for a control on one endpoint, `None` as the endpoint on the whole flow.
    `proxy`: the repository declares a reverse proxy, so that more may be added to answers than the application adds.
    """

    base: str
    entry: str
    endpoints: tuple[Endpoint, ...]
    routes: tuple[Endpoint, ...] = ()
    acts: frozenset[Endpoint] = frozenset()
    proxy: bool = False
    static: Callable[[str, Endpoint | None], Verdict] = lambda control, endpoint: Verdict.UNVERIFIED

    @property
    def asked(self) -> tuple[Endpoint, ...]:
        """The endpoints of the flow that are asked with GET."""
        return tuple(e for e in self.endpoints if e.method in _READS and e not in self.acts)[:MAX_ENDPOINTS]

    @property
    def preflighted(self) -> tuple[Endpoint, ...]:
        """The endpoints that are asked with OPTIONS: a handler of every method that acts would act on it as well."""
        return tuple(e for e in self.endpoints if e.method in _VERBS and (e.method != "ANY" or e not in self.acts))[:MAX_ENDPOINTS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request with the endpoint of the flow that it is about, if it is about one."""

    request: Request
    endpoint: Endpoint | None = None
    follows: bool = False


def questions(ask: Ask, scene: Scene) -> Iterator[Question]:
    """The requests of an ask in this scene, each once."""
    seen: set[tuple[Request, Endpoint | None]] = set()
    for question in _questions(ask, scene):
        key = (question.request, question.endpoint)
        if key not in seen and len(question.request.target) <= _MAX_TARGET:
            seen.add(key)
            yield question


def _questions(ask: Ask, scene: Scene) -> Iterator[Question]:
    headers = tuple(ask.headers.items())

    def asking(path: str, endpoint: Endpoint | None = None, *, follows: bool = False, escaped: bool = False) -> Question:
        named = tuple((name, value.replace("{method}", _method(endpoint))) for name, value in headers)
        target = (scene.base + (path if escaped else escape(path))) or "/"
        return Question(request=Request(method=ask.method, target=target, headers=named), endpoint=endpoint, follows=follows)

    if "entry" in ask.to:
        yield asking(scene.entry, follows=ask.method == "GET")
    if "endpoints" in ask.to:
        yield from (asking(filled(e.path), e) for e in scene.asked)
    if "every" in ask.to:
        yield from (asking(filled(e.path), e) for e in scene.preflighted)
    if "malformed" in ask.to:
        for endpoint in scene.asked:
            strange = escape(_PARAM.sub("\N{REPLACEMENT CHARACTER}", endpoint.path)).replace("%EF%BF%BD", _STRANGE_VALUE)
            yield asking(strange + _STRANGE, endpoint, escaped=True)
        yield asking(f"{escape(scene.entry)}{_STRANGE}", escaped=True)
    if "absent" in ask.to:
        yield asking(ABSENT)
    yield from (asking(path, escaped=True) for path in ask.paths)
    if ask.routes is not None:
        pattern = compile_patterns((ask.routes,))
        assert pattern is not None
        plain = [e for e in scene.routes if "{" not in e.path and e.method in _READS and e not in scene.acts]
        found = [e for e in plain if pattern.search(e.path.encode("utf-8", "replace"))]
        yield from (asking(e.path, e if e in scene.endpoints else None) for e in found[:MAX_ROUTES])


def absent(scene: Scene) -> Request:
    """The request whose answer shows what the server says of a path that nothing serves."""
    return Request(method="GET", target=scene.base + ABSENT)


def filled(path: str) -> str:
    """A route's path with a plain value for each parameter."""
    return _PARAM.sub("1", path)


def escape(path: str) -> str:
    """A path of the repository as it may stand in a request line: no blanks, no line ends, no query that it did not write."""
    return quote(path if path.startswith("/") else f"/{path}", safe="/-._~!$&'()*+,;=:@%{}").replace("{", "%7B").replace("}", "%7D")


def _method(endpoint: Endpoint | None) -> str:
    return "GET" if endpoint is None or endpoint.method not in _CHANGING else endpoint.method
