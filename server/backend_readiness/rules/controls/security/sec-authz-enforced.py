"""Operations that only certain roles may run: where the server asks for the role before it acts."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.protection.entries import is_entry
from backend_readiness.controls.protection.guard_options import asks_by, options_off
from backend_readiness.controls.protection.handler_marks import handler_marks
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.protection.skippers import method_rules_off
from backend_readiness.controls.subjects import Subject
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Arg, CallRef, Lit, Member
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.values import Ext, Site, SymbolId, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

# A role or a right of the caller is asked for.
_ASKS = re.compile(
    r"(?i)has_?(any_?)?(role|authority|permission|scope)s?\b|(?<!\w)is_?_?(admin|superuser|staff|moderator|manager)\b|require_?(admin|role|permission|superuser|staff|scope)\w*"
    r"|admin_?(required|only|guard)|permission_?required|roles?_?(required|allowed|guard)\b|check_?(permission|role)s?\b|user_passes_test|\badmin\?|\bcan\?"
    r"|roles?\s*(===?|!==?)|\.role\b.{0,6}(===?|!==?|\.eq)|roles?\.(contains|includes|has|some)\b|\bIn(Any)?Role\(|is_?in_?role|RoleGuard|RolesAllowed|permissions?\.(has|includes|contains)\b|superuser\b"
    r"|\bcredentials?\[|scopes?\b.{0,12}(includes|contains|\bin\b)"
)
_MARKS = re.compile(
    r"(?i)^(roles?(allowed|guard)?|secured|pre_?authorize|authorize|has_?(role|authority|permission)s?|permissions?|require_?(role|permission|admin|scope)s?|admin\w*|acl|can|scopes?|permission_required|user_passes_test|role_required|policies|authorize_resource)$"
)
_SAYS_ROLE = re.compile(
    r"(?i)role|admin|permission|scope|policy|authority|staff|superuser|moderator|\bcan:|:(write|read|manage|create|update|delete)"
)
# A field of an answer or record: the role is told, not asked for.
_TELLS = re.compile(r"\s*[\"']?\w+[\"']?\s*(:|=>)\s*[\w.>?!-]+,?\s*$")
# The role that the request brings for somebody: its value is checked, and nobody's right is asked for.
_OF_BODY = re.compile(
    r"(?i)(?<![.\w])(in|inp|input|body|dto|payload|data|form|params|json|args|req|request|cmd|command|model|fields|values|req(uest)?\.body)"
    r"(\.|->|\[[\"']:?)(get)?_?(roles?|permissions?|scopes?)\b"
)
_REFUSES = re.compile(r"(?i)40[13]|forbid|unauthori[sz]ed|denied|permission|throw|raise|abort|redirect|refus|return")
# A condition that holds for whoever lacks the role, and what ends a request.
_DENIES = re.compile(
    r"(?i)!|\bnot\b|\bunless\b|\bisnt\b|=\s*(false|none|null|nil)\b|\b(lacks|cannot|denies|missing|without)|<>|\blacks?_?\w*\("
)
_ENDS = re.compile(r"(?i)\b(raise|throw|abort)\b|\b40[13]\b|forbidden|unauthori[sz]ed|denied|\bredirect\w*\(")
# What refuses a request in a function that a handler calls: that it returns something says nothing of the request.
_REFUSES_HERE = re.compile(sign("sec-authz-enforced", "refuses_here"))
_READS_CREDENTIAL = re.compile(r"Authenticat(ion|or)$")
MAX_BODY = 8
_PRIVILEGED = re.compile(r"(?i)/(admin|administration|backoffice|back-office|superuser|moderation)(/|$)")
_ROLES = (
    r"(?i)\bis_?(admin|superuser|staff|moderator)\b|\b(user_?)?roles?\b\s*[:=({\[.]|hasRole|hasAuthority|\bpermissions?\b\s*[:=({\[.]|enum\s+\w*Role|RolesGuard|authorities|can\?\s|\bability\b",
    r"(?i)ROLE_\w+|\bRole\.\w+|user_?type\s*[:=]|account_?type\s*[:=]",
)


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved, so its checks are not known.")
    subject = Subject(context)
    if is_entry(context) or subject.health:
        return not_applicable("The flow is for people who are not signed in yet.", context.at_route())
    off = method_rules_off(context) if _marked(context) is not None else None
    if off is not None:
        why = "The rules that stand on methods are switched off: nothing asks for the role before the handler acts."
        return failed(why, off, context.at_route())
    asked = _marked(context) or _guarded(context) or _asked(context)
    if asked is not None:
        return passed("The server asks for a role or right before it acts.", asked)
    waived = next((g for g in context.guards for f in context.roles.functions(g.value) if _waives(context, g, f.symbol)), None)
    if waived is not None:
        why = (
            "The guard asks for a role by an option, and the way in which it is put up switches that off; who may act is not written down."
        )
        return unverified(why, context.at_place(waived.place))
    proof = context.missing("roles and rights of callers", at=context.at_route(), roles=("authorization",), patterns=_ROLES)
    if proof is not None:
        return not_applicable("The backend knows no roles: every signed-in caller may do the same.", proof)
    known = all(context.roles.functions(g.value) or context.roles.of_value(g.value) for g in context.guards)
    open_ = known and identity_of(context).refusal() is not None
    if open_ and any(_PRIVILEGED.search(r.route.endpoint.path) for r in context.routes):
        return failed("The operation is for administrators by its address, and every signed-in caller may run it.", context.at_route())
    return unverified("The backend knows roles; whether this flow is reserved for one of them is not written down.", context.at_route())


def _marked(context: Context) -> Evidence | None:
    """A mark on the handler or its class that names a role; none where the handler is marked as open to everybody."""
    if identity_of(context).opened() is not None:
        return None
    for name, call, at in handler_marks(context):
        given = " ".join(_said(a) for a in call.args) if call is not None else ""
        if _MARKS.match(name) and (_SAYS_ROLE.search(given) or (_SAYS_ROLE.search(name) and name.lower() != "authorize")):
            return at
    return None


def _said(arg: Arg) -> str:
    return str(arg.value.value) if isinstance(arg.value, Lit) else f"{arg.name or ''} {dotted(arg.value) or ''}"


def _guarded(context: Context) -> Evidence | None:
    """A guard that is given a role, or whose code asks for one and refuses."""
    for guard in context.guards:
        for option in options(guard.value):
            site: Site | None = option.site if isinstance(option, Ext) else None
            text = " ".join(context.snapshot.lines(guard.place.file)[guard.place.line - 1 : guard.place.end_line])
            if site is not None:
                call = context.view(site.file).facts.calls[site.call]
                text += " ".join(context.snapshot.lines(site.file)[_own_line(context, site) - 1 : call.end_line])
            if _ASKS.search(text) and {"auth_guard", "authorization"} & context.roles.of_value(guard.value):
                return context.at_place(guard.place)
        for function in context.roles.functions(guard.value):
            symbol = context.view(function.symbol.file).symbol(function.symbol.index)
            lines = context.snapshot.lines(function.symbol.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + 120)]
            off = options_off(context, guard, function.symbol)
            said = next((n for n, t in enumerate(lines) if _ASKS.search(t) and not asks_by(t, off)), None)
            if (
                said is not None
                and identity_of(context).refuses(function.symbol) is not None
                and not re.search(r"(?i)_roles\b|roles\.any", " ".join(lines))
            ):
                return context.at(function.symbol.file, symbol.line + said)
    return None


def _waives(context: Context, guard: Guard, function: SymbolId) -> bool:
    """Does the guard ask for a role by an option that the way in which it is put up switches off?"""
    off = options_off(context, guard, function)
    symbol = context.view(function.file).symbol(function.index)
    lines = context.snapshot.lines(function.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + 120)] if off else []
    return any(_ASKS.search(t) is not None and asks_by(t, off) for t in lines) or any(_SAYS_ROLE.search(n) is not None for n in off)


def _own_line(context: Context, site: Site) -> int:
    """Where a call starts by itself: a step of a chain of calls says nothing of what the steps before it asked of other requests."""
    facts = context.view(site.file).facts
    call = facts.calls[site.call]
    base = call.callee.base if isinstance(call.callee, Member) else None
    return facts.calls[base.call].end_line if isinstance(base, CallRef) else call.line


def _asked(context: Context) -> Evidence | None:
    """A condition of the flow that asks for the caller's role, with a refusal behind it."""
    before = {(f, n) for g in context.guards for s in context.roles.functions(g.value) for f, n in _span(context, s.symbol)}
    for file, line, text in chain_text(context):
        if (file, line) in before or _ASKS.search(text) is None or re.match(r"\s*(import|using|from|use)\b", text) or _TELLS.match(text):
            continue
        if _OF_BODY.search(text) is not None or _turns_holders_away(context, file, line) or _is_of_one_credential(context, file, line):
            continue
        near = " ".join(context.snapshot.lines(file)[line - 1 : line + 4])
        asks = re.search(r"(?i)\b(if|unless|guard|assert|abort|raise|throw|ensure|require)\b", near) and _REFUSES.search(near)
        if asks and (_is_of_handlers(context, file, line) or _REFUSES_HERE.search(near) is not None):
            return context.at(file, line)
    return None


