"""CSP, HSTS, nosniff and frame protection: from a middleware on this flow, from code, or from a declared proxy."""

from backend_readiness.controls.callees import Found, guards_place
from backend_readiness.controls.commented_out import taken_out
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.protection.header_code import removed_headers
from backend_readiness.controls.protection.headers import ALL, CALLED, HINTS, by_hand, by_name, from_guards, from_libraries
from backend_readiness.controls.standing import apart, before_routes, proxy_place
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import signs_by


def verify(context: Context) -> Judgement:
    held: dict[str, Evidence] = {}
    late: list[Evidence] = []
    guards = {(g.place.file, n) for g in context.guards for n in range(g.place.line, g.place.end_line + 1)}
    for at, headers, found, rule in from_libraries(context):
        is_guard = (found.site.file, found.call.line) in guards
        if not is_guard and ((rule.in_order and _mounted_late(context, found)) or _guards_others(context, found)):
            late.append(at)
            continue
        held.update(dict.fromkeys(headers, at))
    for at, headers in from_guards(context):
        held.update(dict.fromkeys(headers, at))
    for header, at in (*by_hand(context).items(), *by_name(context).items()):
        held.setdefault(header, at)
    held.update({h: e for h, e in _installed(context).items() if h not in held})
    own = default_of(context, "security_headers")
    at_framework = guards_place(context) if own is not None and own.holds else None
    if own is not None and at_framework is not None:
        held.update({h: at_framework for h in own.rule.value.split() if h not in held})
    if own is not None and own.otherwise is not None and len(held) < len(ALL):
        lacks = ALL - set(held) - set(own.rule.value.split())
        if lacks and not context.hits(tuple(rf"(?i){'-?'.join(h.split('-'))}" for h in sorted(lacks))):
            why = (
                f"Neither the framework nor the application sends {', '.join(sorted(lacks))}; the application changes what is sent besides."
            )
            return partial(why, own.otherwise)
        return unverified("The application changes the headers that the framework sends; which ones remain is not known.", own.otherwise)
    removed = next(((h, at) for h, at in removed_headers(context).items() if h in held), None)
    if removed is not None:
        return unverified(f"`{removed[0]}` is taken off answers again; whether off this flow's was not settled.", context.at(*removed[1]))
    missing = sorted(ALL - set(held))
    if not missing:
        return passed("All four headers are set.", *_unique(held))
    if held:
        named = tuple(rf"(?i){h.replace('-', '[-_]?')}" for h in missing)
        return partial(f"Not set: {', '.join(missing)}.", *_unique(held)[:3], *taken_out(context, named))
    if own is not None and own.off is not None:
        return failed("The headers that the framework would send are switched off.", own.off)
    if late:
        return failed("The header middleware does not run before this flow's handler.", *late[:2])
    if not context.routes:
        return unverified("No route of the flow was found.")
    at = guards_place(context)
    hints = (*HINTS, *CALLED)
    proof = context.missing("answer headers set by the application or a proxy", at=at, roles=("security_headers",), patterns=hints)
    if proof is not None:
        why = "Neither the application nor a proxy of the repository sets any of the four headers."
        return failed(why, *apart((proof, *before_routes(context), *proxy_place(context))))
    hits = context.hits(hints)
    return unverified(
        "Something speaks of these headers, but whether they are set was not resolved.", *(context.at(f, n) for f, n, _ in hits[:2])
    )


def _unique(held: dict[str, Evidence]) -> list[Evidence]:
    return list({(e.file, e.line): e for e in held.values()}.values())[:4]


def _installed(context: Context) -> dict[str, Evidence]:
    """Headers of middleware that lists of the settings name."""
    found = {}
    for header, patterns in signs_by("sec-security-headers", "installed").items():
        for file, line, _ in context.hits(patterns):
            found[header] = context.at(file, line)
    return found


def _mounted_late(context: Context, found: Found) -> bool:
    """The middleware is mounted in the file of a guard or route of this flow, and yet is none of its guards: it comes too late."""
    files = {g.place.file for g in context.guards} | {r.route.place.file for r in context.routes}
    return found.site.file in files


def _guards_others(context: Context, found: Found) -> bool:
    """The middleware runs before routes of the application, and this flow's are not among them: it belongs to another router."""
    mine = {id(r) for r in context.routes}
    return any(
        g.place.file == found.site.file and g.place.line <= found.call.line <= g.place.end_line
        for r in context.tracer.routes
        if id(r) not in mine
        for g in r.guards
    )
