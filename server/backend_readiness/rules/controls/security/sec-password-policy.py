"""Where passwords are set, the server checks their strength."""

import re

from backend_readiness.controls.callees import backend_files, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import schema_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.places import is_production
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.model_checks import bodies, bodies_taken
from backend_readiness.controls.protection.passwords import is_about_passwords, takes_password
from backend_readiness.controls.standing import apart, of_flow
from backend_readiness.controls.subjects import Subject, tail
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import FuncV, InstV, SymbolId, options
from backend_readiness.model import Evidence, Verdict
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.matching import MAX_LINE_CHARS, compile_patterns

_NAMED = re.compile(r"(?i)passw|\bpwd\b")
_LENGTH = re.compile(
    r"(?i)passw\w*.{0,60}(min_?length|\.min\(|isLength\(|\.length\s*[<>]|minlength|len\()\D{0,20}(\d+)|len\(\s*(?:\w+\[[\"'])?\w*passw\w*(?:[\"']\])?\s*\)\s*[<>]=?\s*(\d+)|passw\w*\.length\s*[<>]=?\s*(\d+)"
    r"|min_?length\w*\(\s*\$?\w*passw\w*\s*,\s*(\d+)"
)
_HINTS = signs("sec-password-policy", "hints")
_LOWERED = signs("sec-password-policy", "lowered")
_AT_TERMINAL = re.compile(sign("sec-password-policy", "asked_at_terminal"))
_OF_A_FORM = re.compile(sign("sec-password-policy", "form_rules"))
_RUNS_RULES = re.compile(sign("sec-password-policy", "runs_rules"))
_STORED = re.compile(sign("sec-password-policy", "stored"))
_SAVED_BY_HOOK = re.compile(sign("sec-password-policy", "hooks"))
MAX_SCHEMA = 120
_ASKED_ABOVE = 12
_SIGNS_UP = re.compile(r"(?i)sign-?_?up|regist|/(users?|accounts?|members?)$")
# A file that browsers are given.
_SCRIPT = re.compile(r"\.(js|css)\b")
_SECRET = re.compile(r"(?i)passw|\bpwd\b|hash|digest|secret")
# A schema that says of a password that it is a text, and no more; and files that set one.
_ANY_TEXT = signs("sec-password-policy", "any_text")
_SETS = re.compile(r"(?i)reset|sign-?_?up|regist|setup|change")
_HASHES = re.compile(r"(?i)hash(?!\w*(check|verif|compar|match))|generate_?from_?password$|encoder\.encode$")
_OF_ACCOUNT = re.compile(r"(?:\bdef\s+|\b\w+\.|\bfunction\s+)(validate_password|validatePassword)\b")
_KEPT = re.compile(r"(?i)check_password|checkpw|compare|\bverify|hash\w*\(|digest")
_CLOSES = (").", "}).")
# A password is taken out of the body.
_TAKES = re.compile(
    r"permit\(.*:password\b|(?i:body|data|dto|input|request|payload)(\.|\[[\"'])password\b|\{[^}]*\bpassword\b[^}]*\}\s*=\s*\w*\.?(body|data)\b"
)
# The password that is kept, which the caller must know to set another.
_OF_PRESENT = re.compile(r"(?i)\b\w*(old|current|present|existing|previous)_?\w*passw|passw\w*_?(old|current)")
_ABOVE = re.compile(r"(?i)(?:passw|pwd)\w*(?:\W{1,3}\w*\W{0,3})?(?:\.length(?:\(\))?|\))\s*>=?\s*(\d{1,6})")
_BELOW = re.compile(r"(?i)(?:\.length(?:\(\))?|\))\s*<=?\s*\d|\d\s*<=?\s*len\(")
_REFUSES = re.compile(r"(?i)\b(return|throw|raise|abort|errors?|invalid|halt|reject|4\d\d)\b")
_IMPORTS = re.compile(r"\s*(import\b|from\b|(const|let|var)\s.*\brequire\()")
# How strong a password is, told in an answer.
_TOLD = re.compile(r"\b(res|reply|ctx|c)\.(json|send|body)\b|\bjsonify\(|\bscore[\"']?\s*:")
_SIDE = re.compile(r"([<>])=?\s*(\d{1,5})\b")
MOST = 40  # no rule asks for so many characters
# A bound below this asks for something, not for strength.
_POLICY = 3
_PEOPLE = re.compile(r"(?i)^_?(app(lication)?_?)?(user|account|member)s?$")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    subject = Subject(context)
    sets = subject.sign_up or (subject.reset and is_about_passwords(context)) or any("password" in p for p in subject.paths)
    sets = sets or _replaces(context) or (subject.changes and not subject.sign_in and _keeps_a_hash(context))
    entry = subject.sign_in and identity_of(context).refusal_before() is None  # settings of the sign-in stand behind a guard
    if entry and not subject.reset and subject.changes and is_about_passwords(context):
        return _of_accounts(context)
    if not subject.changes or not sets or (subject.reset and not is_about_passwords(context)):
        among = _among_written(context) if subject.changes else None
        if among is not None:
            return unverified("A password seems to be among what the flow stores of a person; how it is checked was not settled.", among)
        if subject.changes and not subject.sign_in and takes_password(context):
            return unverified("A password is among what the flow takes; how it is checked was not settled.", context.at_route())
        return not_applicable("The flow sets no password.", context.at_route())
    if subject.sign_up and _keeps_no_password(context):
        return not_applicable("The accounts of the flow have no password.", context.at_route())
    strong = compile_patterns(words_of(context, "password_strength") or ())
    for file, line, text in chain_text(context):
        found = strong is not None and strong.search(text.encode("utf-8", "replace")) is not None
        if found and _OF_PRESENT.search(text) is None and not _compares(context, (file, line, text)):
            return passed("The strength of the password is checked.", context.at(file, line))
        length = _LENGTH.search(text)
        if length is not None and not _is_most(context, file, line, text):
            return _by_length(int(next(g for g in length.groups()[1:] if g)), context.at(file, line))
    bounded = _model_bound(context)
    if bounded is not None:
        return bounded
    near = _beside_passwords(context)
    if near is not None:
        near_by = [e for e in near.evidence if e.file is not None and _is_near(context, e.file) and not _is_of_another(context, e)]
        own = [e for e in near_by if not _is_rule_of_a_form(context, e)]
        apart_from = near.verdict is Verdict.PASS and not own
        why = "A check of the strength of passwords stands elsewhere; whether it runs on this flow was not resolved."
        return unverified(why, *near.evidence) if apart_from else near
    at = context.at_place(context.handlers[0]) if context.handlers else context.at_route()
    field = _field(context)
    proof = context.missing("checks of the strength of passwords", at=at, patterns=_HINTS)
    if proof is not None:
        return failed("Any password is accepted.", proof, *field)
    hits = context.hits(_HINTS)
    return unverified(
        "A check of passwords exists; whether it runs on this flow was not resolved.", *(context.at(f, n) for f, n, _ in hits[:2])
    )


