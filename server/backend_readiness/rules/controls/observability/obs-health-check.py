"""A liveness endpoint: a route that says so, and that production has."""

from __future__ import annotations

import re

from backend_readiness.controls.application import health_routes, manifest_place, only_in_development
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.standing import apart, of_application, of_route
from backend_readiness.model import Evidence
from backend_readiness.snapshot.matching import compile_patterns

_HINTS = (r"""(?i)['"/](healthz?|health-?check(?:er)?|livez|liveness|readyz|heartbeat|actuator)\b|(?i)\bhealth_?check(?:s|er)?\b""",)
_LOOSE = (r"""\.(?:get|head|all)\(\s*['"]/(?:status|ping|live|ready|up|alive)['"]""",)
_ROUTE = re.compile(r"(?i)\.(get|head|all|route|add_\w+)\(|@\w*(get|route)|^\s*(get|match)\s")
_PUBLIC = re.compile(r"\bhttps?://[\w-]+(?:\.[\w-]+)+\S*")
_POLLS = re.compile(r"curl|wget|http_get|httpget|nc\s|fetch|urlopen", re.I)


def verify(context: Context) -> Judgement:
    routes = health_routes(context)
    live = [
        b
        for b in routes
        if not only_in_development(context, b.registration.place.file, b.registration.start)
        and not stands_in_development(context, b.registration.place.file, b.registration.place.line)
    ]
    if live:
        return passed(f"`{live[0].route.endpoint}` answers for the service.", context.at_place(live[0].route.place))
    if context.roles.calls("health"):
        call = context.roles.calls("health")[0]
        return passed(f"`{call.path}` serves the health of the service.", context.at_call(call))
    setup = setup_of(context, "health")
    if setup is not None and setup.off is None:
        return passed(setup.rule.says, setup.at)
    if setup is not None and setup.off is not None:
        return failed("The health endpoint is not there in production.", setup.off, setup.at)
    if routes:
        return failed("The only health route is not registered in production.", context.at_place(routes[0].route.place))
    known = {(b.registration.place.file, b.registration.place.line) for b in context.tracer.routes}
    loose = next((h for h in context.hits(_LOOSE) if h[:2] not in known), None)  # a route on a router that was not followed
    if loose is not None:
        return unverified("A line reads like a health route, and no route of it was found.", context.at(*loose[:2]))
    polled = _polled(context)
    if polled is not None:
        named = sorted(context.hits(_HINTS), key=lambda h: _ROUTE.search(h[2]) is None)
        written = [context.at(f, n) for f, n, _ in named[:1]]  # a route that is mounted nowhere comes first
        where = apart((polled, *written, *of_application(context)))
        return partial("There is no health route; the container's health check asks something else.", *where)
    root = next((b for b in context.tracer.routes if b.route.endpoint.path == "/"), None)
    at, *beside = (*([context.at_place(root.route.place)] if root is not None else []), *of_route(context))
    absence = context.missing("the routes of the backend", at=at, roles=("health",), patterns=_HINTS)
    if absence is None:
        hits = context.hits(_HINTS)
        if hits and all(_elsewhere(t) for _, _, t in hits):
            return failed("No route answers for the health of the service.", *apart((at, *beside)))
        return unverified(
            "A health path is named in the source, but no route of it was found.", *(context.at(f, line) for f, line, _ in hits[:2])
        )
    needs = manifest_place(context, "no dependency brings one")
    return failed("No route answers for the health of the service.", *apart((absence, *beside, *([needs] if needs is not None else []))))


def _elsewhere(text: str) -> bool:
    """Does a line name such a path only within an address of a public host: a link, or what another service has?"""
    named = compile_patterns(_HINTS)
    return named is not None and named.search(_PUBLIC.sub("", text).encode("utf-8", "replace")) is None


def _polled(context: Context) -> Evidence | None:
    for dockerfile in context.deployment.dockerfiles:
        for instruction in dockerfile.all("HEALTHCHECK"):
            if instruction.text.strip().upper() != "NONE":
                return context.at(dockerfile.path, instruction.line, instruction.end_line)
    for service in context.deployment.compose:
        check = service.get("healthcheck", "test")
        if check is not None and service.get("build") is not None and _POLLS.search(" ".join(check.texts())):
            return context.at(service.path, check.line)
    return None
