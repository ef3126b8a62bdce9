"""State changes that a cookie authenticates need a token, an origin check, SameSite=Strict or a mandatory JSON body."""

import re

import regex

from backend_readiness.controls.callees import chain_text, role_calls
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, states
from backend_readiness.controls.expressions import written
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.ambient_elsewhere import ambient_elsewhere, basic_scheme
from backend_readiness.controls.protection.checks import only_when_sent
from backend_readiness.controls.protection.cookies import Cookie, accepts_cookie, read_elsewhere, session_cookies, starts_no_session
from backend_readiness.controls.protection.entry_doubts import comes_back
from backend_readiness.controls.protection.forgery_checks import left_out_by_list, refuses, refuses_at
from backend_readiness.controls.protection.guard_doubts import doubt_of_guards
from backend_readiness.controls.protection.header_alone import by_header_alone
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.standing import apart
from backend_readiness.controls.subjects import Subject
from backend_readiness.facts.model import CallRef, Index, Param
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.values import ClassV, Ext, InstV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.matching import compile_patterns

_GUARD = re.compile(sign("sec-csrf", "guard"))
_EXEMPTS, _SKIPS = re.compile(sign("sec-csrf", "exempts")), re.compile(sign("sec-csrf", "skips"))
# Forms of a library whose token is switched off: everywhere, or for one class or object.
_FORMS_OFF = r"WTF_CSRF_ENABLED[\"'\]]*\s*=\s*False"
_ASKED = re.compile(sign("sec-csrf", "asked"))
_LISTED = re.compile(sign("sec-csrf", "listed"))
_MAKES = re.compile(sign("sec-csrf", "makes"))
_ABSENT = re.compile(sign("sec-csrf", "absent"))
_WITHOUT = re.compile(r"\bcsrf\b[\"']?\s*[=:]\s*False")
# A value of an enumeration, as a request may choose one: `mode === Mode.CSRF`.
_MODE = re.compile(sign("sec-csrf", "mode"))
# Conditions that each forged request meets.
_ALWAYS = re.compile(sign("sec-csrf", "always"))
# `csrf.exempt(api)`: a router or handler, by the last part of its name.
_OWN_READS = [re.compile(p) for p in signs("sec-csrf", "own_reads")]
_FREED = re.compile(r"\w*(?i:csrf)\w*\.exempt\(\s*(?:\w+\.)*(\w+)\s*\)")
# An address that says by its word that something changes.
_CHANGES = re.compile(sign("sec-csrf", "changes"))
_TOKEN = regex.compile(r"(?i)csrf|xsrf")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    subject = Subject(context)
    if not subject.changes:
        deed = _changes_by_link(context)
        if deed is not None:
            why = "A request that any link can make changes data; whether a cookie signs its sender in was not settled."
            return unverified(why, deed, context.at_route())
        if (back := comes_back(context)) is not None:
            return unverified(f"{back[0]} Whether what it gets was asked for from the same browser was not settled.", *back[1])
        return not_applicable("The flow changes nothing.", context.at_route())
    exempt = _exempted(context)
    if exempt is not None and context.guard_with_role("csrf") is None:
        return failed("What signs the caller in by a cookie leaves out the framework's check against foreign pages.", exempt)
    bare = starts_no_session(context)
    if bare is not None and not any(not c.by_settings for c in session_cookies(context)):
        return not_applicable("Nothing before the flow's handler starts a session, and no cookie carries a token.", bare)
    cookies = session_cookies(context)
    header = by_header_alone(context) if cookies and all(c.by_settings for c in cookies) else None
    if header is not None:
        return not_applicable("The flow's interface takes the caller from a header alone, and no cookie signs anybody in.", header)
    used = accepts_cookie(context) or (_session_guard(context) if cookies else None)
    if any(c.by_settings for c in cookies):
        switched_off = _switched_off(context)
        if switched_off is not None:
            return failed("Sessions are in a cookie, and the framework's check against foreign pages is switched off.", switched_off)
        if used is None and (guarded := _guarded(context)) is not None:
            return guarded
    read = read_elsewhere(context, cookies) if used is None and identity_of(context).refusal() is not None else None
    if read is not None:
        other = [h for h in context.hits(signs("sec-csrf", "other_means")) if h[0] == read[1].file or "fromAuthHeader" in h[2]]
        if other and _guarded(context) is None:
            why = "A cookie or a header carries the token; which of them opens this flow was not resolved."
            return unverified(why, read[1], context.at(*other[0][:2]))
        cookies, used = [read[0]], read[1]
    if used is None and not (cookies and subject.sign_in):
        if not cookies:
            proof = context.missing(
                "credentials that a browser sends by itself",
                at=context.at_route(),
                roles=("session_cookie", "session_login"),
                patterns=(*signs("sec-csrf", "ambient"), *_words(context)),
            )
            basic = basic_scheme(context)
            if basic is not None:
                return unverified(*basic)
            if proof is not None:
                return not_applicable("No cookie or other ambient credential authenticates requests.", proof)
            return _guarded(context) or unverified(
                "The backend speaks of cookies or sessions; whether one of them authenticates the flow was not resolved.",
                context.at_route(),
            )
        asked = identity_of(context).refusal()
        if asked is not None and not _by_header(context, cookies):
            why = "The flow refuses who is not signed in; whether it looks at the cookie for that was not resolved."
            return _guarded(context) or unverified(why, *apart((*asked[1][:1], cookies[0].at)))
        doubt = ambient_elsewhere(context)
        if doubt is not None:
            return _guarded(context) or unverified(*doubt)
        open_question = doubt_of_guards(context)
        if open_question is not None:
            why = "Whether a cookie of the backend signs the sender of the flow in is open."
            return _guarded(context) or unverified(f"{why} {open_question[0]}", *open_question[1])
        return not_applicable("The flow itself accepts no credential that a browser sends by itself.", context.at_route())
    used = used or cookies[0].at
    loose = only_when_sent(context, _TOKEN)
    if loose is not None:
        why = "The CSRF token is checked only where the request carries one, and a forged request carries none."
        narrow = {c.same_site for c in cookies}
        held = bool(cookies) and narrow <= {"lax", "strict"}
        return partial(why, loose, context.at_route()) if held else failed(why, loose, context.at_route())
    guarded = _guarded(context)
    if guarded is not None:
        return guarded
    form = _form(context)
    if form is not None:
        return passed("The form of the flow carries a CSRF token, and its check refuses a request without one.", form)
    idle = _named_for_it(context)
    for file, line, text in chain_text(context):
        said = re.sub(r"(?<!:)//.*$|#\s.*$", "", text)
        said = _MODE.sub("", said)
        if (
            _GUARD.search(said)
            and _ASKED.search(said)
            and not _LISTED.search(said)
            and not any(p.search(said) for p in (_WITHOUT, _MAKES, _ABSENT))
        ):
            if not refuses_at(context, file, line):
                idle = idle or context.at(file, line)
                continue
            condition = _condition(context, file, line)
            if condition is not None:
                why = "A CSRF token is checked under a condition; whether a forged request can avoid it was not settled."
                return unverified(why, context.at(file, condition), context.at(file, line))
            return passed("The flow checks a CSRF token or the origin of the request.", context.at(file, line))
    checked = default_of(context, "csrf")
    if checked is not None and checked.holds and not _left_out(context) and not any(_EXEMPTS.search(t) for _, _, t in chain_text(context)):
        return passed(checked.rule.says, checked.at or context.at_route())
    elsewhere = role_calls(context, "csrf_everywhere")
    if elsewhere and not _left_out(context):
        return passed("CSRF protection covers the application.", elsewhere[0].evidence())
    json_only = _json_only(context)
    if json_only is not None:
        return passed("The body must be JSON, which a form of a foreign page cannot send.", json_only)
    if idle is not None:
        return unverified("Something before the handler is named for a CSRF check; that it turns a request away was not found.", idle)
    chain = {(f, n) for f, n, _ in chain_text(context)}
    cookies = [c for c in cookies if (c.at.file, c.at.line) in chain] or cookies  # the flow's own, where it sets one
    sites = {c.same_site for c in cookies}
    if cookies and sites == {"strict"}:
        return passed("The cookie is SameSite=Strict.", cookies[0].at)
    if cookies and sites <= {"lax", "strict"}:
        return partial("Only SameSite=Lax keeps foreign pages from using the cookie.", *apart((used, cookies[0].at)))
    if None in sites or not cookies:
        return unverified("The flow accepts a cookie; whether something else keeps foreign pages out was not resolved.", used)
    at = cookies[0].at
    return failed(
        "A cookie authenticates the change, and neither a token, an origin check nor SameSite keeps foreign pages out.",
        context.at_route(),
        at,
    )