def _keeps_no_password(context: Context) -> bool:
    """Are the columns of the accounts that the flow adds known, and none of them is a password?"""
    tables = schema_of(context).of_flow(context, "write")
    columns = [c for t in tables for c in t.real.columns.values()]
    return len(columns) > 1 and not is_about_passwords(context) and not any(_SECRET.search(c.name) for c in columns)


def _set_loosely(context: Context) -> Evidence | None:
    """A rule of a schema that takes any text for a password, where a file sets or resets one."""
    hits = context.hits(_ANY_TEXT)
    return next((context.at(f, n) for f, n, _ in hits if _SETS.search(f.rpartition("/")[2]) is not None and is_production(f)), None)


def _replaces(context: Context) -> bool:
    """Does the flow change a person's record by a body that has a password, which is not the present one that proves who asks?"""
    if not any(r.route.endpoint.method in ("PUT", "PATCH") for r in context.routes):
        return False
    if not any(e.operation == "write" and _PEOPLE.match(e.target) for e, _ in context.effects):
        return False
    field = _field(context)
    said = context.snapshot.lines(field[0].file)[field[0].line - 1] if field and field[0].file and field[0].line else ""
    return bool(said) and re.search(r"(?i)current|old|confirm|present|verif", said) is None


def _among_written(context: Context) -> Evidence | None:
    """A line of a flow that writes a person's record and takes a password from the request."""
    if not any(e.operation == "write" and _PEOPLE.match(e.target.rpartition(".")[2]) for e, _ in context.effects):
        return None
    return next((context.at(f, n) for f, n, t in chain_text(context) if _TAKES.search(t) and _OF_PRESENT.search(t) is None), None)


