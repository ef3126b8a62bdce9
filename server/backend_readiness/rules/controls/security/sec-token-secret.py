"""The key that signs tokens or session cookies: from configuration, not a literal, and no known stand-in."""

import re

from backend_readiness.controls.callees import library_calls
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import states
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.secrets import Origin, Source, is_refused, source_of
from backend_readiness.controls.tokens import tokens_of, written_values
from backend_readiness.graph.values import Thunk

_SESSION = re.compile(
    r"^(express-session|cookie-session|@fastify/session|@fastify/secure-session|koa-session|iron-session\.\w+)(\.default)?$|SessionMiddleware$|csurf|cookie-parser(\.default)?$"
)


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("No route of the flow was found.")
    found: list[Source] = []
    tokens = tokens_of(context)
    for item in tokens.signs_here + tokens.verifies_here or tokens.signs:
        thunk = item.thunk(0) if item.path.endswith(".SignedString") else item.thunk(1) or item.thunk(99, "key")
        if thunk is not None:
            found.append(_of(context, thunk, item.call.line))
    for item in library_calls(
        context,
        re.compile(r"."),
        modules=("express-session", "cookie-session", "@fastify/session", "koa-session", "cookie-parser", "starlette", "fastapi"),
        names=("add_middleware", "session", "Middleware"),
    ):
        if _SESSION.search(item.path):
            thunk = item.thunk(0, "secret") or item.thunk(0, "keys") or (item.thunk(0) if "cookie-parser" in item.path else None)
        elif item.path.endswith(("add_middleware", "Middleware")):
            thunk = item.thunk(99, "secret_key")
        else:
            continue
        if thunk is not None:
            found.append(_of(context, thunk, item.call.line))
    signed = states(context, "signing_key")
    for name in signed.value.split() if signed is not None else ():
        for file, line, value in written_values(context, name):
            found.append(source_of(context, value, file, line))
    if not found:
        proof = context.missing(
            "signing of tokens or cookies",
            at=context.at_application(),
            roles=("token_sign", "session_cookie"),
            patterns=(r"(?i)\bjwt\b|jsonwebtoken|secret_?key|express-session|SessionMiddleware|itsdangerous|sign(ed)?_?cookie|\bhmac\b",),
        )
        if proof is not None:
            return not_applicable("The backend signs neither tokens nor cookies.", proof)
        return unverified("The key that signs tokens or cookies was not found.", context.at_route())
    literal = next((s for s in found if s.origin is Origin.LITERAL and not is_refused(context, s.text)), None)
    if literal is not None and literal.at is not None:
        return failed("The signing key is a literal in the source.", literal.at)
    fallback = next((s for s in found if s.origin is Origin.FALLBACK and not is_refused(context, s.text)), None)
    if fallback is not None and fallback.at is not None:
        return partial("A known value signs when no key is configured.", fallback.at)
    unknown = next((s for s in found if s.origin is Origin.UNKNOWN), None)
    configured = next((s for s in found if s.at is not None and s.origin is not Origin.UNKNOWN), None)
    if configured is not None and configured.at is not None and (unknown is None or len(found) > 1):
        return passed("The signing key comes from configuration.", configured.at)
    return unverified(
        "Where the signing key comes from was not resolved.", *([unknown.at] if unknown is not None and unknown.at is not None else [])
    )


def _of(context: Context, thunk: Thunk, line: int) -> Source:
    return source_of(context, thunk.expr, thunk.file, line)
