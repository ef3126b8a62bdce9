"""Tokens that the flow makes or accepts carry an expiry of hours, and it is checked."""

import re

from backend_readiness.controls.callees import Found, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.protection.entry_doubts import doubt_of_entry
from backend_readiness.controls.protection.guard_doubts import doubt_of_guards
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.protection.stored_lives import of_stored_rows
from backend_readiness.controls.protection.token_settings import LibraryTokens, library_tokens
from backend_readiness.controls.protection.token_terms import ends_only_sometimes
from backend_readiness.controls.protection.tokens import expiry, says, tokens_of
from backend_readiness.controls.subjects import Subject
from backend_readiness.graph.values import Const, Obj, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import signs

MAX_HOURS = 25
_PRESET = re.compile(r"(?i)expiresIn[\"']?\s*:\s*[\"'](\d{1,6})\s*([smhdwy])[a-z]*[\"']")
_HOURS = {"s": 1 / 3600, "m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0, "y": 8760.0}

_OF_PROVIDER = re.compile(r"(?i)\(?\s*(?:req\w*\s*,\s*)?_?access_?token\s*,\s*_?refresh_?token\s*,\s*(?:\w+\s*,\s*)?_?profile")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    tokens = tokens_of(context)
    accepts = bool(tokens.verifies_here) or (
        bool(tokens.guards) and not Subject(context).credentials and identity_of(context).refusal() is not None
    )
    if not tokens.signs_here and not tokens.signs and (kept := library_tokens(context)) is not None:
        return _by_settings(context, kept)
    if not tokens.signs_here and not accepts:
        if tokens.signs or tokens.verifies or tokens.guards:
            if Subject(context).sign_in and tokens.signs and _speaks_of_tokens(context):
                return _lives(context, tokens.signs)
            if Subject(context).sign_in:
                return unverified(
                    "The backend signs tokens, but not in a function that was found on this flow.",
                    (tokens.signs or tokens.verifies or tokens.guards)[0].evidence(),
                )
            asked = not Subject(context).credentials and identity_of(context).refusal() is not None
            if asked and not context.roles.calls("session_cookie"):
                why = "Callers are told apart before the handler; whether by the tokens that the backend makes was not settled."
                return unverified(why, (tokens.signs or tokens.verifies or tokens.guards)[0].evidence())
            doubt = doubt_of_entry(context) or doubt_of_guards(context)
            if doubt is not None:
                return unverified(doubt[0], *doubt[1], (tokens.signs or tokens.verifies or tokens.guards)[0].evidence())
            return not_applicable("The flow neither makes nor accepts tokens.", context.at_route())
        proof = context.missing(
            "making and checking of tokens",
            at=context.at_route(),
            roles=("token_sign", "token_verify"),
            patterns=signs("sec-token-expiry", "tokens"),
        )
        return (
            not_applicable("The backend makes no tokens.", proof)
            if proof is not None
            else unverified("Whether tokens expire was not resolved.", context.at_route())
        )
    for found in tokens.verifies_here or tokens.guards:
        unchecked = says(found, "expiry_unchecked")
        if unchecked is not None or _is_off(context, found):
            return failed("The expiry of tokens is not checked.", unchecked or found.evidence())
    signing = tokens.signs_here or tokens.signs
    if not signing:
        return unverified(
            "Tokens are accepted that others make; how long they live is not known here.", *(f.evidence() for f in tokens.verifies_here[:1])
        )
    return _lives(context, signing)


def _by_settings(context: Context, kept: LibraryTokens) -> Judgement:
    """Tokens that a library makes by its settings."""
    identity = identity_of(context)
    concerned = Subject(context).credentials or identity.refusal() is not None or bool(identity.narrowed())
    if not concerned:
        return not_applicable("The flow neither makes nor accepts tokens.", context.at_route())
    at = kept.life_at or kept.at
    what = kept.kind.says[:1].upper() + kept.kind.says[1:]
    if kept.hours is None:
        return unverified(f"How long {kept.kind.says} live stands in a setting whose value was not found.", at)
    if not kept.hours:
        return failed(f"{what} never expire.", at)
    if kept.hours > MAX_HOURS:
        return partial(f"{what} are valid for {_said(kept.hours)}.", at)
    if kept.unrotated is not None:
        return partial(f"{what} expire after {_said(kept.hours)}; a refresh token stays valid when it is used.", at, kept.unrotated)
    return passed(f"{what} expire after {_said(kept.hours)}.", at)


def _speaks_of_tokens(context: Context) -> bool:
    return any(re.search(r"(?i)token|jwt", t) is not None for _, _, t in chain_text(context))


def _lives(context: Context, signing: list[Found]) -> Judgement:
    """How long the tokens of some calls live, and whether that is bounded at all."""
    lives = [(found, *expiry(found)) for found in signing]
    without = [f for f, is_set, _ in lives if not is_set]
    preset = context.hits((r"\bsignOptions\b",)) if without else []
    if preset:  # options of the module that makes the tokens hold for calls that bring none
        path, number, _ = preset[0]
        if any("expiresIn" in line for line in context.snapshot.lines(path)[number - 1 : number + 6]):
            return _by_preset(context, path, number)
        return unverified("Tokens are signed with the options of a module, whose expiry is not known.", context.at(path, number))
    kept = of_stored_rows(context, MAX_HOURS) if without else None
    if kept is not None:
        return kept
    if without:
        return failed("Tokens are made without an expiry.", *(f.evidence() for f in without[:2]))
    sometimes = next((e for f in signing if (e := ends_only_sometimes(f)) is not None), None)
    if sometimes is not None:
        return unverified("Only under a condition does the token get an end.", sometimes)
    longest = max((h for _, _, h in lives if h is not None), default=None)
    if longest is None and (endless := _never_revoked(context)) is not None:
        why = "Tokens expire; refresh tokens are signed as well, and nothing keeps them, so that they could be taken back."
        return partial(why, *(f.evidence() for f, _, _ in lives[:2]), endless)
    if longest is None:
        why = "Tokens carry an expiry; how long they live was not resolved."
        return unverified(why, *(f.evidence() for f, _, _ in lives[:2]))
    shortest = min(h for _, _, h in lives if h is not None)
    if longest > MAX_HOURS and not _refreshes(context):
        return partial(f"Tokens are valid for {_said(longest)}, and nothing can revoke them.", lives[0][0].evidence())
    if shortest > MAX_HOURS and all(h is not None for _, _, h in lives):
        return partial(f"Every token that is made is valid for {_said(shortest)} or longer.", lives[0][0].evidence())
    endless = _never_revoked(context)
    if endless is not None:
        why = f"Tokens expire after {_said(longest)}; refresh tokens are signed as well, and nothing keeps, rotates or revokes them."
        return partial(why, endless, lives[0][0].evidence())
    return passed(f"Tokens expire after {_said(longest)}.", lives[0][0].evidence())


def _by_preset(context: Context, path: str, number: int) -> Judgement:
    """The expiry that the options of the module give every token which brings none of its own."""
    at = context.at(path, number)
    endless = _never_revoked(context)
    if endless is not None:
        why = "The module that signs sets an expiry; refresh tokens are signed as well, and nothing keeps, rotates or revokes them."
        return partial(why, endless, at)
    said = _PRESET.search(" ".join(context.snapshot.lines(path)[number - 1 : number + 6]))
    hours = int(said.group(1)) * _HOURS[said.group(2).lower()] if said is not None else 0.0
    if hours > MAX_HOURS and not _refreshes(context):
        return partial(f"Tokens are valid for {_said(hours)}, and nothing can revoke them.", at)
    return passed("The module that signs sets an expiry for every token.", at)


def _refreshes(context: Context) -> bool:
    """Does the backend speak of refresh tokens of its own? Those that a provider of sign-in hands to a callback are not."""
    return any(_OF_PROVIDER.search(text) is None for _, _, text in context.hits((r"(?i)refresh_?token",)))


def _never_revoked(context: Context) -> Evidence | None:
    """Where refresh tokens are made, in a backend that speaks nowhere of one that is stored, taken back or used up."""
    made = context.hits(signs("sec-token-expiry", "makes_refresh"))
    if not made or context.hits(signs("sec-token-expiry", "keeps_refresh"), (*context.source_globs, "**/*.sql", "**/*.prisma", "**/*.xml")):
        return None
    return context.at(*made[0][:2])


def _said(hours: float) -> str:
    if hours >= 48:
        return f"{hours / 24:g} days"
    if hours >= 1:
        return f"{hours:g} hours"
    return f"{hours * 60:.0f} minutes" if hours * 60 >= 1 else f"{hours * 3600:.0f} seconds"


def _is_off(context: Context, found: Found) -> bool:
    """Do the options of the call ignore the expiry, or the whole signature?"""
    if found.constants(2, "ignoreExpiration") == [True]:
        return True
    value = found.value(99, "options")
    return any(
        k in ("verify_exp", "verify_signature") and context.graph.ev.thunk(t) == Const(False)
        for option in (options(value) if value is not None else ())
        if isinstance(option, Obj)
        for k, t in option.fields.items()
    )