def _is_of_handlers(context: Context, file: str, line: int) -> bool:
    return any(h.file == file and h.line <= line <= h.end_line for h in context.handlers)


def _turns_holders_away(context: Context, file: str, line: int) -> bool:
    """Does the condition refuse those who have the role, and let all others go on: `if user.is_admin: raise Forbidden()`?"""
    block = next((b for b in context.view(file).facts.blocks if b.kind == "if" and b.line == line), None)
    if block is None:
        return False
    lines = context.snapshot.lines(file)
    body = lines[line : block.end_line] if block.end_line > line else lines[line - 1 : line]
    return _DENIES.search(lines[line - 1]) is None and any(_ENDS.search(t) is not None for t in body[:MAX_BODY])


def _is_of_one_credential(context: Context, file: str, line: int) -> bool:
    """Does the line stand in a class that reads one kind of credential? Callers with another kind are not asked."""
    view = context.view(file)
    methods = [s for s in view.facts.symbols if s.kind == "method" and s.line <= line <= s.end_line]
    return any(_READS_CREDENTIAL.search(view.symbol(s.parent).name) is not None and s.name.startswith("authenticate") for s in methods)


def _span(context: Context, where: SymbolId) -> list[tuple[str, int]]:
    symbol = context.view(where.file).symbol(where.index)
    return [(where.file, n) for n in range(symbol.line, min(symbol.end_line, symbol.line + 400) + 1)]
