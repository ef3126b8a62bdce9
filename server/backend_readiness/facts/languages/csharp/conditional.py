"""Parts of a C# file that its own `#define` directives leave out: samples keep several programs in one file.

Only files that define a symbol themselves are looked at. A symbol that such a file does not define is taken as not defined, unless a build
usually defines it (`DEBUG`, `NET8_0_OR_GREATER`): a group of branches that asks for one of those stays whole. Of branches that are pieces
of one declaration (two return types of one method) only the last one stays, since no parser can take both.
"""

from __future__ import annotations

import itertools
import re

MAX_LINES = 50_000
MAX_NESTED = 40
_DIRECTIVE = re.compile(rb"^[ \t]{0,200}#[ \t]{0,40}(define|if|elif|else|endif)\b[ \t]{0,40}([^\r\n]{0,400})")
_BUILD = re.compile(rb"DEBUG|RELEASE|TRACE|NET\w*|WINDOWS\w*|ANDROID|IOS|MACCATALYST|LINUX|OSX|UNITY\w*|MONO\w*")
_PIECE = re.compile(rb"[\w>?=(:&|+.]\s*$")
_COMMENT = re.compile(rb"//[^\n]*")
_NOT_BLANK = re.compile(rb"[^\r\t]")
_TOKEN = re.compile(rb"\s*(&&|\|\||==|!=|[!()]|\w+)")


def without_left_out(source: bytes) -> bytes:
    """The same number of bytes and lines, with blanks in place of what is left out."""
    source = _with_last_pieces(source) if b"#else" in source else source
    if b"#define" not in source and b"# define" not in source:
        return source
    lines = source.split(b"\n")
    directives = [m for line in lines[:MAX_LINES] if (m := _DIRECTIVE.match(line)) is not None]
    defined = {m[2].split(b"//")[0].strip() for m in directives if m[1] == b"define"}
    if not defined or len(lines) > MAX_LINES:
        return source
    groups: list[list[bool | None]] = []  # of each open `#if`: does the branch stand, did one before it stand?
    for number, line in enumerate(lines):
        found = _DIRECTIVE.match(line)
        word, rest = (found[1], found[2]) if found is not None else (b"", b"")
        if word == b"if":
            value = _value(rest, defined)
            groups.append([value, value])
        elif word in (b"elif", b"else") and groups:
            before = groups[-1][1]
            value = True if word == b"else" else _value(rest, defined)
            groups[-1] = [None, None] if before is None or value is None else [value and not before, value or before]
        elif word == b"endif" and groups:
            groups.pop()
        elif any(g[0] is False for g in groups[:MAX_NESTED]):
            lines[number] = _NOT_BLANK.sub(b" ", line)
    return b"\n".join(lines)


def _with_last_pieces(source: bytes) -> bytes:
    lines = source.split(b"\n")
    changed = False
    marks: list[int] = []  # the directives of the innermost group
    for number, line in enumerate(lines[:MAX_LINES]):
        found = _DIRECTIVE.match(line)
        word = found[1] if found is not None else b""
        if word == b"if":
            marks = [number]
        elif word in (b"elif", b"else") and marks:
            marks.append(number)
        elif word == b"endif":
            marks.append(number)
            branches = [_COMMENT.sub(b"", b"\n".join(lines[a + 1 : b])) for a, b in itertools.pairwise(marks)]
            if len(marks) > 2 and all(_is_piece(b) for b in branches):
                changed = True
                gone = [*range(marks[0], marks[-2] + 1), number]
                for n in gone:
                    lines[n] = _NOT_BLANK.sub(b" ", lines[n])
            marks = []
    return b"\n".join(lines) if changed else source


def _is_piece(branch: bytes) -> bool:
    return bool(branch.strip()) and (_PIECE.search(branch) is not None or branch.count(b"{") != branch.count(b"}"))


def _value(condition: bytes, defined: set[bytes]) -> bool | None:
    """Whether a condition holds; None when a build decides, or it is not understood."""
    tokens: list[bytes] = _TOKEN.findall(condition.split(b"//")[0])[:60]
    if not tokens or any(t in (b"(", b")", b"==", b"!=") or _BUILD.fullmatch(t) for t in tokens):
        return None
    parts = b" ".join(tokens).split(b"||")
    return any(all(_holds(term.split(), defined) for term in part.split(b"&&")) for part in parts)


def _holds(term: list[bytes], defined: set[bytes]) -> bool:
    name = term[-1] if term else b""
    return (name in defined or name == b"true") != (term.count(b"!") % 2 == 1)
