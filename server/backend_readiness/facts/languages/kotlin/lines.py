"""Line breaks where the grammar wants others. The copy that is parsed has the same length, so offsets and lines stay those of the file.

`object Users : Table("users") { val id = integer("id") }` parses when the blank before its last brace is a line break. Annotations on lines
of their own before a declaration of the file are at times taken for a statement, and the declaration loses them (or `class A { }` is
taken for a call of `A`): a blank instead of the line break behind them keeps them together; a class that is taken for a call even so
(`@Service @Transactional class A { }` with another declaration behind it) is read without them. In `$$"${port}"` a lone `$` is text, which
the grammar does not know, nor does it know annotations of type arguments (`Map<@Pattern(KEY) String, @Valid Line>`). A call of `get` on
the line behind `val orders = Orders()` is taken for an accessor: a `;` instead of the blank before it says that it is none. So is a
variable called `where`, at the start of a line, for a constraint of types. `get` between two values (`Orders.insert { } get Orders.id`)
is taken for an accessor, and gets another name. What is written in front of a function to say in which context
it runs (`context (Session)`) is not known to the grammar either.
"""

from __future__ import annotations

import re
from itertools import islice

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import count_errors
from backend_readiness.facts.languages.kotlin.grammar import ANNOTATION, GRAMMAR

MAX_BYTES = 400_000
_TOKEN = re.compile(
    rb'"""(?:(?!""").)*+"""|"(?:\\.|[^"\\\n])*+"|\'(?:\\.|[^\'\\\n])++\'|//[^\n]*+|/\*(?:(?!\*/).)*+\*/|[ \t;]\}', re.DOTALL
)
_NO_ACCESSOR = re.compile(rb"[ \t](?=get[ \t]*+(?:\((?!\s*\))|[{<]))")
_CALL = re.compile(
    rb'"""(?:(?!""").)*+"""|"(?:\\.|[^"\\\n])*+"|\'(?:\\.|[^\'\\\n])++\'|//[^\n]*+|/\*(?:(?!\*/).)*+\*/|'
    rb"\n[ \t]{0,200}[ \t](?=get[ \t]*+(?:\((?!\s*\))|[{<]))",
    re.DOTALL,
)
GETTER = GRAMMAR.kind("getter")
MAX_ROUNDS = 6
ANNOTATED = GRAMMAR.kind("annotated_expression")
MISTAKEN = GRAMMAR.set_of("annotated_expression", "infix_expression")
_CLASS = re.compile(rb"(?:(?:public|private|internal|open|abstract|sealed|data)\s++){0,4}(?:class|interface|object)\s++\w")
MAX_ARGUMENTS = 2_000
MAX_ANNOTATIONS = 4_000
_ANNOTATION = re.compile(rb"^[ \t]*+@[\w.]++(?=[ \t]*[\r\n(])", re.MULTILINE)
_ARGUMENT = re.compile(rb'"""(?:(?!""").)*+"""|"(?:\\.|[^"\\\n])*+"|[()]', re.DOTALL)
_MARK = rb"@[\w.]++(?:\((?:[^()\"\n]|\"(?:\\.|[^\"\\\n])*\"|\([^()\n]{0,200}\)){0,400}\))?[ \t]++"
# annotations of a class that ends on its line: it is read without them, and `definitions` reads them by themselves
_ON_ONE_LINE = re.compile(
    rb"^[ \t]*+(?:" + _MARK + rb"){1,12}(?=(?:(?:public|private|internal|open|abstract|sealed|data|annotation)[ \t]++){0,4}"
    rb"(?:class|interface|object)[ \t]++\w++[ \t]*+(?::[^\n{}]*+)?(?:\{[^\n]*\})?[ \t]*+\r?$)",
    re.MULTILINE,
)
_MARKED_OBJECT = re.compile(
    rb"(^[ \t]*+@[\w.]++[^\n]*\)[ \t]++(?:(?:public|private|internal|data)[ \t]++){0,2})object(?=[ \t]++\w)", re.MULTILINE
)
_BREAK = re.compile(
    rb"[ \t]*+(\r?\n)(?=[ \t]*+(?:@\w|(?:public|private|protected|internal|override|open|abstract|final|data|sealed|enum|annotation|value|"
    rb"inline|class|interface|object|fun|suspend|operator|infix|inner|val|var|const|lateinit)\b))"
)

_MARKS = rb"(?:@[\w.]++(?:\([^()]{0,200}\))?+\s++)++"
_MARKED_TYPE = re.compile(rb"(?<=<)\s*+" + _MARKS + rb"|" + _MARKS + rb"(?=[\w.?]++\s*+,?\s*+>)")
_INNER = rb"(?:[^<>{};\"]|<(?:[^<>{};\"]|<[^<>{};\"]{0,200}>){0,400}>)"
_MANY_LINES = re.compile(rb"(?<=\w)<[ \t]*\r?\n" + _INNER + rb"{0,600}>")
_CONTEXT = re.compile(
    rb"^[ \t]*+context[ \t]*+\([^()\n]{1,300}\)(?=\s++(?:@|(?:public|private|protected|internal|override|open|abstract|final|suspend|"
    rb"inline|operator|infix|fun|val|var|class|interface)\b))",
    re.MULTILINE,
)
_NO_CONSTRAINT = re.compile(rb"(?<=[\w)\]}\"?!])((?:[ \t]*+\r?\n)++[ \t]*+)(?<=[ \t])(?=where[ \t]*+(?:\.|=(?!=)))")
_BETWEEN = re.compile(rb"(?<=[})\]])([ \t]++)get(?=[ \t]++[A-Za-z_])")
_DOLLARS = re.compile(rb'\$\$("""(?:(?!""").)*+"""|"(?:\\.|[^"\\\n])*+")', re.DOTALL)
_LONE = re.compile(rb"(?<!\$)\$(?!\$)")


