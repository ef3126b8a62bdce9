"""JavaScript inside markup: scripts, handlers and binding expressions, handed to the JavaScript adapter at their true place.

Server templates write output into code (`fetch("/orders/{{ id }}")`). Such an island is overwritten, at the same length, by an identifier
(inside a string by `"+id+"`), and the identifier is replaced by the lowered island in the facts that come back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.javascript.scripts import expression_into, extract_into
from backend_readiness.facts.model import Alt, Concat, Lit, Name, Op, Record, Seq, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Island, Page

Grammar = Literal["javascript", "typescript", "tsx"]
_TOKEN = re.compile(
    rb"//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*"
    rb"|\"[^\"\\\n]*(?:\\.[^\"\\\n]*)*\"?|'[^'\\\n]*(?:\\.[^'\\\n]*)*'?|`[^`\\]*(?:\\.[^`\\]*)*`?",
    re.DOTALL,
)
_STATEMENT = re.compile(r"(?:return|if|for|while|var|let|const|switch|try|throw|function\s+\w)\b")
_NESTING = re.compile(r"[;{}()\[\]]|\"[^\"\\]*(?:\\.[^\"\\]*)*\"?|'[^'\\]*(?:\\.[^'\\]*)*'?|`[^`\\]*(?:\\.[^`\\]*)*`?", re.DOTALL)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MARK = "$_"
_FACT_LISTS = ("symbols", "calls", "assigns", "returns", "throws", "blocks", "imports", "exports", "elements")
MAX_EXPRESSION = 20_000


def script(page: Page, start: int, end: int, grammar: Grammar) -> None:
    """Collect the facts of the script at `start`..`end`."""
    code, values = _embed(page, start, end)
    if not code.strip():
        return
    marks = _marks(page.builder)
    extract_into(page.builder, code, grammar=grammar, owner=page.owner, line=page.line(start), start=page.base + start)
    _put_back(page.builder, marks, values)


def expression(page: Page, start: int, end: int) -> Value | None:
    code, values = _embed(page, start, end)
    return lowered(page, code, start, values)


def lowered(page: Page, code: bytes, start: int, values: dict[str, Value]) -> Value | None:
    """An expression that stands at `start`, with the values of the identifiers that stand for islands. None: blank or too long."""
    text = code.decode("utf-8", "replace")
    stripped = text.strip()
    if not stripped:
        return None
    start += len(text) - len(text.lstrip())
    if len(stripped) > MAX_EXPRESSION:
        page.builder.errors += 1
        return None
    return _lower(page, stripped, start, values)


def handler(page: Page, start: int, end: int) -> Value | None:
    code, values = _embed(page, start, end)
    text = code.decode("utf-8", "replace")
    start += len(text) - len(text.lstrip())
    stripped = text.strip().removeprefix("javascript:")
    start += len(text.strip()) - len(stripped)
    if stripped.startswith("return ") and not _several(stripped):
        start += len("return ")
        stripped = stripped.removeprefix("return ")
    stripped = stripped.rstrip("; \t\r\n")
    if not stripped:
        return None
    if len(stripped) > MAX_EXPRESSION:
        page.builder.errors += 1
        return None
    if not _several(stripped) and not _STATEMENT.match(stripped):
        return _lower(page, stripped, start, values)
    body = page.lambda_at(start, end)
    marks = _marks(page.builder)
    extract_into(
        page.builder,
        stripped.encode(),
        grammar="typescript",
        owner=body.symbol,
        line=page.line(start),
        start=page.base + start,
    )
    _put_back(page.builder, marks, values)
    return body


def literals(value: Value | None) -> Iterator[str]:
    """The literal strings that a value may be."""
    if isinstance(value, Lit):
        if isinstance(value.value, str):
            yield value.value
    elif isinstance(value, Alt):
        for option in value.options:
            yield from literals(option)
    elif isinstance(value, Seq):
        for item in value.items:
            yield from literals(item)
    elif isinstance(value, Op) and value.op in ("or", "|"):
        yield from literals(value.operands[0])


def names_of(pattern: Value | None) -> Iterator[str]:
    """The names that a pattern binds."""
    if isinstance(pattern, Name):
        yield pattern.id
    elif isinstance(pattern, Seq):
        for item in pattern.items:
            yield from names_of(item)
    elif isinstance(pattern, Record):
        for _, item in pattern.items:
            yield from names_of(item)


def _lower(page: Page, text: str, start: int, values: dict[str, Value]) -> Value:
    line = page.line(start)
    if text.startswith("{"):
        text, start = f"({text})", start - 1
    marks = _marks(page.builder)
    value: Value = expression_into(page.builder, text, owner=page.owner, line=line, start=page.base + start)
    if not values:
        return value
    _put_back(page.builder, marks, values)
    replaced: Value = _replaced(value, values)
    return replaced


def _several(text: str) -> bool:
    """Whether a `;` or a line break outside of brackets and strings stands before the end."""
    depth = 0
    for match in _NESTING.finditer(text.rstrip("; \t\r\n")):
        token = match[0]
        if token in "([{":
            depth += 1
        elif token in ")]}":
            depth -= 1
        elif token == ";" and depth == 0:
            return True
    return False


# ---------------------------------------------------------------- islands in code


def _embed(page: Page, start: int, end: int) -> tuple[bytes, dict[str, Value]]:
    """The code with its islands overwritten, and what the identifiers in their place stand for."""
    code = page.source[start:end]
    islands = page.islands_in(start, end)
    if not islands:
        return code, {}
    masked = bytearray(code)
    for each in islands:
        masked[each.start - start : each.end - start] = (b"_" if each.output else b" ") * (min(each.end, end) - each.start)
    values: dict[str, Value] = {}
    waiting = iter([each for each in islands if each.output])
    island: Island | None = next(waiting, None)
    for token in _TOKEN.finditer(bytes(masked)):
        quote = token[0][:1]
        while island is not None and island.start - start < token.start():
            _overwrite(page, masked, island, start, end, b"", values)
            island = next(waiting, None)
        while island is not None and island.start - start < token.end():
            if quote != b"/":
                _overwrite(page, masked, island, start, end, quote, values)
            island = next(waiting, None)
        if island is None:
            break
    while island is not None:
        _overwrite(page, masked, island, start, end, b"", values)
        island = next(waiting, None)
    return bytes(masked), values


def _overwrite(page: Page, masked: bytearray, island: Island, start: int, end: int, quote: bytes, values: dict[str, Value]) -> None:
    before, after = {b"": (b"", b""), b"`": (b"${", b"}")}.get(quote, (quote + b"+", b"+" + quote))
    length = min(island.end, end) - island.start
    room = length - len(before) - len(after)
    value = page.value(island)
    if room < 1 or value is None:
        return
    number, digits = len(values), ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    name = (_MARK + digits).ljust(room, "_")
    if len(name) > room:
        name = "_" * room
    else:
        values[name] = value
    masked[island.start - start : island.start - start + length] = before + name.encode() + after


def _marks(builder: Builder) -> list[int]:
    return [len(getattr(builder, name)) for name in _FACT_LISTS]


def _put_back(builder: Builder, marks: list[int], values: dict[str, Value]) -> None:
    if not values:
        return
    for name, mark in zip(_FACT_LISTS, marks, strict=True):
        facts = getattr(builder, name)
        for position in range(mark, len(facts)):
            facts[position] = _replaced(facts[position], values)
    builder.names.difference_update(values)


def _replaced(fact: Any, values: dict[str, Value]) -> Any:
    """The same fact with the identifiers of islands replaced. `Any`: it walks every kind of fact alike."""
    if isinstance(fact, Name):
        return values.get(fact.id, fact)
    if isinstance(fact, tuple):
        return tuple(_replaced(item, values) for item in fact)
    if not isinstance(fact, msgspec.Struct):
        return fact
    changed = type(fact)(*(_replaced(getattr(fact, name), values) for name in fact.__struct_fields__))
    if isinstance(changed, Concat):
        parts = tuple(part for part in changed.parts if part != Lit(""))
        return parts[0] if len(parts) == 1 else Concat(parts)
    return changed
