"""Calls of the flow's frontend against the routes of the backend; without a frontend, the shipped specification against them."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.page_mentions import page_mention, unread_page
from backend_readiness.controls.specifications import specifications
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.linking import Unmatched, target_of
from backend_readiness.graph.urls import shape, uniform
from backend_readiness.graph.values import Ext, options
from backend_readiness.model import FindingStatus, LinkStatus, Stage

_GENERIC = re.compile(r"(?i)^(api|rest|v\d+(\.\d+)?|app|public|private|internal|web|backend|server)$")
_CALLED = ("function", "method", "lambda")
_BROKEN = ("no such route", "method differs")


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("The flow has no route of the backend to compare with.")
    lost = [r for r in context.routes if r.route.handler is None]
    if any(any(not isinstance(v, Ext) or not v.known for v in options(r.handler)) for r in lost if r.handler is not None):
        return unverified("What handles the route of the flow was not resolved.", context.at_route())
    if any(r.handler is None for r in lost) and context.matches:
        return failed(
            "The route that the frontend calls has no handler.", context.at_place(context.matches[0].call.place), context.at_route()
        )
    astray = [u for u in _broken(context) if _belongs(context, u)]
    if astray:
        first = astray[0]
        other = "takes another method there" if first.reason == "method differs" else "has no such route"
        why = f"The frontend calls `{first.call.symbol}`; the backend {other}."
        return failed(
            why, *(context.at_place(u.call.place) for u in astray[:3]), context.at_route("the nearest route"), status=FindingStatus.MISSING
        )
    called = _asked_beside(context)
    if called is not None:
        return _beside(context, called)
    if context.matches:
        best = sorted(context.matches, key=lambda m: m.status is not LinkStatus.CONFIRMED)[0]
        place = best.route.route.place
        return passed(
            f"`{best.call.symbol}` reaches `{best.route.route.endpoint}`.", context.at_place(best.call.place), context.at_place(place)
        )
    if context.tracer.calls:
        if any(u.reason == "dynamic URL" for u in context.tracer.linking.unmatched):
            return unverified(
                "No call of the frontend was found for the endpoint; some calls have URLs that are not known.", context.at_route()
            )
        near = next(
            (u for u in context.tracer.linking.unmatched if u.reason in _BROKEN and u.call.kind != "link" and _below(context, u)), None
        )
        if near is not None:
            why = f"No frontend code calls the flow's endpoint; `{near.call.symbol}`, which no route serves, may be meant for it."
            return unverified(why, context.at_place(near.call.place), context.at_route())
        if (named := page_mention(context)) is not None:
            return unverified("A page may use the flow's endpoint; no call of it was found.", named, context.at_route())
        if (described := _described(context)) is not None:
            return described
        return not_applicable("No frontend code calls the flow's endpoint.", context.at_route())
    return _by_specification(context)


def _broken(context: Context) -> list[Unmatched]:
    """Calls of the frontend that no route serves."""
    return [u for u in context.tracer.linking.unmatched if u.reason in _BROKEN and u.call.kind != "link"]


def _belongs(context: Context, unmatched: Unmatched) -> bool:
    """Is the call a part of this flow: on its frontend chain, or the only caller that its resource seems to have?"""
    call = unmatched.call
    if _on_chain(context, call):
        return True
    called = {id(m.route) for m in context.matches}
    for bound in context.routes:
        endpoint = bound.route.endpoint
        if id(bound) in called:
            continue
        mine = _words(shape(endpoint.path))
        for url in call.urls:
            target = target_of(url)
            theirs = _words(target.segments) if target is not None else []
            if (
                mine
                and theirs
                and mine[0] == theirs[0]
                and _same_verb(call.method, endpoint.method, unmatched.reason)
                and abs(len(mine) - len(theirs)) <= 1
            ):
                return True
    return False


def _same_verb(call: str, route: str, reason: str) -> bool:
    return call == route or reason == "method differs" or {call, route} <= {"PUT", "PATCH"}


def _on_chain(context: Context, call: ApiCall) -> bool:
    return any(
        link.stage is Stage.FRONTEND_HANDLER and link.file == call.place.file and link.line <= call.place.line <= link.end_line
        for traced in context.traced
        for link in traced.chain.links
    )


def _asked_beside(context: Context) -> Unmatched | None:
    """A call that no route serves, in a function that the frontend of the chain calls."""
    broken = _broken(context)
    if not broken or not context.matches:
        return None
    links = [k for t in context.traced for k in t.chain.links if k.stage is Stage.FRONTEND_HANDLER and k.file in context.graph.facts.files]
    for unmatched in broken:
        place = unmatched.call.place
        view = context.view(place.file)
        around = [s for s in view.facts.symbols if s.kind in _CALLED and s.line <= place.line <= s.end_line and s.name]
        name = max(around, key=lambda s: s.line).name if around else ""
        for link in links if name else ():
            if link.file != place.file and link.file not in context.graph.importing_files(place.file):
                continue
            other = context.view(link.file)
            calls = (other.facts.calls[n] for n in other.calls_by_name.get(name, ()))
            if link.symbol != name and any(link.line <= c.line <= link.end_line for c in calls):
                return unmatched
    return None


def _beside(context: Context, unmatched: Unmatched) -> Judgement:
    """What is asked beside the flow's own call: of a resource that the backend serves, or perhaps of another backend."""
    at = context.at_place(unmatched.call.place)
    targets = [t for url in unmatched.call.urls if (t := target_of(url)) is not None]
    first = {w[0] for t in targets if (w := _words(t.segments))}
    served = {w[0] for r in context.tracer.routes if (w := _words(shape(r.route.endpoint.path)))}
    if first & served:
        why = f"The frontend's next step calls `{unmatched.call.symbol}`; the backend has no such route."
        return failed(why, at, context.at_route("the nearest route"), status=FindingStatus.MISSING)
    return unverified(f"`{unmatched.call.symbol}`, a step of the flow's frontend, is a route of no backend here.", at, context.at_route())