def _changes_by_link(context: Context) -> Evidence | None:
    """What a GET request of one who has a cookie deletes or, by the word of its address, changes."""
    if not session_cookies(context) and accepts_cookie(context) is None:
        return None
    named = any(_CHANGES.search(r.route.endpoint.path) for r in context.routes)
    found = (link for e, link in context.effects if e.operation == "delete" or (named and e.operation == "write"))
    return next((context.at_place(link) for link in found), None)


def _by_header(context: Context, cookies: list[Cookie]) -> bool:
    """Does a header say who the caller is: by a line of the chain, or by what the application sets up beside cookies of tokens?"""
    means = [re.compile(p) for p in signs("sec-csrf", "other_means")]
    if any(p.search(t) for _, _, t in chain_text(context) for p in means):
        return True
    return not any(c.of_session for c in cookies) and bool(context.hits(signs("sec-csrf", "other_means")))


def _condition(context: Context, file: str, line: int) -> int | None:
    """The line of an `if` around the check that asks for something else than the method or the session of the request."""
    for block in context.view(file).facts.blocks:
        if block.kind == "if" and block.line < line <= block.end_line:
            said = context.snapshot.lines(file)[block.line - 1]
            if _MODE.search(said) is not None or _ALWAYS.search(said) is None:
                return block.line
    return None


