"""What turns a request away: statuses, exceptions, the way to the sign-in page; and whom it lets pass all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.expressions import written
from backend_readiness.controls.protection.asked_addresses import asks_for_origin, names_address
from backend_readiness.controls.protection.caught_refusals import is_caught_unasked
from backend_readiness.controls.protection.other_branches import is_for_all_others
from backend_readiness.controls.protection.unknown_callers import resolves_for_nobody
from backend_readiness.controls.roles import status_numbers
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Alt, Block, Call, CallRef, Func, Index, Lit, Member, Name, Op, Param, Return, Seq, Value
from backend_readiness.graph.values import Const, FuncV
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.signs import sign

REFUSAL = re.compile(r"(?i)^(http|error)?_?(unauthori[sz]ed|unauthenticated|not_?authenticated|forbidden|access_?denied|permission_?denied|authentication_?failed|not_?authori[sz]ed|auth(entication|orization)?(error|exception|failed|failure|required)|invalid_?token|login_?required|credentials_?exception)\w*$")  # fmt: skip  # noqa: E501
_HANDS_ON = re.compile(r"(?i)abort|refuse|reject|deny|fail|error")
_OF_ACCESS = re.compile(sign("refusals", "of_access"))
_ANSWERS = re.compile(sign("refusals", "answers"))
_HANDS_REQUEST_ON = re.compile(sign("refusals", "hands_request_on"))
_BARE_ERROR = re.compile(sign("refusals", "bare_error"))
_OF_SWITCHES = re.compile(sign("refusals", "of_switches"))
_SIGN_IN_PAGE = re.compile(r"(?i)(^|/)(log-?in|sign-?in|auth|sessions?/new|account/login)(/|$|\?)")
_REDIRECTION = re.compile(r"^([A-Z]\w*Redirect\w*|Redirect\w+)$")  # a class of answers that is thrown
_SIGN_IN_NAME = re.compile(r"(?i)(^|[.:/_-])(log_?in|sign_?in|authenticate)$")
_SIGN_IN_ROUTE = re.compile(r"^(\w+_)?(log_?in|sign_?in|(new_)?(\w+_)?session)_(path|url)$")
_CALLER = re.compile(
    r"(?i)^\W?(current_?(user|account|member|admin)|(user_)?(signed|logged)_in|is_?authenticated|authenticated|is_?logged_?in)\??$"
)
_CREDENTIAL = re.compile(r"(?i)(token|authori[sz]ation|auth_?header|header|bearer|jwt|credentials?|api_?key)s?\W*$")
_IS_THERE = re.compile(
    r"(?i)^(is_?)?(present|some|set|has|have|any|exists?|has_?(text|length)|not_?(empty|blank)|non_?null|starts_?with|contains_?key|filled"
    r"|key|include)\??$"
)
_READS = re.compile(r"(?i)^(get_?)?(bearer_?token|header|token|jwt|authori[sz]ation|auth_?header)s?$")
_MARKS_CALLER = re.compile(
    r"(?i)(current|auth\w*|logged_?in|req(uest)?|get|gql)?_?"
    r"(user|account|member|principal|identity)(_?(entity|info|payload|id|from_?token))?$"
)
_ONE_WAY = re.compile(sign("refusals", "one_way"))
_OF_ONE_WAY = re.compile(sign("refusals", "of_one_way"))
# What only records.
_LOGS = re.compile(r"(?i)\b_?log(ger|ging)?\b|console|print|trace\.")
_EMPTY = (None, "", "nil", "null", "undefined")


def names_caller(view: FileView, param: Param) -> bool:
    """Is the parameter marked as the caller, by its own name or that of its mark: `@CurrentUser() user`, `@UserEntity() user`?"""
    for decorator in param.decorators:
        value = view.facts.calls[decorator.call].callee if isinstance(decorator, CallRef) else decorator
        name = value.id if isinstance(value, Name) else value.name if isinstance(value, Member) else ""
        if _MARKS_CALLER.search(name) is not None:
            return True
    return False


# The person that something before has put on the request or into the session.
_WHO = re.compile(r"(?i)^(self\.)?((req|request|ctx|context|c)(\.(session|state|locals))?|session|res\.locals|g)\.(current_?)?user(_?id)?$")


def is_refusal(call: Call, statuses: set[int]) -> bool:
    """Does a call answer with one of the statuses, raise an error of that kind, or redirect to a page for signing in?"""
    name = callee_name(call) or ""
    if REFUSAL.match(name):
        return True
    if any(statuses & status_numbers(a.value) for a in call.args):
        return True
    if name == "orElseThrow":  # `findCaller().orElseThrow(NotAuthenticated::new)`
        return any(REFUSAL.match(written(a.value).removesuffix("::new").removesuffix(".new").rpartition(".")[2]) for a in call.args)
    return name == "redirect" and any(
        isinstance(a.value, Lit) and isinstance(a.value.value, str) and _SIGN_IN_PAGE.search(a.value.value) for a in call.args
    )


def turns_away(view: FileView, call: Call, statuses: set[int]) -> bool:
    """The same, or a call that hands an error of access on: `handleAbort(ctx, domain.ErrEmptyAuthorizationHeader)`, by a variable too.

    What is refused while a switch of the application is off is refused to everybody: `halt 403 unless allow_upload?`.
    """
    if _behind_a_switch(view, call):
        return False
    if is_refusal(call, statuses) or _renames_error(view, call):
        return True
    if isinstance(call.callee, Member) and call.args and _ANSWERS.match(call.callee.name):  # `ErrUnauthorized.HTTPError(c)`
        return any(_OF_ACCESS.match(name) for name in _error_names(view, call, call.callee.base))
    if _HANDS_ON.search(callee_name(call) or "") is None:
        return False
    return any(_OF_ACCESS.match(name) for a in call.args[:4] for name in _error_names(view, call, a.value))


def _renames_error(view: FileView, call: Call) -> bool:
    """Does a failed check become an error of access: `decode(token).map_err(|_| AuthError::InvalidToken)?`?"""
    given = call.args[0].value if callee_name(call) == "map_err" and call.args else None
    made = [r.value for r in view.returns.get(given.symbol, ())] if isinstance(given, Func) else []
    return any(isinstance(v, Name | Member) and REFUSAL.match(written(v).rpartition(".")[2]) is not None for v in made)


def _behind_a_switch(view: FileView, call: Call) -> bool:
    """Does the nearest condition around the call ask for a switch of the application, and for nothing of the caller's?"""
    around = [
        b for outer in view.enclosing(call.owner) for b in view.blocks_of.get(outer, ()) if b.kind == "if" and b.start <= call.start < b.end
    ]
    if any(b.subject is not None and asks_for_origin(view, b.subject) for b in around):
        return True
    subject = max(around, key=lambda b: b.start).subject if around else None
    if isinstance(subject, Op) and subject.op in ("!", "not") and len(subject.operands) == 1:
        subject = subject.operands[0]
    if isinstance(subject, CallRef):
        asked = view.facts.calls[subject.call]
        subject = asked.callee if not asked.args else None
    name = subject.id if isinstance(subject, Name) else subject.name if isinstance(subject, Member) else ""
    return _OF_SWITCHES.match(name) is not None