def _below(context: Context, unmatched: Unmatched) -> bool:
    """Does the path of the call begin with that of a route of the flow?"""
    mine = [tuple("{" if "{" in s else s for s in shape(r.route.endpoint.path)) for r in context.routes]
    for url in unmatched.call.urls:
        target = target_of(url)
        theirs = tuple("{" if "{" in s else s for s in target.segments) if target is not None else ()
        if any(_words(tuple(m)) and theirs[: len(m)] == m for m in mine):
            return True
    return False


def _words(segments: tuple[str, ...]) -> list[str]:
    return [s for s in segments if "{" not in s and not _GENERIC.match(s)]


def _by_specification(context: Context) -> Judgement:
    operations = [o for s in specifications(context) for o in s.operations]
    if not operations:
        if (unread := unread_page(context)) is not None:
            return unverified("A page in a form that is not read names the flow's endpoint.", unread, context.at_route())
        if (named := page_mention(context)) is not None:
            return unverified("A page may use the flow's endpoint; no call of it was found.", named, context.at_route())
        return not_applicable("The repository has neither a frontend nor a specification.", context.at_route())
    for operation in operations:
        if not any(operation.fits(b.route.endpoint) for b in context.tracer.routes):
            resource = _words(shape(uniform(operation.path)))[:1]
            if any(resource and resource == _words(shape(b.route.endpoint.path))[:1] for b in context.routes):
                return failed(
                    f"The specification promises `{operation.method} {operation.path}`; no route serves it.",
                    context.at(operation.file, operation.line),
                )
    return _described(context) or not_applicable("The specification says nothing of the flow's endpoint.", context.at_route())


def _described(context: Context) -> Judgement | None:
    """The operation of a specification that is the flow's endpoint; None where none is."""
    operations = (o for s in specifications(context) for o in s.operations)
    found = next((o for o in operations if any(o.fits(r.route.endpoint) for r in context.routes)), None)
    if found is None:
        return None
    return passed("The operation of the specification has a handler.", context.at(found.file, found.line), context.at_route())
