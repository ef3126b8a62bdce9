"""Fields of a body without any rule, in a class whose other fields have one, that the flow cannot do without."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.model_checks import bodies, typed_fields
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence
from backend_readiness.rules.security_words import load_security_words
from backend_readiness.rules.signs import sign, signs_by
from backend_readiness.snapshot.matching import compile_patterns

_NEEDED = re.compile(sign("bare_fields", "needed"))
_MARK = re.compile(r"\s*[@\[#]")
MAX_MARKS = 6
_IDLE = re.compile(sign("bare_fields", "idle"))


def _marks(lines: Sequence[str], line: int) -> list[str]:
    """The lines of annotations and attributes above a field."""
    found: list[str] = []
    for text in reversed(lines[max(0, line - 1 - MAX_MARKS) : line - 1]):
        if _MARK.match(text) is None:
            break
        found.append(text[:500])
    return found


def _with_parts(context: Context, handlers: Sequence[SymbolId]) -> Iterator[SymbolId]:
    """The classes of the body, each with those without a name that stand inside of it."""
    for cls in bodies(context, handlers):
        yield cls
        symbols = context.view(cls.file).facts.symbols
        yield from (SymbolId(cls.file, i) for i, s in enumerate(symbols) if s.kind == "class" and not s.name and s.parent == cls.index)


def bare_field(context: Context, handlers: Sequence[SymbolId]) -> tuple[str, Evidence] | None:
    """(name, line) of the first such field, in languages whose fields have their rules on their own line."""
    tagged = [re.compile(p) for p in signs_by("bare_fields", "tagged").get(context.language, ())]
    checks = load_security_words().checked_fields.get(context.language, ())
    rules = compile_patterns(tuple(c.rule for c in checks)) if tagged and checks else None
    if rules is None:
        return None
    for cls in _with_parts(context, handlers):
        lines = context.snapshot.lines(cls.file)
        fields = [(name, line, lines[line - 1][:500]) for name, _, line in typed_fields(context, cls)]
        said = ["\n".join([*_marks(lines, line), text]) for _, line, text in fields]
        ruled = [rules.search(t.encode("utf-8", "replace")) is not None and _IDLE.search(t) is None for t in said]
        if not any(ruled):
            continue
        for (name, line, text), has_rule in zip(fields, ruled, strict=True):
            if not has_rule and _NEEDED.match(name) is not None and any(p.search(text) for p in tagged):
                return name, context.at(cls.file, line)
    return None
