"""A guard, a dependency or a check in the handler must refuse callers who are nobody; sign-in and public pages need none."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.development import stands_under_a_setting
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.protection.entries import is_passed_by_marks, is_sign_in_itself
from backend_readiness.controls.protection.entry_doubts import is_loosely_named
from backend_readiness.controls.protection.guard_doubts import doubt_of_guards, names_a_guard
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.protection.noted_checks import only_noted
from backend_readiness.controls.protection.tokens import tokens_of
from backend_readiness.controls.subjects import Subject, tail
from backend_readiness.graph.routes.routing import BoundRoute, functions_in
from backend_readiness.graph.values import FuncV
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_PERSON = re.compile(sign("sec-authn-required", "person"))
LOOSE = "The address has a word of sign-in or reset in it beside others; whether people who are not signed in may ask for it was not found."
_OF_ADDRESS = re.compile(sign("sec-authn-required", "of_address"))


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved, so what runs before it is not known.")
    subject = Subject(context)
    identity = identity_of(context)
    found = identity.refusal_before()
    if found is None and subject.credentials and is_loosely_named(context):
        return unverified(LOOSE, context.at_route())
    if found is None and subject.credentials:
        return not_applicable("The flow is for people who are not signed in yet.", context.at_route())
    if found is not None and is_sign_in_itself(context, found[1]):
        return not_applicable("The flow is the sign-in: the guard checks the name and the password.", found[1][0])
    if found is not None and subject.credentials and subject.changes and is_passed_by_marks(context, found[1]):
        return not_applicable("The flow is for people who are not signed in yet, and the guard lets marked handlers pass.", found[1][-1])
    found = found or identity.refusal()
    if found is None and (marked := identity.opened()) is not None:
        return not_applicable("The handler is marked as open to everybody.", marked)
    if found is not None:
        first = found[1][0]
        if first.file is not None and first.line is not None and stands_under_a_setting(context, first.file, first.line):
            return unverified("The guard is put up only under a setting; whether it is on in what is deployed is not written down.", first)
        left_out = _left_out(context, found[1])
        if left_out is not None:
            return unverified("The guard leaves some addresses out; whether that of the flow is among them was not settled.", left_out)
        unheeded = _unheeded(context, found[1])
        if unheeded is not None:
            return failed("A token that fails its check is only written to the log: any token opens the endpoint.", unheeded, first)
        return passed(found[0], *found[1])
    if subject.health:
        return not_applicable("A health or status endpoint is public.", context.at_route())
    stores = [e for e, _ in context.effects if e.kind in ("orm", "sql", "nosql", "storage", "file", "queue", "payment")]
    if not stores and not subject.changes:
        return not_applicable("The flow is a page or an answer without stored data.", context.at_route())
    person = next((context.at(f, n) for f, n, t in chain_text(context) if _PERSON.search(t[:500]) is not None), None)
    if person is not None and not names_a_guard(context):
        return not_applicable("The handler asks for a proof that a person sends the request: it is meant for everybody.", person)
    endpoint = context.routes[0].route.endpoint
    if subject.public_by_purpose:
        return unverified(f"`{endpoint}` has no guard that is known; its address says that it may be public.", context.at_route())
    guarded, open_ = _siblings(context)
    whole = f"Nothing before the handler of `{endpoint}` refuses a request without credentials, and the handler does not either."
    changed = any(e.operation in ("write", "delete") for e in stores) or any(t.operation in ("write", "delete") for t in context.touches)
    if changed or (subject.changes and stores):
        return _missing(context, f"{whole} The flow changes data.")
    if guarded > 1 and not open_:
        return _missing(context, f"{whole} The other {guarded} endpoints that read beside it are guarded.")
    if _listing_of_people(subject):
        return _missing(context, whole)
    return unverified(f"`{endpoint}` has no guard; whether what it shows is public is not written down.", context.at_route())


def _left_out(context: Context, places: tuple[Evidence, ...]) -> Evidence | None:
    """A line of the guard that compares the address which is asked for with the beginning of that of the flow."""
    paths = [r.route.endpoint.path for r in context.routes]
    for at in places:
        if at.file is None or at.line is None or at.file not in context.graph.facts.files:
            continue
        symbols = context.view(at.file).facts.symbols
        around = [s for s in symbols if s.kind in ("function", "method") and s.line <= at.line <= s.end_line]
        for symbol in around[-1:]:
            for number, text in enumerate(
                context.snapshot.lines(at.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + 60)], symbol.line
            ):
                said = _OF_ADDRESS.findall(text[:500])
                if any(p == s or (len(s) > 1 and p.startswith(s)) for s in said for p in paths):
                    return context.at(at.file, number)
    return None


def _unheeded(context: Context, places: tuple[Evidence, ...]) -> Evidence | None:
    """Where the guard that refuses writes the failure of every check of a token to the log, and lets the request go on."""
    noted: list[Evidence | None] = []
    for call in tokens_of(context).verifies:
        file, owner = call.site.file, call.call.owner
        view = context.view(file)
        spans = [(view.symbol(s).line, view.symbol(s).end_line) for s in view.enclosing(owner) if s]
        if any(e.file == file and e.line is not None and any(a <= e.line <= b for a, b in spans[:1]) for e in places):
            noted.append(only_noted(context, file, call.call))
    return noted[0] if noted and all(n is not None for n in noted) else None


def _listing_of_people(subject: Subject) -> bool:
    return any(
        re.search(r"(?i)(^|/)(users|accounts|customers|patients|employees|orders|invoices|payments|admin|_?debug)([/_-]|$)", tail(p))
        for p in subject.paths
    )


def _missing(context: Context, why: str) -> Judgement:
    doubt = doubt_of_guards(context)
    if doubt is not None:
        return unverified(doubt[0], *doubt[1])
    handler = context.handlers[0] if context.handlers else None
    at = context.at_route()
    proof = context.missing("guards of the flow's routes and checks in its handlers", at=at, roles=("auth_guard",), paths=())
    evidence = [proof or at]
    if handler is not None and (handler.file, handler.line) != (at.file, at.line):
        evidence.append(context.at_place(handler))
    return failed(why, *evidence)


def _siblings(context: Context) -> tuple[int, int]:
    """(guarded, open) other routes of the same resource that read."""
    mine = {id(r) for r in context.routes}
    route = context.routes[0].route
    first = route.endpoint.path.rpartition("/")[0] if route.endpoint.path.count("/") > 1 else route.endpoint.path
    base = first.partition("{")[0].rstrip("/")
    guarded = opened = 0
    for other in context.tracer.routes:
        if (
            id(other) in mine
            or not base
            or not other.route.endpoint.path.startswith(base)
            or (other.route.endpoint.path == route.endpoint.path and other.route.endpoint.method == route.endpoint.method)
        ):
            continue
        if other.route.endpoint.method != "GET":
            continue
        if _is_guarded(context, other):
            guarded += 1
        else:
            opened += 1
        if guarded + opened > 25:
            break
    return guarded, opened


def _is_guarded(context: Context, bound: BoundRoute) -> bool:
    """Does a guard or dependency of another route of the application refuse callers who are nobody?"""
    identity = identity_of(context)
    if any(identity.guard_refuses(g) is not None for g in bound.guards):
        return True
    for function in functions_in(context.graph, bound.handler):
        if isinstance(function, FuncV):
            view = context.view(function.symbol.file)
            params = view.symbol(function.symbol.index).params
            if any(re.search(r"(?i)current_?user|principal", p.name) and identity.inputs.is_dependency(function.symbol, p) for p in params):
                return True
            if identity.refuses(function.symbol, depth=1) is not None:
                return True
    return False
