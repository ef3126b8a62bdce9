"""A limiter stands in front of the flow's handlers: in the application, in a gateway, or written by hand (something that answers 429)."""

import re
from collections.abc import Sequence

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of
from backend_readiness.controls.deployed.instances import several
from backend_readiness.controls.deployed.proxy_blocks import blocks_around, counts_some_only
from backend_readiness.controls.deployed.workloads import stands_switched_off
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.protection.idle_guards import stands_aside
from backend_readiness.controls.protection.idle_rates import named_rates_stop_nobody, stops_nobody
from backend_readiness.controls.protection.left_out_limits import is_unscoped, left_out
from backend_readiness.controls.protection.limit_doubts import chosen_key, counts_accounts, doubt_of_own
from backend_readiness.controls.protection.limit_rates import limits_nobody
from backend_readiness.controls.protection.limited_accounts import by_account_alone
from backend_readiness.controls.protection.limiter_stores import argument, is_shared
from backend_readiness.controls.protection.other_limits import are_of_others, is_caught
from backend_readiness.controls.protection.rate_rules import rate_rules
from backend_readiness.controls.roles import RoleCall
from backend_readiness.controls.standing import apart, before_routes, of_flow
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Seq
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.values import AV, Const, Ext, SymbolId, options
from backend_readiness.model import Evidence, FindingStatus
from backend_readiness.rules.signs import signs

HINTS = (r"(?i)rate.?limit", r"(?i)throttl", r"(?i)slow.?down", r"\b429\b|TOO_MANY_REQUESTS|TooManyRequests", r"(?i)limit_req|limit_conn\b")
# Where a reverse proxy or an ingress says that it limits: a zone alone limits nothing.
_PROXY = re.compile(
    r"^\s*(limit_req\s+zone=|rate_limit\s*[{\d]|rate_limit$)|nginx\.ingress\.kubernetes\.io/limit-r(ps|pm)|^\s*rateLimit:\s*$|name:\s*rate-limiting"
)
_SERVES = re.compile(r"(?i)middleware|filter|guard|interceptor|plug|limit|throttl|route|server|controller")
_REQUEST = re.compile(r"(?i)(^|\W)(w|r|c|ctx|\w*req|\w*request|\w*context|conn|next|call_next|handler\w*|responsewriter)(\W|$)")
# What a client does with the answer of another service.
_SENT_BACK = re.compile(r"(?i)retry.?after|\bresp(onse)?\w*\b|status_?code|\bclient\b|fetch|backoff")
# What tells one client from another, and what counts requests.
_CLIENT = re.compile(r"(?i)\bip\b|\bip[A-Z_]|[a-z]ip\b|client|\baddr|remote|user|account|session|api_?key|token|header|\bkey")
_COUNTED = re.compile(
    r"(?i)limit|count|attempt|tries|bucket|throttl|allow|incr|quota|window|remaining|cool_?down|per_?(second|minute|hour|day)|\w\s*[<>]=?\s*\d"
)
_REFUSED = re.compile(r"\b429\b|TOO_MANY_REQUESTS|TooManyRequests|too_many_requests")
_STOPS_NOBODY = "The limiter lets more pass than any client sends."
MAX_LINES = 400
NEAR_LINES = 40
# A policy of a gateway that is for some requests alone.
_SELECTS = re.compile(r"\s*-?\s*(clientSelectors|path|paths|matches|sectionName):")
MAX_ROUTES = 400
MAX_GUARDS = 60
_NAMED = re.compile(r"(?i)rate.?limit|throttl|limiter")


