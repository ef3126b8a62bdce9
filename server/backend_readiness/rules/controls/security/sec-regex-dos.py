"""Regular expressions on the chain whose repetitions nest, in engines that backtrack."""

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.protection.inputs import CLEAN, Reach, Taint, inputs_of
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


def _patterns(text: str) -> list[str]:
    return [m.group(1) for written in _WRITTEN for m in written.finditer(text[:2_000])]
