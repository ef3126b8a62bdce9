"""The signal reaches the server process, and something drains it."""

import posixpath
import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, place_of, states, switched_off
from backend_readiness.controls.deployed.behind_shell import DRAINS, behind_shell, waits_in_shell
from backend_readiness.controls.deployed.started_at import started_at
from backend_readiness.controls.deployed.startup import backend_services, commands
from backend_readiness.controls.deployed.workloads import workloads
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.places import is_test
from backend_readiness.controls.standing import apart, settings_file
from backend_readiness.controls.work.writes import texts_of_chain
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs_by
from backend_readiness.snapshot.places import is_for_development

_CUTS = re.compile(sign("rel-graceful-shutdown", "cuts"))
_HANDLES = (
    r"[\"']SIGTERM[\"']",
    r"\bSIGTERM\b",
    r"enableShutdownHooks\(",
)
_SERVERLESS = ("**/serverless.y*ml", "**/vercel.json", "**/netlify.toml", "**/template.y*ml")
# The signal is sent to another process: nothing is handled here.
_SENDS = re.compile(r"\bkill\w*\(|\bkill\s|send_signal|\.Signal\(")
_IS_CODE = re.compile(r"^(?:(?!\s//|\s#\s).)*\bSIGTERM\b")  # the word stands before any comment
MAX_SCRIPT_LINES = 600
_BESIDE = re.compile(sign("rel-graceful-shutdown", "beside"))
_LEFT = sign("rel-graceful-shutdown", "left")
_DEV_RUN = re.compile(sign("rel-graceful-shutdown", "dev_run"))
_WAITS = signs_by("rel-graceful-shutdown", "waits_for")
_NAMED = signs_by("rel-graceful-shutdown", "interrupt_alone")
_CLOSES_ALL = re.compile(sign("rel-graceful-shutdown", "closes"))
_SERVER_CLOSED = re.compile(sign("rel-graceful-shutdown", "server_closed"))
_NO_SERVER = re.compile(sign("rel-graceful-shutdown", "no_server"))
_ASKS = re.compile(sign("rel-graceful-shutdown", "asks"))
_ASKED_FOR = sign("rel-graceful-shutdown", "asked_for")
_CONFIGURES = ("**/*.conf", "**/*.ini", "**/*Dockerfile*", "**/*.sh")
_EXITS = re.compile(sign("rel-graceful-shutdown", "exits"))
MAX_BESIDE = 20
_ENDINGS = ("", ".js", ".ts", ".mjs", ".cjs", "/index.js", "/index.ts")
_STOPS_WITH = sign("rel-graceful-shutdown", "stops_with")
_KEPT = "A shell is the first process of the container and keeps SIGTERM from the server."
# What a deployment gives a container when nothing says it, in seconds; a drain is made to fit that.
USUAL_GRACE = 10
NEAR_DRAIN = 12  # lines below the time that is given
_GIVEN_TIME = sign("rel-graceful-shutdown", "given_time")
_DRAIN_CALL = re.compile(sign("rel-graceful-shutdown", "drain_call"))
_SECONDS = re.compile(r"(?:(\d+)m)?(?:(\d+)s)?")


def verify(context: Context) -> Judgement:
    found = _verify(context)
    short = _short_grace(context) if found.verdict == "pass" else None
    long = _long_drain(context) if found.verdict == "pass" and short is None else None
    if long is not None:
        why = "The server drains for longer than the deployment waits before it kills: what runs then is cut off."
        return partial(why, *long, *found.evidence[:1])
    if short is None:
        return found
    why = "The server drains, but the deployment kills it sooner than a container usually is: longer requests are cut off."
    return partial(why, short, *found.evidence[:1])


def _long_drain(context: Context) -> tuple[Evidence, ...] | None:
    """Where the code gives the drain more seconds than a compose service, which says nothing of it, is given; and that service."""
    services = [s for s in backend_services(context) if not is_for_development(s.path) and s.get("stop_grace_period") is None]
    if not services or workloads(context):
        return None
    for file, line, text in context.hits((_GIVEN_TIME,)):
        seconds = re.search(_GIVEN_TIME, text)
        after = context.snapshot.lines(file)[line : line + NEAR_DRAIN]
        drains = any(_DRAIN_CALL.search(t) is not None for t in after)
        if seconds is not None and drains and int(seconds[1]) > USUAL_GRACE and not is_test(file):
            return context.at(file, line), context.at(services[0].path, services[0].entry.line)
    return None


def _short_grace(context: Context) -> Evidence | None:
    """The line by which a service or workload of the backend is given less time to end than is usual."""
    for service in backend_services(context):
        given = service.get("stop_grace_period")
        parts = _SECONDS.fullmatch(given.text.strip("\"'")) if given is not None and given.text else None
        if given is not None and parts is not None and 60 * int(parts[1] or 0) + int(parts[2] or 0) < USUAL_GRACE:
            return context.at(service.path, given.line)
    for manifest in workloads(context):
        for key, entry in manifest.entry.walk():
            if key == "terminationGracePeriodSeconds" and entry.text.isdigit() and int(entry.text) < USUAL_GRACE:
                return context.at(manifest.path, entry.line)
    return None


