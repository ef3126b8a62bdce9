"""API calls matched to routes, and a reason for each that has none."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.fallbacks import merged, without_fallbacks
from backend_readiness.graph.sent.hole_names import is_base, is_query, is_whole_query
from backend_readiness.graph.sent.own_host import without_dots, without_fragment, without_own_host
from backend_readiness.graph.sent.page_handlers import is_other, without_root
from backend_readiness.graph.sent.path_fits import compared, guesses, left_out, nearness
from backend_readiness.graph.sent.path_gaps import takes_written, with_parts_for_gaps
from backend_readiness.graph.sent.proxies import Rewrite
from backend_readiness.graph.urls import Hole, Piece, optional_ends, shape
from backend_readiness.model import LinkStatus

_LOCAL = ("localhost", "127.0.0.1", "0.0.0.0", "[::1]", "host.docker.internal")  # names of this machine, never dialled
DYNAMIC, MAX_GUESSES = -1, 3
_OPEN_END = re.compile(r"[a-z]\{\}$|\{\}\{\}")  # `/api{path}`: whatever follows is not known
_BUT_ONE = 7  # what one written segment counts beside one that is not known
_ONE_SEGMENT = 9  # what one written segment counts at least, in whatever case


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    call: ApiCall
    route: BoundRoute
    status: LinkStatus
    why: str
    shorter: bool = False  # the route has less before it than the call writes, as behind a proxy that nobody saw
    also: tuple[Match, ...] = ()  # the others of a few that a part which is not known may mean (`/genres/${kind}`)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """reason: `no such route`, `method differs`, `dynamic URL`, `other host`."""

    call: ApiCall
    reason: str


@dataclass(frozen=True, slots=True)
class _Target:
    segments: tuple[str, ...]
    host: str | None
    open_base: bool  # the base URL is not known: the route may have more in front
    base: str = ""  # how that base is called

    @property
    def of_page(self) -> bool:
        """Is the base the address of the page itself (`location.pathname`)?"""
        return self.base == "pathname"


class Linking:
    """All calls against all routes, each once."""

    def __init__(
        self,
        routes: tuple[BoundRoute, ...],
        calls: tuple[ApiCall, ...],
        rewrites: tuple[Rewrite, ...] = (),
        is_interface: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """`is_interface`: may a page send what a file sends? What others ask of other services has no place among `unmatched`."""
        self._rewrites = rewrites
        self._routes = [(r, shape(r.route.endpoint.path)) for r in routes]
        self._by_length: dict[int, list[tuple[BoundRoute, tuple[str, ...]]]] = defaultdict(list)
        self._tails = [(r, s) for r, s in self._routes if s and s[-1] == "{*}"]
        self._tails += [(r, (*s, "{*}")) for r, s in self._routes if r.registration.rule.options.get("answers_below")]
        self._shorter: dict[int, list[tuple[BoundRoute, tuple[str, ...]]]] = defaultdict(list)
        for route, segments in self._routes:
            self._by_length[len(segments)].append((route, segments))
            for count in range(1, optional_ends(route.registration.path) + 1):
                self._shorter[len(segments) - count].append((route, segments[:-count]))
        self._pages = frozenset(s for r, s in self._routes if r.route.endpoint.method == "GET" and s)
        self._left_out = [r for shorter in self._shorter.values() for r in shorter]
        self.matches: list[Match] = []
        self.unmatched: list[Unmatched] = []
        self.of_server: list[Unmatched] = []
        self._own: frozenset[str] = frozenset()
        for call in calls:
            found = self.match(call)
            shown = call.kind != "call" or is_interface(call.place.file)  # a form that a server writes is one of its pages
            if not shown and not isinstance(found, Unmatched) and _has_no_host(call):
                sure = [m for m in found if m.status is LinkStatus.CONFIRMED and not m.route.route.endpoint.path.startswith("/{")]
                found = sure or Unmatched(call=call, reason="other host")  # of a service whose address nobody found: not of its own
            if not shown and not isinstance(found, Unmatched) and all(m.shorter for m in found):
                found = Unmatched(call=call, reason="other host")  # what a server asks below a path is a service of that name
            if isinstance(found, Unmatched):
                if call.kind != "link":  # a link that leads to no route is navigation
                    (self.unmatched if shown else self.of_server).append(found)
            else:
                self.matches.extend(found)
        sent = {(h, m.route.route.endpoint) for m in self.matches for u in m.call.urls if (h := host_of(u)) is not None}
        self._own = frozenset(h for h, count in Counter(h for h, _ in sent).items() if count > 1)  # where the repository answers
        left, self.unmatched = self.unmatched, []
        for each in left:
            known = each.reason == "other host" and not {h for h, _ in sent}.isdisjoint(map(host_of, each.call.urls))
            again = self.match(each.call) if known else each
            if isinstance(again, Unmatched):
                self.unmatched.append(replace(again, reason="no such route") if known else again)
            else:
                self.matches.extend(again)

    def declare(self, matches: Iterable[Match]) -> None:
        """Add links that the calls themselves do not show. A call on the same line that had no route is explained by one."""
        for match in matches:
            self.matches.append(match)
            self.unmatched = [u for u in self.unmatched if str(u.call.place) != str(match.call.place)]

    def calls_of(self, route: BoundRoute) -> list[Match]:
        return [m for m in self.matches if m.route.route is route.route]

    def match(self, call: ApiCall) -> list[Match] | Unmatched:
        """The best route for each alternative of the URL; or the reason why there is none."""
        found: dict[int, Match] = {}
        other_host = wrong_method = dynamic = 0
        for url in without_fallbacks(call.urls):
            target = target_of(url)
            if target is None or (target.segments and not any(s.replace("{}", "") for s in target.segments)):
                dynamic += 1
                continue
            best, near = self._best(call, target)
            behind = self._behind_proxy(call, target) if best is None or best.status is not LinkStatus.CONFIRMED else None
            best = behind or best
            if best is None or takes_written(shape(best.route.route.endpoint.path), target.segments):
                best = self._with_gap(call, url) or best
            for each in (best, *best.also) if best is not None else ():
                found.setdefault(id(each.route), each)
            if best is not None:
                continue
            if target.host is not None and target.host.split(":")[0] not in _LOCAL:
                other_host += 1
            elif near == DYNAMIC or any(_OPEN_END.search(s) for s in target.segments):
                dynamic += 1
            else:
                wrong_method += near
        if found:
            return list(found.values())
        reason = "other host" if other_host else "method differs" if wrong_method else "no such route"
        reason = "dynamic URL" if dynamic == len(call.urls) else reason
        return Unmatched(call=call, reason=reason)

    def _with_gap(self, call: ApiCall, url: tuple[Piece, ...]) -> Match | None:
        """A route for the address with a part that is not known where one is empty."""
        filled = with_parts_for_gaps(merged(url))
        target = target_of(filled) if filled is not None else None
        best = self._best(call, target)[0] if target is not None else None
        return replace(best, status=LinkStatus.INFERRED, why="same method, and the same path but for an empty part") if best else None

    def _behind_proxy(self, call: ApiCall, target: _Target) -> Match | None:
        """The route that a call reaches when a proxy rewrites its path."""
        if target.host is not None and target.host.split(":")[0] not in _LOCAL:
            return None
        path = "/" + "/".join(target.segments)
        deeper: Match | None = None
        for rewrite in self._rewrites:
            changed = rewrite.apply(path)
            if changed is None or not changed.replace("{}", "").strip("/"):
                continue
            best, _ = self._best(call, _Target(tuple(s for s in changed.split("/") if s), None, False))
            if best is not None and best.status is LinkStatus.CONFIRMED:
                return replace(best, why=f"same method and path behind the proxy at {rewrite.place}")
            if best is not None and rewrite.deeper and deeper is None:
                deeper = replace(best, why=f"{best.why}, behind the proxy at {rewrite.place}")
        return deeper

    def _best(self, call: ApiCall, target: _Target) -> tuple[Match | None, int]:
        wrong_method, unsure = 0, False
        ranked: list[tuple[int, int, Match]] = []
        guessed: dict[tuple[int, int], set[str]] = defaultdict(set)
        variants = [target.segments]
        if target.segments and target.segments[-1].endswith("{}") and target.segments[-1] != "{}":
            variants.append((*target.segments[:-1], target.segments[-1].removesuffix("{}")))  # a query string in a variable
        if len(target.segments) > 1 and target.segments[-1].lower() == "index":
            variants.append(target.segments[:-1])  # `/orders/index` where only `/orders` is among the routes
        for segments in variants:
            whole = (*self._by_length[len(segments)], *self._tails)
            for number, (route, pattern) in enumerate((*whole, *self._shorter.get(len(segments), ()))):
                if len(segments) < len(target.segments) and not route.registration.rule.options.get("short_index"):
                    continue
                score = compared(route, segments, pattern)
                if score is None:
                    continue
                score -= number >= len(whole)  # a route of just that path is likelier than one whose end may be left out
                if not _same_method(call.method, route.route.endpoint.method):
                    wrong_method = 1
                    continue
                foreign = target.host is not None and target.host.split(":")[0] not in _LOCAL
                if foreign and score < 20 and target.host not in self._own:
                    continue
                if score < _ONE_SEGMENT and (len(segments) > 1 or target.open_base):
                    unsure = unsure or (score >= _BUT_ONE and guesses(segments, pattern))
                    continue  # nothing but parameters fits, or what is not known
                exact = score >= 0 and not target.open_base and not foreign
                ranked.append((2 if exact else 1, score, _matched(call, route, exact, "same method and path")))
                if guesses(segments, pattern):
                    guessed[2 if exact else 1, score].add(route.route.endpoint.path)
        if not ranked:
            ranked = self._of_root(call, target)
        if not ranked or target.open_base:
            below = self._by_suffix(call, target)
            ranked = below if not ranked or any(_is_likelier(b, ranked, target) for b in below) else ranked
        if not ranked:
            return None, DYNAMIC if unsure else wrong_method
        ranked.sort(key=lambda r: (-r[0], -r[1], *_likeness(call, r[2].route)))
        meant = guessed[ranked[0][0], ranked[0][1]]
        if len(meant) > MAX_GUESSES:  # `/api/${kind}` may be any of them
            return None, DYNAMIC
        if len(meant) > 1:
            first, *others = [replace(m, status=LinkStatus.INFERRED) for *level, m in ranked if tuple(level) == ranked[0][:2]]
            return replace(first, also=tuple(others)), wrong_method
        return ranked[0][2], wrong_method

    def _of_root(self, call: ApiCall, target: _Target) -> list[tuple[int, int, Match]]:
        """The page of a folder, asked for by its name."""
        found: list[tuple[int, int, Match]] = []
        for route, pattern in self._by_length[len(target.segments) - 1] if target.host is None else ():
            segments = without_root(route, target.segments)
            score = compared(route, segments, pattern) if len(segments) == len(pattern) else None
            if score is not None and score >= 0 and _same_method(call.method, route.route.endpoint.method):
                found.append((2, score, _matched(call, route, True, "same method and path")))
        return found

    def _by_suffix(self, call: ApiCall, target: _Target) -> list[tuple[int, int, Match]]:
        """A prefix that only one side writes (a base URL that is not known, a proxy that strips): the only fit counts."""
        fits: list[tuple[int, int, Match]] = []
        if not any(s != "{}" for s in target.segments) or (target.host is not None and target.host.split(":")[0] not in _LOCAL):
            return fits
        for number, (route, pattern) in enumerate((*self._routes, *self._left_out)):
            if not _same_method(call.method, route.route.endpoint.method):
                continue
            extra = len(pattern) - len(target.segments)
            of_page = target.of_page and pattern[:extra] in self._pages
            if extra > 0 and (of_page or left_out(pattern, target.segments, target.open_base)):
                score = compared(route, target.segments, pattern[extra:])
                why = f"same path below /{'/'.join(pattern[:extra])}"
            elif extra < 0 and extra >= -2 and pattern:  # the host of this machine is a default; in use another one may strip it
                score = compared(route, target.segments[-extra:], pattern)
                why = f"same path without /{'/'.join(target.segments[:-extra])}"
                if "{}" in target.segments[:-extra]:
                    score = None
            else:
                continue
            if score is not None and score >= _ONE_SEGMENT:
                score -= route.route.endpoint.method == "ANY" != call.method  # a route of its method is likelier than one of any
                score -= number >= len(self._routes)  # and a whole path than one whose end is left out
                fits.append((0, score, replace(_matched(call, route, False, why), shorter=extra < 0)))
        best = max((f[1] for f in fits), default=0)
        top = [f for f in fits if f[1] == best]
        if len({f[2].route.route.endpoint for f in top}) == 1:  # copies of one program: its own
            near = [nearness(call.place.file, f[2].route.route.place.file) for f in top]
            top = [f for f, shared in zip(top, near, strict=True) if shared == max(near)]
        return top if len({(f[2].route.route.endpoint, f[2].route.route.place.file) for f in top}) == 1 else []  # twins: the first answers


def _likeness(call: ApiCall, route: BoundRoute) -> tuple[bool, bool, int]:
    """What tells routes apart whose path fits a call as well, the best first: its own program, its own method, near files."""
    return is_other(call, route), route.route.endpoint.method == "ANY" != call.method, -nearness(call.place.file, route.route.place.file)


def _is_likelier(below: tuple[int, int, Match], ranked: list[tuple[int, int, Match]], target: _Target) -> bool:
    """Does an unknown base rather stand for the prefix of a route than for nothing? Its name (`apiUrl`, `/api`) and the method tell."""
    chosen = [r[2].route.route.endpoint for r in ranked]
    mine = below[2].route.route.endpoint
    is_api = "api" in target.base.lower() and "api" in shape(mine.path) and not any("api" in shape(e.path) for e in chosen)
    return is_api or (mine.method != "ANY" and all(e.method == "ANY" for e in chosen))


def _matched(call: ApiCall, route: BoundRoute, exact: bool, why: str) -> Match:
    return Match(call=call, route=route, status=LinkStatus.CONFIRMED if exact else LinkStatus.INFERRED, why=why)


def _same_method(call: str, route: str) -> bool:
    return call == route or route == "ANY" or call == "ANY" or (call == "GET" and route == "HEAD") or (call == "HEAD" and route == "GET")


def _has_no_host(call: ApiCall) -> bool:
    """Does no address of a call say where it is sent, not even by the name of a base?"""
    return all(t is None or (t.host is None and not t.open_base) for t in map(target_of, call.urls))


def target_of(url: tuple[Piece, ...]) -> _Target | None:
    """Host and segments of a URL with holes; None when nothing of it is known."""
    pieces, of_own = without_own_host(url)
    open_base, pieces = False, _without_query(pieces)
    base = pieces[0].name if pieces and isinstance(pieces[0], Hole) else ""
    if pieces and isinstance(pieces[0], str) and pieces[0].startswith("?"):
        return None  # of its own page, whichever that is
    second = pieces[1] if len(pieces) > 1 and isinstance(pieces[0], Hole) else None
    if isinstance(second, str) and second.startswith("/"):
        pieces, open_base = pieces[1:], True
    elif isinstance(second, str) and isinstance(pieces[0], Hole) and is_base(pieces[0].name) and second[:1].isalpha():
        pieces, open_base = ["/", *pieces[1:]], True  # `${baseUrl}orders`: the base ends with a slash
    elif isinstance(second, str) and second.startswith("?"):
        return None
    while pieces and isinstance(pieces[-1], Hole) and is_query(pieces[-1].name) and len(pieces) > 1:
        before = pieces[-2]
        if isinstance(before, str) and before.endswith("/") and not is_whole_query(pieces[-1].name):
            break
        pieces.pop()
    text = without_fragment("".join(p if isinstance(p, str) else "{" + (p.name or "value").replace("#", "") + "}" for p in pieces).strip())
    if not text:
        return None
    host: str | None = None
    text = "/" + text.lstrip("/") if of_own else text  # `${origin}/` + `/orders`
    text, above = without_dots(text)
    open_base = open_base or above
    if "://" in text[:12]:
        rest = text.partition("://")[2]
        host, _, path = rest.partition("/")
        text = "/" + path
        if host.startswith("{"):
            host, open_base = None, True
    elif text.startswith("//"):
        host, _, path = text[2:].partition("/")
        text = "/" + path
    return _Target(shape(text), host, open_base or of_own, base if open_base else "")


def _without_query(pieces: list[Piece]) -> list[Piece]:
    """Without a query that a variable begins: `"/orders/" + location.search + "&page=2"`."""
    for number, (piece, behind) in enumerate(itertools.pairwise(pieces)):
        if number and isinstance(piece, Hole) and is_query(piece.name) and isinstance(behind, str) and behind.startswith("&"):
            return pieces[:number]
    return pieces


def host_of(url: tuple[Piece, ...]) -> str | None:
    """The written host of a URL, but for this machine; None when it has none."""
    target = target_of(url)
    return target.host if target is not None and target.host is not None and target.host.split(":")[0] not in _LOCAL else None
