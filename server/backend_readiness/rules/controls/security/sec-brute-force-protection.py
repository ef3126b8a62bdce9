"""Guessing of passwords, codes and tokens is slowed down: limiters and lock-outs on this flow, and what they count by."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.protection.entry_doubts import doubt_of_entry
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.protection.idle_guards import stands_aside
from backend_readiness.controls.protection.limit_rates import limits_nobody
from backend_readiness.controls.subjects import Subject
from backend_readiness.graph.values import Ext, SymbolId, options
from backend_readiness.model import Evidence

_HINTS = (
    r"(?i)rate_?-?limit|throttl|too_?many|\b429\b|failed_?(login_?)?attempts|login_?attempts|lock(ed)?_?(out|until)|brute|captcha|limit_req|slow_?down",
)
_LOCK = re.compile(
    r"(?i)failed_?(login_?|sign_?in_?)?(attempts|count)|login_?attempts|lock(ed)?_?(out|until)|blocked_until|too_?many_?(attempts|requests|failures)|captcha|throttle\.|throttl\w*\("
)
_COMPARES = re.compile(r"(?i)\bpass(word|wd|code)\b\W{0,4}===?\W{0,3}[a-z_]|===?\s*[*&]?[\w.]*pass(word|wd|code)\b")
_BASIC = re.compile(r"\bauthenticate(_or_request)?_with_http_basic\b")
_REPEATED = re.compile(r"(?i)confirm|repeat|again|retype|new_?pass|old_?pass|current_?pass")
_CODE = re.compile(r"(?i)(^|[/_-])(otp|2fa|mfa|totp|pin|code)s?([/_-]|$)")
_BY_ADDRESS = re.compile(
    r"(?i)remote_?addr|client\.host|req\.ip\b|\bip\b|get_remote_address|client_?(address|ip)|scope\[.client.\]|\.client\b"
)
_BY_ACCOUNT = re.compile(r"(?i)email|user_?name|account|\buser\b|\blogin\b")
# Of a handler that counts by itself, the lines that speak of what is counted.
_COUNTS = re.compile(r"(?i)attempt|count|limit|throttl|cache|block|lock|fail|\b429\b|too_?many|\bincr|\bkey\b")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    subject = Subject(context)
    if not subject.changes or not (subject.sign_in or subject.reset or any(_CODE.search(p) for p in subject.paths)):
        compared = _compares_password(context) if subject.changes else None
        if compared is not None:
            why = "The flow compares a password without a sign-in before it; whether guesses are slowed down was not settled."
            return unverified(why, compared)
        if (doubt := doubt_of_entry(context)) is not None:
            return unverified(doubt[0], *doubt[1])
        return not_applicable("The flow checks nothing that could be guessed.", context.at_route())
    if identity_of(context).refusal_before() is not None and not subject.sign_in:  # what refuses before a sign-in is the sign-in
        return not_applicable("Only people who are signed in reach the flow.", context.at_route())
    idle = next((e for g in context.guards if "rate_limiter" in context.roles.of_value(g.value) and (e := stands_aside(context, g))), None)
    if idle is not None:
        return unverified("A setting decides whether the limiter before the flow counts attempts or lets everything pass.", idle)
    limiters = [g for g in context.guards if {"rate_limiter", "brute_force"} & context.roles.of_value(g.value)]
    loose = [e for g in limiters if (e := limits_nobody(context, g)) is not None]
    if loose and len(loose) == len(limiters):
        return failed("The limiter before the flow lets more pass than anybody needs for guessing.", *loose[:2])
    found = _limits(context)
    if found:
        text = " ".join(t for _, t in found)
        both = _BY_ADDRESS.search(text) and _BY_ACCOUNT.search(text)
        places = [e for e, _ in found][:3]
        if both:
            return passed("Attempts are limited by account and by address.", *places)
        by = "address" if _BY_ADDRESS.search(text) else "account" if _BY_ACCOUNT.search(text) else "one key"
        return partial(f"Attempts are limited by {by} only.", *places)
    elsewhere = [c for c in context.roles.calls("rate_limiter") if c.call.kind != "decorator"]
    at = context.at_place(context.handlers[0]) if context.handlers else context.at_route()
    if elsewhere:
        return failed("The application has a limiter, but none stands before this flow.", context.at_route(), at)
    paths = (*context.source_globs, *context.deployment.proxies)
    proof = context.missing(
        "limiters and lock-outs of the application and its proxies",
        at=context.at_route(),
        roles=("rate_limiter", "brute_force"),
        patterns=_HINTS,
        paths=paths,
    )
    if proof is not None and not context.unread:
        return failed("Nothing slows down repeated attempts: no limiter, delay or lock-out.", proof, at)
    hits = context.hits(_HINTS, paths)
    return unverified(
        "Something speaks of limits, but whether it slows down this flow was not resolved.", *(context.at(f, n) for f, n, _ in hits[:3])
    )


def _compares_password(context: Context) -> Evidence | None:
    """Where the flow checks a password that a request brings, whatever its address is called."""
    lines = [*chain_text(context)]
    basic = next((context.at(f, n) for f, n, t in lines if _BASIC.search(t[:500])), None)
    if basic is not None or identity_of(context).refusal_before() is not None:
        return basic
    asked = context.chain_role("password_verify")
    if asked:
        return context.at_call(asked[0])
    return next((context.at(f, n) for f, n, t in lines if _COMPARES.search(t[:500]) and not _REPEATED.search(t[:500])), None)


def _text(context: Context, where: SymbolId) -> str:
    symbol = context.view(where.file).symbol(where.index)
    return "\n".join(context.snapshot.lines(where.file)[symbol.line - 1 : symbol.end_line])


def _limits(context: Context) -> list[tuple[Evidence, str]]:
    """Limiters among the guards, functions of the chain that answer 429, and counters of failures; each with the text around it."""
    found: list[tuple[Evidence, str]] = []
    for guard in context.guards:
        if {"rate_limiter", "brute_force"} & context.roles.of_value(guard.value):
            site = next((v.site for v in options(guard.value) if isinstance(v, Ext) and v.site is not None), None)
            text = ""
            if site is not None:
                call = context.view(site.file).facts.calls[site.call]
                text = "\n".join(context.snapshot.lines(site.file)[call.line - 1 : call.end_line])
            keyed = re.search(r"(?i)keyGenerator|key_func|\bkey\s*=", text)
            found.append((context.at_place(guard.place), text if keyed else f"{text} client_ip"))
        for function in context.roles.functions(guard.value):
            if 429 in context.roles.statuses(function.symbol, depth=2):
                called = [e.target.symbol for e in context.tracer.edges.of_symbol(function.symbol)[:12] if e.kind == "call"]
                found.append((context.at_place(guard.place), "\n".join(_text(context, s) for s in (function.symbol, *called))))
    for bound in context.routes:
        if "limits_guesses" in context.roles.of_value(bound.handler) and bound.route.handler is not None:
            found.append((context.at_place(bound.route.handler), "client_ip and account"))  # of the class that it inherits from
    for reached in context.functions:
        where = reached.function.symbol
        for edge in context.tracer.edges.of_symbol(where):
            if edge.kind == "call" and 429 in context.roles.statuses(edge.target.symbol, depth=1):
                view = context.view(edge.site.file)
                call = view.facts.calls[edge.site.call]
                symbol = context.view(edge.target.symbol.file).symbol(edge.target.symbol.index)
                body = "\n".join(context.snapshot.lines(edge.target.symbol.file)[symbol.line - 1 : symbol.end_line])
                found.append(
                    (
                        context.at(edge.site.file, call.line),
                        "\n".join([*context.snapshot.lines(edge.site.file)[call.line - 1 : call.end_line], body]),
                    )
                )
        if 429 in context.roles.statuses(where, depth=0):
            symbol = context.view(where.file).symbol(where.index)
            own = context.snapshot.lines(where.file)[symbol.line - 1 : symbol.end_line]
            found.append((context.at_symbol(where), "\n".join(t for t in own if _COUNTS.search(t))))
    found += _everywhere(context)
    if not found:
        found = [(context.at(f, n), t + " account") for f, n, t in chain_text(context) if _LOCK.search(t)]
    return found


def _everywhere(context: Context) -> list[tuple[Evidence, str]]:
    """Limiters that stand before the whole application and choose by the path: those that name the last step of the flow's path."""
    found = []
    for call in context.roles.calls("global_limiter"):
        lines = context.snapshot.lines(call.file)
        text = "\n".join(lines[call.call.line - 1 : max(call.call.end_line, min(call.call.line + 8, len(lines)))])
        steps = {s for r in context.routes for s in r.route.endpoint.path.split("/")[-2:] if s and not s.startswith("{")}
        if any(s in text for s in steps) or not (call.path.startswith("~") or re.search(r"(?i)\bpath|fullpath|\burl\b", text)):
            found.append((context.at_call(call), text))
    return found
