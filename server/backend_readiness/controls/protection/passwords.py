"""What a flow does with passwords: the calls that hash or check them, comparisons in plain text, what is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import Found, chain_scopes, chain_text, role_calls
from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.model_checks import bodies_taken
from backend_readiness.controls.subjects import Subject
from backend_readiness.facts.model import Call, CallRef, Index, Lit, Member, Name, Op, Record, Value
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.values import ClassV, Ext, Obj, Site, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.protection_rules import HashRule
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.matching import compile_patterns

PASSWORD = re.compile(r"(?i)(^|[._])(\w*passw(or)?d|pwd|passphrase)(_?(hash|plain|input|raw|digest))?$")
MAX_STEPS = 8
MAX_FORM = 80
# A field of a form that takes a password, and the end of the form.
_FIELD = re.compile(r"""(?i)type=["']password|name=["']\w*passw|form_\w+\([^)]*passw""")
_FORM_ENDS = re.compile(r"</form|form_end\(")
# A list of the fields that are taken from a request, with a password among them.
_PICKED = re.compile(sign("passwords", "picked"))
_NAMED = re.compile(r"(?i)passw(or)?d|\bpwd\b")
# An account is given a password that stands in the line: set, or hashed and put under its name.
GIVEN = re.compile(
    r"""(?ix)(?: \.set_?password!?\(\s*
    | \bpassword\w*["']?\s*(?:=>|[:=]|,)\s*[\w.:>\-$]*(?:hash|encode|encrypt|make|crypt)\w*!?\(\s* )
    (?P<quote>["'])(?!(?:utf-?\d+\w*|u?ascii|latin[-_]?1|iso-8859-\d+|base64|hex|binary)(?P=quote))
    (?P<value>[^"'\s]{4,100})(?P=quote)"""
)


def is_about_passwords(context: Context) -> bool:
    """Does the flow sign in or up with a password, or set or check one?"""
    subject = Subject(context)
    if subject.changes and (subject.sign_in or subject.sign_up) and any(_NAMED.search(t) for _, _, t in chain_text(context)):
        return True
    if subject.changes and subject.credentials and (takes_password(context) or _left_to_base(context)):
        return True
    return (
        bool(hashing_on_chain(context))
        or next(plain_comparisons(context), None) is not None
        or (subject.changes and next(stored(context), None) is not None)
    )


def _left_to_base(context: Context) -> bool:
    """Does the class of a handler inherit from one of a package that takes passwords?"""
    if any("takes_passwords" in context.roles.of_value(r.handler) for r in context.routes):
        return True
    for where in inputs_of(context).handlers:
        parent = context.view(where.file).symbol(where.index).parent
        if parent > 0 and "takes_passwords" in context.roles.of_value(ClassV(SymbolId(where.file, parent))):
            return True
    return False


def takes_password(context: Context) -> bool:
    """Does a class that the handler takes as a parameter speak of a password: a body, or the rules of one?"""
    for cls in bodies_taken(context, inputs_of(context).handlers):
        symbol = context.view(cls.file).symbol(cls.index)
        lines = context.snapshot.lines(cls.file)[symbol.line : min(symbol.end_line, symbol.line + 150)]
        if any(_NAMED.search(t) for t in lines):
            return True
    return any(_PICKED.search(t[:500]) is not None for _, _, t in chain_text(context)) or _sent_by_form(context)


def _sent_by_form(context: Context) -> bool:
    """Does a form that a page sends to the flow have a field for a password: a firewall may take it before the handler?"""
    for match in context.matches:
        if match.call.kind != "form":
            continue
        lines = context.snapshot.lines(match.call.place.file)
        for text in lines[match.call.place.line - 1 : match.call.place.line + MAX_FORM]:
            if _FIELD.search(text[:500]) is not None:
                return True
            if _FORM_ENDS.search(text[:500]) is not None:
                break
    return False


def hashing(context: Context) -> list[Found]:
    """Calls of slow password hashes anywhere in the backend."""
    return role_calls(context, "password_hash", "password_verify")


def hash_rules(context: Context) -> PatternIndex[HashRule]:
    """What makes a hash too cheap, by the path of the call that makes it."""
    known = context.graph.knowledge
    index: PatternIndex[HashRule] = PatternIndex()
    for card, rule in ((c, r) for c in known.cards for r in c.hashes):
        index.add(known.patterns(card, rule.callee), (), rule)
    return index


def hashing_on_chain(context: Context) -> list[Found]:
    """Those inside of functions of the chain."""
    scopes = set(chain_scopes(context))
    own = [f for f in hashing(context) if (f.site.file, f.call.owner) in scopes]
    roles = [c for role in ("password_hash", "password_verify") for c in context.chain_role(role)]
    known = {(f.site.file, f.site.call) for f in own}
    return own + [Found(context=context, site=c.site, call=c.call, path=c.path) for c in roles if (c.site.file, c.site.call) not in known]


def fast_hashes(context: Context) -> Iterator[Evidence]:
    """Fast hashes on the chain that are given a password."""
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            if not any(
                isinstance(v, Ext) and "fast_hash" in context.graph.knowledge.roles_of(v.path)
                for v in options(context.graph.ev.value(call.callee, file, call.owner))
            ):
                continue
            lines = context.snapshot.lines(file)[call.line - 1 : call.end_line + 1]
            if any(_NAMED.search(line) for line in lines):
                yield context.at(file, call.line)


def fast_digests(context: Context) -> Iterator[Evidence]:
    """Digests in the words of the language, on a line with a password, or in a function that a line of the chain gives a password to."""
    pattern = compile_patterns(words_of(context, "weak_digest") or ())
    if pattern is None:
        return
    lines = list(chain_text(context))
    for file, number, text in lines:
        if pattern.search(text.encode("utf-8", "replace")) is None:
            continue
        around = [s for s in context.view(file).facts.symbols if s.kind in ("function", "method") and s.line <= number <= s.end_line]
        name = min(around, key=lambda s: s.end_line - s.line).name.rpartition(".")[2] if around else ""
        given = rf"\b{re.escape(name)}!?\s*\(?[^;]*(?i:passw(or)?d|\bpwd\b)"
        handed = [(f, n) for f, n, t in lines if (f, n) != (file, number) and re.search(given, t)] if name else []
        if _NAMED.search(text) or handed:
            yield context.at(file, number)
        for place in handed[:1]:
            yield context.at(*place)


def plain_comparisons(context: Context) -> Iterator[Evidence]:
    """Conditions and returns of the chain that compare a password with `==`, and queries that look for one as it was typed."""
    for file, scope in chain_scopes(context):
        view = context.view(file)
        symbol = view.symbol(scope).name
        for ret in view.returns.get(scope, ()):
            if ret.value is not None and _compares(ret.value, symbol, view.facts.calls):
                yield context.at(file, ret.line)
        for block in view.blocks_of.get(scope, ()):
            if block.subject is not None and _compares(block.subject, "", view.facts.calls):
                yield context.at(file, block.line)
        for assign in view.facts.assigns:
            if assign.owner == scope and assign.value is not None and _compares(assign.value, "", view.facts.calls):
                yield context.at(file, assign.line)


def _compares(value: Value, function: str, calls: tuple[Call, ...], depth: int = 0) -> bool:
    if not isinstance(value, Op) or depth > 6:
        return False
    if value.op in ("==", "===", "!=", "!==") and len(value.operands) == 2:
        left, right = value.operands
        names = [_name(left, calls), _name(right, calls)]
        if any(isinstance(o, Lit) or _length(o) for o in value.operands) or not all(names):
            return False
        both = [n for n in names if PASSWORD.search(n)]
        confirm = any(re.search(r"(?i)confirm|repeat|again|verify|retype|new|old_?password$|2$", n) for n in names)
        if both and not confirm and not any(re.search(r"(?i)hash|digest", n) for n in names):
            if re.search(r"(?i)(check|verify|match|valid)\w*credential", function) is not None:
                return True
            return any("." in n for n in names) or len(both) == 2
        return bool(re.search(r"(?i)(compare|check|verify|match|valid)\w*passw", function)) and all(names) and not confirm
    return any(_compares(o, function, calls, depth + 1) for o in value.operands)


def _name(value: Value, calls: tuple[Call, ...]) -> str:
    """How a compared value is called: `user.password`, `.password` for `data.get("password")` and `data["password"]`."""
    if isinstance(value, Index) and isinstance(value.key, Lit):
        return f".{value.key.value}"
    if isinstance(value, CallRef):
        call = calls[value.call]
        first = call.args[0].value if call.args else None
        return f".{first.value}" if callee_name(call) in ("get", "pop") and isinstance(first, Lit) else ""
    return written(value)


def _length(value: Value) -> bool:
    return isinstance(value, Member) and value.name in ("length", "size")


def stored(context: Context) -> Iterator[tuple[Site, Value, Evidence]]:
    """Data writes and lookups of the chain that have a password among their fields: the expression of the field."""
    for effect, _ in context.effects:
        if effect.kind not in ("orm", "nosql", "sql"):
            continue
        view = context.view(effect.site.file)
        call = view.facts.calls[effect.site.call]
        for arg in call.args[:6]:
            for key, value in (*_fields(arg.value), *_built(context, arg.value, effect.site.file, call.owner)):
                if PASSWORD.search(key):
                    yield effect.site, value, context.at(effect.site.file, call.line, min(call.end_line, call.line + 11))
            if arg.name is not None and PASSWORD.search(arg.name):
                yield effect.site, arg.value, context.at(effect.site.file, call.line, min(call.end_line, call.line + 11))
        step = call
        for _ in range(MAX_STEPS):  # the steps of a chain before the one that runs: `.filter_by(password=given).first()`
            if not (isinstance(step.callee, Member) and isinstance(step.callee.base, CallRef)):
                break
            step = view.facts.calls[step.callee.base.call]
            for arg in step.args[:6]:
                if arg.name is not None and PASSWORD.search(arg.name):
                    yield effect.site, arg.value, context.at(effect.site.file, step.line, min(step.end_line, step.line + 11))
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for assign in view.facts.assigns:
            if (
                assign.owner == scope
                and isinstance(assign.target, Member)
                and PASSWORD.search(assign.target.name)
                and assign.value is not None
            ):
                yield Site(file, -1, None), assign.value, context.at(file, assign.line)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            if (callee_name(call) or "")[:1].isupper():
                for arg in call.args:
                    if arg.name is not None and PASSWORD.search(arg.name) and "request" not in (callee_name(call) or "").lower():
                        yield Site(file, number, None), arg.value, context.at(file, call.line, min(call.end_line, call.line + 11))


def _fields(value: Value, depth: int = 0) -> Iterator[tuple[str, Value]]:
    if isinstance(value, Record) and depth < 4:
        for key, item in value.items:
            if key is not None:
                yield key, item
            yield from _fields(item, depth + 1)


def _built(context: Context, value: Value, file: str, owner: int) -> Iterator[tuple[str, Value]]:
    """Fields of an object that was put together before, in the same function."""
    if isinstance(value, Name):
        for option in options(context.graph.ev.value(value, file, owner)):
            if isinstance(option, Obj):
                yield from ((k, t.expr) for k, t in list(option.fields.items())[:40] if t.file == file)
