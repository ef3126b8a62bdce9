"""A readiness check looks at a dependency and tells when it is gone."""

from __future__ import annotations

import re

from backend_readiness.controls.application import health_routes, manifest_place
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.kept import once
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.places import is_production
from backend_readiness.controls.roles import status_numbers
from backend_readiness.controls.standing import apart, of_route
from backend_readiness.controls.work.writes import STORES
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Member
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.values import ClassV, Ext, FuncV
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence, FindingStatus, Link, Stage
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.matching import compile_patterns

_STARTS = re.compile(
    r"(?i)^(main|connect\w*|start\w*|bootstrap|init\w*|setup\w*|test_?connection|check_?connection|wait_?for\w*|open_?db|new\w*|open\w*|create_?(db|pool|client|conn\w*)|get_?(db|conn\w*)|seed\w*)$"
)
_PINGS = re.compile(r"(?:.*\.)?[pP]ing(?:Context|Async)?$")
MAX_LINKS = 60
MAX_FUNCTIONS = 12
# Words of what a service depends on: a function that names one may ask for its state.
_DEPENDENCY = re.compile(
    r"(?i)(?<![a-z])(db|database|sql|pool|conn(ection)?|redis|mongo\w*|cache|repo(sitory)?|client|store|prisma|orm|session|queue|broker|stream"
    r"|ping|query|select|exec|dial|connect|fetch|status_of|check_?(all|db|deps|dependenc\w+))(?![a-z])|DbContext|CanConnect"
)
_HINTS = signs("obs-readiness-probe", "hints")
_OF_FRAMEWORK = signs("obs-readiness-probe", "of_framework")
_ASKED_BY_EVENT = signs("obs-readiness-probe", "asked_by_event")
_ERRORS_ARE_VALUES = frozenset(signs("obs-readiness-probe", "errors_are_values"))
_FAILS = re.compile(sign("obs-readiness-probe", "fails"))
_OF_PROCESS = re.compile(sign("obs-readiness-probe", "of_process"))
_OF_PAGES = re.compile(sign("obs-readiness-probe", "of_pages"))
_SAYS_DOWN = re.compile(r"(?i)\bdown\b|unhealthy|unavailable|degraded|\bfail|disconnected|\bnot ok\b")


def verify(context: Context) -> Judgement:
    if context.roles.calls("health"):
        call = context.roles.calls("health")[0]
        blind = _asks_no_store(context)
        if blind is not None:
            return partial("The health check asks for memory, disk or other pages alone, and not for the store that the flow needs.", blind)
        return passed(f"`{call.path}` checks the dependencies.", context.at_call(call))
    setup = setup_of(context, "readiness")
    if setup is not None and setup.off is None:
        return passed(setup.rule.says, setup.at)
    routes = health_routes(context)
    looking = [(b, _own_effects(context, b)) for b in routes]
    for bound, effects in looking:
        if not effects:
            continue
        kept = [e for e in effects if e[0].kind != "http"]
        effect, index = (kept or effects)[0]
        link = context.tracer.walk(bound).links[index]
        if not kept and (not context.is_resolved or any(e.kind in ("orm", "sql", "nosql") for e, _ in context.effects)):
            why = f"`{bound.route.endpoint}` asks another address; whether what the flow needs stands behind it was not found out."
            return unverified(why, context.at_place(link), context.at_place(bound.route.place))
        if _is_ignored(context, bound, link.file, effect.site.call):
            return failed(
                f"`{bound.route.endpoint}` asks the dependency and answers well whatever it says.",
                context.at_place(link),
                status=FindingStatus.STUBBED,
            )
        unheard = _goes_unheard(context, bound, link)
        if unheard is not None:
            return unheard
        return passed(
            f"`{bound.route.endpoint}` asks `{link.symbol}` before it answers.", context.at_place(link), context.at_place(bound.route.place)
        )
    places = [b.registration.place for b in routes]
    if places and all(stands_in_development(context, p.file, p.line) for p in places):
        return failed("The only health endpoint is not there in production.", context.at_place(places[0]))
    if routes:
        bound = next((b for b in routes if b.route.handler is None), routes[0])
        handler = bound.route.handler
        own = next((h for h in context.hits(_OF_FRAMEWORK) if h[0] == bound.route.place.file), None) if handler is None else None
        if own is not None and not context.hits(_ASKED_BY_EVENT):
            return failed(f"`{bound.route.endpoint}` is of the framework, and looks at nothing that the flow needs.", context.at(*own[:2]))
        if handler is None:
            return unverified(f"The handler of `{bound.route.endpoint}` could not be resolved.", context.at_place(bound.route.place))
        if _calls_something(context, bound) and not _asks_nothing(context, bound):
            return unverified(
                f"`{bound.route.endpoint}` calls something whose nature is not known.", context.at(handler.file, handler.line)
            )
        last = min(handler.end_line, handler.line + 6)
        return failed(
            f"`{bound.route.endpoint}` answers a constant and looks at no dependency.",
            context.at(handler.file, handler.line, last),
            context.at_place(bound.route.place),
            status=FindingStatus.PARTIAL,
        )
    root = next((b for b in context.tracer.routes if b.route.endpoint.path == "/"), None)
    at, *beside = (*([context.at_place(root.route.place)] if root is not None else []), *of_route(context))
    answers = setup_of(context, "health")
    if answers is not None and answers.off is None:
        return unverified("A health endpoint is set up; whether it asks a dependency was not found out.", answers.at)
    absence = context.missing("the routes of the backend", at=at, roles=("health",), patterns=_HINTS)
    if absence is None:
        hits = context.hits(_HINTS)
        named = [h for h in hits if not _is_own_method(context, h[0], h[1])]
        if not named and context.is_resolved:
            return failed("No route looks at the dependencies that the flow needs.", *apart((at, *beside)))
        asked = [h for h in hits if not _hands_on(context, h[0], h[1])]  # whoever calls a `Ping` of its own is a hit as well
        if asked and all(_at_start(context, f, n) for f, n, _ in asked):
            return failed(
                "A dependency is asked once at start; no route looks at it later.", *apart((at, *beside, context.at(*asked[0][:2])))
            )
        return unverified(
            "Something asks a dependency for its state, but no route of that kind was found.",
            *(context.at(f, line) for f, line, _ in hits[:2]),
        )
    answers_root = root.route.handler if root is not None else None
    others = [context.at_place(answers_root)] if answers_root is not None else []
    needs = manifest_place(context, "no dependency brings one")
    return failed(
        "No route looks at the dependencies that the flow needs.",
        *apart((absence, *beside, *others, *([needs] if needs is not None else []))),
    )