def _keeps_a_hash(context: Context) -> bool:
    """Does the flow hash a password, which is done to keep it: an administrator opens an account, or changes one?"""
    hashes = any(_HASHES.search(c.path) is not None for c in context.chain_role("password_hash"))
    return hashes and is_about_passwords(context)


def _of_accounts(context: Context) -> Judgement:
    """A sign-in takes passwords that were set elsewhere: the rule of the whole backend is judged."""
    near = _beside_passwords(context)
    if near is not None:
        loose = _set_loosely(context) if near.verdict is Verdict.PASS else None
        return (
            near
            if loose is None
            else partial("One way to set a password asks for its length, and another takes any.", loose, *near.evidence)
        )
    at, *others = (*_set_at(context), *of_flow(context))
    proof = context.missing("checks of the strength of passwords", at=at, patterns=_HINTS)
    if proof is not None:
        return failed("The backend checks the strength of passwords nowhere.", *apart((proof, *_field(context), *others)))
    hits = context.hits(_HINTS)
    return unverified(
        "Passwords are checked where they are set; whether that is enough was not settled.", *(context.at(f, n) for f, n, _ in hits[:2])
    )


def _field(context: Context, handlers: list[SymbolId] | None = None) -> tuple[Evidence, ...]:
    """The field of the body that takes the password."""
    for cls in bodies(context, inputs_of(context).handlers) if handlers is None else bodies_taken(context, handlers):
        symbol = context.view(cls.file).symbol(cls.index)
        lines = context.snapshot.lines(cls.file)
        for number in range(symbol.line, min(symbol.end_line, symbol.line + 120, len(lines)) + 1):
            if _NAMED.search(lines[number - 1]) is not None:
                return (context.at(cls.file, number),)
    return ()


def _set_at(context: Context) -> tuple[Evidence, ...]:
    """Where another route first takes the password of a new account."""
    for bound in context.tracer.routes:
        handler = bound.route.handler
        if bound.route.endpoint.method != "POST" or handler is None or _SIGNS_UP.search(tail(bound.route.endpoint.path)) is None:
            continue
        taken = [f.symbol for f in functions_in(context.graph, bound.handler) if isinstance(f, FuncV)]
        if (field := _field(context, taken)) and len(taken) > 0 and field[0].file is not None:
            return field
        lines = context.snapshot.lines(handler.file)
        for number in range(handler.line, min(handler.end_line, handler.line + 120, len(lines)) + 1):
            if re.search(r"(?i)passw", lines[number - 1]) is not None:
                return (context.at(handler.file, number),)
    return ()


