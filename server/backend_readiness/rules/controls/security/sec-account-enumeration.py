"""Whether the answers of sign-in tell an unknown account from a wrong password."""

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import texts_in
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, unverified
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.entry_doubts import doubt_of_entry
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.model_checks import bodies_taken
from backend_readiness.controls.protection.named_errors import named_errors
from backend_readiness.controls.protection.passwords import hashing_on_chain, is_about_passwords
from backend_readiness.controls.protection.timing import skipped_check
from backend_readiness.controls.subjects import Subject
from backend_readiness.controls.work.decisions import Decisions
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Concat, Lit, Op, Value
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.matching import compile_patterns

_LOGS = re.compile(r"(?i)(^|\.)(log|logger|logging|console|print|debug)(\.|$)")
# What goes out by mail is read by the owner of the address, not by the caller.
_MAILS = re.compile(r"(?i)(mail|sms|notif)\w*\.(\w+\.)*(send|queue|deliver|enqueue)\w*$|(^|[._])(send|deliver|queue)_?\w*(mail|sms)\w*$")
_ACCOUNT = re.compile(
    r"(?i)\b(user(name)?|account|e-?mail|login)\b.{0,30}\b(not (be )?(found|exist|registered|known)|does(n't| not) exist|unknown|incorrect)"
    r"|\b(user(name)?|account|e-?mail|login)\b.{0,30}\b(wrong|invalid|is not (valid|correct))"
    r"|\bno (user|account|member)\b"
    r"|\b(no such|unknown|invalid|incorrect|wrong|could ?n[o']t find)\b.{0,20}\b(user(name)?|account|e-?mail)\b"
)
_PASSWORD = re.compile(
    r"(?i)\bpass(word|code)\b.{0,30}\b(incorrect|wrong|invalid|mismatch|not (correct|right|match|valid)|does(n't| not) match)"
    r"|\b(incorrect|wrong|invalid|bad)\b.{0,15}\bpass(word|code)\b"
)
_BOTH = re.compile(
    r"(?i)\b(user(name)?|e-?mail|address|login|account|credentials?)\b.{0,12}(\bor\b|/|\band\b|&).{0,12}\bpass|\bpass\w*.{0,12}(\bor\b|/|\band\b).{0,12}\b(user|e-?mail)"
)
# The account is not there, and nothing else; a refusal that does not say why.
_UNKNOWN = re.compile(
    r"(?i)\b(user(name)?|account|e-?mail)\b.{0,30}\b(not (be )?(found|exist|registered)|does(n't| not) exist)|\bno (such )?(user|account)\b"
)
_REFUSED = re.compile(
    r"(?i)\b(authentication|login|sign-?in)\b.{0,12}\b(error|failed|failure|denied)|\b(invalid|bad|wrong|incorrect) credentials?"
    r"|\bunauthori[sz]ed\b|\baccess denied"
)
_TAKEN = re.compile(
    r"(?i)\b(e-?mail|user(name)?|account)\b.{0,40}\b(already|taken|in use|exists|registered)\b"
    r"|\b(use|choose|pick|try)\b.{0,12}\b(different|another|other)\b.{0,12}\b(e-?mail|user ?name)\b"
)
_TAKEN_NAME = re.compile(
    r"(?i)\b(e ?mail|user( ?name)?|account|login)\b.{0,20}\b(already|taken|in use|exists|registered|not unique|duplicate[ds]?)\b"
    r"|\b(duplicate[ds]?|already (used|exist(s|ing)|registered))\b.{0,12}\b(e ?mail|user( ?name)?|account|login)\b"
)
_NAMES_ACCOUNT = re.compile(r"(?i)e_?mail|user_?name|login|nick|phone|^name$|account")
_RULE_OF = re.compile(r"""(?i)['"](e_?mail|user_?name|login|phone)['"]\s*=>""")
_ERROR = re.compile(r"(?i)\b(throw|raise|abort)\b|BadRequest|Conflict|\b4\d\d\b|Exception|\berr\w*\b|fail|invalid|unprocessable")
MAX_BRANCH = 8
MAX_HEAD = 14
# An address that answers whether an account exists: `/check-email`, `/users/exists`.
_ASKS_FOR = re.compile(
    r"(?i)(^|[/_-])(check|exists?|is|has|verify)[-_/]?(e-?mail|user-?_?name|user|account)s?([-_]?(exists?|available|taken|unique))?/?$"
    r"|(^|[/_-])(e-?mail|user-?_?name|user|account)s?[/_-](check|exists?|available|availability|taken)/?$"
)
# Who signs in without a password of the application's own.
_NO_PASSWORD = re.compile(sign("sec-account-enumeration", "no_password"))
_INTERNAL = re.compile(r"\b[Ii]nternal(_?[Ss]erver)?(_?[Ee]rror)?\b|\b500\b|InternalServerError|INTERNAL")
_REJECTS = re.compile(r"(?i)\b(min|max)(imum)?\b|\blength\b|characters|required|must be|format|address\b.*valid email")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    subject = Subject(context)
    if any(_ASKS_FOR.search(p) for p in subject.paths) and identity_of(context).refusal() is None:
        return partial("The address tells whoever asks if an account exists.", context.at_route())
    if not (subject.changes and (subject.sign_in or subject.sign_up or subject.reset)):
        taken = _taken(context) if subject.lets_in_people and identity_of(context).refusal() is None else None
        if taken is not None:
            return partial("The answer says that the account exists already.", taken)
        if (doubt := doubt_of_entry(context)) is not None:
            return unverified(doubt[0], *doubt[1])
        return not_applicable("The flow takes no account of somebody who is not signed in.", context.at_route())
    account = password = taken = both = unknown = other = None
    for words, at in _answers(context):
        if " " not in words or _REJECTS.search(words) or _says_internal(context, at):
            continue
        if _BOTH.search(words):
            both = both or at
            continue
        if _UNKNOWN.search(words):
            unknown = unknown or at
        elif _REFUSED.search(words):
            other = other or at
        if _PASSWORD.search(words):
            password = password or at
        elif _ACCOUNT.search(words):
            account = account or at
        if _TAKEN.search(words):
            taken = taken or at
    if subject.sign_in and account is not None and password is not None:
        return failed("One answer names an unknown account, another a wrong password.", account, password)
    if subject.sign_in and account is not None and both is not None:
        return failed("An unknown account gets an answer of its own.", account, both)
    if subject.sign_in and unknown is not None and other is not None:
        return failed("An unknown account gets an answer of its own.", unknown, other)
    if subject.reset and account is not None:
        return failed("The answer says that the account does not exist.", account)
    if subject.sign_up and not subject.sign_in and taken is not None:
        return partial("The answer says that the account exists already.", taken)
    if subject.sign_up and not subject.sign_in and (told := _told_by_rule(context)) is not None:
        return partial("A rule on the address says that the account exists already.", told)
    if subject.sign_up and not subject.sign_in and (error := _told_by_error(context)) is not None:
        return partial("The error that the flow answers with is named for an account that exists already.", error)
    refused = _refused(context) if subject.sign_up and not subject.sign_in else ()
    if refused:
        return partial("An account that exists already is refused, so the answer tells of it.", *refused)
    if subject.sign_in and not is_about_passwords(context):
        if not any(_NO_PASSWORD.search(t) for t in (*subject.paths, *(h.symbol for h in context.handlers))):
            return unverified("The flow signs in; whether with a password was not resolved.", context.at_route())
        return not_applicable("The flow takes no password.", context.at_route())
    skipped = skipped_check(context) if subject.sign_in and hashing_on_chain(context) else ()
    if skipped:
        return partial("The password is checked only where the account exists, so the time of the answer tells.", *skipped)
    return unverified("The texts do not tell accounts apart; whether status and time do was not settled.", context.at_route())