def _asks_no_store(context: Context) -> Evidence | None:
    """Where a library of health checks is given its checks, when the flow needs a store and every check is known to ask none."""
    if not any(e.kind in STORES for e, _ in context.effects):
        return None
    first: Evidence | None = None
    for call in context.roles.calls("health"):
        if not call.call.args or call.call.kind == "decorator":
            continue
        calls = context.view(call.site.file).facts.calls
        inside = [c for c in calls if call.call.start < c.start and c.end <= call.call.end]
        if not inside or not all(_OF_PROCESS.search(callee_name(c) or "") or _OF_PAGES.search(dotted(c.callee) or "") for c in inside):
            return None
        first = first or context.at_call(call)
    return first


def _at_start(context: Context, file: str, line: int) -> bool:
    """Does a line stand outside of functions, or in one that connects or starts?"""
    if file not in context.graph.facts.files:
        return False
    around = [s for s in context.view(file).facts.symbols if s.kind in ("function", "method") and s.line <= line <= s.end_line]
    names = [s.name.rpartition(".")[2] for s in around]
    return not names or any(_STARTS.match(n) is not None for n in names)


def _is_own_method(context: Context, file: str, line: int) -> bool:
    """Does the line only call a method of the repository of the name (`user.ping()`), which asks nothing itself?"""
    view = context.view(file) if file in context.graph.facts.files else None
    called = [c for c in view.facts.calls if c.line == line and _PINGS.match(callee_name(c) or "") is not None] if view is not None else []
    named = [w for c in called for w in context.graph.ev.world.defining(callee_name(c) or "") if is_production(w.file)]
    if not called or not named:
        return False
    receivers = " ".join(dotted(c.callee.base) or "" for c in called if isinstance(c.callee, Member))
    own = [context.view(w.file).symbol(w.index) for w in named]
    texts = [t for w, s in zip(named, own, strict=True) for t in context.snapshot.lines(w.file)[s.line : s.end_line]]
    return _DEPENDENCY.search(receivers) is None and not any(_DEPENDENCY.search(t) is not None for t in texts)


def _hands_on(context: Context, file: str, line: int) -> bool:
    """Does the line stand in a function that is named for asking, and asks the library?"""
    symbols = context.view(file).facts.symbols if file in context.graph.facts.files else ()
    return any(s.line <= line <= s.end_line and _PINGS.match(s.name) is not None for s in symbols if s.kind in ("function", "method"))


def _own_effects(context: Context, bound: BoundRoute) -> list[tuple[Effect, int]]:
    """What the handler and its services ask, without what runs before each route and what that calls."""
    walk = context.tracer.walk(bound)

    def runs_before(index: int | None) -> bool:
        for _ in range(MAX_LINKS):
            if index is None or walk.links[index].stage is Stage.HANDLER:
                return False
            if walk.links[index].stage is Stage.MIDDLEWARE:
                return True
            index = walk.links[index].parent
        return False

    before = {
        (r.function.symbol.file, scope)
        for r in walk.functions
        if walk.links[r.link].stage is Stage.MIDDLEWARE
        for scope in context.view(r.function.symbol.file).body(r.function.symbol.index)
    }
    return [
        (e, i)
        for e, i in walk.effects
        if (e.site.file, context.view(e.site.file).facts.calls[e.site.call].owner) not in before and not runs_before(i)
    ]