def _error_names(view: FileView, call: Call, value: Value) -> list[str]:
    if isinstance(value, Member):
        return [value.name]
    if not isinstance(value, Name):
        return []
    given = [a for a in view.facts.assigns if a.owner == call.owner and a.target == value and a.start < call.start]
    last = max(given, key=lambda a: a.start).value if given else None
    return [value.id, *([last.name] if isinstance(last, Member) else [last.id] if isinstance(last, Name) else [])]


def sends_to_sign_in(view: FileView, call: Call) -> bool:
    """`redirect_to login_path`: a page that a function names; and `redirect_to root_url if !current_user`, wherever it leads."""
    if _turns_strangers_away(view, call):
        return True
    if _REDIRECTION.match(callee_name(call) or "") is not None:  # `raise Redirect303(url_for(".authenticate"))`
        inner = [view.facts.calls[a.value.call] for a in call.args if isinstance(a.value, CallRef)]
        said = [a.value.value for c in inner for a in c.args[:1] if isinstance(a.value, Lit) and isinstance(a.value.value, str)]
        return any(_SIGN_IN_NAME.search(text) for text in said)
    if not (callee_name(call) or "").startswith("redirect"):  # `redirect_to_path`: a function of the application around `redirect_to`
        return False
    named = (callee_name(view.facts.calls[a.value.call]) or "" for a in call.args if isinstance(a.value, CallRef))
    texts = (a.value.value for a in call.args if isinstance(a.value, Lit) and isinstance(a.value.value, str))
    return any(_SIGN_IN_ROUTE.search(name) for name in named) or any(_SIGN_IN_PAGE.search(text) for text in texts)


def _turns_strangers_away(view: FileView, call: Call) -> bool:
    """A redirect of those who are nobody, or an answer to them that only says that something went wrong: `return Response.error()`."""
    redirects = callee_name(call) in ("redirect", "redirect_to", "sendRedirect", "Redirect", "respondRedirect")
    if not redirects and not (
        _BARE_ERROR.match(written(call.callee)) and any(_is_of(view, r, call) for r in view.returns.get(call.owner, ()))
    ):
        return False
    return (redirects and is_for_all_others(view, call)) or any(
        block.kind == "if" and block.start <= call.start < block.end and _denies_caller(view, block.subject)
        for outer in view.enclosing(call.owner)
        for block in view.blocks_of.get(outer, ())
    )


