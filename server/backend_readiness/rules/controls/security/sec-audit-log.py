"""What the flow leaves behind about who did what: an audit record, or nothing."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.places import is_test
from backend_readiness.controls.protection.kept_versions import kept_versions
from backend_readiness.controls.standing import answered, apart, deed, of_flow
from backend_readiness.controls.subjects import Subject
from backend_readiness.controls.work.unread import may_change_unread
from backend_readiness.controls.work.unseen_writes import may_write_unseen
from backend_readiness.graph.values import FuncV, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.rules.signs import sign, signs

_AUDIT = re.compile(sign("sec-audit-log", "audit"))
_ASIDE = re.compile(sign("sec-audit-log", "aside"))
_ACTOR = re.compile(sign("sec-audit-log", "actor"))
# A field of a record that is being put together: nothing is written by it.
_SETS = re.compile(sign("sec-audit-log", "sets"))
_REFUSES = re.compile(sign("sec-audit-log", "refuses"))
_LOGS = re.compile(sign("sec-audit-log", "logs"))
_HINTS = signs("sec-audit-log", "hints")
_CLASSES = signs("sec-audit-log", "classes")
_OF_AUDIT = re.compile(r"(?i)audit")
_SAYS = re.compile(sign("sec-audit-log", "says"))
_MAKES_WRITER = re.compile(sign("sec-audit-log", "makes_writer"))
_OFF = signs("sec-audit-log", "switched_off")
_STAMPS = re.compile(sign("sec-audit-log", "stamps"))
_RECORDS = signs("sec-audit-log", "records")
_NAMES_FUNCTION = re.compile(r"(?i)audit\w*\s*[:=]\s*(async\s*)?(function\b|\([^()]*\)\s*=>|\w+\s*=>)")
_EMPTY = re.compile(r"\s*(//.*|#.*|/?\*.*|[{}();\s]*|pass|\.\.\.|return;?|end|(\"\"\"|''').*)\s*")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    subject = Subject(context)
    acts = subject.changes and any(e.kind == "payment" for e, _ in context.effects)
    acts = acts or (subject.changes and any("upload_guard" in context.roles.of_value(g.value) for g in context.guards))
    links = (link for traced in context.traced for link in traced.chain.links)
    acts = acts or any(link.operation in ("write", "delete") for link in links)  # a commit of what was changed before
    if not context.writes and may_change_unread(context):
        return unverified("A statement of the flow was not read: whether it changes something is not known.", context.at_route())
    if subject.health or not (context.writes or acts or (subject.changes and subject.credentials)):
        by_method = all(r.route.endpoint.method in ("PUT", "PATCH", "DELETE") for r in context.routes)
        if by_method or may_write_unseen(context):
            return unverified("The flow asks for a change by its method, and what it writes was not found.", context.at_route())
        return not_applicable("The flow signs nobody in and changes nothing.", context.at_route())
    logs = []
    written: list[tuple[str, int]] = []
    doubtful: list[tuple[str, int]] = []
    for file, line, text in chain_text(context):
        if _AUDIT.search(text) and not re.match(r"\s*(import|from|use|using)\b", text) and not _is_declared(context, file, line):
            told = (
                _ASIDE.search(text) is None
                and _SETS.match(text) is None
                and not _is_of_failure(context, file, line)
                and _writes(context, file, line)
                and not _is_idle(context, file, line)
            )
            (written if told else doubtful).append((file, line))
        if _LOGS.search(text) and not re.search(r"(?i)\b(error|err|exception|console)\b", text):
            logs.append(context.at(file, line))
    named = next((w for w in written if _names_actor(context, *w)), None)
    off = next((h for h in context.hits(_OFF) if not is_test(h[0])), None) if named is not None else None
    if named is not None and off is not None:
        why = "The flow writes an audit record, under a setting that is off unless something turns it on; what ships was not settled."
        return unverified(why, context.at(*named), context.at(*off[:2]))
    if named is not None:
        return passed("The flow writes an audit record.", context.at(*named))
    kept = kept_versions(context)
    if kept is not None and kept[1] is not None:
        return passed("Each change of the record is kept, with who made it.", kept[0], kept[1])
    if kept is not None:
        return unverified("Each change of the record is kept; that the entries name who made it was not found.", kept[0])
    if written:
        return unverified("The flow writes an audit record; that it names who acted was not found.", context.at(*written[0]))
    if doubtful:
        why = "The flow speaks of an audit record; that it writes one when it succeeds was not found."
        return unverified(why, *(context.at(*d) for d in doubtful[:2]))
    if logs:
        return unverified("The flow logs; whether the lines name actor, action and object was not settled.", *logs[:2])
    at, *others = of_flow(context)
    proof = context.missing("audit records of the flow", at=at, roles=("audit_log",), patterns=_HINTS)
    if proof is not None:
        return failed("The flow leaves no trace of who did what.", *apart((proof, *others, *deed(context), *answered(context)), 5))
    hits = context.hits(_HINTS)
    if all(re.search(_HINTS[0], _STAMPS.sub("", text)) is None for _, _, text in hits):  # author and time on the row itself
        proof = context.missing("audit records of the flow", at=at, roles=("audit_log",), patterns=_RECORDS)
        if proof is not None:
            why = "Rows are stamped with who changed them last; the flow leaves no trace of who did what."
            return failed(why, *apart((proof, *others, *deed(context), *answered(context)), 5))
    return unverified(
        "The application speaks of audit records, but none was found on this flow.", *(context.at(f, n) for f, n, _ in hits[:2])
    )


def _writes(context: Context, file: str, line: int) -> bool:
    """Is something called here by a name of audit records, or given one? What only makes a writer of records, or names one, writes none."""
    text = context.snapshot.lines(file)[line - 1][:500]
    if text.lstrip().startswith(("@", "[", "#[")):
        return True  # a mark on the handler
    around = [c for c in context.view(file).facts.calls if c.line <= line <= c.end_line and c.kind != "decorator"]
    for call in around:
        name = written(call.callee) or callee_name(call) or ""
        if _AUDIT.search(f"{name}(") is not None and _MAKES_WRITER.search(name) is None:
            return True
    here = [c for c in around if c.line == line]
    given = any(_OF_AUDIT.search(written(a.value)) is not None for c in here for a in c.args)
    return given or (bool(here) and _SAYS.search(text) is not None)


def _is_declared(context: Context, file: str, line: int) -> bool:
    """Is a function or class declared on the line?"""
    if _NAMES_FUNCTION.search(context.snapshot.lines(file)[line - 1]) is not None:
        return True
    return any(s.line == line and s.kind in ("function", "method", "class") for s in context.view(file).facts.symbols)


def _is_of_failure(context: Context, file: str, line: int) -> bool:
    """Does the line only run when something went wrong, or never?"""
    around = [b for b in context.view(file).facts.blocks if b.line <= line <= b.end_line]
    return any(
        b.kind == "catch" or (b.kind == "if" and (_is_off(context, file, b.line) or _turns_away(context, file, b.line, b.end_line)))
        for b in around
    )


def _turns_away(context: Context, file: str, first: int, last: int) -> bool:
    """Is the branch the one in which the request is refused, and left?"""
    body = context.snapshot.lines(file)[first : min(last, first + 20)]
    return any(_REFUSES.search(t[:300]) is not None for t in body)


def _is_off(context: Context, file: str, line: int) -> bool:
    """Does the condition ask for a switch of the source that is off?"""
    names = re.findall(r"\b[A-Z][A-Z0-9_]{3,40}\b", context.snapshot.lines(file)[line - 1])
    return any(context.hits((rf"\b{n}\b\s*(:\s*\w+\s*)?=\s*(False|false)\b",)) for n in list(dict.fromkeys(names))[:3])


def _is_idle(context: Context, file: str, line: int) -> bool:
    """Does the line call functions of the repository that do nothing, and no other?"""
    calls = [c for c in context.view(file).facts.calls if c.kind != "decorator" and c.line <= line <= c.end_line]
    if calls and all(c.line != line for c in calls):
        line = max(c.line for c in calls)  # a line of what the call is given
    targets = _targets(context, file, line) or _by_class(context, file, line)
    return bool(targets) and all(_does_nothing(context, t) for t in targets)


def _by_class(context: Context, file: str, line: int) -> list[SymbolId]:
    """The methods of that name in the repository's classes for audit records, where an interface hides which of them is called."""
    names = {callee_name(c) for c in context.view(file).facts.calls if c.line == line and c.kind != "decorator"}
    found: list[SymbolId] = []
    for path in dict.fromkeys(f for f, _, _ in context.hits(_CLASSES)):
        view = context.view(path)
        for number, symbol in enumerate(view.facts.symbols):
            if symbol.kind != "method" or symbol.name not in names or symbol.parent <= 0:
                continue
            holder = view.symbol(symbol.parent)
            if holder.kind == "class" and _OF_AUDIT.search(holder.name) is not None:
                found.append(SymbolId(path, number))
    return found


def _targets(context: Context, file: str, line: int) -> list[SymbolId]:
    calls = [c for c in context.view(file).facts.calls if c.line == line and c.kind != "decorator"]
    return [v.symbol for c in calls for v in options(context.graph.ev.value(c.callee, file, c.owner)) if isinstance(v, FuncV)]


def _does_nothing(context: Context, function: SymbolId) -> bool:
    view = context.view(function.file)
    symbol = view.symbol(function.index)
    if any(view.calls_of.get(scope, ()) for scope in view.body(function.index)):
        return False
    lines = context.snapshot.lines(function.file)[symbol.line : symbol.end_line]
    return all(_EMPTY.fullmatch(t) is not None for t in lines)


def _names_actor(context: Context, file: str, line: int) -> bool:
    """Does the record say who acted: in the statement itself, or in the function of the repository that writes it?"""
    lines = context.snapshot.lines(file)
    calls = [c.end_line for c in context.view(file).facts.calls if c.line == line]
    said = list(lines[line - 1 : max([line, *calls])])
    for where in _targets(context, file, line):
        symbol = context.view(where.file).symbol(where.index)
        said += context.snapshot.lines(where.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + 40)]
    return any(_ACTOR.search(t) for t in said)