def _switched_off(context: Context) -> Evidence | None:
    """Where the application switches the framework's own check off."""
    checked = default_of(context, "csrf")
    return checked.off if checked is not None else None


def _reads_by_itself(context: Context) -> bool:
    """Does a class before the handler take the credential from a cookie, without the check that the framework's own class makes again?"""
    classes = {o.symbol for g in context.guards for o in options(g.value) if isinstance(o, ClassV)}
    held = (f.self_value for g in context.guards for f in context.roles.functions(g.value))
    for where in sorted(classes | {v.cls.symbol for v in held if isinstance(v, InstV)}):
        symbol = context.view(where.file).symbol(where.index)
        text = context.snapshot.lines(where.file)[symbol.line - 1 : symbol.end_line]
        if all(any(p.search(t) for t in text) for p in _OWN_READS) and not any(_GUARD.search(t) for t in text):
            return True
    return False


def _exempted(context: Context) -> Evidence | None:
    """A class before the handler that takes the place of the framework's own check: by its name, or by a method that checks nothing."""
    for guard in context.guards:
        for option in options(guard.value):
            if not isinstance(option, ClassV):
                continue
            file, symbol = option.symbol.file, context.view(option.symbol.file).symbol(option.symbol.index)
            text = context.snapshot.lines(file)[symbol.line - 1 : symbol.end_line]
            if _EXEMPTS.search(symbol.name) is not None or any(_SKIPS.search(t) is not None for t in text):
                return context.at(file, symbol.line)
    return None


def _form(context: Context) -> Evidence | None:
    """A form of the flow that a library checks together with its token, where nothing leaves the token out."""
    if context.hits((_FORMS_OFF,)):
        return None
    for call in context.chain_role("csrf_form"):
        made = call.callee.base.site if isinstance(call.callee, Ext) and isinstance(call.callee.base, Ext) else None
        cls = call.callee.subject if isinstance(call.callee, Ext) else None
        texts = (
            list(context.snapshot.lines(made.file)[(at := context.view(made.file).facts.calls[made.call]).line - 1 : at.end_line])
            if made
            else []
        )
        if isinstance(cls, ClassV):
            symbol = context.view(cls.symbol.file).symbol(cls.symbol.index)
            texts += context.snapshot.lines(cls.symbol.file)[symbol.line - 1 : symbol.end_line]
        if not any(_WITHOUT.search(t) for t in texts):
            return context.at_call(call)
    return None


def _session_guard(context: Context) -> Evidence | None:
    """A guard that asks who is signed in, and looks into the session or stands behind what starts it."""
    looks = context.guard_with_role("session_guard")
    if looks is not None:
        return context.at_place(looks.place)
    if not any("session_start" in context.roles.of_value(g.value) for g in context.guards):
        return None
    asks = context.guard_with_role("auth_guard")
    return context.at_place(asks.place) if asks is not None else None