def _is_of(view: FileView, answer: Return, call: Call) -> bool:
    return isinstance(answer.value, CallRef) and view.facts.calls[answer.value.call] is call


def _denies_caller(view: FileView, subject: Value | None) -> bool:
    """Does the condition hold for whoever is nobody: `not current_user.is_authenticated`, but for addresses that are left out?"""
    if isinstance(subject, Op) and subject.op in ("and", "&&"):
        denied = [o for o in subject.operands if _denies_caller(view, o)]
        return bool(denied) and all(names_address(view, o, 0) for o in subject.operands if o not in denied)
    if not (isinstance(subject, Op) and subject.op in ("!", "not") and len(subject.operands) == 1):
        return False
    value = subject.operands[0]
    if isinstance(value, CallRef):
        value = view.facts.calls[value.call].callee
    name = value.id if isinstance(value, Name) else value.name if isinstance(value, Member) else ""
    return _CALLER.match(name) is not None


def switched_off(function: FuncV) -> frozenset[str]:
    """Parameters of the functions around it that it was made with as false: `AuthMiddleware(false)`."""
    found: set[str] = set()
    env = function.env
    for _ in range(4):
        if env is None:
            break
        found.update(name for name, value in env.args.items() if value == Const(False))
        env = env.outer
    return frozenset(found)


def stated_refusals(view: FileView, scope: int) -> Iterator[tuple[int, int]]:
    """(position, line) where a function throws what refuses by its name, or sets the status of the answer to 401 or 403."""
    for thrown in view.facts.throws:
        named = thrown.owner == scope and isinstance(thrown.value, Name | Member)
        if named and thrown.value is not None and REFUSAL.match(written(thrown.value).rpartition(".")[2]):
            yield thrown.start, thrown.line
    for assign in view.facts.assigns:
        refused = assign.owner == scope and isinstance(assign.value, Lit) and assign.value.value in (401, 403)
        if refused and written(assign.target).endswith((".status", ".status_code", ".statusCode")):
            yield assign.start, assign.line


def returned_refusals(view: FileView, scope: int, statuses: set[int]) -> Iterator[Return]:
    """Where a function returns an answer beside one of the statuses: `return jsonify(error="..."), 401`."""
    for answer in view.returns.get(scope, ()):
        if isinstance(answer.value, Seq) and any(statuses & status_numbers(i) for i in answer.value.items[1:3]):
            yield answer


def lets_unsent_pass(view: FileView, scope: int) -> bool:
    """Does a middleware hand the request on where no credential came with it: `if (!token) return next()`?"""
    if resolves_for_nobody(view, scope):
        return True
    for block in view.blocks_of.get(scope, ()):
        if block.kind != "if" or block.subject is None or not _is_unsent(view, block.subject, 0):
            continue
        inside = [c for n in view.calls_of.get(scope, ()) if block.start <= (c := view.facts.calls[n]).start < block.end]
        on = any(_HANDS_REQUEST_ON.match(callee_name(c) or "") for c in inside) or _knows_nobody(view, scope, block)
        if on and not any(is_refusal(c, {400, 401, 403}) for c in inside):
            return True
    return False


def _knows_nobody(view: FileView, scope: int, block: Block) -> bool:
    """Does one of several ways to sign in answer there that it knows nobody, and leave the request to the next: `return None`?"""
    symbol = view.symbol(scope)
    if _ONE_WAY.match(symbol.name.rpartition(".")[2]) is None or symbol.parent <= 0:
        return False
    answers = [r for r in view.returns.get(scope, ()) if block.start <= r.start < block.end]
    return _OF_ONE_WAY.search(view.symbol(symbol.parent).name) is not None and any(r.value in (None, Lit(None)) for r in answers)


def _is_unsent(view: FileView, subject: Value, depth: int) -> bool:
    """Does the condition hold wherever a token or header is missing, whatever else is asked?"""
    if depth > 8:
        return False
    if isinstance(subject, Alt):  # `!token || token === "null"`
        return any(_is_unsent(view, o, depth + 1) for o in subject.options)
    if isinstance(subject, Op):
        if subject.op in ("or", "||"):
            return any(_is_unsent(view, o, depth + 1) for o in subject.operands)
        if subject.op in ("!", "not") and len(subject.operands) == 1:
            return _is_sent(view, subject.operands[0], depth + 1)
        if subject.op in ("==", "===", "is") and len(subject.operands) == 2:
            left, right = subject.operands
            if isinstance(left, CallRef) and callee_name(view.facts.calls[left.call]) in ("len", "strlen") and right == Lit(0):
                counted = view.facts.calls[left.call].args
                return bool(counted) and _names_credential(view, counted[0].value)
            return _is_empty(right) and _names_credential(view, left)
    return False


