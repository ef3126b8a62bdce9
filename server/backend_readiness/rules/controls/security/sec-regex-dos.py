"""Regular expressions on the chain whose repetitions nest, in engines that backtrack."""

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.repetition import repeats_within_itself
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


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    if context.language in _LINEAR:
        return passed("The regular expressions of the language take time linear in the input.", context.at_route())
    found = list(_expressions(context))
    if not found:
        return not_applicable("No regular expression is written on the chain.", context.at_route())
    for pattern, at in found:
        if repeats_within_itself(pattern):
            return failed(f"`{pattern[:80]}` repeats what is itself a repetition: a long input can keep it busy for hours.", at)
    return passed("No regular expression of the chain nests repetitions.", *(at for _, at in found[:3]))


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
