"""The client's address, where the flow uses one, comes from the connection or from a proxy that is trusted by name or number."""

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import chain_text, role_calls
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, states
from backend_readiness.controls.deployed.startup import backend_services, override_settings, settings
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.graph.values import ClassV, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.matching import compile_patterns

_HEADER = re.compile(
    r"(?i)['\"](x-forwarded-for|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-connecting-ip|fly-client-ip|x-original-forwarded-for|forwarded|HTTP_X_FORWARDED_FOR|HTTP_X_REAL_IP|HTTP_CLIENT_IP|HTTP_CF_CONNECTING_IP)['\"]|\bHeaderX(ForwardedFor|RealIP)\b"
)
_ADDRESS = re.compile(
    r"\breq(uest)?\.(ip|ips|connection\.remoteAddress|socket\.remoteAddress|client\.host|remote_addr|remote_ip|RemoteAddr)\b"
    r"|\bctx\.ip\b|\bc\.IPs?\(\)|\borigin\.remote(Host|Address)\b|REMOTE_ADDR|get_remote_address|get_ipaddr|RemoteIpAddress|getRemoteAddr\(|ClientIP\(|RealIP\(\)|remote_ip\b|->ip\(\)"
)
_TRUST_ALL = (
    r"trust proxy['\"]\s*,\s*(true|\(?\w*\)?\s*=>\s*true|['\"](0\.0\.0\.0/0|::/0|\*))",
    r"enable\(\s*['\"]trust proxy['\"]|trustProxy\s*:\s*true",
    r"forwarded[-_]allow[-_]ips['\"]?\s*[=, ]\s*['\"]?(\*|0\.0\.0\.0/0)|ProxyHeadersMiddleware.*trusted_hosts\s*=\s*\[?['\"]\*",
    r"TRUSTED_PROXIES\s*=\s*['\"]?\*|\$proxies\s*=\s*\[?\s*['\"](\*|0\.0\.0\.0/0)",
    r"trustProxies\(\s*at:\s*\[?\s*['\"]\*",
    r"SetTrustedProxies\(.*[\"'](0\.0\.0\.0/0|::/0)|TrustedProxies:.*[\"'](0\.0\.0\.0/0|::/0)|Known(Proxies|Networks|IPNetworks)\.Clear\(\)|KnownNetworks\.Add\(.*IPAddress\.Any\b",
)
# Settings by which a framework takes the address from whatever forwarding header there is.
_BELIEVES = (
    r"^\s*(server\.)?forward-headers-strategy\s*[:=]\s*['\"]?(native|framework)|^\s*(server\.)?use-forward-headers\s*[:=]\s*true",
    r"\binstall\(\s*XForwardedHeaders|\bForwardedHeaderFilter\(|\bProxyHeader:\s*(\w+\.)?(HeaderX|\"X-)",
    r"proxy-address-forwarding\s*[:=]\s*true|SECURE_PROXY_ADDR|IPExtractor\s*=\s*\w*\.?ExtractIPFrom(XFF|RealIP)Header\(\s*\)",
)
# Files of what runs before handlers, by their names.
_RUNS_BEFORE = re.compile(sign("sec-client-ip-trust", "runs_before"))
_IMPORTS = re.compile(r"\s*(import|from|using|use|require|const \w+ = require)\b")
_STARTS = ("**/Dockerfile*", "**/Procfile", "**/*.sh", "**/docker-compose*.y*ml", "**/compose*.y*ml", "**/package.json")
_SETTING = re.compile(r"(?i)forwarded_allow_ips|trusted_?proxies")
_PROXY = re.compile(r"(?i)nginx|caddy|traefik|haproxy|envoy|httpd|cloudflared|swag\b")
# No proxy at all is believed, so the address is that of the connection.
_TRUST_NONE = (r"SetTrustedProxies\(\s*(nil\b|\[\]string\{\s*\})|ForwardedByClientIP\s*=\s*false",)
_TRUST_SOME = (
    r"trust proxy['\"]\s*,\s*([1-9]|['\"\[])|trustProxy",
    r"ProxyFix|forwarded[-_]allow[-_]ips|ProxyHeadersMiddleware|SetTrustedProxies|UseForwardedHeaders|TrustProxies",
)


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    header = next((at for at, text in _lines(context) if _HEADER.search(text)), None) or _by_library(context)
    limiter = context.guard_with_role("rate_limiter")
    header = header or (_of_limiter(context) if limiter is not None else None)
    used = next((at for at, text in _lines(context) if _ADDRESS.search(text)), None)
    by_limiter = limiter is not None and used is None
    if limiter is not None and used is None:
        used = context.at_place(limiter.place)
    if header is None and used is None:
        before = next((h for h in context.hits((_HEADER.pattern,)) if _RUNS_BEFORE.search(h[0]) is not None), None)
        if before is not None:
            why = "What may run before the handler reads a forwarding header; whether it does for this flow, and for what, was not found."
            return unverified(why, context.at(*before[:2]))
        return not_applicable("The flow uses no address of the client.", context.at_route())
    proxied = bool(context.deployment.proxies)
    if header is not None:
        why = "The address is taken from a header that any client can write."
        return partial(f"{why} A proxy of the repository stands in front.", header) if proxied else failed(why, header)
    trusting = context.hits(_TRUST_ALL) or context.hits(_TRUST_ALL, _STARTS) or _trusts(context)
    if trusting:
        why = "Every proxy is trusted: the address is what the client wrote into the forwarding header."
        at = context.at(*trusting[0][:2])
        return partial(f"{why} A proxy of the repository stands in front.", at) if proxied else failed(why, at)
    none = context.hits(_TRUST_NONE)
    if none:
        return passed("No proxy is believed: the address is that of the connection.", context.at(*none[0][:2]))
    some = [h for h in context.hits(_TRUST_SOME) if _IMPORTS.match(h[2]) is None] or context.hits(_TRUST_SOME)
    opened = _opened(context) if some else None
    if some and opened is not None:
        why = "A forwarding header is believed, and the declared deployment opens the backend's own port with no proxy in front."
        return partial(why, context.at(*some[0][:2]), opened)
    if some:
        return passed("Only named or counted proxies may set the address.", context.at(*some[0][:2]))
    open_trust = context.hits((r"['\"]trust proxy['\"]\s*,",))
    if open_trust:
        return unverified("Which proxies are trusted was not resolved.", context.at(*open_trust[0][:2]))
    believed = _believed(context)
    if believed is not None:
        why, at = believed
        return partial(f"{why} A proxy of the repository stands in front.", at) if proxied else failed(why, at)
    read = context.hits((_HEADER.pattern,))
    if read:
        by = "its limiter tells clients apart by it" if by_limiter else "the address of this flow comes from it"
        why = f"The application reads a forwarding header; whether {by} was not settled."
        return unverified(why, context.at(*read[0][:2]))
    if used is not None and not proxied:
        return passed("The address is that of the connection, and no forwarding header is believed.", used)
    return unverified("A proxy stands in front; whether it hides the address of the client was not settled.", *([used] if used else []))