def only_if_sent(view: FileView, scope: int, position: int, off: frozenset[str] = frozenset()) -> bool:
    """Is the place reached only where the request carries a credential: `if header { if !valid(header) { refuse } }`?

    Or behind one of the names of `off`, which are false, or behind a way past for requests without one: `if (!token) return next()`.
    """
    past = any(_has_way_past(view, outer, position) for outer in view.enclosing(scope))
    return (
        past
        or is_caught_unasked(view, scope, position)
        or any(
            block.kind == "if"
            and block.subject is not None
            and block.start <= position < block.end
            and (_is_sent(view, block.subject, 0) or (isinstance(block.subject, Name) and block.subject.id in off))
            for outer in view.enclosing(scope)
            for block in view.blocks_of.get(outer, ())
        )
    )


def _has_way_past(view: FileView, scope: int, position: int) -> bool:
    """Does the function let a request without a credential go on, before it comes to the place?"""
    for block in view.blocks_of.get(scope, ()):
        if block.kind != "if" or block.end > position or block.subject is None or not _is_unsent(view, block.subject, 0):
            continue
        left = [r for r in view.returns.get(scope, ()) if block.start <= r.start < block.end]
        calls = [view.facts.calls[n] for n in view.calls_of.get(scope, ()) if block.start <= view.facts.calls[n].start < block.end]
        asked = {c.start for c in calls if c.start < (left[0].start if left else 0) and _in_subject(view, block.subject, c)}
        done = [c for c in calls if c.start not in asked and not _LOGS.search(written(c.callee))]
        goes_on = any(_HANDS_REQUEST_ON.match(callee_name(c) or "") for c in done)
        if (
            left
            and (goes_on or (not done and all(_is_nothing(r.value) for r in left)))
            and not _throws(view, scope, block.start, block.end)
        ):
            return True
    return False


def _in_subject(view: FileView, subject: Value, call: Call) -> bool:
    """Is the call a part of the condition?"""
    if isinstance(subject, CallRef):
        inner = view.facts.calls[subject.call]
        return inner == call or (isinstance(inner.callee, Member) and _in_subject(view, inner.callee.base, call))
    if isinstance(subject, Op):
        return any(_in_subject(view, o, call) for o in subject.operands)
    return isinstance(subject, Member) and _in_subject(view, subject.base, call)


def _throws(view: FileView, scope: int, start: int, end: int) -> bool:
    return any(t.owner == scope and start <= t.start < end for t in view.facts.throws)


def _is_nothing(value: Value | None) -> bool:
    return value is None or (isinstance(value, Lit) and value.value is None) or (isinstance(value, Name) and value.id in _EMPTY)


def _is_empty(value: Value) -> bool:
    return (isinstance(value, Lit) and value.value in _EMPTY) or (isinstance(value, Name) and value.id in _EMPTY)


def _is_sent(view: FileView, subject: Value, depth: int) -> bool:
    """Does the condition hold only where a token or header is there, and say nothing of what it is worth?"""
    if depth > 8:
        return False
    if isinstance(subject, Op):
        if subject.op in ("and", "&&"):
            return any(_is_sent(view, o, depth + 1) for o in subject.operands)
        if subject.op in ("!=", "!==", "is not") and len(subject.operands) == 2:
            left, right = subject.operands
            return _is_empty(right) and _names_credential(view, left)
        return False
    if isinstance(subject, CallRef):
        call = view.facts.calls[subject.call]
        name = callee_name(call) or ""
        if _READS.match(name):
            return True
        if not _IS_THERE.match(name):
            return False
        inside = [call.callee.base] if isinstance(call.callee, Member) else []
        return any(_names_credential(view, v) for v in (*inside, *(a.value for a in call.args[:2])))
    return _names_credential(view, subject)


def _names_credential(view: FileView, value: Value) -> bool:
    if isinstance(value, Member) and _WHO.match(dotted(value) or "") is not None:
        return True  # whoever was signed in: `if (req.session.user && req.session.user.blocked) { refuse }`
    if isinstance(value, Index):
        return isinstance(value.key, Lit) and _CREDENTIAL.search(str(value.key.value)) is not None
    if isinstance(value, Lit):
        return isinstance(value.value, str) and _CREDENTIAL.search(value.value) is not None
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        named = any(isinstance(a.value, Lit) and _CREDENTIAL.search(str(a.value.value)) for a in call.args[:1])
        return named or _READS.match(callee_name(call) or "") is not None
    if not isinstance(value, Name | Member):
        return False
    return _CREDENTIAL.search(value.id if isinstance(value, Name) else value.name) is not None
