"""Frontend API calls: client calls found through the cards, instantiated through wrappers of any depth.

A call whose URL or method depends on a parameter of its function makes that function a client: its callers are the
API calls, with the arguments put in. `ApiCall.through` names the wrappers between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from backend_readiness.facts.model import CallRef, Name
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.evaluation.params import bind
from backend_readiness.graph.evaluation.reached import is_reached
from backend_readiness.graph.families import SCRIPTS, family, has_scripts
from backend_readiness.graph.patterns import PatternIndex, last_step
from backend_readiness.graph.plausible import client_name, lone_name, may_be_clients, may_request, may_request_in
from backend_readiness.graph.references import argument, step_site
from backend_readiness.graph.sent.assigned_bases import AssignedBases
from backend_readiness.graph.sent.browser_code import BrowserCode
from backend_readiness.graph.sent.computed_verbs import OPEN, is_computed, leads_elsewhere, verb_of, with_a_verb
from backend_readiness.graph.sent.handed_functions import handed_on
from backend_readiness.graph.sent.late_addresses import LateAddresses, called_themselves
from backend_readiness.graph.sent.own_askers import asked_otherwise
from backend_readiness.graph.sent.request_hooks import RequestHooks
from backend_readiness.graph.sent.requests import (
    METHODS,
    argument_symbolic,
    behind,
    goes_on,
    looks_like_url,
    method_names,
    params_in,
    rebind,
    same_client,
    segments_of,
    settled,
    shape_is_open,
    with_base,
    with_parts,
)
from backend_readiness.graph.sent.run_later import run_by
from backend_readiness.graph.sent.wrapper_calls import calls_of, made_at, open_methods, sites_of, wrappers_around
from backend_readiness.graph.tagged import Tagged
from backend_readiness.graph.urls import Hole, Piece, alternatives
from backend_readiness.graph.values import (
    AV,
    Const,
    Env,
    Ext,
    FuncV,
    ListV,
    Obj,
    Site,
    SymbolId,
    UnknownV,
    options,
    union,
)
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.cards import Card, ClientRule, Ref

MAX_WRAPPERS = 6
MAX_GIVEN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """One request of the frontend. `urls` are its alternatives; `through` the wrappers from the call to the client.

    `owner` is the function that the call stands in. `rpc` tells procedures (tRPC, GraphQL, actions) from paths.
    """

    method: str
    urls: tuple[tuple[Piece, ...], ...]
    place: Place
    start: int
    owner: SymbolId
    card: str
    through: tuple[Place, ...] = ()
    rpc: str | None = None
    kind: str = "call"  # call | form | link
    means: str = ""  # the name of the route that an element says: it tells handlers of one path apart

    @property
    def symbol(self) -> str:
        return f"{self.method} {self.text}"

    @property
    def text(self) -> str:
        url = self.urls[0] if self.urls else ()
        return "".join(p if isinstance(p, str) else "{" + (p.name or "value") + "}" for p in url) or "(computed)"


@dataclass(frozen=True, slots=True)
class _Raw:
    """A client call under some bindings."""

    site: Site
    callee: Ext
    rule: ClientRule
    card: Card
    verb: str


class Clients:
    def __init__(self, graph: Graph, index: PatternIndex[Tagged[ClientRule]] | None = None) -> None:  # of others than the interface's
        self.graph = graph
        self._index = graph.knowledge.clients if index is None else index
        self.symbolic = Evaluator(graph, callers=False)
        self._hooks = RequestHooks(graph, self.symbolic)
        self._assigned = AssignedBases(graph)
        self._late = LateAddresses.of(graph)
        self._bare = called_themselves(graph) if index is None else frozenset[str]()
        self._browser = BrowserCode()

    def calls(self) -> tuple[ApiCall, ...]:
        """All API calls of the repository, in the order of files and places."""
        found: list[ApiCall] = []
        for tagged, raw, at, through in self._raw():
            found.extend(self._instances(tagged, raw, at, through, len(through), frozenset()))
        unique: dict[tuple[str, int, str, str], ApiCall] = {}
        for call in found:
            unique.setdefault((call.place.file, call.start, call.method, call.text), call)
        return tuple(unique.values())

    def _raw(self) -> Iterator[tuple[Tagged[ClientRule], _Raw, Site, tuple[Place, ...]]]:
        """(rule, client call, where to go on from, wrappers passed) for each call of a client."""
        for path, file in self.graph.production.items():
            of_scripts = self._index.names_in(SCRIPTS) if file.elements and has_scripts(file.language) else set()
            own = self._index.names_in(family(file.language))
            wanted = own | of_scripts
            bare = family(file.language) in self._bare
            is_external = partial(self._is_external, path)
            if not may_request_in(file, wanted, bare=bare, is_external=is_external) and not self._late.may_stand_in(file):
                continue
            view = self.graph.view(path)
            bound = may_be_clients(view, is_external) if bare else set()
            for number, call in enumerate(view.facts.calls):
                given = self._given(path, number) if bare and isinstance(call.callee, Name) else None
                if given:
                    yield from given
                    continue
                name = client_name(call, view)
                open_callee = given is not None or lone_name(call) in bound or is_computed(call) or isinstance(call.callee, CallRef)
                named = name in wanted or self._late.says(call, view) or (bare and open_callee)
                if not named or call.kind == "decorator" or (name not in own and of_scripts and not self._browser.holds(view, number)):
                    continue
                addressed = name in self._late.before or self._late.says(call, view)
                if not addressed and not may_request(call, view, bare=name not in wanted):
                    continue
                values = options(self.graph.ev.value(call.callee, path, call.owner))
                hit = next((h for v in values if (h := self._hit(self._index, v, Site(path, number, None))) is not None), None)
                if hit is not None:
                    yield *hit, hit[1].site, ()

    def _is_external(self, file: str, module: str) -> bool:
        return self.graph.resolve(module, file) is None

    def _given(self, path: str, number: int) -> list[tuple[Tagged[ClientRule], _Raw, Site, tuple[Place, ...]]] | None:
        """`function safe(send, url) { return send(url) }`: a client that each caller gives. None: the callee is no parameter."""
        view = self.graph.view(path)
        call = view.facts.calls[number]
        assert isinstance(call.callee, Name)
        name = call.callee.id
        scope = next((i for i in view.enclosing(call.owner) if any(p.name == name for p in view.symbol(i).params)), None)
        if scope is None or (call.owner, name) in view.bindings:
            return None
        symbol = view.symbol(scope)
        if any(p.name == name and self.graph.given_by_name(SymbolId(path, scope), p) is not None for p in symbol.params):
            return None
        found: list[tuple[Tagged[ClientRule], _Raw, Site, tuple[Place, ...]]] = []
        for site in sites_of(self.graph, SymbolId(path, scope), symbol.name)[:MAX_GIVEN] if symbol.name else ():
            env = bind(self.symbolic, FuncV(SymbolId(path, scope)), symbol, site)
            for value in options(self.symbolic.value(call.callee, path, call.owner, env)):
                hit = self._hit(self._index, value, Site(path, number, env))
                if hit is not None:
                    place = Place(file=path, line=call.line, end_line=call.end_line)
                    found.append((*hit, site, (place,)))
                    break
        return found

    def _hit(self, index: PatternIndex[Tagged[ClientRule]], value: AV, site: Site) -> tuple[Tagged[ClientRule], _Raw] | None:
        """The first rule for a callee whose URL is there; rules that must see a URL come last."""
        if not isinstance(value, Ext):
            return None
        verb = with_a_verb(value)
        for tagged, match in sorted(index.matches(verb or value), key=lambda h: h[0].rule.when_url):
            raw = _Raw(site, verb or value, tagged.rule, tagged.card, OPEN if verb else match.groupdict().get("verb") or "")
            given = any(self._argument(raw, r) is not None for r in tagged.rule.without)
            if self._url(raw) is not None and not given and not asked_otherwise(self.graph, raw.site, tagged.rule):
                return tagged, raw
        return None

    # ------------------------------------------------------------ wrappers

    def _instances(
        self, tagged: Tagged[ClientRule], raw: _Raw, at: Site, through: tuple[Place, ...], depth: int, seen: frozenset[SymbolId]
    ) -> Iterator[ApiCall]:
        """The API calls that `raw` stands for, seen from the call at `at` (the client call, or a call of a wrapper)."""
        url = self._url(raw)
        methods = self._methods(raw)
        wanted = {
            p.symbol for v in (*((url,) if url is not None and shape_is_open(self.symbolic, url) else ()), *methods) for p in params_in(v)
        }
        view = self.graph.view(at.file)
        call = view.facts.calls[at.call]
        if url is not None:
            held = [p.value for b in self._base_url(raw) for p in b if isinstance(p, Hole)]
            wanted |= open_methods(self.graph, self.symbolic, at, union([url, *held]))
        place = Place(file=at.file, line=call.line, end_line=call.end_line)
        found: list[ApiCall] = []
        wrappers = wrappers_around(self.graph, at, wanted, seen) if depth < MAX_WRAPPERS else []
        covered: set[tuple[str, int]] = set()
        spared = False
        for wrapper in wrappers:
            for caller, callee in calls_of(self.graph, wrapper):
                env = self._bind(callee, caller, raw.site.env)
                if (caller.file, caller.call) in covered:
                    continue
                if not is_reached(self.symbolic, at, env) or leads_elsewhere(self.symbolic, at, env, seen):
                    spared = True
                    continue
                inner = _Raw(Site(raw.site.file, raw.site.call, env), raw.callee, raw.rule, raw.card, raw.verb)
                found.extend(self._instances(tagged, inner, caller, (*through, place), depth + 1, seen | {wrapper}))
                covered |= made_at(callee)
            found.extend(self._handed_on(tagged, raw, wrapper, (*through, place)))
        own = list(self._instances(tagged, raw, at, through, MAX_WRAPPERS, seen)) if found else []
        if found and not (len(own) == 1 and all(f.symbol == own[0].symbol for f in found)):  # who calls it does not tell more
            yield from found
            return
        if spared and not found:  # nobody calls it so
            return
        if url is None:
            return
        urls = tuple(u for o in options(url) for u in alternatives(self.symbolic, o))
        urls = tuple(u for u in urls if any(u)) or urls
        if raw.rule.of_all:
            urls = tuple((*u[:-1], re.sub(r"/:\w+$", "", u[-1])) if u and isinstance(u[-1], str) else u for u in urls)
        urls = self._hooks.changed(raw.rule, raw.card, raw.callee, urls)
        base = self._base_url(raw)
        if base:
            urls = tuple(with_base(b, u) for u in urls for b in base)
        if tagged.rule.when_url and not any(looks_like_url(u) for u in urls):
            return
        owner = self._owner(raw) or run_by(self.graph, at, seen, through) or SymbolId(at.file, call.owner)
        names = method_names(methods) or [raw.rule.default_method]
        paired = len(names) == len(urls) > 1 and not goes_on(urls)  # `method: id ? "PUT" : "POST", url: id ? a : b`: the same choice twice
        for number, method in enumerate(names):
            yield ApiCall(
                method=method, urls=(urls[number],) if paired else urls[:8], place=place, start=call.start, owner=owner,
                card=tagged.card.id, through=through, rpc=raw.rule.rpc,
            )  # fmt: skip

    def _handed_on(self, tagged: Tagged[ClientRule], raw: _Raw, wrapper: SymbolId, through: tuple[Place, ...]) -> Iterator[ApiCall]:
        """Who hands the function on instead of calling it, where what made the function says the rest (`useQuery(orders.list)`)."""
        for site, callee in handed_on(self.graph, wrapper):
            env = Env(wrapper, {}, callee.self_value, behind(raw.site.env, callee.env), 1, site)
            inner = _Raw(Site(raw.site.file, raw.site.call, env), raw.callee, raw.rule, raw.card, raw.verb)
            url = self._url(inner)
            if url is None or (shape_is_open(self.symbolic, url) and any(True for _ in params_in(url))):
                continue
            yield from self._instances(tagged, inner, site, through, MAX_WRAPPERS, frozenset({wrapper}))

    def _bind(self, callee: FuncV, caller: Site, inner: Env | None) -> Env:
        """Bind a wrapper's parameters; the bindings of wrappers nearer to the client stay reachable."""
        from backend_readiness.graph.evaluation import params

        symbol = self.graph.view(callee.symbol.file).symbol(callee.symbol.index)
        env = params.bind(self.symbolic, callee, symbol, caller)
        if inner is None:
            return env
        rebound = {k: rebind(self.symbolic, v, env) for k, v in inner.args.items()}
        outer = Env(env.symbol, env.args, env.self_value, behind(inner.outer, env.outer), env.depth)
        return Env(inner.symbol, rebound, inner.self_value, outer, env.depth)

    # ------------------------------------------------------------ parts of a request

    def _url(self, raw: _Raw) -> AV | None:
        for ref in raw.rule.url:
            value = self._argument(raw, ref)
            if isinstance(value, FuncV):  # a key that is computed when it is needed
                value = self.symbolic.invoke(value)
            if isinstance(value, ListV) and value.items:
                value = segments_of(self.symbolic, value) if raw.rule.joined else self.symbolic.thunk(value.items[0])
            if value is not None and not isinstance(value, Obj):
                return with_parts(value, [self._argument(raw, r) for r in raw.rule.parts])
        return Const("") if self._asks_base(raw) else None

    def _asks_base(self, raw: _Raw) -> bool:
        """`client.request({ method: "GET" })`: the description names no address, and the client has one of its own."""
        ref = next((r for r in raw.rule.url if r.key is not None and r.at is None), None)
        given = argument_symbolic(self.symbolic, raw.site, ref.arg, ref.kwarg, None) if ref is not None else None
        described = isinstance(given, Obj) and not given.spreads and "method" in given.fields
        return described and bool(self._base_url(raw))

    def _methods(self, raw: _Raw) -> tuple[AV, ...]:
        if raw.verb and raw.verb.upper() in METHODS:
            return (Const(raw.verb.upper()),)
        if raw.verb == OPEN:
            named = verb_of(self.symbolic, raw.site)
            return () if named is None else (settled(self.symbolic, named, raw.site.env),)
        name = last_step(raw.callee.path).lstrip("$").upper().removesuffix("FORM")
        refs = raw.rule.method if isinstance(raw.rule.method, tuple) else (raw.rule.method,)
        for ref in refs:
            value = self._argument(raw, ref)
            if value is not None:
                return (value,)
        return (Const(name),) if raw.rule.verbs and name in METHODS else ()

    def _argument(self, raw: _Raw, ref: Ref) -> AV | None:
        """An argument of the request, symbolic; its members followed, `()` being what it returns."""
        if ref.const is not None:
            return Const(ref.const)
        site = step_site(raw.callee, ref.at) if ref.at is not None else raw.site
        value = argument_symbolic(self.symbolic, site, ref.arg, ref.kwarg, ref.key) if site is not None else None
        for path in ref.members:
            for step in path.split("."):
                if value is None:
                    return None
                if step == "()":
                    value = union([self.symbolic.invoke(o) for o in options(value)])
                else:
                    held = [self.symbolic.member(o, step) for o in options(value) if isinstance(o, Obj)]
                    value = union(held) if held else None
        return None if isinstance(value, UnknownV) else value if value is None else settled(self.symbolic, value, raw.site.env)

    def _owner(self, raw: _Raw) -> SymbolId | None:
        value = self._argument(raw, raw.rule.owner) if raw.rule.owner is not None else None
        return value.symbol if isinstance(value, FuncV) else None

    def _base_url(self, raw: _Raw) -> list[tuple[Piece, ...]]:
        for ref in raw.rule.base_url:
            site = step_site(raw.callee, ref.at) if ref.at is not None else raw.site
            thunk = argument(self.graph, site, ref) if site is not None else None
            value = self.graph.ev.thunk(thunk) if thunk is not None else Const(ref.const) if ref.const is not None else None
            for member in ref.members:
                value = self.graph.ev.member(value, member) if isinstance(value, Obj) else None
            if value is not None and not isinstance(value, UnknownV):
                return alternatives(self.graph.ev, settled(self.symbolic, value, raw.site.env))
        for pattern in raw.rule.base_assigned:
            for client, value in self._assigned.of(pattern, raw.card):
                if same_client(client, raw.callee):
                    return alternatives(self.graph.ev, value)
        return []