def _trusts(context: Context) -> list[tuple[str, int, str]]:
    """Settings of the framework and of the deployment by which every forwarding header is believed."""
    found = context.hits(_BELIEVES, ("**/application*.properties", "**/application*.y*ml")) or context.hits(_BELIEVES)
    if not found:
        said = (*settings(context), *override_settings(context))
        found = [(s.file, s.line, s.name) for s in said if _SETTING.search(s.name) and s.value.strip("\"'") in ("*", "0.0.0.0/0")]
    named = context.hits(
        (
            r"EnableTrustedProxyCheck:\s*true|TrustProxy(Config)?:|trusted-proxies|internal-proxies|TrustIPRange|useFirstProxy|skipLastProxies",
        )
    )
    return [] if named else found


def _believed(context: Context) -> tuple[str, Evidence] | None:
    """A call of the flow by which its framework believes whatever forwarding header there is, and nothing that names the proxies."""
    rule = states(context, "client_address")
    calls = compile_patterns(rule.place) if rule is not None and default_of(context, "client_address") is None else None
    if rule is None or calls is None:
        return None
    return next(((rule.says_not, at) for at, text in _lines(context) if calls.search(text.encode("utf-8", "replace")) is not None), None)


def _of_limiter(context: Context) -> Evidence | None:
    """Where a limiter of the flow is told by which header it tells clients apart: `keyGenerator: (req) => ...`."""
    for found in role_calls(context, "rate_limiter"):
        lines = context.snapshot.lines(found.site.file)
        for number in range(found.call.line, min(found.call.end_line, found.call.line + 40) + 1):
            if _HEADER.search(lines[number - 1]):
                return context.at(found.site.file, number)
    return None


def _by_library(context: Context) -> Evidence | None:
    """A call or a middleware of the flow that takes the address from whatever forwarding header the request carries."""
    guard = context.guard_with_role("forwarded_address")
    if guard is not None:
        return context.at_place(guard.place)
    files = {v.symbol.file for g in context.guards for v in options(g.value) if isinstance(v, ClassV)}
    chain = {(f, n) for f, n, _ in chain_text(context)}
    found = (c for c in context.roles.calls("forwarded_address") if c.file in files or (c.file, c.call.line) in chain)
    return next((context.at_call(c) for c in found), None)


def _opened(context: Context) -> Evidence | None:
    """Where the compose file opens the port of the backend to everybody, and starts no proxy beside it."""
    if any(_PROXY.search(s.image) for s in context.deployment.compose):
        return None
    for service in backend_services(context):
        ports = service.get("ports")
        if ports is not None and not any("127.0.0.1" in t for t in ports.texts()):
            return context.at(service.path, ports.line)
    return None


def _lines(context: Context) -> Iterator[tuple[Evidence, str]]:
    """The lines of the chain and of the functions behind its guards."""
    for file, line, text in chain_text(context):
        yield context.at(file, line), text
    for guard in context.guards:
        for function in context.roles.functions(guard.value):
            symbol = context.view(function.symbol.file).symbol(function.symbol.index)
            lines = context.snapshot.lines(function.symbol.file)
            for number in range(symbol.line, min(symbol.end_line, symbol.line + 120, len(lines)) + 1):
                yield context.at(function.symbol.file, number), lines[number - 1]