def _verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("The flow has no route of the backend.")
    shell = behind_shell(context)
    handlers = [
        h[:2]
        for h in context.hits(_HANDLES)
        if not h[0].endswith((".md", ".txt")) and _BESIDE.search(h[0]) is None and _SENDS.search(h[2]) is None
    ]
    handlers += [(c.file, c.call.line) for c in context.roles.calls("graceful_shutdown")]
    found = commands(context)
    drained = next((c for c in found if DRAINS.search(c.text)), None)
    if shell is None and drained is not None and drained.source == "compose" and waits_in_shell(drained.text):
        shell = context.at(drained.file, drained.line, drained.end_line)
    cut = next((c for c in found if _CUTS.search(c.text)), None) if drained is None and context.language in ("python", "ruby") else None
    if cut is not None:
        at = context.at(cut.file, cut.line, cut.end_line)
        return partial("The server that is started ends at SIGTERM and breaks off the requests that run.", at)
    if context.language == "python":
        if drained is not None or handlers:
            where = context.at(drained.file, drained.line, drained.end_line) if drained is not None else context.at(*handlers[0])
            if shell is not None:
                return partial(_KEPT, shell)
            if drained is None and not _closes_server(context, {f for f, _ in handlers}):
                why = "SIGTERM is handled in the code; that the handler lets running requests come to their end was not found."
                return unverified(why, where)
            left = texts_of_chain(context, _LEFT)
            if left:
                why = "The server drains, but the flow leaves work to a daemon thread, which the end of the process cuts off."
                return partial(why, context.at(*left[0][:2]), where)
            return passed("The server gets SIGTERM and drains by itself.", where)
        plain = next((c for c in found if _DEV_RUN.search(c.text)), None)
        if plain is not None:
            return failed("The server that is started does not drain on SIGTERM.", context.at(plain.file, plain.line, plain.end_line))
        return unverified("Nothing in the repository says how the backend is started.")
    if context.language == "javascript":
        if handlers:
            if shell is not None:
                return partial(
                    "SIGTERM is handled, but a shell or npm in front of the process keeps the signal.", shell, context.at(*handlers[0])
                )
            cut_off = _leaves_server(context, {f for f, _ in handlers})
            if cut_off is not None:
                why = "SIGTERM is handled, and the process ends without closing its server: the requests that run are cut off."
                return partial(why, cut_off, context.at(*handlers[0]))
            if not _closes_server(context, {f for f, _ in handlers}):
                why = "SIGTERM is handled in the code; that the handler closes the server was not found."
                return unverified(why, context.at(*handlers[0]))
            return passed("SIGTERM is handled in the code.", context.at(*handlers[0]))
        if context.snapshot.glob(*_SERVERLESS) and not context.deployment.dockerfiles:
            return unverified("The backend may run on a serverless platform, where nothing needs to drain.")
        listen = _listens(context) or context.at_application()
        missing = context.missing("a handler of SIGTERM", at=listen, roles=("graceful_shutdown",), patterns=_HANDLES)
        if missing is not None:
            return failed(
                "Nothing handles SIGTERM: the process dies with its running requests, and Node.js does not drain by itself.",
                *apart((missing, *_started(context))),
            )
        return unverified("Whether the process handles SIGTERM could not be settled.")
    if drained is not None and shell is not None:
        return partial(_KEPT, shell)
    if drained is not None and drained.source == "procfile" and any(c.source == "image" for c in found):
        why = "A platform starts the server itself; what the image starts, and whether that hands SIGTERM on, was not resolved."
        return unverified(why, context.at(drained.file, drained.line, drained.end_line))
    if drained is not None and _ASKS.search(drained.text) is not None and not context.hits((_ASKED_FOR,), _CONFIGURES):
        why = "The server is told to end, and waits for the requests that run only where its settings give them time; none was found."
        return unverified(why, context.at(drained.file, drained.line, drained.end_line))
    if drained is not None:
        return passed("The server gets SIGTERM and drains by itself.", context.at(drained.file, drained.line, drained.end_line))
    return _by_card(context, shell)