def verify(context: Context) -> Judgement:
    guard = context.guard_with_role("rate_limiter")
    if guard is not None:
        off = _switched_off(context, guard)
        if off is not None:
            return off
        idle = stands_aside(context, guard)
        if idle is not None:
            why = "A setting decides whether the limiter stands before the handler or lets everything pass."
            return unverified(why, context.at_place(guard.place), idle)
        loose = limits_nobody(context, guard)
        if loose is not None:
            return failed(
                _STOPS_NOBODY,
                *apart((loose, context.at_place(guard.place))),
                status=FindingStatus.STUBBED,
            )
        return _of_limiter(context, guard)
    own = context.guard_that_answers(429)
    if own is not None and not _tells_apart(context, own[1]):
        why = "A middleware answers 429; that it counts each client by itself was not found."
        return unverified(why, context.at_place(own[0].place), context.at_symbol(own[1]))
    doubt = doubt_of_own(context, own[1]) if own is not None else None
    if own is not None and doubt is not None:
        return unverified(doubt[0], doubt[1], context.at_place(own[0].place))
    if own is not None:
        return passed(
            "A middleware in front of the handler answers 429 to clients above their limit.",
            context.at_place(own[0].place),
            context.at_symbol(own[1]),
        )
    named = next((g for g in context.guards if _NAMED.search(_name(context, g))), None)
    for reached in context.functions:
        if 429 in context.roles.statuses(reached.function.symbol, depth=0):
            if not _counts(context, reached.function.symbol):
                why = "The flow's own code answers 429; that it counts the requests of a client was not found."
                return unverified(why, context.at_symbol(reached.function.symbol))
            doubt = doubt_of_own(context, reached.function.symbol)
            if doubt is not None:
                return unverified(*doubt)
            return passed("The flow's own code counts requests and answers 429.", context.at_symbol(reached.function.symbol))
    everywhere = _everywhere(context)
    if everywhere is not None:
        return everywhere
    elsewhere: Evidence | None = None
    for path in (*context.deployment.proxies, *{m.path for m in context.deployment.manifests}):
        lines = context.snapshot.lines(path)
        limits = [n for n, line in enumerate(lines, 1) if _PROXY.search(line) is not None and not stands_switched_off(context, path, n)]
        covers = next((n for n in limits if _covers(context, lines, n) and not counts_some_only(lines, n)), None)
        if covers is not None:
            return passed("The proxy in front of the backend limits requests.", context.at(path, covers))
        elsewhere = elsewhere or (context.at(path, limits[0]) if limits else None)
    if not context.routes:
        return unverified("The flow has no route of the backend that could be judged.")
    if named is not None:
        functions = context.roles.functions(named.value)
        if functions and not any(isinstance(o, Ext) for o in options(named.value)):  # what a package makes answers by itself
            return failed(
                f"`{_name(context, named)}` is mounted and never answers 429: a client above the limit is served all the same.",
                context.at_symbol(functions[0].symbol), context.at_place(named.place), status=FindingStatus.STUBBED,
            )  # fmt: skip
        return unverified(
            f"`{_name(context, named)}` stands before the handler; whether it refuses requests is not known.", context.at_place(named.place)
        )
    if elsewhere is not None:
        return unverified("The proxy limits requests in one place; whether those of the flow pass there was not settled.", elsewhere)
    return _absent(context)


def _covers(context: Context, lines: Sequence[str], number: int) -> bool:
    """Does a limit of a proxy count requests to the flow's paths? A policy that selects paths of its own is not read."""
    if any(_SELECTS.match(t) for t in lines[number : number + NEAR_LINES]):
        return False
    return all(_is_of_path(context, b[0]) for b in blocks_around(lines, number))


def _is_of_path(context: Context, head: str) -> bool:
    """Is the block of a proxy for all paths, or for the path of each of the flow's routes?"""
    place = re.match(r"\s*location\s+(?:(=|~\*?|\^~)\s*)?(\S+)", head)
    if place is None:
        return True
    if place[1] in ("~", "~*"):
        return False
    path = place[2].rstrip("/{")
    return not path or all(r.route.endpoint.path.startswith(path) for r in context.routes)


def _tells_apart(context: Context, function: SymbolId) -> bool:
    """Does the code that refuses, or its file, know one client from another, and count?"""
    lines = context.snapshot.lines(function.file)[:MAX_LINES]
    return all(any(p.search(t) is not None for t in lines) for p in (_CLIENT, _COUNTED))


def _counts(context: Context, function: SymbolId) -> bool:
    """Does a function that answers 429 count something, and is that number not the answer of another service?"""
    symbol = context.view(function.file).symbol(function.index)
    lines = context.snapshot.lines(function.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_LINES)]
    refused = next((n for n, t in enumerate(lines) if _REFUSED.search(t) is not None), None)
    near = lines[max(0, refused - 4) : refused + 1] if refused is not None else []
    return any(_COUNTED.search(t) is not None for t in lines) and not any(_SENT_BACK.search(t) is not None for t in near)


