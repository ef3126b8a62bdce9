"""Tokens that the flow accepts are verified: signature and algorithm, not merely decoded."""

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.tokens import tokens_of
from backend_readiness.graph.values import Const, Obj, options


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    tokens = tokens_of(context)
    if not tokens.verifies_here:
        if tokens.verifies:
            return not_applicable("The flow accepts no token.", context.at_route())
        proof = context.missing(
            "acceptance of tokens", at=context.at_route(), roles=("token_verify",), patterns=(r"(?i)\bjwt\b|jsonwebtoken|bearer|jwks|jose",)
        )
        return (
            not_applicable("The backend accepts no signed tokens.", proof)
            if proof is not None
            else unverified("How tokens are verified was not resolved.", context.at_route())
        )
    for found in tokens.verifies_here:
        if found.path in ("jsonwebtoken.decode", "jsonwebtoken.default.decode", "jose.decodeJwt"):
            if any(f.path.endswith(".verify") for f in tokens.verifies_here):
                continue
            return failed("The token is decoded without a check of its signature.", found.evidence())
        off = False in found.constants(99, "verify")
        value = found.value(99, "options")
        for option in options(value) if value is not None else ():
            if isinstance(option, Obj):
                off = off or any(k == "verify_signature" and context.graph.ev.thunk(t) == Const(False) for k, t in option.fields.items())
        algorithms = [str(a).lower() for a in found.constants(99, "algorithms") + found.constants(2, "algorithms")]
        if off or "none" in algorithms:
            return failed("The signature of the token is not verified.", found.evidence())
    checked = next(
        (f for f in tokens.verifies_here if not f.path.endswith(".decode") or "jsonwebtoken" not in f.path), tokens.verifies_here[0]
    )
    if (
        checked.thunk(99, "algorithms") is not None
        or checked.thunk(2, "algorithms") is not None
        or checked.path.startswith(("jose", "authlib", "@nestjs"))
    ):
        return passed("Signature and algorithm of the token are verified.", checked.evidence())
    return unverified(
        "The signature is verified; the algorithms are not named, and whether the library's own choice is enough was not settled.",
        checked.evidence(),
    )
