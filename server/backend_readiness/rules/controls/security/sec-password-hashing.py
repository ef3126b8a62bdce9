"""Passwords of the flow go through a slow hash; plain comparison, plain storage and fast hashes fail."""

import re

from backend_readiness.controls.callees import Found, chain_text, constants
from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.kept import once
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.entry_doubts import doubt_of_entry
from backend_readiness.controls.protection.hashers import only_noted_behind, own_hasher, same_salt
from backend_readiness.controls.protection.inputs import Taint, inputs_of
from backend_readiness.controls.protection.model_checks import in_models
from backend_readiness.controls.protection.passwords import (
    fast_digests,
    fast_hashes,
    hash_rules,
    hashing,
    hashing_on_chain,
    is_about_passwords,
    plain_comparisons,
    stored,
    takes_password,
)
from backend_readiness.controls.roles import RoleCall
from backend_readiness.controls.subjects import Subject
from backend_readiness.facts.model import CallRef
from backend_readiness.graph.references import argument_thunk, step_site
from backend_readiness.graph.values import Ext, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.cards import Ref
from backend_readiness.snapshot.places import is_for_development

# A condition of a query on the password, and anything that may have hashed it before.
_ASKED = re.compile(r"(?i)\b(where|and)\b[^;]{0,80}\b(passw(or)?d|pwd|pass)\s*=\s*['\"]*\s*(\+|\$\{|%s|\?|\$\d|:\w|\|\||\.)")
_SETTER = re.compile(r"(?i)set_?pass\w*\s*\(|\bpassw\w*\s*=[^=]")
_INTERFACE = re.compile(r"(^|[.:/\\~?])I?Password(Encoder|Hasher(Interface)?)\b")
_OTHER_SECRET = re.compile(r"(?i)secret|api_?key|token|\bkey\b|otp|recovery|backup_?code")
_PASSWORD = re.compile(r"(?i)pass|pwd|credential")
_HASHES = re.compile(r"(?i)md5|sha_?\d|crypt|hash|digest|pbkdf|argon")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    if not is_about_passwords(context):
        if Subject(context).changes and takes_password(context):
            return unverified("A password is among what the flow takes; what becomes of it was not settled.", context.at_route())
        if not context.effects and (doubt := doubt_of_entry(context)) is not None:
            return unverified(doubt[0], *doubt[1])
        return not_applicable("The flow handles no passwords.", context.at_route())
    plain = list(plain_comparisons(context))
    if plain:
        return failed("A password is compared as plain text.", *plain[:3])
    on_chain = hashing_on_chain(context)
    ignored = next((c for c in context.chain_role("password_verify_bool") if _is_dropped(context, c)), None)
    if ignored is not None:
        return failed("The password is compared, and what the comparison says is ignored.", context.at_call(ignored))
    noted = next((c for c in context.chain_role("password_verify_bool") if only_noted_behind(context, c.file, c.call)), None)
    if noted is not None:
        return failed("A password that does not match is only noted: the flow goes on.", context.at_call(noted))
    own = own_hasher(context) if any(_INTERFACE.search(f.path) is not None for f in on_chain) else None
    if own is not None and own.is_fast:
        return failed("The application's own encoder is a fast hash.", own.at, on_chain[0].evidence())
    if own is not None:
        return unverified("An encoder of its own hashes.", own.at, on_chain[0].evidence())
    weak = [e for f in on_chain if (e := _weak(f)) is not None]
    if weak:
        return weak[0]
    cheap = words_of(context, "weak_password_hash") or ()
    costs = [(f, n, t) for f, n, t in context.hits(cheap) if not is_for_development(f)] if cheap else []
    if costs and on_chain:
        return partial("The hash of passwords costs far less than is recommended.", context.at(*costs[0][:2]), on_chain[0].evidence())
    salted = same_salt(context) if on_chain else None
    if salted is not None:
        return partial("Every password is hashed with the same salt.", salted, on_chain[0].evidence())
    fast = list(fast_hashes(context)) or list(fast_digests(context))
    if fast and not on_chain:
        return failed("A password goes through a fast hash.", *fast[:3])
    if on_chain and (plain_too := _stored_beside(context, on_chain)) is not None:
        why = "The flow hashes, and a password is stored as it came in as well; whether it is hashed on the way was not settled."
        return unverified(why, plain_too, on_chain[0].evidence())
    other = next((f for f in on_chain if _is_of_other_secret(context, f)), None)
    if other is not None and not Subject(context).credentials and all(_is_of_other_secret(context, f) for f in on_chain):
        return unverified("The flow hashes or compares a secret; whether that is a password was not found.", other.evidence())
    if on_chain:
        return passed(
            f"`{_short(on_chain[0].path)}` turns the password into what is kept, or checks it.", *(f.evidence() for f in on_chain[:3])
        )
    base = next((r.route.handler for r in context.routes if "verifies_passwords" in context.roles.of_value(r.handler)), None)
    if base is not None:
        return passed("The class that the handler inherits from compares the password with its hash.", context.at_place(base))
    kept = in_models(context, "model_hashes")
    if kept is not None:
        return passed("The model hashes the password that it is given.", kept)
    elsewhere = hashing(context)
    at = _stored_plain(context)
    if at is not None and (elsewhere or _model_hook(context)):
        return unverified("The password is handed over as it came in; code elsewhere hashes, and whether it runs here is not settled.", at)
    if at is not None:
        return failed("A password is stored or looked up as it came in, and the backend never hashes one.", at)
    if elsewhere:
        return unverified("The backend hashes passwords, but not in a function that was found on this flow.", elsewhere[0].evidence())
    asked = [context.at(f, n) for f, n, t in chain_text(context) if _ASKED.search(t) is not None]
    if asked and not any(_HASHES.search(t) for _, _, t in chain_text(context)):
        return failed("A query looks for the password as it was typed.", *asked[:2])
    return unverified("The flow handles passwords, and what becomes of them was not found.", context.at_route())