def _says_internal(context: Context, at: Evidence) -> bool:
    """Is it the answer to an error of the backend's own, which no choice of an account brings about?"""
    return at.file is not None and at.line is not None and _INTERNAL.search(context.snapshot.lines(at.file)[at.line - 1][:500]) is not None


def _refused(context: Context) -> tuple[Evidence, ...]:
    """The branch that ends a sign-up with an error where a row with the same address or name is there already, and the query."""
    for check in Decisions(context).checks():
        block = context.snapshot.lines(check.file)[check.line - 1 : check.line + MAX_BRANCH]
        named = any(_NAMES_ACCOUNT.search(c) is not None for c in check.columns)
        error = next((n for n, t in enumerate(block, check.line) if _ERROR.search(t[:500]) is not None), None)
        if named and error is not None:
            return (context.at(check.file, error), context.at_call(check.read.call))
    return ()


def _taken(context: Context) -> Evidence | None:
    """Where the answer says that an account is there already."""
    return next((at for words, at in _answers(context) if " " in words and _TAKEN.search(words) is not None), None)


def _told_by_error(context: Context) -> Evidence | None:
    return next((at for words, at in named_errors(context) if _TAKEN_NAME.search(words) is not None), None)


def _told_by_rule(context: Context) -> Evidence | None:
    """A rule of uniqueness beside the fields of the body."""
    pattern = compile_patterns(words_of(context, "taken_rules") or ())
    for cls in bodies_taken(context, inputs_of(context).handlers) if pattern is not None else ():
        symbol = context.view(cls.file).symbol(cls.index)
        for number in range(symbol.line, min(symbol.end_line, symbol.line + 150) + 1):
            if pattern is not None and pattern.search(context.snapshot.lines(cls.file)[number - 1].encode("utf-8", "replace")) is not None:
                return context.at(cls.file, number)
    for file, number, text in chain_text(context) if pattern is not None else ():  # the rules of a validator that the flow makes itself
        if pattern is not None and _RULE_OF.search(text) is not None and pattern.search(text.encode("utf-8", "replace")) is not None:
            return context.at(file, number)
    heads = words_of(context, "taken_heads") or ()
    stored = {e.target.rpartition(".")[2] for e, _ in context.effects if e.operation == "write" and e.target}
    for file, line, _ in context.hits(heads) if heads and stored else ():
        below = context.snapshot.lines(file)[line : line + MAX_HEAD]
        if any(re.search(rf"\bclass\s+({'|'.join(re.escape(s) for s in sorted(stored))})\b", t) for t in below):
            return context.at(file, line)
    return None


def _whole(value: Value | None) -> tuple[str, ...]:
    """A text with holes as a reader sees it: `"User " + name + " not found"`."""
    parts = value.parts if isinstance(value, Concat) else value.operands if isinstance(value, Op) and value.op == "+" else ()
    texts = [str(p.value) if isinstance(p, Lit) else "…" for p in parts]
    return ("".join(texts),) if sum(t != "…" for t in texts) > 1 else ()


def _answers(context: Context) -> Iterator[tuple[str, Evidence]]:
    """(text, place) of the texts that functions of the chain pass on, return or assign; not those that they log."""
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            callee = dotted(call.callee) or ""
            if _LOGS.search(callee) is None and _MAILS.search(callee) is None:
                for arg in call.args:
                    yield from ((t, context.at(file, call.line)) for t in (*texts_in(arg.value), *_whole(arg.value)))
        for returned in view.returns.get(scope, ()):
            yield from ((t, context.at(file, returned.line)) for t in texts_in(returned.value))
        for assign in view.facts.assigns:
            if assign.owner == scope:
                yield from ((t, context.at(file, assign.line)) for t in (*texts_in(assign.value), *_whole(assign.value)))
