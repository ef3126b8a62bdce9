"""Where the frontend of the repository keeps the token that the flow gives out or needs."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.page_mentions import page_mention
from backend_readiness.controls.places import is_test
from backend_readiness.controls.protection.cookies import accepts_cookie, session_cookies
from backend_readiness.controls.protection.token_settings import library_tokens
from backend_readiness.controls.subjects import Subject

_PAGES = ("**/*.js", "**/*.jsx", "**/*.ts", "**/*.tsx", "**/*.vue", "**/*.svelte", "**/*.html")
_TOKEN = r"(token|jwt|auth|credential|session|bearer|loggedUser|currentUser|access|refresh)"
_SCRIPT = (
    rf"(?i)(localStorage|sessionStorage)\.setItem\([^,]{{0,80}}{_TOKEN}|(localStorage|sessionStorage)\.{_TOKEN}\w*\s*=[^=]",
    rf"(?i)(localStorage|sessionStorage)\[[^\]]{{0,60}}{_TOKEN}[^\]]{{0,40}}\]\s*=[^=]|document\.cookie\s*=\s*.{{0,40}}{_TOKEN}",
    rf"(?i)(localStorage|sessionStorage)\.setItem\(.{{0,120}}{_TOKEN}",
    rf"(\bCookies?|\bjsCookie|\$cookies?)\.set\([^,]{{0,60}}(?i:{_TOKEN})|\buse(Local|Session)Storage\([^,]{{0,60}}(?i:{_TOKEN})",
)
# What a page sends with its requests when it has the credential itself.
_HEADER = (r"['\"`]?\bAuthorization['\"`]?\]?\s*[:=,]\s*[`'\"]?(?i:bearer|token|jwt)\b",)
_KEEPS = (r"(localStorage|sessionStorage)\.setItem\(\s*[\"'`]\w+[\"'`]\s*,\s*JSON\.stringify\(",)
_KEPT_AS = re.compile(r"(localStorage|sessionStorage)\.setItem\(\s*[\"'`](\w+)[\"'`]")
NEAR_LINES = 10
_BEARER = re.compile(r"(?i)(?<!csrf)(?<!xsrf)(?<!csrf[-_])(?<!xsrf[-_])(token|jwt|bearer)")
# A page keeps something, whatever it is; and the answer of a handler carries a token.
_STORED = (r"\b(localStorage|sessionStorage)\.setItem\(|\bpersist(Reducer)?\(|redux-persist|pinia-plugin-persist|AsyncStorage\.setItem\(",)
_ANSWERED = re.compile(r"(?i)\b(json|jsonify|send|return|ok|respond\w*)\b.*\b(access_?|id_?)?(token|jwt)\b")
_RECORDED = re.compile(r"(?i)accept(ed)?.{0,20}risk|risk.{0,20}accept")


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("The flow has no route of the backend.")
    subject = Subject(context)
    if not context.tracer.has_frontend:
        return not_applicable("The repository holds no frontend that keeps a token.", context.at_route())
    if not subject.sign_in and not context.matches:
        if (named := page_mention(context)) is not None:
            return unverified("A page may use the flow; where it keeps its credential was not found.", named)
        return not_applicable("No page of the repository uses the flow.", context.at_route())
    kept = [h for h in (*context.hits(_SCRIPT, _PAGES), *_on_two_lines(context)) if not _is_of_backend(context, h[0])] or _kept_whole(
        context
    )
    cookies = session_cookies(context)
    sent = next((h for h in context.hits(_HEADER, _PAGES) if not _is_of_backend(context, h[0]) and not is_test(h[0])), None)
    if kept:
        own = {link.file for t in context.traced for link in t.chain.links}
        file, line, text = min(
            kept,
            key=lambda h: (
                h[0] not in own,
                not _is_near(context, *h[:2]),
                re.search(r"=\s*([\"'`])\1|,\s*([\"'`])\2\s*\)", h[2]) is not None,
            ),
        )
        around = " ".join(context.snapshot.lines(file)[max(0, line - 6) : line])
        if _RECORDED.search(around):
            return partial("The token is kept where scripts read it; the risk is recorded beside it.", context.at(file, line))
        beside = _is_near(context, file, line) and _BEARER.search(text) is not None
        own_cookie = not beside and sent is None and any(c.http_only and not (c.by_settings and _BEARER.search(text)) for c in cookies)
        if own_cookie:
            return unverified(
                "The backend sets an HttpOnly cookie and the page keeps something that looks like a token too.",
                context.at(file, line),
                cookies[0].at,
            )
        return failed("The token is kept where any script of the page can read it.", context.at(file, line))
    signs = context.chain_role("token_sign") or (context.roles.calls("token_sign") and not context.chain_role("session_login"))
    tokens = library_tokens(context)
    signs = signs or (tokens is not None and not tokens.kind.in_cookie)  # `'driver' => 'jwt'`
    if all(c.by_settings for c in cookies) and (signs or not context.is_resolved):
        return unverified("Where the frontend keeps its credential was not found.", context.at_route())
    asks = context.chain_role("token_verify") or context.guard_with_role("jwt_guard")
    if cookies and asks and not subject.sign_in and accepts_cookie(context) is None:
        why = "A session is in a cookie, and the flow asks for a token; where the frontend keeps that was not found."
        return unverified(why, cookies[0].at)
    if cookies and sent is not None:
        return unverified("The session is in a cookie, and the page sends a credential of its own in a header too.", context.at(*sent[:2]))
    held = next((h for h in context.hits(_STORED, _PAGES) if not _is_of_backend(context, h[0]) and not is_test(h[0])), None)
    if held is not None and any(_ANSWERED.search(t) for _, _, t in chain_text(context)):
        why = "The answer carries a token beside the cookie, and the page keeps something where scripts read it."
        return unverified(why, context.at(*held[:2]))
    if cookies and all(c.http_only for c in cookies):
        return passed("The session is in a cookie that scripts cannot read.", cookies[0].at)
    return unverified("Where the frontend keeps its credential was not found.", context.at_route())


def _on_two_lines(context: Context) -> list[tuple[str, int, str]]:
    """What is kept under a name that stands on the next line."""
    found = []
    for file, line, _ in context.hits((r"(localStorage|sessionStorage)\.setItem\(\s*$",), _PAGES):
        text = " ".join(t.strip() for t in context.snapshot.lines(file)[line - 1 : line + 3])
        if re.search(_SCRIPT[2], text) is not None:
            found.append((file, line, text))
    return found


def _is_near(context: Context, file: str, line: int) -> bool:
    """Does a line stand within or close to a step of the flow: where the answer of a sign-in is taken?"""
    links = [link for t in context.traced for link in t.chain.links if link.file == file]
    return any(link.line - NEAR_LINES <= line <= link.end_line + NEAR_LINES for link in links)


def _kept_whole(context: Context) -> list[tuple[str, int, str]]:
    """Lines that keep an object under a name from which a token is read elsewhere: `"userInfo"` kept, `userInfo.token` sent."""
    found = [h for h in context.hits(_KEEPS, _PAGES) if not _is_of_backend(context, h[0])]
    names = {m.group(2) for h in found if (m := _KEPT_AS.search(h[2])) is not None}
    read = {
        n for n in sorted(names)[:12] if context.hits((rf"\b{re.escape(n)}\??\.(token|accessToken|access_token|jwt|idToken)\b",), _PAGES)
    }
    return [h for h in found if (m := _KEPT_AS.search(h[2])) is not None and m.group(2) in read]


def _is_of_backend(context: Context, file: str) -> bool:
    root = context.backend_root
    handlers = {h.file for h in context.handlers}
    return file in handlers or (bool(root) and file.startswith(f"{root}/") and not any(m.call.place.file == file for m in context.matches))