def _calls_something(context: Context, bound: BoundRoute) -> bool:
    """Does the handler wait for something, or call a function of the repository?"""
    walk = context.tracer.walk(bound)
    handlers = [r.function.symbol for r in walk.functions if walk.links[r.link].stage is Stage.HANDLER]
    waits = any(c.call.awaited for symbol in handlers for c in context.calls_in(symbol))
    return waits or any(edge.kind == "call" for symbol in handlers for edge in context.tracer.edges.of_symbol(symbol))


def _asks_nothing(context: Context, bound: BoundRoute) -> bool:
    """Do the handler and all functions that it calls only make the answer and write logs, as far as every call of them is known?"""
    walk = context.tracer.walk(bound)
    own = [r.function.symbol for r in walk.functions if walk.links[r.link].stage is not Stage.MIDDLEWARE]
    logs = compile_patterns(words_of(context, "logs") or ())
    for symbol in own[:MAX_FUNCTIONS]:
        view, lines = context.view(symbol.file), context.snapshot.lines(symbol.file)
        where = view.symbol(symbol.index)
        if any(_DEPENDENCY.search(t) for t in lines[where.line - 1 : where.end_line]):
            return False
        for call in context.calls_in(symbol):
            text = lines[call.call.line - 1].encode("utf-8", "replace")
            known = any(isinstance(v, FuncV | ClassV) or (isinstance(v, Ext) and _is_common(context, v.path)) for v in call.callee)
            if not known and (logs is None or logs.search(text) is None):
                return False
    return 0 < len(own) <= MAX_FUNCTIONS


def _is_common(context: Context, path: str) -> bool:
    """Is it of the language, or of a library that a card speaks of? What another library does was not read."""
    return path.startswith(("~", "std.", "java.lang.", "java.util.", "System.")) or _package(path) in once(context, _known_packages)


def _known_packages(context: Context) -> frozenset[str]:
    return frozenset(_package(name) for name in context.graph.knowledge.spoken_of)


def _package(path: str) -> str:
    """`github.com/shop/web/v2.New().Get` -> `github.com/shop/web/v2`, `axum.Json` -> `axum`."""
    folder, slash, last = path.rpartition("/")
    return folder + slash + re.split(r"[.(]", last, maxsplit=1)[0]


def _goes_unheard(context: Context, bound: BoundRoute, link: Link) -> Judgement | None:
    """Where errors are values: does no function of the check answer with a failure, or hand the error on?"""
    if context.language not in _ERRORS_ARE_VALUES:
        return None
    walk = context.tracer.walk(bound)
    own = [r.function.symbol for r in walk.functions if walk.links[r.link].stage is not Stage.MIDDLEWARE]
    text = ""
    for where in own[:MAX_FUNCTIONS]:
        symbol = context.view(where.file).symbol(where.index)
        text += "\n".join(context.snapshot.lines(where.file)[symbol.line - 1 : symbol.end_line]) + "\n"
    if not own or _FAILS.search(text) is not None:
        return None
    if _SAYS_DOWN.search(text) is not None:
        why = f"`{bound.route.endpoint}` says in its body that the dependency is gone, and answers with success all the same."
        return partial(why, context.at_place(link), context.at_place(bound.route.place))
    why = f"`{bound.route.endpoint}` asks the dependency and answers well whatever it says."
    return failed(why, context.at_place(link), status=FindingStatus.STUBBED)


def _is_ignored(context: Context, bound: BoundRoute, file: str, call: int) -> bool:
    """The call stands in a `try` whose `catch` neither raises nor answers with an error."""
    facts = context.view(file).facts
    where = facts.calls[call]
    tries = [b for b in facts.blocks if b.kind == "try" and b.start <= where.start < b.end]
    for block in tries:
        catches = [
            c for c in facts.blocks if c.kind == "catch" and c.owner == block.owner and c.start >= block.start and c.start - block.end < 400
        ]
        for caught in catches[:1]:
            raises = any(caught.start <= t.start < caught.end for t in facts.throws)
            answers = any(caught.start <= c.start < caught.end and any(status_numbers(a.value) for a in c.args) for c in facts.calls)
            changes = any(caught.start <= a.start < caught.end for a in facts.assigns) or any(
                caught.start <= r.start < caught.end for r in facts.returns
            )
            if not raises and not answers and not changes:
                return True
    return False
