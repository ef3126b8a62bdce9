"""Where a maintainer looks first for a thing that is missing: the ends of the flow, what runs before all routes, the call that listens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backend_readiness.controls.application import where_missing
from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.commented_out import taken_out
from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import Hit, databases
from backend_readiness.controls.defaults import place_named, place_of, states
from backend_readiness.controls.deployed.startup import backend_services, image_of, shipped_services
from backend_readiness.controls.work.clients import client_place
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import signs
from backend_readiness.snapshot.matching import compile_patterns

NEAR_LINES = 10
MIN_NAME = 7  # a shorter name is taken for the function only behind the name of its module
_RUNS = re.compile(r"(?i)^(main|run|new|init|__init__|constructor|setup|start|build|configure|create|handle|get|index)$")
_IMPORTS = re.compile(r"\s*(import|from|using|use|require|mod|pub mod|package)\b")
MAX_ROUTES = 30
MAX_STEPS = 4
MAX_HANDLER_LINES = 60
_LISTENS = signs("standing", "listens")
# How the functions of a chain read the body of a request themselves.
_READS_BODY = (
    r"\.(?:Should)?Bind(?:JSON|With|Json)?\(|json\.NewDecoder\(|io\.ReadAll\(|\.BodyParser\(|render\.(?:Decode|Bind)",
    r"\breq(?:uest)?\.body\b|\breq(?:uest)?\.(?:json|formData)\(\)|\bget_json\(|request\.(?:json|data|form|get_data|POST)\b|ReadFromJsonAsync|params\.require|php://input",
)
# A function with the four parameters that Express takes for a handler of errors.
_TYPE = r"(?:\s*:[^,)]*)?\s*"
_FOUR = rf"\(\s*_?(?:err\w*|exc\w*|e|ex){_TYPE},\s*_?(?:req\w*|_){_TYPE},\s*\w+{_TYPE},\s*\w+{_TYPE}\)"
_OPENS = signs("standing", "opens")
_BINDS = signs("standing", "binds")
_FORCES_TLS = signs("standing", "forces_tls")
_PORT = signs("standing", "port")
_SETTINGS = signs("standing", "settings")
_JVM_SETTINGS = signs("standing", "jvm_settings")
_PLAIN_PORT = re.compile(r"^\s*listen\s+(?:\S+:)?(?:80|8\d{3})\b(?!.*\bssl\b)|<VirtualHost\s+\S*:80>")
_PASSES_ON = re.compile(r"^\s*(?:fastcgi|proxy|uwsgi|scgi)_pass\b")
# Files that deploy the application; its own settings say first which database it opens.
_DEPLOYS = re.compile(r"(?i)compose|(^|/)(deploy\w*|k8s|kubernetes|helm|charts?|manifests?|terraform|\.do|docker)/|kustomization")
_CHECKS = re.compile(r"(^|/)\.env\.(travis|ci|test\w*|dusk\S*)$")  # what only runs of the tests select
_ADDS = re.compile(r"(?i)insert|create|add|save|register")


def apart(found: Iterable[Evidence], limit: int = 4) -> tuple[Evidence, ...]:
    """Each place once: what stands within a few lines of an earlier one adds nothing."""
    kept: list[Evidence] = []
    for one in found:
        if not any(k.file == one.file and abs((k.line or 0) - (one.line or 0)) <= NEAR_LINES for k in kept):
            kept.append(one)
    return tuple(kept[:limit])


def of_flow(context: Context, note: str = "") -> tuple[Evidence, ...]:
    """Both ends of the flow: the handler that would do it, and the registration of its route where that stands elsewhere."""
    route = context.at_route(note)
    if not context.handlers:
        return (route,)
    handler = context.at_place(context.handlers[0], note)
    first, last = sorted((route, handler), key=lambda e: e.line or 0)
    if len(apart((first, last))) == 2:
        return handler, route
    return (context.at(str(route.file), first.line or 1, max(first.end_line or 1, last.end_line or 1), note),)


def deed(context: Context) -> tuple[Evidence, ...]:
    """Where the flow does what it is for: its last change of data, the token or session that it hands out, its last look-up."""
    changes = [link for e, link in context.effects if e.operation in ("write", "delete")]
    looks = [link for e, link in context.effects if e.kind in ("orm", "sql", "nosql")]
    given = [context.at_call(c) for role in ("token_sign", "session_login", "password_verify") for c in context.chain_role(role)[:1]]
    return (*(context.at_place(link) for link in changes[-1:]), *given[:1], *(context.at_place(link) for link in looks[-1:]))


def answered(context: Context) -> tuple[Evidence, ...]:
    """Where a long handler ends with its answer: by then it is known what came of the request."""
    return tuple(context.at(h.file, h.end_line) for h in context.handlers[:1] if h.end_line - h.line > NEAR_LINES)


def before_routes(context: Context) -> tuple[Evidence, ...]:
    """What already runs before the flow's handler for the whole application: its first and its last line."""
    own = {(g.place.file, g.place.line) for r in context.routes for g in r.registration.guards}
    places = [g.place for g in context.guards if (g.place.file, g.place.line) not in own]
    return tuple(context.at(p.file, p.line) for p in (*places[:1], *places[-1:]))