def _of_limiter(context: Context, guard: Guard) -> Judgement:
    limiters = [g for g in context.guards if "rate_limiter" in context.roles.of_value(g.value)] or [guard]
    unscoped = is_unscoped(context, limiters)
    if unscoped is not None:
        why = "The limiter counts only endpoints that name a scope, and the flow's names none."
        return failed(why, *apart((unscoped, context.at_place(guard.place))))
    skipped = left_out(context)
    if skipped is not None and skipped[0]:
        return failed("An annotation takes the flow's handler out of the limits.", *apart((skipped[1], context.at_place(guard.place))))
    if skipped is not None:
        why = "An annotation takes the flow's handler out of one limit; whether another one counts it was not settled."
        return unverified(why, *apart((skipped[1], context.at_place(guard.place))))
    high = [stops_nobody(context, g) for g in limiters]
    by_setting = default_of(context, "throttling")
    rated = by_setting.at if by_setting is not None and by_setting.holds and by_setting.at is not None else context.at_place(guard.place)
    far = high[0] if all(high) else None if any(high) else named_rates_stop_nobody(context, rated)
    if far is not None:
        return failed(_STOPS_NOBODY, *apart((far, context.at_place(guard.place))), status=FindingStatus.STUBBED)
    crowd = several(context)
    shared = is_shared(context, guard)
    if crowd is not None and shared is False:
        return partial(
            "The limiter counts in each process by itself while the deployment runs several.", context.at_place(guard.place), crowd.evidence
        )
    chosen = chosen_key(context, limiters)
    if chosen is not None:
        return unverified("The limiter counts by what the sender of the request chooses.", *apart((chosen, context.at_place(guard.place))))
    keyed = by_account_alone(context, limiters) or counts_accounts(context, limiters)
    if keyed is not None:
        why = "The limiter counts by account alone: whoever has many accounts is not slowed down."
        return partial(why, *apart((keyed, context.at_place(guard.place))))
    return passed("A limiter stands in front of the flow's handler.", context.at_place(guard.place))


def _absent(context: Context) -> Judgement:
    endpoint = context.routes[0].route.endpoint
    spare = [c for c in context.roles.calls("rate_limiter") if _near(context, c)]
    if spare:
        return failed(
            f"`{endpoint}` has no limiter in front of it; the one that the application makes stands elsewhere or is never mounted.",
            context.at_route(), context.at_call(spare[0]),
        )  # fmt: skip
    rules = rate_rules(context)
    if rules and all(r.covers is False for r in rules):
        why = f"The rules of the application's limiter are for other requests than `{endpoint}`."
        return failed(why, *apart((rules[0].at, context.at_route(), *of_flow(context))))
    unclear = next((r for r in rules if r.covers is None), None)
    if unclear is not None:
        why = f"Whether a rule of the application's limiter counts requests to `{endpoint}` depends on what was not read."
        return unverified(why, unclear.at)
    missing = context.missing(f"a rate limiter in front of {endpoint}", at=context.at_route(), roles=("rate_limiter",), patterns=HINTS)
    if missing is not None:
        return failed(
            f"`{endpoint}` has no limiter in front of its handler: neither the application nor a proxy in the repository declares one.",
            *apart((missing, *before_routes(context)[-1:], *of_flow(context), context.at_application())),
        )
    hits = [h for h in context.hits(HINTS) if not is_caught(context, h[0], h[1])]
    if hits and context.is_resolved and all(_is_about_others(context, f, n) for f, n, _ in hits):
        why = f"`{endpoint}` has no limiter in front of its handler; what the source says of limits is about the answers of other services."
        return failed(why, *apart((context.at_route(), *before_routes(context)[-1:], context.at(*hits[0][:2]))))
    if hits and context.is_resolved and {f for f, _, _ in hits} <= _elsewhere(context):
        why = f"`{endpoint}` has no limiter in front of its handler; what limits stands in front of other routes."
        return failed(why, *apart((context.at_route(), context.at(*hits[0][:2]))))
    if hits and are_of_others(context, hits):
        why = f"`{endpoint}` has no limiter in front of its handler; those that the source names stand in front of other routes."
        return failed(why, *apart((context.at_route(), *of_flow(context), context.at(*hits[0][:2]))))
    if not hits and context.hits(HINTS) and context.is_resolved:
        why = f"`{endpoint}` has no limiter in front of its handler; what the source says of limits is about those of other services."
        return failed(why, *apart((context.at_route(), *before_routes(context)[-1:], *of_flow(context))))
    if not hits:
        return unverified("Some source files could not be read, so the absence of a limiter is not proved.")
    return unverified(
        f"Something that looks like a limiter was found, but not in front of `{endpoint}`.", *(context.at(f, n) for f, n, _ in hits[:3])
    )


