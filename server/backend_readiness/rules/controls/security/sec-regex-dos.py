"""Regular expressions on the chain whose repetitions nest, in engines that backtrack."""

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.protection.inputs import CLEAN, Reach, Taint, inputs_of
from backend_readiness.controls.protection.model_checks import bodies_taken
from backend_readiness.controls.repetition import repeats_within_itself
from backend_readiness.facts.model import Lit
from backend_readiness.model import Evidence

_LINEAR = frozenset({"go", "rust"})
_WRITTEN = (
    re.compile(r"(?:^|[=(,:\[!&|?]\s*)/((?![*/])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)/[a-z]*(?=\s*[.,;)\]}:&|?]|\s*$)"),
    re.compile(
        r"(?:\bre\d?\.\w+|\bRegExp|\bRegex|Pattern\.compile|preg_\w+|\.matches|\.replaceAll)\(\s*[rR@]?\"((?:[^\"\\]|\\.){1,400})\""
    ),
    re.compile(r"(?:\bre\d?\.\w+|\bRegExp|preg_\w+|\.matches)\(\s*[rR]?'((?:[^'\\]|\\.){1,400})'"),
)

# Patterns that are kept as texts: under a name that says so, in a mark on a field, in a rule of a validator.
_KEPT = (
    re.compile(r"(?i)\b\w*(?:regexp?|pattern|_re)\w*\s*(?::\s*\w+\s*)?[:=]\s*(?:re\.compile\(\s*)?[r@$]*\"((?:[^\"\\]|\\.){1,400})\""),
    re.compile(r"(?i)\b\w*(?:regexp?|pattern|_re)\w*\s*(?::\s*\w+\s*)?[:=]\s*(?:re\.compile\(\s*)?r?'((?:[^'\\]|\\.){1,400})'"),
    re.compile(r"\bRegularExpression\(\s*@?\"((?:[^\"\\]|\\.){1,400})\""),
    re.compile(r"\bRegexValidator\(\s*(?:regex\s*=\s*)?r?[\"']((?:[^\"'\\]|\\.){1,400})[\"']"),
    re.compile(r"[\"'|]regex:/((?:[^/\\]|\\.){1,400})/"),
)
MAX_NAMES = 12
MAX_LINES = 300
_ASSIGNED = re.compile(
    r"\s*(?:(?:export|const|let|var|private|public|static|final|readonly)\s+)*(?:[A-Z]\w{0,40}\s+)?([A-Za-z_]\w*)\s*(?::[^=]{1,40})?="
)

# What makes an expression of a text, and what takes the meaning out of the signs in it.
_MAKES = re.compile(r"^(\w+\.)?RegExp$|^re2?\.(compile|match|fullmatch|search|sub|findall|finditer|split)$")
_ESCAPES = re.compile(r"(?i)escape|quote|sanitize|parseInt|Number")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    if context.language in _LINEAR:
        return passed("The regular expressions of the language take time linear in the input.", context.at_route())
    reach, made = _made_of_input(context)
    if made is not None and reach.taint is Taint.INPUT:
        return failed(f"`{reach.name or 'request input'}` becomes part of a regular expression: who sends it chooses what repeats.", made)
    found = list(_expressions(context))
    if not found and made is None:
        return not_applicable("No regular expression is written on the chain.", context.at_route())
    for pattern, at in found:
        if repeats_within_itself(pattern):
            return failed(f"`{pattern[:80]}` repeats what is itself a repetition: a long input can keep it busy for hours.", at)
    if made is not None:
        return unverified("A regular expression is put together from values; whether a client chooses them was not resolved.", made)
    return passed("No regular expression of the chain nests repetitions.", *(at for _, at in found[:3]))


def _made_of_input(context: Context) -> tuple[Reach, Evidence | None]:
    """The first expression of the chain that is put together from values, input before others: `new RegExp("^" + name)`."""
    inputs = inputs_of(context)
    unsure: tuple[Reach, Evidence | None] = CLEAN, None
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            if not call.args or isinstance(call.args[0].value, Lit) or _MAKES.search(written(call.callee)) is None:
                continue
            reach = inputs.of(call.args[0].value, file, scope, _ESCAPES)
            if reach.taint is Taint.INPUT:
                return reach, context.at(file, call.line, call.end_line)
            if reach.taint is Taint.UNKNOWN and unsure[1] is None:
                unsure = reach, context.at(file, call.line, call.end_line)
    return unsure


def _expressions(context: Context) -> Iterator[tuple[str, Evidence]]:
    """Those in the functions of the chain, and those of their files that the chain names."""
    lines = [*chain_text(context)]
    words = {w for _, _, text in lines for w in re.findall(r"[A-Za-z_]\w+", text)}
    for file, line, text in lines:
        for pattern in _patterns(text):
            yield pattern, context.at(file, line)
    on_chain = {(f, n) for f, n, _ in lines}
    for file in dict.fromkeys(f for f, _, _ in lines):
        for number, text in enumerate(context.snapshot.lines(file)[:4_000], 1):
            name = _ASSIGNED.match(text)
            if (file, number) not in on_chain and name is not None and name.group(1) in words:
                for pattern in _patterns(text):
                    yield pattern, context.at(file, number)
    for file, number, text in _apart(context, words):
        if (file, number) not in on_chain:
            for pattern in _patterns(text):
                yield pattern, context.at(file, number)


def _apart(context: Context, words: set[str]) -> Iterator[tuple[str, int, str]]:
    """Lines that say what input must look like, apart from the functions of the chain: constants of other files that it names, the
    classes of the body and the stored models."""
    kept = sorted(w for w in words if re.search(r"(?i)regex|pattern", w) or re.fullmatch(r"[A-Z][A-Z0-9_]{3,}", w))[:MAX_NAMES]
    if kept:
        yield from context.hits((rf"\b({'|'.join(kept)})\b\s*(:\s*\w+\s*)?[:=]",))[:MAX_NAMES]
    spans = [(c.file, context.view(c.file).symbol(c.index)) for c in bodies_taken(context, inputs_of(context).handlers)]
    for file, symbol in spans:
        for number in range(symbol.line, min(symbol.end_line, symbol.line + MAX_LINES) + 1):
            yield file, number, context.snapshot.lines(file)[number - 1]
    stored = {re.escape(e.target.rpartition(".")[2]) for e, _ in context.effects if e.operation == "write" and e.target}
    if stored:
        names = "|".join(sorted(stored)[:MAX_NAMES])
        heads = (rf"^\s*(final\s+)?(public\s+)?class\s+({names})\b", rf"\bmodel\w*(<\w+>)?\(\s*[\"']({names})[\"']")
        for file, line, text in context.hits(heads)[:MAX_NAMES]:
            first = 1 if "odel" in text and "class" not in text else line  # the schema of a model stands above it
            for number, said in enumerate(context.snapshot.lines(file)[first - 1 : first + MAX_LINES], first):
                yield file, number, said


def _patterns(text: str) -> list[str]:
    """The patterns of a line; one in a text with doubled backslashes also as the engine is given it."""
    found = [m.group(1) for written in (*_WRITTEN, *_KEPT) for m in written.finditer(text[:2_000])]
    return [*found, *(p.replace("\\\\", "\\") for p in found if "\\\\" in p)]