def of_application(context: Context, note: str = "") -> tuple[Evidence, ...]:
    """Where a thing of every request would stand: where the application is made, beside what runs before its routes, its manifest."""
    made, *manifest = where_missing(context, note)
    named = [place_named(context, topic) for topic in ("protection", "services")]
    return apart((made, *before_routes(context), *(p for p in named if p is not None), *manifest))


def of_route(context: Context) -> tuple[Evidence, ...]:
    """Where a route of its own would stand: beside the flow's in the application's file, and where the application is made."""
    named = place_named(context, "endpoints")
    return apart((context.at_application(), *((named,) if named is not None else ()), *mounted(context)))


def body_read(context: Context) -> tuple[Evidence, ...]:
    """Where the flow reads the body of the request: the call on the chain, else the handler."""
    pattern = compile_patterns(_READS_BODY)
    for file, line, text in chain_text(context):
        if pattern is not None and pattern.search(text[:400].encode("utf-8", "replace")) is not None:
            return (context.at(file, line),)
    return tuple(context.at_place(h) for h in context.handlers[:1])


def listening(context: Context) -> Evidence | None:
    """The line that starts the server; None where the repository leaves that to another program."""
    for topic in ("drains", "server_timeouts"):
        rule = states(context, topic)
        place = place_of(context, rule) if rule is not None else None
        if place is not None:
            return place
    hits = [h for h in context.hits(_LISTENS) if context.is_backend(h[0])]
    return context.at(*hits[0][:2]) if hits else None


def setting_paths() -> tuple[str, ...]:
    """The files in which a framework reads the settings of an application."""
    return _SETTINGS


def of_class(context: Context) -> tuple[Evidence, ...]:
    """The class of the flow's handler: what holds for all of its routes, a prefix for example, stands there."""
    for handler in context.handlers[:1]:
        for symbol in context.view(handler.file).facts.symbols if handler.file in context.graph.facts.files else ():
            if symbol.kind == "class" and symbol.line <= handler.line <= symbol.end_line:
                return (context.at(handler.file, symbol.line),)
    return ()


def mounted(context: Context) -> tuple[Evidence, ...]:
    """Where the flow's route hangs on the application: the mount of its router, the line of another file that names the function which
    registers it (`app.MapOrders()`, `.configure(orders::routes)`), else its own line."""
    for bound in context.routes[:1]:
        router = bound.registration.router
        place = context.tracer.mounted_at(router) if router is not None else None
        own = place if place is not None else bound.route.place
        named = _named_in(context, own.file, own.line) or (_included(context, own.file) if router is None else None)
        return (*([named] if named is not None else []), context.at_place(own))
    return ()


def _included(context: Context, file: str) -> Evidence | None:
    """The first line of another file that takes a table of routes over by its path (`include("core.api.urls")`)."""
    steps = [re.escape(s) for s in file.rpartition(".")[0].split("/")][-MAX_STEPS:]
    if len(steps) < 2:
        return None
    hits = context.hits((rf"""['"][\w./]*\b{r"[./]".join(steps)}(\.\w+)?['"]""",))
    return next((context.at(*h[:2]) for h in hits if h[0] != file), None)


def _named_in(context: Context, file: str, line: int) -> Evidence | None:
    """The first line of another file that names the function around a line, its imports left out."""
    symbols = context.view(file).facts.symbols if file in context.graph.facts.files else ()
    around = [s for s in symbols if s.kind in ("function", "method") and s.line <= line <= s.end_line and s.name.isidentifier()]
    if not around or _RUNS.match(around[-1].name) is not None:
        return None
    *_, folder, base = ("", *file.split("/"))
    homes = "|".join(re.escape(h) for h in (folder, base.partition(".")[0]) if h)
    parted = rf"\b({homes})(\.|::){around[-1].name}\b" if len(around[-1].name) < MIN_NAME else rf"\b{around[-1].name}\b"
    hits = (h for h in context.hits((parted,)) if h[0] != file and _IMPORTS.match(h[2]) is None)
    return next((context.at(*h[:2]) for h in hits), None)


def deployed(context: Context) -> tuple[Evidence, ...]:
    """Where what watches the running service would be declared: beside it in its compose file. Empty where none deploys it."""
    services = backend_services(context) or shipped_services(context)
    return tuple(context.at(s.path, s.entry.line) for s in services[:1])


