"""Tokens that the flow accepts are verified: signature and algorithm, not merely decoded."""

import re

from backend_readiness.controls.callees import Found
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.protection.audiences import audience_open
from backend_readiness.controls.protection.guard_doubts import doubt_of_guards
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.protection.own_decoders import unchecked_decoder
from backend_readiness.controls.protection.token_settings import library_tokens
from backend_readiness.controls.protection.token_terms import is_dropped, passes_for_access
from backend_readiness.controls.protection.tokens import accepting_guard, says, tokens_of
from backend_readiness.controls.standing import apart
from backend_readiness.controls.subjects import Subject
from backend_readiness.graph.values import Const, Obj, options
from backend_readiness.rules.signs import sign, signs

# What runs before handlers, by the names of files, classes and functions.
_BEFORE = re.compile(sign("sec-token-verification", "before"))
_OF_TOKENS = re.compile(sign("sec-token-verification", "of_tokens"))
MIN_NAME = 8  # shorter names are those of many functions
# The languages whose libraries take the algorithm from the token unless the call names those that are allowed.
_NAMES_ALGORITHMS = ("python", "javascript")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    tokens = tokens_of(context)
    here = tokens.verifies_here
    if not here:
        guard = accepting_guard(context)
        if guard is not None and identity_of(context).refusal_before() is not None:
            line = says(guard, "signature_unchecked")
            if line is not None:
                return failed("The signature of the token is not verified.", line)
            own = unchecked_decoder(context)
            if own is not None:
                why = "The application reads the tokens of its guard itself, and takes them apart without a check of the signature."
                return failed(why, *apart(own), guard.evidence())
            issued = audience_open(context)
            if issued is not None:
                why = "Another party issues the tokens; signature and issuer are checked, and nothing asks for whom they were made."
                return partial(why, issued, guard.evidence())
            return passed("A guard of the framework verifies the tokens of the flow.", guard.evidence())
        kept = library_tokens(context)
        if kept is not None and not tokens.verifies:
            if Subject(context).credentials or identity_of(context).refusal() is None:
                return _accepts_none(context)
            beside = context.hits(signs("sec-token-verification", "signed_beside")) if not kept.kind.signed else []
            if beside:
                why = "Tokens are looked up in the database, and signed ones are taken beside them; how those are verified was not found."
                return unverified(why, kept.at, context.at(*beside[0][:2]))
            if not kept.kind.signed:
                return not_applicable("Tokens are looked up in the database, and carry no signature.", kept.at)
            return passed("The library verifies signature and algorithm of its tokens.", kept.at)
        if tokens.verifies or guard is not None:
            if Subject(context).credentials or identity_of(context).refusal() is None:
                return _accepts_none(context)
            if context.language in _NAMES_ALGORITHMS and context.roles.calls("session_cookie"):
                return not_applicable("The flow accepts no token.", context.at_route())
            if context.language in _NAMES_ALGORITHMS:
                why = "Callers are told apart before the handler, and the backend verifies tokens; whether it is there was not settled."
                return unverified(why, *(f.evidence() for f in (*tokens.verifies, *([guard] if guard is not None else []))[:1]))
            if tokens.verifies and not tokens.decodes and not any(_stands_before(context, t) for t in tokens.verifies):
                why = "The backend verifies tokens, and callers are told apart; that it is by those of this flow was not found."
                return unverified(why, *(f.evidence() for f in tokens.verifies[:1]))
            here = tokens.verifies  # what stands before the handler is not always seen: a filter of the framework
        else:
            proof = context.missing(
                "acceptance of tokens",
                at=context.at_route(),
                roles=("token_verify",),
                patterns=signs("sec-token-verification", "tokens"),
            )
            return (
                not_applicable("The backend accepts no signed tokens.", proof)
                if proof is not None
                else unverified("How tokens are verified was not resolved.", context.at_route())
            )
    decoded = {id(f) for f in tokens.decodes}
    unchecked = {id(f) for f in here if says(f, "signature_unchecked") is not None or _is_off(context, f)}
    if not tokens.verifies_here and 0 < len(unchecked) < len({id(f) for f in here} - decoded):
        why = "One place of the backend checks the signature of tokens, and another does not; which of them stands before the flow is open."
        return unverified(why, *(f.evidence() for f in here if id(f) in unchecked))
    for found in here:
        if id(found) in decoded:
            if any(id(f) not in decoded for f in here):
                continue
            return failed("The token is decoded without a check of its signature.", found.evidence())
        line = says(found, "signature_unchecked")
        if line is not None or _is_off(context, found):
            return failed("The signature of the token is not verified.", line or found.evidence())
    checked = next((f for f in here if id(f) not in decoded), here[0])
    if is_dropped(tokens, checked):
        return failed("The token is checked, and the error of the check goes nowhere.", checked.evidence())
    shared = passes_for_access(context, tokens, checked)
    if shared is not None:
        why = "Refresh tokens are signed with the same key, and nothing that was found keeps them from passing for access tokens."
        return unverified(why, checked.evidence(), shared)
    if (
        context.language not in _NAMES_ALGORITHMS
        or checked.thunk(99, "algorithms") is not None
        or checked.thunk(2, "algorithms") is not None
        or "jwt_verify_strict" in context.graph.knowledge.roles_of(checked.path)
    ):
        return passed("Signature and algorithm of the token are verified.", checked.evidence())
    return unverified(
        "The signature is verified; the algorithms are not named, and whether the library's own choice is enough was not settled.",
        checked.evidence(),
    )


def _stands_before(context: Context, found: Found) -> bool:
    """Does a file or class that runs before handlers, by its name, check the token, or is this kept by the application for its tokens?"""
    view = context.view(found.site.file)
    around = [view.symbol(s) for s in view.enclosing(found.call.owner) if s > 0]
    names = [s.name for s in around] + [view.symbol(s.parent).name for s in around if s.parent > 0]
    called = [n for s in around if len(n := s.name.rpartition(".")[2]) >= MIN_NAME]
    files = {found.site.file, *(f for n in called for f in context.graph.calling(n))}
    holders = [s.name for s in around if s.kind == "class"] + [found.site.file.rpartition("/")[2]]
    return any(_BEFORE.search(t) is not None for t in (*names, *files)) or any(_OF_TOKENS.match(t) is not None for t in holders)


def _accepts_none(context: Context) -> Judgement:
    doubt = doubt_of_guards(context) if not Subject(context).credentials else None
    if doubt is not None:
        return unverified(f"Whether the flow accepts a token is open. {doubt[0]}", *doubt[1])
    return not_applicable("The flow accepts no token.", context.at_route())


def _is_off(context: Context, found: Found) -> bool:
    """Do the arguments of the call switch the check off, or allow no algorithm at all?"""
    value = found.value(99, "options")
    for option in options(value) if value is not None else ():
        if isinstance(option, Obj) and any(
            k == "verify_signature" and context.graph.ev.thunk(t) == Const(False) for k, t in option.fields.items()
        ):
            return True
    algorithms = [str(a).lower() for a in found.constants(99, "algorithms") + found.constants(2, "algorithms")]
    return False in found.constants(99, "verify") or "none" in algorithms
