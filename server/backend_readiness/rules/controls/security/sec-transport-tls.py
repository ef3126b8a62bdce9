"""TLS on the way in, on the way out and to the database, as the repository declares it."""

import re
from itertools import pairwise

from backend_readiness.controls.callees import app_place
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.platforms import platform_files
from backend_readiness.controls.deployed.started_at import started_at
from backend_readiness.controls.deployed.startup import backend_services
from backend_readiness.controls.deployed.workloads import own_manifests
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.places import is_production
from backend_readiness.controls.standing import apart, bound, listening
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_OFF = (
    r"rejectUnauthorized[\"']?\s*:\s*false|NODE_TLS_REJECT_UNAUTHORIZED[\"'\]]*\s*[=:]\s*[\"']?0|\bverify\s*=\s*False\b|_create_unverified_context|CERT_NONE|verify_ssl\s*=\s*False|check_hostname\s*=\s*False",
)
_OF_TOKENS = re.compile(r"(?i)\bjwt|\bdecode\(|\bjws")  # what is not verified there is a token
_DECLARED = re.compile(
    r"(?i)certresolver|letsencrypt|\bacme(\.|_|-|:\s*$)|ssl_certificate|listen\s+443|\b443\b|websecure|\btls\b|force_https|ssl_redirect|https://"
)
_ENDS = re.compile(r"(?i)ssl_certificate\b|listen\s+443|certresolver")
_SENDS_ON = re.compile(r"(?i)\breturn\s+30[1278]\s+https|rewrite\s.*https://|Redirect\s.*https://|ssl_redirect|RewriteRule.*https")
_CODE = (r"https\.createServer|ssl_keyfile|ssl_context|ssl-keyfile|certfile|createSecureServer|SECURE_SSL_REDIRECT\s*=\s*True",)
_PLAIN_DATABASE = (r"(?i)useSSL=false|sslmode=disable|\bEncrypt=(False|No)\b|SslMode=None|ssl-mode=DISABLED",)
_SETTINGS = ("**/application*.properties", "**/application*.y*ml", "**/appsettings*.json", "**/docker-compose*.y*ml", "**/compose*.y*ml")
_TABLES = signs("sec-transport-tls", "platform_tables")
_OPENS_PLAIN = re.compile(sign("sec-transport-tls", "opens_plain"))
_SENDS_TO_TLS = re.compile(sign("sec-transport-tls", "sends_to_tls"))
_FORCES = sign("sec-transport-tls", "forces")
_PLATFORM = (
    "**/vercel.json",
    "**/fly.toml",
    "**/config/deploy.y*ml",
    "**/render.y*ml",
    "**/netlify.toml",
    "**/railway.*",
    "**/app.y*ml",
    "**/serverless.y*ml",
    "**/*.tf",
    "**/samconfig.toml",
    "**/cdk.json",
)


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("No route of the flow was found.")
    off = [h for h in context.hits(_OFF) if _OF_TOKENS.search(h[2]) is None]
    if off:
        return failed("The check of certificates is switched off for a connection.", *(context.at(f, n) for f, n, _ in off[:2]))
    plain = context.hits(_PLAIN_DATABASE, (*context.source_globs, *_SETTINGS))
    unsafe = [context.at(f, n) for f, n, _ in plain[:1] if is_production(f)]
    in_source = [e for e in unsafe if e.file in context.graph.facts.files]
    for path in (
        *context.deployment.proxies,
        *{s.path for s in context.deployment.compose},
        *{m.path for m in own_manifests(context)},
    ):
        for number, line in enumerate(context.snapshot.lines(path), 1):
            if _DECLARED.search(line) and not line.lstrip().startswith("#"):
                if _ENDS.search(line) and context.is_resolved and not context.effects and not _serves_plainly(context, path):
                    return passed(
                        "A proxy of the repository ends TLS, and the flow opens no connections of its own.", context.at(path, number)
                    )
                if in_source:
                    why = "Something in front of the application seems to end TLS; its connection to the database is in the clear."
                    return partial(why, *in_source, context.at(path, number))
                return unverified(
                    "Something in front of the application seems to end TLS; database and outbound connections were not settled.",
                    context.at(path, number),
                )
    if any(re.search(r"(?i)caddy|traefik", s.image) for s in context.deployment.compose) or any(
        "Caddyfile" in p for p in context.deployment.proxies
    ):
        return unverified("A proxy stands in front of the application; where TLS ends was not settled.", app_place(context))
    platform = platform_files(context, _PLATFORM)
    open_port = next((at for p in platform if (at := _open_port(context, p)) is not None), None)
    if open_port is not None and not context.hits((_FORCES,), (*context.source_globs, "config/**")):
        return partial("The platform ends TLS, and takes plain HTTP on port 80 as well: nothing sends its callers to TLS.", open_port)
    if platform:
        return unverified("The platform may end TLS in front of the application.", context.at(platform[0], 1))
    own = context.hits((*_CODE, *(words_of(context, "inbound_tls") or ())), (*context.source_globs, "config/packages/*.y*ml"))
    if own:
        return unverified(
            "The application can serve TLS itself; whether it does where it is deployed was not settled.", context.at(*own[0][:2])
        )
    opened = _opened(context)
    if context.deployment.manifests and opened is None:
        return unverified("Where TLS ends in the cluster was not settled.", context.at(context.deployment.manifests[0].path, 1))
    why = "The application serves plain HTTP, and the repository declares nothing that ends TLS in front of it."
    front = _plain_proxy(context)
    places = (
        listening(context) or app_place(context),
        *(e for e in (front, opened) if e is not None),
        *unsafe,
        *bound(context),
        *started_at(context),
    )
    return failed(why, *apart(places))


