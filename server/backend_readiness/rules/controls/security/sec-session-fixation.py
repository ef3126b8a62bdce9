"""A sign-in that keeps the user in a server-side session gives the session a new identifier."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.protection.entry_doubts import comes_back, doubt_of_entry
from backend_readiness.controls.subjects import Subject
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_RENEWS = re.compile(
    r"(?:\.|->)regenerate\(|session_regenerate_id|reset_session|cycle_key|cycleKey|changeSessionId|->migrate\(\s*true|invalidate\(\)|renew:\s*true|rotateSession"
)
# Words that other things have as well, and the word that tells; what ends a session.
_OF_ANY = re.compile(r"(?:\.|->)(?:regenerate|migrate|invalidate)\(")
_OF_SESSION = re.compile(r"(?i)sess|\breq|\bctx|auth|conn\b|sid\b")
_WAY_OUT = re.compile(r"(?i)log_?out|sign_?out|session_destroy|session\.destroy")
# The key under which something is kept, and words of keys that tell of people and of other things.
_KEY = re.compile(r"""(?i)session(?:\(\s*\[\s*|\(\)->put\(\s*|::put\(\s*|\[\s*|\.)['":]?([\w.-]+)""")
_WHO = re.compile(sign("sec-session-fixation", "who"))
_ASIDE = re.compile(sign("sec-session-fixation", "aside"))
_OWN = "destroy|save|regenerate|cookie|reload|touch|flash|csrf"
_STORES = re.compile(
    r"\breq(uest)?\.session\.(?!destroy|save|regenerate|cookie|reload|touch|flash|csrf)\w+\s*=[^=]|\bctx\.session\.\w+\s*=[^=]|\bsession\[[^\]]+\]\s*=[^=]|\$_SESSION\[[^\]]+\]\s*=[^=]|\.setAttribute\(\s*\"user"
    r"|\bsession\(\)->put\(|\bSession::put\(|\bsession\(\s*\["
)
# The session under a name of its own, which the functions that the handler calls often keep for their parameter.
_ALIAS = re.compile(
    r"\b(\w+)\s*=\s*(?:req(?:uest)?|ctx)\.session\s*(?:[;,]|$)|\{[^}]{0,80}\b(session)\b[^}]{0,80}\}\s*=\s*(?:req(?:uest)?|ctx)\b"
)
# A table or collection of sessions that the code itself fills.
_SESSIONS = re.compile(r"(?i)^(user_?|login_?|web_?)?sessions?$")
# What keeps a sign-in without a session of the server: a token, a cookie of its own, a library that signs one.
_KEEPS = re.compile(sign("sec-session-fixation", "keeps"))
_HANDED = re.compile(sign("sec-session-fixation", "handed"))
_IN_COOKIE = signs("sec-session-fixation", "in_cookie")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    subject = Subject(context)
    if not ((subject.sign_in or subject.sign_up) and subject.changes):
        if (doubt := doubt_of_entry(context) or comes_back(context)) is not None:
            return unverified(doubt[0], *doubt[1])
        return not_applicable("The flow signs nobody in.", context.at_route())
    lines = [*chain_text(context)]
    renews = next((context.at(f, n) for f, n, t in lines if _RENEWS.search(t) and _is_of_sign_in(context, f, n, t)), None)
    if renews is not None:
        return passed("The session gets a new identifier at sign-in.", renews)
    stores = next((context.at(f, n) for f, n, t in lines if _STORES.search(t) and not _is_aside(t)), None) or _by_alias(context, lines)
    renewed = default_of(context, "session_renewed")
    if renewed is not None and renewed.holds and not (stores is not None and renewed.rule.value == "unless_stored"):
        return passed(renewed.rule.says, renewed.at or context.at_route())
    login = context.chain_role("session_login")
    if stores is None and login:
        return unverified("A library signs in; whether it gives the session a new identifier was not resolved.", context.at_call(login[0]))
    kept = next((link for e, link in context.effects if e.operation == "write" and _SESSIONS.search(e.target or "") is not None), None)
    if stores is None and kept is not None:
        return unverified(
            "The flow keeps sessions of its own; whether each sign-in makes a new identifier was not settled.",
            context.at(kept.file, kept.line),
        )
    if stores is None and subject.sign_in and not any(_KEEPS.search(t[:500]) and not _HANDED.search(t[:500]) for _, _, t in lines):
        return unverified("What keeps the sign-in, and whether that is a session with a new identifier, was not found.", context.at_route())
    if stores is None:
        return not_applicable("The sign-in puts nothing into a server-side session.", context.at_route())
    held = default_of(context, "session_in_cookie")
    cookie = context.hits(_IN_COOKIE)
    if (held is not None and held.holds) or cookie:
        return not_applicable("The session is kept wholly in a signed cookie: it has no identifier to plant.", stores)
    return failed("The user is written into the session that the browser already had; its identifier stays.", stores)


def _is_aside(text: str) -> bool:
    """Does a line keep something in the session that says nothing of who it is: a language, a message, a basket?"""
    key = _KEY.search(text)
    return key is not None and _ASIDE.search(key[1]) is not None and _WHO.search(key[1]) is None


def _is_of_sign_in(context: Context, file: str, line: int, text: str) -> bool:
    """Is it the session that a line renews, and not the way out or something else that can be made anew?"""
    if _OF_ANY.search(text) is not None and _OF_SESSION.search(text) is None:
        return False
    near = context.snapshot.lines(file)[max(0, line - 3) : line + 2]
    return not any(_WAY_OUT.search(t[:500]) is not None for t in near)


def _by_alias(context: Context, lines: list[tuple[str, int, str]]) -> Evidence | None:
    """A line that writes into the session by another name: `const session = req.session`, then `session.user = user`."""
    names = {name for _, _, t in lines for m in _ALIAS.finditer(t) if (name := m.group(1) or m.group(2))}
    if not names:
        return None
    writes = re.compile(rf"(?<![\w.])(?:{'|'.join(sorted(names))})\.(?!{_OWN})\w+\s*=[^=]")
    return next((context.at(f, n) for f, n, t in lines if writes.search(t)), None)