def _left_out(context: Context) -> bool:
    """Does a mark take the handler, or a call the router that it is on, out of the check that holds for the whole application?"""
    if context.guard_with_role("csrf_exempt") is not None or _reads_by_itself(context) or left_out_by_list(context):
        return True
    freed = {m.group(1) for _, _, t in context.hits((_FREED.pattern,)) for m in _FREED.finditer(t)}
    at = [r.route.place for r in context.routes]
    routers = {m.group(1) for p in at if (m := re.match(r"\s*@?(\w+)\.", context.snapshot.lines(p.file)[p.line - 1])) is not None}
    return bool(freed & (routers | {h.symbol.rpartition(".")[2] for h in context.handlers}))


def _words(context: Context) -> tuple[str, ...]:
    return words_of(context, "cookies") or ()


def _guarded(context: Context) -> Judgement | None:
    """A guard of the flow that checks a token, or a framework that does it for every handler."""
    left_out = _left_out(context)
    for guard in context.guards:
        by_library = not left_out and "csrf" in context.roles.of_value(guard.value)
        if by_library or any(refuses(context, f) for f in _named(context, guard)):
            return passed("A CSRF check runs before the handler.", context.at_place(guard.place))
    checked = default_of(context, "csrf") if not left_out else None
    return passed(checked.rule.says, checked.at or context.at_route()) if checked is not None and checked.holds else None


def _named(context: Context, guard: Guard) -> list[SymbolId]:
    """Functions of a guard that are named for the check."""
    symbols = [f.symbol for f in context.roles.functions(guard.value)]
    names = {s: context.view(s.file).symbol(s.index).name for s in symbols}
    return [s for s in symbols if _GUARD.search(names[s]) and not _EXEMPTS.search(names[s])]


def _named_for_it(context: Context) -> Evidence | None:
    return next((context.at_place(g.place) for g in context.guards if _named(context, g)), None)


def _json_only(context: Context) -> Evidence | None:
    """Does the flow refuse, or fail to see, a body that is not JSON?"""
    rule = default_of(context, "json_body")
    if rule is not None and rule.holds and not _open_to_origins(context):
        for where in inputs_of(context).handlers:
            view = context.view(where.file)
            for param in view.symbol(where.index).params:
                if param.type is None or inputs_of(context).is_dependency(where, param) or not _is_body(param, rule.rule.value, view):
                    continue
                if rule.rule.value or any(isinstance(v, InstV) for v in options(context.graph.ev.instance_of(param.type, where.file, 0))):
                    return context.at(where.file, view.symbol(where.index).line)
    asked = _json_read(context)
    if asked is not None:
        return asked
    parsers = role_calls(context, "body_parser", "upload_parser")
    read = any(re.search(r"\breq(uest)?\.body\b", t) for _, _, t in chain_text(context))
    # A parser that is told its own type of content may read a plain form as JSON.
    strict = all(p.path.endswith(".json") and p.thunk(0, "type") is None for p in parsers)
    return parsers[0].evidence() if read and parsers and strict and not _open_to_origins(context) else None


def _json_read(context: Context) -> Evidence | None:
    """A read of the body on the chain that refuses what is not sent as JSON, where nothing of the chain reads the request otherwise."""
    reads = states(context, "json_reads")
    wanted, others = (compile_patterns(p) for p in (reads.when, reads.unless)) if reads is not None else (None, None)
    if wanted is None or _open_to_origins(context):
        return None
    lines = [(f, n, t.encode("utf-8", "replace")) for f, n, t in chain_text(context)]
    if others is not None and any(others.search(t) is not None for _, _, t in lines):
        return None
    return next((context.at(f, n) for f, n, t in lines if wanted.search(t) is not None), None)


def _is_body(param: Param, mark: str, view: FileView) -> bool:
    """Is the parameter marked, or of the type that its framework reads JSON for? Without a mark every typed parameter is."""
    marks = [callee_name(view.facts.calls[d.call]) or "" if isinstance(d, CallRef) else written(d) for d in param.decorators]
    if not mark:
        return not any(m in ("FromForm", "FromQuery", "FromRoute", "FromServices") for m in marks)
    typed = written(param.type.base) if isinstance(param.type, Index) else ""
    return mark in marks or typed.rpartition(".")[2] == mark


def _open_to_origins(context: Context) -> bool:
    """May pages of any origin send what they like, the cookie with it?"""
    patterns = words_of(context, "reflected_origin") or ()
    if patterns and context.is_found(patterns):
        return True
    return bool(context.hits(signs("sec-csrf", "any_origin"))) and bool(context.hits(signs("sec-csrf", "with_credentials")))
