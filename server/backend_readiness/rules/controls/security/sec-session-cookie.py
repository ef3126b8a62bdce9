"""Session and token cookies: HttpOnly, Secure and SameSite, framework defaults included."""

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.cookies import accepts_cookie, session_cookies, starts_no_session
from backend_readiness.controls.protection.header_alone import by_header_alone
from backend_readiness.controls.protection.script_cookies import token_by_script
from backend_readiness.controls.standing import apart
from backend_readiness.rules.signs import signs

_SCRIPT = (r"document\.cookie\s*=.*(?i:token|session|jwt|auth)|Cookies\.set\(\s*['\"][^'\"]*(?i:token|session|jwt|auth)",)


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("No route of the flow was found.")
    script = context.hits(_SCRIPT, ("**/*.js", "**/*.jsx", "**/*.ts", "**/*.tsx", "**/*.vue", "**/*.svelte", "**/*.html"))
    script = [h for h in script if not context.is_apart(h[0])]
    if script:
        return failed(
            "A script of the browser sets the cookie that carries the token, so it cannot be HttpOnly.",
            *(context.at(f, n) for f, n, _ in script[:2]),
        )
    given = token_by_script(context)
    if given is not None:
        return failed("A script of the browser sets the cookie that carries the token, so it cannot be HttpOnly.", given)
    bare = starts_no_session(context)
    if bare is not None and not any(not c.by_settings for c in session_cookies(context)):
        return not_applicable("Nothing before the flow's handler starts a session, and the backend sets no token cookie.", bare)
    cookies = session_cookies(context)
    lacking = [c for c in cookies if c.missing]
    header = by_header_alone(context) if lacking and all(c.by_settings for c in cookies) else None
    if header is not None:
        return not_applicable("The flow's interface takes the caller from a header alone; it neither sets nor reads the session.", header)
    if lacking:
        chain = {(f, n) for f, n, _ in chain_text(context)}
        worst = max(lacking, key=lambda c: ((c.at.file, c.at.line) in chain, len(c.missing)))
        others = [c.at for c in lacking if c is not worst]
        return partial(f"{worst.what[:1].upper()}{worst.what[1:]} is set without {', '.join(worst.missing)}.", *apart((worst.at, *others)))
    if any(not c.is_known for c in cookies):
        unknown = next(c for c in cookies if not c.is_known)
        return unverified(f"A flag of {unknown.what} depends on a value that was not resolved.", unknown.at)
    if cookies:
        return passed(f"{cookies[0].what[:1].upper()}{cookies[0].what[1:]} is HttpOnly, Secure and SameSite.", cookies[0].at)
    used = accepts_cookie(context)
    if used is not None:
        return unverified("The flow reads a session or cookie whose making was not found.", used)
    proof = context.missing(
        "cookies with a session or token",
        at=context.at_route(),
        roles=("session_cookie", "session_login"),
        patterns=(
            *signs("sec-session-cookie", "sets"),
            *(words_of(context, "cookies") or ()),
        ),
    )
    if proof is not None:
        return not_applicable("The backend sets no session or token cookie.", proof)
    return unverified("Something speaks of cookies or sessions, but what is set was not resolved.", context.at_route())