def _beside_passwords(context: Context) -> Judgement | None:
    """A bound on a length that stands beside a password field or parameter, a few lines apart, in production code."""
    lengths: list[tuple[int, Evidence]] = []
    inner = tuple(f"{a.root}/" for a in context.snapshot.applications if len(a.root) > len(context.backend_root))
    backend = {f for f in backend_files(context) if not f.startswith(inner)}  # a browser's check is none
    if context.language in ("python", "javascript"):  # a lone program beside the application sets no password
        own = {r.route.place.file for r in context.routes}
        backend = {f for f in backend if f in own or not context.graph.is_loose(f)}
    bounds = words_of(context, "password_bounds") or ()
    for file, line, text in context.hits(bounds) if bounds else ():
        if file not in backend or not _NAMED.search(_owner(context.snapshot.lines(file), line)):
            continue
        if _is_most(context, file, line, text) or _is_asked_at_terminal(context, file, line) or _is_of_the_hash(context, file, line):
            continue
        numbers = [int(m.group(1)) for p in bounds if (m := re.search(p, text[:MAX_LINE_CHARS])) is not None and len(m.group(1)) < 6]
        sides = {m.group(1): int(m.group(2)) for m in _SIDE.finditer(text[:MAX_LINE_CHARS])}
        least = min(sides.values()) if len(sides) > 1 else max(numbers, default=0)  # `length() >= 4 && length() <= 20`
        if numbers and least >= _POLICY:
            lengths.append((least, context.at(file, line)))
    low = next((h for h in context.hits(_LOWERED) if h[0] in backend), None) if not lengths else None
    if low is not None:
        return partial("The library of accounts is told to ask for less than it does by itself.", context.at(*low[:2]))
    if not lengths:
        strong = context.hits(words_of(context, "password_strength") or ()) if words_of(context, "password_strength") else []
        strong = [h for h in strong if _IMPORTS.match(h[2]) is None and _TOLD.search(h[2]) is None]
        held = next((h for h in strong if h[0] in backend and _SCRIPT.search(h[2]) is None and not _compares(context, h)), None)
        return passed("The strength of passwords is checked where they are set.", context.at(*held[:2])) if held is not None else None
    least = min(n for n, _ in lengths)
    return _by_length(least, *(at for n, at in lengths if n == least))


def _is_of_the_hash(context: Context, file: str, line: int) -> bool:
    """Is the bound one of a stored field, which is given the hash: hashed before the record is made, and not by the model?"""
    near = context.snapshot.lines(file)
    if context.language != "javascript" or not any(_STORED.search(t) for t in near[max(0, line - MAX_SCHEMA) : line]):
        return False
    hashed = {c.file for c in context.roles.calls("password_hash") if _HASHES.search(c.path) is not None}
    return bool(hashed) and file not in hashed and not any(_SAVED_BY_HOOK.search(t) for t in near)


def _is_asked_at_terminal(context: Context, file: str, line: int) -> bool:
    """Does the bound stand below a prompt for the password: a command of whoever operates the service?"""
    above = context.snapshot.lines(file)[max(0, line - _ASKED_ABOVE) : line]
    return any(_AT_TERMINAL.search(t[:MAX_LINE_CHARS]) is not None for t in above)


def _is_rule_of_a_form(context: Context, bound: Evidence) -> bool:
    """Does the bound stand in a list of rules that a form names, while nothing on the flow runs any?"""
    said = context.snapshot.lines(bound.file or "")[(bound.line or 1) - 1]
    return _OF_A_FORM.search(said) is not None and not any(_RUNS_RULES.search(t) for _, _, t in chain_text(context))


def _is_of_another(context: Context, bound: Evidence) -> bool:
    """Is the rule one of a class, while the flow takes the password by a field of another?"""
    field = next(iter(_field(context)), None)
    return field is not None and None not in (a := _class_at(context, field), b := _class_at(context, bound)) and a != b


def _class_at(context: Context, at: Evidence) -> tuple[str, int] | None:
    if at.file is None or at.line is None or at.file not in context.graph.facts.files:
        return None
    around = [s.line for s in context.view(at.file).facts.symbols if s.kind == "class" and s.line <= at.line <= s.end_line]
    return (at.file, max(around)) if around else None


