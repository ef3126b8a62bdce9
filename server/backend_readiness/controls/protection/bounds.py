"""Fields of free text in what a flow takes, and whether anything says how long they may be or what they may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backend_readiness.controls.callees import chain_scopes
from backend_readiness.controls.context import Context
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.model_checks import bodies, held_by, typed_fields
from backend_readiness.facts.model import Member, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.values import ClassV, InstV, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.snapshot.matching import Pattern, compile_patterns

# Names of fields that people fill with words of their own.
_FREE = re.compile(
    r"(?i)^(content|body|text|title|name|description|comment|message|bio|subject|caption|note|notes|about|summary|address|desc|details?|reason|label|remarks?|review|feedback|question|answer|street|city|company|occupation"
    r"|(first|last|full|user|nick|display|given|family|login|account)_?name|nickname|login|handle)$"
)
_RUNS = frozenset(("load", "loads", "is_valid", "validate", "validate_on_submit", "full_clean", "validate_or_raise", "run_validation"))
_MARK = re.compile(r"\s*(@|\[|#\[)")
_LOOKS_UP = re.compile(r"\b(find|exists|count|get|select|is)\w*\(\s*\w+\s*\)")
_LOOKS_AT = re.compile(
    r"(?i)length\(|\.length\b|size\(|matches|matcher|pattern|regex|startsWith|endsWith|contains|indexOf|charAt|chars\(|parse|split"
)
# A method that is named for one field: `def validate_labels(self)`.
_OF_ONE = re.compile(r"\s*(?:async\s+)?def (?:validate|clean)_(\w+)\(")
MAX_CLASSES = 12
MAX_MARKS = 8
MAX_BELOW = 6
MAX_LINES = 200


def unbounded_field(context: Context, handlers: Sequence[SymbolId]) -> tuple[str, Evidence] | None:
    """The first field of free text (its name and line) of a class that the flow takes or checks input with, which no rule bounds.

    None where a class has a rule that speaks of several fields, and in languages without words for it.
    """
    texts, rules = compile_patterns(words_of(context, "free_text") or ()), compile_patterns(words_of(context, "text_bounds") or ())
    if texts is None or rules is None:
        return None
    common = compile_patterns(words_of(context, "text_bounds_apart") or ())
    looking, idle_marks = own_marks(context), own_marks(context, idle=True)
    for cls in input_classes(context, handlers):
        symbol = context.view(cls.file).symbol(cls.index)
        lines = context.snapshot.lines(cls.file)
        own = range(max(1, symbol.line - MAX_MARKS), min(symbol.end_line, symbol.line + MAX_LINES, len(lines)) + 1)
        fields = list(typed_fields(context, cls))
        apart = [lines[n - 1] for n in own if common is not None and common.search(lines[n - 1].encode("utf-8", "replace"))]
        about = {m.group(1) for t in apart if (m := _OF_ONE.match(t)) is not None} & {name for name, _, _ in fields}
        if len(about) < len(apart):
            continue
        for name, _, line in fields:
            if _FREE.match(name) is None or name in about:
                continue
            number = _declared(lines, line, texts)
            marks = list(_around(lines, number, texts)) if number else []
            marks = [idle_marks.sub("", t) for t in marks] if idle_marks is not None else marks
            if looking is not None and any(looking.search(t) for t in marks):
                continue
            if number and not any(rules.search(t.encode("utf-8", "replace")) for t in marks):
                return name, context.at(cls.file, number)
    return None


def unbounded_param(context: Context, handlers: Sequence[SymbolId]) -> tuple[str, Evidence] | None:
    """The first parameter of a handler that is free text by its name and type, with nothing at it that bounds it."""
    texts, rules = compile_patterns(words_of(context, "free_text") or ()), compile_patterns(words_of(context, "text_bounds") or ())
    for where in handlers if texts is not None and rules is not None else ():
        symbol, lines = context.view(where.file).symbol(where.index), context.snapshot.lines(where.file)
        for param in symbol.params:
            if (
                param.name is None
                or _FREE.match(param.name) is None
                or param.type is None
                or inputs_of(context).is_dependency(where, param)
            ):
                continue
            if any(f"{{{param.name}" in r.route.endpoint.path for r in context.routes):
                continue
            said = re.compile(rf"(?:^|[(,])\s*({re.escape(param.name)}\s*:.*)")
            for number in range(symbol.line, min(symbol.end_line, symbol.line + MAX_LINES, len(lines)) + 1):
                match = said.search(lines[number - 1])
                if match is None:
                    continue
                own = f" {match.group(1)}".encode("utf-8", "replace")
                if texts is not None and rules is not None and texts.search(own) is not None and rules.search(own) is None:
                    return param.name, context.at(where.file, number)
                break
    return None


def own_marks(context: Context, *, idle: bool = False) -> re.Pattern[str] | None:
    """Marks of the repository's own that a validator stands behind: whatever it asks for, it looks at the text.

    `idle`: those whose validator only looks for the text among the stored rows, which says nothing of the text.
    """
    hits = [h for h in context.hits((r"\bConstraintValidator<\s*\w",)) if _only_looks_up(context.snapshot.text(h[0])) is idle]
    names = {m.group(1) for _, _, t in hits if (m := re.search(r"\bConstraintValidator<\s*(\w+)", t)) is not None}
    return re.compile(rf"@(\w+:)?({'|'.join(sorted(names))})\b") if names else None


def _only_looks_up(text: str) -> bool:
    return _LOOKS_UP.search(text) is not None and _LOOKS_AT.search(text) is None


def _declared(lines: Sequence[str], first: int, texts: Pattern) -> int:
    """The line that declares a field as a text, its marks left out; 0 where it is none."""
    for number in range(max(1, first), min(first + MAX_MARKS, len(lines)) + 1):
        if texts.search(lines[number - 1].encode("utf-8", "replace")) is not None:
            return number
        if _MARK.match(lines[number - 1]) is None:
            break
    return 0


def _around(lines: Sequence[str], number: int, texts: Pattern) -> Iterator[str]:
    """The line of a field, the marks above it and what its brackets hold below it."""
    for text in reversed(lines[max(0, number - 1 - MAX_MARKS) : number - 1]):
        if _MARK.match(text) is None or texts.search(text.encode("utf-8", "replace")) is not None:  # the field above
            break
        yield text
    depth = 0
    for text in lines[number - 1 : number + MAX_BELOW]:
        yield text
        depth += sum(text.count(c) for c in "([{") - sum(text.count(c) for c in ")]}")
        if depth <= 0:
            break


def input_classes(context: Context, handlers: Sequence[SymbolId]) -> list[SymbolId]:
    """Classes that hold what was sent, with those that they hold and the repository's own bases of both."""
    inputs = inputs_of(context)
    given: list[SymbolId] = []
    for where in handlers:
        for param in context.view(where.file).symbol(where.index).params:
            if param.type is not None and inputs.is_dependency(where, param):
                given += [v.cls.symbol for v in options(context.graph.ev.instance_of(param.type, where.file, 0)) if isinstance(v, InstV)]
    apart = {h for g in given for h in (g, *held_by(context, g))}
    found = [c for c in (*_checked_with(context), *bodies(context, handlers, inside=True)) if c not in apart][:MAX_CLASSES]
    for cls in list(found):
        found += [b.symbol for b in inheritance.bases(context.graph.ev, ClassV(cls)) if isinstance(b, ClassV) and b.symbol not in apart]
    for cls in list(found):  # a class without a name stands inside of the one that holds it
        symbols = context.view(cls.file).facts.symbols
        found += [SymbolId(cls.file, i) for i, s in enumerate(symbols) if s.kind == "class" and not s.name and s.parent == cls.index]
    return list(dict.fromkeys(found))


def _checked_with(context: Context) -> Iterator[SymbolId]:
    """Classes of schemas and forms that the flow checks input with: `form.is_valid()`, `schema.load(sent)`, `@takes(Schema)`."""
    chain = set(chain_scopes(context))
    for file, scope in chain:
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            if callee_name(call) in _RUNS and isinstance(call.callee, Member):
                yield from _of(context, [call.callee.base], file, call.owner)
    for found in context.roles.calls("validator"):
        if (found.file, found.call.owner) in chain or found.call.kind == "decorator":
            near = found.call.kind != "decorator" or any(
                h.file == found.file and 0 <= h.line - found.call.line <= MAX_MARKS for h in context.handlers
            )
            if near:
                yield from _of(context, [a.value for a in found.call.args], found.file, found.call.owner)


def _of(context: Context, values: Sequence[Value], file: str, owner: int) -> Iterator[SymbolId]:
    for value in values:
        for option in options(context.graph.ev.value(value, file, owner)):
            if isinstance(option, InstV):
                yield option.cls.symbol
            elif isinstance(option, ClassV):
                yield option.symbol