def _without_dollars(match: re.Match[bytes]) -> bytes:
    return b"  " + _LONE.sub(b"_", match.group(1)).replace(b"$$", b"_$")


def _on_one_line(match: re.Match[bytes]) -> bytes:
    """Type arguments without line breaks and the comma behind the last one."""
    written = match.group().replace(b"\n", b" ").replace(b"\r", b" ")
    head, comma, tail = written.rpartition(b",")
    return head + b" " + tail if comma and not tail.strip(b" \t>") else written


def _together(source: bytes) -> bytes:
    """The source with annotations that begin a line on the line of what they stand before.

    Behind their arguments the grammar takes `object` for a word between two values: `class ` stands there instead.
    """
    found = bytearray(source)
    for match in islice(_ANNOTATION.finditer(source), MAX_ANNOTATIONS):
        end = _behind(source, match.end())
        broken = _BREAK.match(source, end) if end else None
        inside = source[match.end() : end]
        if broken is not None and b"//" not in inside and b"\n" in inside:
            found[match.end() : end] = inside.replace(b"\n", b" ")
        if broken is not None:
            found[broken.start(1) : broken.end(1)] = b" " * len(broken.group(1))
    return _MARKED_OBJECT.sub(rb"\1class ", _ON_ONE_LINE.sub(lambda m: b" " * len(m.group()), bytes(found)))


def _unmarked(root: Node, source: bytes) -> bytes:
    """The source without the annotations of each class of the file that the tree still takes for an expression behind them."""
    found = bytearray(source)
    for child in root.named_children:
        marks: list[Node] = []
        inner = child
        while inner.kind_id == ANNOTATED and inner.named_children:
            marks.extend(c for c in inner.named_children if c.kind_id == ANNOTATION)
            inner = inner.named_children[-1]
        if _CLASS.match(source, inner.start_byte):
            for mark in marks:
                found[mark.start_byte : mark.end_byte] = re.sub(rb"[^\r\n]", b" ", source[mark.start_byte : mark.end_byte])
    return bytes(found)


def _behind(source: bytes, start: int) -> int:
    """Where the arguments of an annotation end, if it has any; 0 when they do not."""
    if not source.startswith(b"(", start):
        return start
    depth = 0
    for token in _ARGUMENT.finditer(source, start, start + MAX_ARGUMENTS):
        depth += {b"(": 1, b")": -1}.get(token.group(), 0)
        if depth == 0:
            return token.end()
    return 0


def _parted(root: Node, source: bytes) -> bytes:
    """The source with the end of a statement before the calls that the tree takes for accessors."""
    found = bytearray(source)
    pending = [root]
    while pending:
        node = pending.pop()
        if node.kind_id == GETTER and _NO_ACCESSOR.match(source, node.start_byte - 1):
            found[node.start_byte - 1] = ord(";")
        pending.extend(node.children)
    return bytes(found)


def _parted_in_text(match: re.Match[bytes]) -> bytes:
    """The same where the tree shows none: the end of a statement behind a line that may be one."""
    before = match.string[max(0, match.start() - 400) : match.start()].rstrip()[-1:]
    is_end = match.group().startswith(b"\n") and (before.isalnum() or before in (b")", b"}", b'"', b"]", b"_", b"?", b"!"))
    return match.group()[:-1] + b";" if is_end else match.group()


def parsed(source: bytes) -> tuple[Node, int]:
    """The tree of a file and the number of its syntax errors; the better one of several ways to read it. Errors: see `Grammar.root`."""
    source = _DOLLARS.sub(_without_dollars, source) if b'$$"' in source and len(source) <= MAX_BYTES else source
    root = GRAMMAR.root(source)
    errors = count_errors(root)
    if len(source) <= MAX_BYTES and any(child.kind_id in MISTAKEN for child in root.named_children):
        joined = _together(source)
        again = GRAMMAR.root(joined)
        unmarked = _unmarked(again, joined)
        again, joined = (again, joined) if unmarked == joined else (GRAMMAR.root(unmarked), unmarked)
        left = count_errors(again)
        if left <= errors:
            root, errors, source = again, left, joined
    if not errors or len(source) > MAX_BYTES:
        return root, errors
    plain = _BETWEEN.sub(rb"\1ge_", _NO_CONSTRAINT.sub(lambda m: m.group(1)[:-1] + b";", source))
    plain = _CONTEXT.sub(lambda m: b" " * len(m.group()), plain)
    if plain != source:
        again = GRAMMAR.root(plain)
        left = count_errors(again)
        root, errors, source = (again, left, plain) if left < errors else (root, errors, source)
    again, parted = root, source
    for _ in range(MAX_ROUNDS):  # behind one there may be another
        before, parted = parted, _parted(again, parted)
        if parted == before:
            break
        again = GRAMMAR.root(parted)
    left = count_errors(again)
    if left <= errors:
        root, errors, source = again, left, parted
    parted = _CALL.sub(_parted_in_text, source) if errors else source
    if parted != source:
        again = GRAMMAR.root(parted)
        left = count_errors(again)
        root, errors, source = (again, left, parted) if left < errors else (root, errors, source)
    if not errors:
        return root, errors
    unmarked = _MANY_LINES.sub(_on_one_line, _MARKED_TYPE.sub(lambda m: re.sub(rb"[^\r\n]", b" ", m.group()), source))
    broken = _TOKEN.sub(lambda m: b"\n}" if m.group()[1:] == b"}" else m.group(), unmarked)
    if broken == source:
        return root, errors
    again = GRAMMAR.root(broken)
    left = count_errors(again)
    return (again, left) if left < errors else (root, errors)