def _is_near(context: Context, file: str) -> bool:
    """Does the file hold code of the flow, or is it imported where that stands? Asked of languages whose files import one another."""
    if context.language not in ("python", "javascript"):
        return True
    files = {f for f, _, _ in chain_text(context)} | {r.route.place.file for r in context.routes}
    files |= {cls.file for cls in bodies_taken(context, inputs_of(context).handlers)}
    stem = re.sub(r"(/(index|__init__))?\.\w+$", "", file).rpartition("/")[2]
    modules = (i.module for f in sorted(files) if f in context.graph.facts.files for i in context.view(f).facts.imports)
    return file in files or any(stem == re.sub(r"\.(js|ts|mjs)$", "", m).replace(".", "/").rpartition("/")[2] for m in modules)


def _is_most(context: Context, file: str, line: int, text: str) -> bool:
    """Is the number on the line the most that is taken: more than it is refused?"""
    above = _ABOVE.search(text)
    if above is None or _BELOW.search(text) is not None:
        return False
    after = [text[above.end() :], *context.snapshot.lines(file)[line : line + 3]]
    return int(above.group(1)) > MOST or any(_REFUSES.search(t) is not None for t in after[:2])


def _compares(context: Context, hit: tuple[str, int, str]) -> bool:
    """Is it a check against the password that is kept (`admin.validate_password(given)`), not one of strength?"""
    named = _OF_ACCOUNT.search(hit[2][:MAX_LINE_CHARS])
    if named is None:
        return False
    kept = context.hits((rf"\b{named.group(1)}\s*\(",))
    return any(_KEPT.search(" ".join(context.snapshot.lines(f)[n - 1 : n + 4])) is not None for f, n, _ in kept)


def _owner(lines: tuple[str, ...], line: int) -> str:
    """What a bound on a line is about: the line itself, the field below a decorator, or the key or function around it."""
    text = lines[line - 1]
    if _NAMED.search(text):
        return text
    indent = len(text) - len(text.lstrip())
    marks = ("@", "[", "#[")
    if text.lstrip().startswith("*"):  # an annotation in the comment above the field
        return next((t for t in lines[line : line + 12] if not t.lstrip().startswith(("*", *marks))), "")
    if text.lstrip().startswith(marks):
        return next((t for t in lines[line : line + 5] if not t.lstrip().startswith(marks)), "")
    around: list[str] = []
    if text.lstrip().startswith(_CLOSES):  # `).isLength(...)` after arguments on lines of their own
        for above in reversed(lines[max(0, line - 8) : line - 1]):
            around.append(above)
            if above.strip() and len(above) - len(above.lstrip()) <= indent:
                return " ".join(around)
        around = []
    for above in reversed(lines[max(0, line - 8) : line - 1]):
        depth = len(above) - len(above.lstrip())
        if above.strip() and depth < indent and len(around) < 3:
            around.append(above)
            indent = depth
    return " ".join(around)


def _by_length(length: int, *at: Evidence) -> Judgement:
    if length >= 8:
        return passed(f"Passwords need at least {length} characters.", *at[:4])
    return partial(f"Passwords of {length} characters are accepted.", *at[:4])


def _model_bound(context: Context) -> Judgement | None:
    """The `min_length` of the password field of the body model, its bases included."""
    inputs = inputs_of(context)
    for where in inputs.handlers:
        view = context.view(where.file)
        for param in view.symbol(where.index).params:
            if param.type is None or inputs.is_dependency(where, param):
                continue
            for value in options(context.graph.ev.instance_of(param.type, where.file, 0)):
                if isinstance(value, InstV):
                    cls = context.view(value.cls.symbol.file).symbol(value.cls.symbol.index)
                    lines = context.snapshot.lines(value.cls.symbol.file)
                    for number in range(cls.line, cls.end_line + 1):
                        text = lines[number - 1]
                        if re.search(r"(?i)passw\w*\s*:", text):
                            own = lines[number - 1 : min(number + 3, cls.end_line)] if text.count("(") > text.count(")") else (text,)
                            bound = re.search(r"min_length\s*=\s*(\d+)", " ".join(own))
                            at = context.at(value.cls.symbol.file, number)
                            return _by_length(int(bound.group(1)), at) if bound is not None else None
    return None
