"""Classes by which an application reads the tokens of a guard itself, and that look at no signature."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_test
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_DECLARED = signs("own_decoders", "declared")
_TAKES_APART = re.compile(sign("own_decoders", "takes_apart"))
_CHECKS = re.compile(sign("own_decoders", "checks"))
_MANAGED = re.compile(sign("own_decoders", "managed"))
_ASIDE = re.compile(sign("own_decoders", "aside"))
_NOT_ASIDE = re.compile(sign("own_decoders", "not_aside"))
_COMMENTS = ("//", "*", "/*")
MAX_MARKS = 8


def unchecked_decoder(context: Context) -> tuple[Evidence, Evidence] | None:
    """(where it is made, the class) of a decoder of the application that takes tokens apart and checks no signature."""
    for file, line, text in context.hits(_DECLARED):
        name = next((m[1] for p in _DECLARED if (m := re.search(p, text)) is not None), "")
        if is_test(file) or not _only_takes_apart(context, file, line):
            continue
        if _MANAGED.search("\n".join(_marks(context, file, line))) is not None and not _is_aside(context, file, line):
            return context.at(file, line), context.at(file, line)
        for other, number, said in context.hits((rf"\b{re.escape(name)}\(",)):
            if is_test(other) or (other, number) == (file, line) or said.lstrip().startswith(_COMMENTS):
                continue
            if not _is_aside(context, other, _head(context, other, number)):
                return context.at(other, number), context.at(file, line)
    return None


def _only_takes_apart(context: Context, file: str, line: int) -> bool:
    symbol = next(
        (s for s in context.view(file).facts.symbols if s.kind == "class" and s.line <= line <= s.end_line and s.line >= line - 3), None
    )
    lines = context.snapshot.lines(file)[line - 1 : symbol.end_line if symbol is not None else line]
    code = [t[:500] for t in lines if not t.lstrip().startswith(_COMMENTS)]
    return any(_TAKES_APART.search(t) for t in code) and not any(_CHECKS.search(t) for t in code)


def _head(context: Context, file: str, line: int) -> int:
    """The first line of the innermost function around a line."""
    around = [s.line for s in context.view(file).facts.symbols if s.kind in ("function", "method") and s.line <= line <= s.end_line]
    return max(around, default=line)


def _marks(context: Context, file: str, line: int) -> list[str]:
    """A line that declares something and the marks around its head."""
    lines = context.snapshot.lines(file)
    above = [t for t in lines[max(0, line - 1 - MAX_MARKS) : line - 1] if t.strip()]
    found: list[str] = []
    for text in reversed(above):
        if not text.lstrip().startswith(("@", *_COMMENTS)):
            break
        found.append(text)
    return [*found, *lines[line - 1 : line + 2]]


def _is_aside(context: Context, file: str, line: int) -> bool:
    """Does a mark keep what a line declares to a profile of developers or tests?"""
    return any(_ASIDE.search(t) is not None and _NOT_ASIDE.search(t) is None for t in _marks(context, file, line))
