"""Text of Python source that needs no tree: string and number literals, format strings, quoted annotations."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable

from backend_readiness.facts.languages.text import MAX_LITERAL_CHARS, join_text, plain
from backend_readiness.facts.model import Arg, Index, Lit, Member, Name, Op, Record, Seq, Unknown, Value

MAX_ANNOTATION_CHARS = 120

_PREFIX = re.compile(r"[A-Za-z]{0,3}")
_ESCAPE = re.compile(r"\\(?:([\\'\"abfnrtv])|(\r?\n)|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3}))")
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_PERCENT = re.compile(r"%(?:\(([^()%]{1,100})\))?[#0\- +]{0,5}(?:\*|\d{1,4})?(?:\.(?:\*|\d{1,4}))?[hlL]?([diouxXeEfFgGcrsa%])")
_FIELD = re.compile(
    r"\{\{|\}\}|\{(\w{0,100})((?:\.\w{1,100}|\[[^\[\]{}]{1,100}\]){0,5})(?:![rsa])?(?::[^{}]{0,40}(?:\{\w{0,100}\})?[^{}]{0,40})?\}"
)
_FIELD_STEP = re.compile(r"\.(\w+)|\[([^\[\]]+)\]")
_ANNOTATION = re.compile(r"(?:\b[^\W\d]\w*+|[\[\], .|])++")


def string_shape(raw: str) -> tuple[str, str, int]:
    """The prefix in lower case, the quote, and the index of the first character of the body of a string as written."""
    prefix = _PREFIX.match(raw)
    width = prefix.end() if prefix else 0
    quote = raw[width : width + 1]
    if raw[width : width + 3] == quote * 3 and len(raw) >= width + 6:
        quote *= 3
    return raw[:width].lower(), quote, width + len(quote)


def decode_body(body: str, is_raw: bool) -> str:
    """The text between the quotes (latin-1 view), escapes decoded, at most `MAX_LITERAL_CHARS` characters."""
    if len(body) > MAX_LITERAL_CHARS:
        body = body[: MAX_LITERAL_CHARS * 4]
    if not body.isascii():
        body = plain(body)
    if not is_raw and "\\" in body:
        body = _ESCAPE.sub(_unescape, body)
    return body[:MAX_LITERAL_CHARS]


def _unescape(match: re.Match[str]) -> str:
    simple, newline, *codes = match.groups()
    if simple:
        return _SIMPLE.get(simple, simple)
    if newline:
        return ""
    octal = codes.pop()
    code = int(octal, 8) if octal else int(next(c for c in codes if c), 16)
    # a lone surrogate cannot be encoded as UTF-8, and facts are
    return "\ufffd" if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)


def number(text: str) -> Lit | None:
    """An integer or float literal, or None where no 64-bit value holds it (complex, huge, malformed)."""
    digits = text.replace("_", "").rstrip("lL")
    if len(digits) > 40 or not digits.isascii():
        return None
    for read in (lambda: int(digits, 0), lambda: int(digits, 8), lambda: float(digits)):
        try:
            value = read()
        except ValueError:
            continue
        fits = math.isfinite(value) if isinstance(value, float) else abs(value) < 2**63
        return Lit(value) if fits else None
    return None


def percent(template: Value, operand: Value) -> Value:
    """`"..." % operand`: the operands put at their places, or after the template where they do not match it."""
    if type(template) is not Lit or not isinstance(template.value, str):
        return join_text((template, operand))
    values = operand.items if isinstance(operand, Seq) else (operand,)
    named = dict(operand.items) if isinstance(operand, Record) else {}
    parts: list[Value] = []
    at = used = 0
    for match in _PERCENT.finditer(template.value):
        parts.append(Lit(template.value[at : match.start()]))
        at = match.end()
        key, conversion = match.groups()
        if conversion == "%":
            parts.append(Lit("%"))
        elif key is not None:
            parts.append(named.get(key) or (Unknown(match.group()) if named else Index(operand, Lit(key))))
        elif used < len(values):
            parts.append(values[used])
            used += 1
        else:
            parts.append(Unknown(match.group()))
    parts.append(Lit(template.value[at:]))
    return join_text(parts)


def format_call(template: Value, args: tuple[Arg, ...]) -> Value:
    """`template.format(args)`; a template that is no literal keeps its parts, followed by the arguments."""
    if not isinstance(template, Lit) or not isinstance(template.value, str):
        return join_text([template, *(arg.value for arg in args)])
    positional = [arg.value for arg in args if arg.name is None and not arg.spread]
    named = {arg.name: arg.value for arg in args if arg.name is not None}
    spread = next((arg.value for arg in args if arg.spread), None)
    return _format_fields(template.value, positional, named, spread)


def _format_fields(template: str, positional: list[Value], named: dict[str, Value], spread: Value | None) -> Value:
    """`spread` is the mapping of a `**x` argument. A field without a value is Unknown."""
    parts: list[Value] = []
    at = automatic = 0
    for match in _FIELD.finditer(template):
        parts.append(Lit(template[at : match.start()]))
        at = match.end()
        if match.group() in ("{{", "}}"):
            parts.append(Lit(match.group()[0]))
            continue
        key, steps = match.group(1), match.group(2)
        found: Value | None
        if key == "" or key.isdecimal():
            position = automatic if key == "" else int(key)
            automatic += key == ""
            found = positional[position] if position < len(positional) else None
        else:
            found = named.get(key) or (Index(spread, Lit(key)) if spread is not None else None)
        if found is None:
            parts.append(Unknown(match.group()[:80]))
            continue
        for step in _FIELD_STEP.finditer(steps):
            found = Member(found, step.group(1)) if step.group(1) else Index(found, Lit(step.group(2)))
        parts.append(found)
    parts.append(Lit(template[at:]))
    return join_text(parts)


def quoted_annotation(text: str, name: Callable[[str], Name]) -> Value | None:
    """A type written as a string (`"User"`, `"list[app.User] | None"`), or None where it is more than names and brackets."""
    text = text.strip()
    if len(text) > MAX_ANNOTATION_CHARS or not _ANNOTATION.fullmatch(text):
        return None
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, MemoryError):
        return None
    return _annotation(tree, name)


def _annotation(tree: ast.expr, name: Callable[[str], Name]) -> Value:
    match tree:
        case ast.Name():
            return name(tree.id)
        case ast.Attribute():
            return Member(_annotation(tree.value, name), name(tree.attr).id)
        case ast.Subscript():
            return Index(_annotation(tree.value, name), _annotation(tree.slice, name))
        case ast.BinOp():
            return Op("|", (_annotation(tree.left, name), _annotation(tree.right, name)))
        case ast.Tuple() | ast.List():
            return Seq(tuple(_annotation(item, name) for item in tree.elts))
        case ast.Constant(value=(bool() | None) as constant):
            return Lit(constant)
    return Unknown(ast.unparse(tree)[:80])