def _by_card(context: Context, shell: Evidence | None) -> Judgement:
    """What the card of the framework says: some servers drain by themselves, others only when the application asks for it."""
    drains = default_of(context, "drains")
    rule = states(context, "drains")
    if rule is None:
        return partial(_KEPT, shell) if shell is not None else unverified("How servers of this language stop is not known here.")
    if (off := switched_off(context, rule)) is not None:
        return failed("A setting has the server stop at once: SIGTERM ends its running requests.", off)
    if drains is not None and drains.holds:
        if drains.beside is not None:
            why = "One server is shut down in order, and another is started beside it; which of them serves the flow was not settled."
            return unverified(why, drains.beside, *([drains.at] if drains.at else []))
        if rule.value == "signal" and not any(_IS_CODE.match(h[2]) for h in context.hits((r"SIGTERM",))):
            other = _another_signal(context)
            if other is not None:
                why = "The server drains on the interrupt of a terminal alone: SIGTERM ends the process with its running requests."
                return failed(why, other, *([drains.at] if drains.at else []))
            return unverified("The server can drain; whether SIGTERM makes it do so is not settled.", *([drains.at] if drains.at else []))
        if shell is not None:
            return partial(_KEPT, shell)
        ends = _ends_early(context, drains.at)
        if ends is not None:
            why = (
                "The serving call returns an error when the shutdown begins, and the code ends the process on it before requests are done."
            )
            return partial(why, ends, *([drains.at] if drains.at else []))
        return passed(rule.says, drains.at or context.at_application())
    place = place_of(context, rule)
    if drains is None and place is not None and rule.says_not:
        missing = context.missing("what drains the server", at=place, roles=("graceful_shutdown",), patterns=(*rule.when, *_HANDLES))
        if missing is not None:
            return failed(rule.says_not, *apart((missing, *_started(context), *settings_file(context))))
    why = "Whether the server finishes its running requests when it is stopped could not be settled."
    return partial(_KEPT, shell) if shell is not None else unverified(why)


def _closes_server(context: Context, files: set[str]) -> bool:
    """Does a file that handles the signal, or one that it imports, close a server or leave that to a library or a framework?"""
    known = context.graph.facts.files
    named = [(posixpath.dirname(f), m) for f in files if f in known for m in known[f].modules]
    taken = {posixpath.normpath(posixpath.join(folder, m)) for folder, m in named if m.startswith(".")}
    beside = [p for t in sorted(taken) for end in _ENDINGS if (p := f"{t}{end}") in known]
    texts = (t[:500] for f in (*sorted(files), *beside[:MAX_BESIDE]) for t in context.snapshot.lines(f)[:MAX_SCRIPT_LINES])
    return any(_SERVER_CLOSED.search(t) is not None for t in texts)


def _leaves_server(context: Context, files: set[str]) -> Evidence | None:
    """The line that ends the process, where neither the files that handle the signal nor those that they import close a server."""
    lines = {f: context.snapshot.lines(f)[:MAX_SCRIPT_LINES] for f in sorted(files)}
    ends = [(f, n) for f, held in lines.items() for n, t in enumerate(held, 1) if _EXITS.search(t[:500]) is not None]
    known = context.graph.facts.files
    ending = {f for f, _ in ends}  # a part of the application may wait for the signal too, and ends itself alone
    named = [(posixpath.dirname(f), m) for f in ending if f in known for m in known[f].modules]
    taken = {posixpath.normpath(posixpath.join(folder, m)) for folder, m in named if m.startswith(".")}
    beside = [p for t in sorted(taken) for end in _ENDINGS if (p := f"{t}{end}") in known]
    for file in (*sorted(ending), *beside[:MAX_BESIDE]):
        for text in context.snapshot.lines(file)[:MAX_SCRIPT_LINES]:
            if any(m["what"] is None or _NO_SERVER.search(m["what"]) is None for m in _CLOSES_ALL.finditer(text[:500])):
                return None
    return context.at(*ends[0]) if ends else None


def _another_signal(context: Context) -> Evidence | None:
    """Where the program waits for signals, when every such line names those that it waits for and SIGTERM is none of them."""
    waits, named = _WAITS.get(context.language), _NAMED.get(context.language)
    places = [h for h in context.hits(waits) if not h[2].lstrip().startswith("//")] if waits and named else []
    if context.hits((_STOPS_WITH,), tuple(context.snapshot.glob("**/*Dockerfile*", "**/*compose*.y*ml"))):
        return None
    if not places or not all(any(re.search(n, text) for n in named or ()) for _, _, text in places):
        return None
    return context.at(*places[0][:2])


def _started(context: Context) -> tuple[Evidence, ...]:
    """The commands that start the backend where it is deployed: the signal goes to what they start."""
    told = tuple(context.at(c.file, c.line, c.end_line) for c in commands(context) if c.source in ("image", "compose", "shell"))[:2]
    return told or started_at(context)


def _ends_early(context: Context, drains: Evidence | None) -> Evidence | None:
    """Where the file that shuts the server down ends the process on the error by which serving tells that it was shut down."""
    ends = signs_by("rel-graceful-shutdown", "ends_early").get(context.language)
    apart = signs_by("rel-graceful-shutdown", "told_apart").get(context.language)
    serves = signs_by("rel-graceful-shutdown", "serves").get(context.language)
    if not ends or not apart or not serves or drains is None or drains.file is None or context.hits(apart):
        return None
    if not context.hits((r"\.ListenAndServe(TLS)?\(|\.Start(TLS)?\(",)):
        return None
    lines = context.snapshot.lines(drains.file)
    for number, text in enumerate(lines, 1):
        if len(text) < 500 and re.search(ends[0], text) and any(re.search(serves[0], t[:500]) for t in lines[max(0, number - 3) : number]):
            return context.at(drains.file, number)
    return None


def _listens(context: Context) -> Evidence | None:
    hits = context.hits((r"\.listen\(",))
    near = [h for h in hits if context.is_backend(h[0])]
    return context.at(near[0][0], near[0][1]) if near else None