def _stored_beside(context: Context, hashes: list[Found]) -> Evidence | None:
    """The same, of a flow that hashes: a record that is given the password, which nothing replaces by its hash and no hash is asked for."""
    places = {(f.site.file, n) for f in hashes for n in range(f.call.line, f.call.end_line + 1)}
    if any(_SETTER.search(context.snapshot.lines(file)[n - 1][:500]) is not None for file, n in places):
        return None
    if any(site.call < 0 and isinstance(value, CallRef) for site, value, _ in stored(context)):
        return None
    found = _stored_plain(context, records=True)
    return found if found is not None and (found.file, found.line) not in places else None


def _stored_plain(context: Context, records: bool = False) -> Evidence | None:
    """Where a password of the request is stored or looked up as it came in; with `records`, in a record that is made or stored alone."""
    inputs = inputs_of(context)
    for site, value, at in stored(context):
        if records and site.call < 0:
            continue
        owner = context.view(site.file).facts.calls[site.call].owner if site.call >= 0 else _owner(context, at.file or "", at.line or 0)
        reach = inputs.of(value, site.file, owner)
        if reach.taint is Taint.INPUT and not isinstance(value, CallRef) and not re.search(r"(?i)hash|digest|encrypt", written(value)):
            return at
    return None


def _is_dropped(context: Context, call: RoleCall) -> bool:
    """Is the call a statement of its own, so that its answer goes nowhere?"""
    lines = context.snapshot.lines(call.file)[call.call.line - 1 : call.call.end_line]
    text = " ".join(t.strip() for t in lines)
    if re.match(r"\s*_\s*:?=\s", text) is not None:
        return True
    alone = re.match(r"\s*(?:await\s+)?(?:\w+(?:::|\.|->))*(\w+)\([^{}]*\)(?:\.await)?\??;\s*(?://.*)?$", text)
    return alone is not None and alone.group(1) == callee_name(call.call)  # and is given to no other (`throw_unless(check(...), ...)`)


def _owner(context: Context, file: str, line: int) -> int:
    facts = context.view(file).facts
    return next((a.owner for a in facts.assigns if a.line == line), 0)


def _model_hook(context: Context) -> bool:
    return bool(
        context.hits(
            (
                r"(?i)beforeCreate|beforeSave|before_insert|\.pre\(\s*['\"]save|@(password|validates).*(setter|password)|def set_password|set password",  # noqa: E501
            )
        )
    )


def _short(path: str) -> str:
    return path.replace("()", "")


def _is_of_other_secret(context: Context, found: Found) -> bool:
    """Do the arguments and the function name a key, token or secret, and no password?"""
    owner = context.view(found.site.file).symbol(found.call.owner).name
    said = " ".join((owner, *(written(a.value) for a in found.call.args)))
    return _OTHER_SECRET.search(said) is not None and _PASSWORD.search(said) is None


def _weak(found: Found) -> Judgement | None:
    """Cost parameters far below what is recommended, and algorithms that are no slow hashes."""
    context = found.context
    rules = once(context, hash_rules)
    for value in options(context.graph.ev.value(found.call.callee, found.site.file, found.call.owner)):
        if not isinstance(value, Ext):
            continue
        for rule, _ in rules.matches(value):
            costs = [v for v in _constants(found, value, rule.cost) if isinstance(v, int) and not isinstance(v, bool)]
            if costs and max(costs) < rule.least:
                return partial(rule.says.format(max(costs)), found.evidence())
            schemes = [str(v) for v in _constants(found, value, rule.schemes)]
            if schemes and re.search(r"(?i)plaintext|^md5|^sha1|hex_|ldap_md5", schemes[0]):
                return failed(f"Passwords are hashed with `{schemes[0]}`.", found.evidence())
    return None


def _constants(found: Found, callee: Ext, refs: tuple[Ref, ...]) -> list[object]:
    """The constants that stand at the first of the places that holds something."""
    for ref in refs:
        site = step_site(callee, ref.at) if ref.at is not None else found.site
        thunk = argument_thunk(found.context.graph.ev, site, ref) if site is not None else None
        if thunk is not None:
            return constants(found.context, found.context.graph.ev.thunk(thunk))
    return []