def bound(context: Context) -> tuple[Evidence, ...]:
    """What says where requests come in: the call that binds, a proxy's plain port, the port of the settings."""
    hits = [h for h in context.hits(_BINDS) if context.is_backend(h[0])]
    plain = proxy_place(context)
    said = [h for h in context.hits(_PORT, _SETTINGS) if _CHECKS.search(h[0]) is None][:1]
    return (
        *(context.at(f, n) for f, n in (*(h[:2] for h in hits[:1]), *(h[:2] for h in said))),
        *(settings_file(context) if not said else ()),
        *plain,
        *taken_out(context, _FORCES_TLS),
    )


def settings_file(context: Context) -> tuple[Evidence, ...]:
    """The file of settings that a server of the JVM reads at start: what it does with TLS or a signal would be said there."""
    found = context.snapshot.glob(*_JVM_SETTINGS) if context.language in ("java", "kotlin") else ()
    inside = [f for f in found if context.is_backend(f)]
    return tuple(context.at(f, 1) for f in sorted(inside, key=len)[:1])


def proxy_place(context: Context) -> tuple[Evidence, ...]:
    """Where a proxy of the repository takes requests in: its plain port, else the server that names no port and passes them on."""
    for path in context.deployment.proxies:
        lines = context.snapshot.lines(path)
        named = next((n for n, t in enumerate(lines, 1) if _PLAIN_PORT.search(t) is not None), 0)
        portless = not any(re.match(r"\s*listen\b", t) for t in lines) and any(_PASSES_ON.search(t) for t in lines)
        server = next((n for n, t in enumerate(lines, 1) if re.match(r"\s*server\s*\{", t)), 0) if portless else 0
        if named or server:
            return (context.at(path, named or server),)
    return ()


def database(context: Context) -> tuple[Evidence, ...]:
    """Where the database is declared and opened: its compose service, the lines that select it; else where the flow first touches it."""
    found: list[Evidence] = []
    own = {s.path for s in backend_services(context)}
    for service in sorted(shipped_services(context), key=lambda s: s.path not in own):
        if any(
            name in image_of(context, service)
            for name in ("postg", "mysql", "mariadb", "mongo", "timescale", "cockroach", "mssql", "percona")
        ):
            image = service.get("image") or service.get("build")
            found.append(context.at(service.path, image.line if image is not None else service.entry.line))
            break
    known = databases(context)
    servers = sorted((h for h in known.servers if _belongs(context, h)), key=lambda h: _DEPLOYS.search(h.file) is not None)
    files = [h for h in known.files if _belongs(context, h)]
    elsewhere = [h for h in servers if h.file != servers[0].file]
    lines: list[Hit] = [*known.memory[:1], *servers[:1], *files[:1], *(elsewhere or servers[1:])[:1]]
    found += [context.at(h.file, h.line) for h in lines[:2]]
    made = client_place(context)
    found += [made] if made is not None and context.is_backend(made.file or "") else []
    if known.files and not known.servers:
        found += [context.at(s.path, s.entry.line) for s in backend_services(context)[:1]]
    if not found:
        found += [context.at(f, n) for f, n, _ in context.hits(_OPENS)[:1]]
    if not found:
        found += [context.at_place(link) for _, link in context.effects[:1]]
    return apart(found, 3) or (context.at_route(),)


def _belongs(context: Context, hit: Hit) -> bool:
    return not hit.text.lstrip().startswith(("import ", "from ", "using ", "use ")) and _CHECKS.search(hit.file) is None


def error_answers(context: Context) -> tuple[Evidence, ...]:
    """Where errors that nothing caught are answered: handlers that the application registers, functions of Express' form."""
    found = [context.at_call(c) for c in context.roles.calls("error_handler") if context.is_backend(c.file)]
    if not found and states(context, "error_middleware") is not None:
        found = [context.at(f, n) for f, n, _ in context.hits((_FOUR,)) if context.is_backend(f)]
    if not found or found[0].file is None:
        return ()
    first, lines = found[0].line or 1, context.snapshot.lines(found[0].file or "")
    last = next((n for n in range(first, min(first + MAX_HANDLER_LINES, len(lines))) if re.search(r"\b500\b", lines[n - 1])), first)
    return apart((found[0], context.at(found[0].file, last)))


def writers(context: Context, target: str) -> Iterator[Evidence]:
    """Where other routes add records of the same kind: there a rule about all of them is broken or kept."""
    near = [b for b in context.tracer.routes if b.route.endpoint.method in ("POST", "PUT", "ANY")][:MAX_ROUTES]
    for bound in near:
        walk = context.tracer.walk(bound)
        for effect, index in walk.effects:
            if effect.operation == "write" and effect.target == target and _ADDS.search(effect.path.rpartition(".")[2]) is not None:
                yield context.at_place(walk.links[index])
                return