def _elsewhere(context: Context) -> set[str]:
    """Files of what runs before other routes and not before those of the flow."""
    mine = {f.symbol.file for g in context.guards for f in context.roles.functions(g.value)} | {g.place.file for g in context.guards}
    others = {id(g.value): g.value for b in context.tracer.routes[:MAX_ROUTES] for g in b.guards}
    files = {f.symbol.file for value in list(others.values())[:MAX_GUARDS] for f in context.roles.functions(value)}
    return files - mine - {r.function.symbol.file for r in context.functions}


def _is_about_others(context: Context, file: str, line: int) -> bool:
    """Does the line stand in a function that is given no request, in a file that is not about what runs before handlers?"""
    if _SERVES.search(file) is not None or file not in context.graph.facts.files or any(g.place.file == file for g in context.guards):
        return False
    view = context.view(file)
    inside = [s for s in view.facts.symbols if s.kind in ("function", "method") and s.line <= line <= s.end_line]
    if not inside:
        return False
    words = " ".join(dotted(p.type) or "" if p.type is not None else str(p.name) for s in inside for p in s.params)
    return (
        _REQUEST.search(words) is None
        and _SENT_BACK.search("\n".join(context.snapshot.lines(file)[max(0, line - 4) : line + 3])) is not None
    )


def _near(context: Context, call: RoleCall) -> bool:
    return context.is_backend(call.file)


def _everywhere(context: Context) -> Judgement | None:
    """Limits that a library applies to the whole application without a guard of its own (`Limiter(app, default_limits=[...])`)."""
    for call in context.roles.calls("rate_limiter"):
        if not _near(context, call):
            continue
        given = {a.name for a in call.call.args if a.name and a.value != Seq(())}  # an empty list limits nothing
        if given & {"default_limits", "application_limits"} and (
            given & {"app"} or (call.call.args and call.call.args[0].name is None) or _installed(context)
        ):
            return passed("The limiter has default limits for every route of the application.", context.at_call(call))
    covering = next((r for r in rate_rules(context) if r.covers), None)
    if covering is not None:
        return passed("A rule of the application's limiter counts these requests.", covering.at)
    throttled = default_of(context, "throttling")
    if throttled is not None and throttled.holds and throttled.at is not None:
        far = named_rates_stop_nobody(context, throttled.at)
        if far is not None:
            return failed(_STOPS_NOBODY, far, status=FindingStatus.STUBBED)
        return passed(throttled.rule.says, throttled.at)
    return None


def _installed(context: Context) -> bool:
    return bool(context.hits(signs("rel-rate-limiting", "installed")))


def _name(context: Context, guard: Guard) -> str:
    functions = context.roles.functions(guard.value)
    for option in options(guard.value):
        if isinstance(option, Ext):
            return option.path
    if functions:
        view = context.view(functions[0].symbol.file)
        symbol = view.symbol(functions[0].symbol.index)
        return view.symbol(symbol.parent).name if symbol.kind == "method" else symbol.name
    return ""


def _switched_off(context: Context, guard: Guard) -> Judgement | None:
    current: AV | None = next((o for o in options(guard.value) if isinstance(o, Ext)), None)
    while isinstance(current, Ext):
        if current.site is not None:
            value = argument(context, current.site, "enabled")
            if isinstance(value, Const) and value.value is False:
                call = context.view(current.site.file).facts.calls[current.site.call]
                return failed(
                    "The limiter is switched off where it is made.", context.at(current.site.file, call.line), status=FindingStatus.STUBBED
                )
        current = current.base
    return None
