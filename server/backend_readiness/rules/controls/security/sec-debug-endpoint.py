"""Routes that by their name show internals, reset data or administer, and whether something refuses strangers before them."""

import re

from backend_readiness.controls.application import only_in_development
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.deployed.startup import backend_services, shipped_services
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.model import Evidence, Flow, Severity
from backend_readiness.rules.signs import sign

_DEBUG = re.compile(
    r"(?i)(^|[/_.-])(_?debug|diagnostics?|phpinfo|reset-?_?(db|database|data)|create-?_?db|drop-?_?(db|tables|all)|seed(er)?|populate|wipe|truncate|flush-?_?(all|db|cache)"
    r"|init-?_?db|test-?_?(error|crash|exception|mail|email)|crash|dump|heapdump|threaddump|env|pprof|adminer|phpmyadmin|sql-?_?console|execute-?_?sql|shell)([/_.-]|$)"
)
_CHANGES = re.compile(r"(?i)reset|create|drop|seed|populate|wipe|truncate|flush|init|sql|shell")
_TOOL_IMAGE = re.compile(sign("sec-debug-endpoint", "tool_images"))
MAX_ROUTES = 6


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("The flow has no route of the backend.")
    # what ends in the key of one record (`/subscriptions/wipe/{id}`) is about that record
    tools = [r for r in context.tracer.routes if _DEBUG.search(r.route.endpoint.path) and not r.route.endpoint.path.endswith("}")]
    named = [r for r in tools if not _is_of_development(context, r)]
    for bound in named[:MAX_ROUTES]:
        if bound.route.handler is None:
            continue
        if identity_of(_of(context, bound)).refusal() is None:
            place = bound.route.place
            return failed(
                f"`{bound.route.endpoint}` is open to everybody.",
                context.at(place.file, place.line),
                context.at_place(bound.route.handler),
                severity=Severity.CRITICAL if _CHANGES.search(bound.route.endpoint.path) else None,
            )
    tool = setup_of(context, "open_tools")
    if tool is not None and tool.off is None:
        return failed(tool.rule.says, tool.at)
    published = _published_tool(context)
    if published is not None:
        return partial(
            "A tool that administers the database is published beside the application; only its own sign-in guards it.", published
        )
    if named:
        return unverified(
            "Something stands before the routes that look like tools of developers; whether it is enough was not settled.",
            context.at_place(named[0].route.place),
        )
    if tools:
        return passed("The routes that are tools of developers exist only in development.", context.at_place(tools[0].route.place))
    return unverified("No route names itself a tool of developers; what the others do was not all read.", context.at_application())


def _published_tool(context: Context) -> Evidence | None:
    """A service of the compose file that ships the backend, of an image that administers stores, with a port for everybody."""
    ships = {s.path for s in backend_services(context)}
    for service in shipped_services(context):
        ports = service.get("ports")
        if (
            service.path in ships
            and ports is not None
            and _TOOL_IMAGE.search(service.image) is not None
            and service.get("profiles") is None
        ):
            lines = context.snapshot.lines(service.path)[ports.line - 1 : ports.line + 3]
            if not any("127.0.0.1:" in t or "localhost:" in t for t in lines):
                return context.at(service.path, service.entry.line)
    return None


def _of(context: Context, bound: BoundRoute) -> Context:
    """The context of another route."""
    flow = Flow(name=str(bound.route.endpoint), endpoints=(bound.route.endpoint,))
    return Context(context.tracer, context.snapshot, flow, context.tracer.from_route(bound)[:1])


def _is_of_development(context: Context, bound: BoundRoute) -> bool:
    if bound.route.place.file not in context.graph.facts.files:
        return False
    view = context.graph.view(bound.route.place.file)
    calls = [c for c in view.facts.calls if c.line == bound.route.place.line]
    here = bound.route.place
    return any(only_in_development(context, view.path, c.start) for c in calls) or stands_in_development(context, here.file, here.line)