def _open_port(context: Context, path: str) -> Evidence | None:
    """The line of a platform file that opens port 80, in a table that sends nobody to TLS."""
    lines = context.snapshot.lines(path)
    heads = [n for n, t in enumerate(lines) if t.lstrip().startswith("[")] + [len(lines)]
    for start, end in pairwise(heads):
        if not any(re.match(p, lines[start].strip()) is not None for p in _TABLES):
            continue
        table = lines[start:end]
        opens = next((n for n, t in enumerate(table, start + 1) if _OPENS_PLAIN.search(t) is not None), None)
        if opens is not None and not any(_SENDS_TO_TLS.search(t) is not None for t in table):
            return context.at(path, opens)
    return None


def _serves_plainly(context: Context, path: str) -> bool:
    """May the file let requests of the flow in without TLS: by a plain port that sends nobody to the other, or for another service only?"""
    lines = context.snapshot.lines(path)
    if path not in context.deployment.proxies:
        return True  # labels and manifests speak of several services
    plain = any(re.match(r"\s*listen\s+(\S+:)?80\b|\s*<VirtualHost\s+\S+:80>", t) for t in lines)
    return plain and not any(_SENDS_ON.search(t) for t in lines)


def _plain_proxy(context: Context) -> Evidence | None:
    """Where a proxy of the repository listens for plain HTTP."""
    for path in context.deployment.proxies:
        for number, line in enumerate(context.snapshot.lines(path)[:500], 1):
            if is_production(path) and re.match(r"\s*listen\s+(\S+:)?\d+\s*(default_server\s*)?;|\s*<VirtualHost\s+\S+:80>", line):
                return context.at(path, number)
    return None


def _opened(context: Context) -> Evidence | None:
    """The port of the backend that the deployment opens: of a container, or of a service of the cluster that is seen from outside."""
    for manifest in context.deployment.manifests:
        for number, line in enumerate(context.snapshot.lines(manifest.path), 1):
            if re.match(r"\s*type:\s*[\"']?(NodePort|LoadBalancer)\b", line):
                return context.at(manifest.path, number)
    served = [context.at(s.path, ports.line) for s in backend_services(context)[:1] if (ports := s.get("ports")) is not None]
    return served[0] if served else None
