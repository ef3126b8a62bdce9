"""Fields of what a flow takes that may hold anything, beside others that have a type or a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.model_checks import held_by, typed_fields
from backend_readiness.facts.model import Alt, CallRef, Index, Name, Op, Param, Seq, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.values import ClassV, InstV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs, signs_by

_ANYTHING = frozenset(signs("open_fields", "anything"))
_BODIES = frozenset(signs("open_fields", "bodies"))
_HOLDERS = frozenset(signs("open_fields", "holders"))
_CHECKS_FIELDS = re.compile(sign("open_fields", "checks_fields"))
_BY_HAND = re.compile(sign("open_fields", "by_hand"))
_END_OF_FIELD = re.compile(r";\s*(//.*)?$|\{\s*$|^\s*}|\)\s*\w*\s*[?!]?:[^;]*$")
MAX_CLASSES = 20
MAX_MARKS = 30


def open_field(context: Context, handlers: Sequence[SymbolId]) -> tuple[str, Evidence] | None:
    """The first field (its name and line) of a class that the handler takes which may hold anything, with nothing that checks it."""
    for cls in _classes(context, handlers):
        lines = context.snapshot.lines(cls.file)
        symbol = context.view(cls.file).symbol(cls.index)
        body = "\n".join(lines[symbol.line - 1 : symbol.end_line])
        for name, kind, line in typed_fields(context, cls):
            found = _is_unruled(context, lines, symbol.line, line, body) if context.language == "javascript" else kind and is_anything(kind)
            checked = context.language == "python" and _CHECKS_FIELDS.search(body) is not None
            if found and not checked and not name.startswith(("_", "model_config")):
                return name, context.at(cls.file, line)
    return None


def open_param(context: Context, handlers: Sequence[SymbolId]) -> tuple[str, Evidence, bool] | None:
    """The first parameter of a handler for a body of any kind: its name and place, and whether something on the flow may check it."""
    inputs = inputs_of(context)
    for where in handlers:
        for param in context.view(where.file).symbol(where.index).params:
            if context.language != "python" and not _is_marked_body(context.view(where.file), param):
                continue
            dependency = inputs.is_dependency(where, param) or inputs.request_param(where, param)
            if param.type is None or dependency or param.kind or not is_anything(param.type):
                continue
            if any(f"{{{param.name}" in r.route.endpoint.path for r in context.routes):
                continue
            doubtful = any(_BY_HAND.search(t[:500]) is not None for _, _, t in chain_text(context))
            return param.name, context.at_symbol(where), doubtful
    return None


def _is_marked_body(view: FileView, param: Param) -> bool:
    """Is a parameter marked as the whole body, with nothing that checks it named beside: `@Body() order`?"""
    calls = [view.facts.calls[d.call] for d in param.decorators if isinstance(d, CallRef)]
    return any(callee_name(c) in _BODIES and not c.args for c in calls)


def is_anything(kind: Value, depth: int = 0) -> bool:
    """Does a type let everything pass: `Any`, `dict`, `list[dict]`, `dict[str, Any] | None`?"""
    if depth > 6:
        return False
    if isinstance(kind, Op | Alt):
        return any(is_anything(o, depth + 1) for o in (kind.operands if isinstance(kind, Op) else kind.options))
    if isinstance(kind, Index):
        name = written(kind.base).rpartition(".")[2]
        inner = kind.key.items if isinstance(kind.key, Seq) else (kind.key,)
        if name in _HOLDERS:
            return any(is_anything(o, depth + 1) for o in inner)
        return name == "Annotated" and len(inner) == 1 and is_anything(inner[0], depth + 1)
    return (isinstance(kind, Name) and kind.id in _ANYTHING) or written(kind) in _ANYTHING


def _is_unruled(context: Context, lines: Sequence[str], head: int, line: int, body: str) -> bool:
    """Has a field no mark that is a rule, in a class whose other fields have some, and does what is not known stay in the body?"""
    rules = re.compile(signs_by("open_fields", "rules")["javascript"][0])
    empty = re.compile(signs_by("open_fields", "no_rules")["javascript"][0])
    if rules.search(body) is None or re.search(r"\bstatic\b|\bprivate\b|\bget\b|\(.*\)\s*\{|=>", lines[line - 1]):
        return False
    marks = list(_marks_of(lines, head, line))
    names = [n for t in marks for n in re.findall(r"@(?:\w+\.)?(\w+)\s*\(", t)]
    if any(empty.match(n) is None for n in names):
        return False
    kept = any(n in signs("open_fields", "keeps") for n in names)
    dropped = context.is_found(signs_by("open_fields", "drops")["javascript"])
    turned = context.is_found(signs_by("open_fields", "turns")["javascript"])
    return not turned and (kept or not dropped)


def _marks_of(lines: Sequence[str], head: int, line: int) -> Iterator[str]:
    """The line of a field and those of its marks above it."""
    yield lines[line - 1]
    for number in range(line - 1, max(head, line - MAX_MARKS), -1):
        text = lines[number - 1]
        if not text.strip() or (_END_OF_FIELD.search(text) is not None and not text.lstrip().startswith(("@", "//", "*", "/*", "}"))):
            return
        yield text


def _classes(context: Context, handlers: Sequence[SymbolId]) -> list[SymbolId]:
    """The classes of what was sent that handlers take, with those that their fields hold and the repository's own bases of both."""
    inputs = inputs_of(context)
    found: list[SymbolId] = []
    for where in handlers:
        for param in context.view(where.file).symbol(where.index).params:
            if param.type is None or inputs.is_dependency(where, param):
                continue
            typed = param.type.key if isinstance(param.type, Index) else param.type
            found += [v.cls.symbol for v in options(context.graph.ev.instance_of(typed, where.file, 0)) if isinstance(v, InstV)]
    found += [h for c in list(found) for h in held_by(context, c)]
    for cls in list(found):
        found += [b.symbol for b in inheritance.bases(context.graph.ev, ClassV(cls)) if isinstance(b, ClassV)]
    return list(dict.fromkeys(found))[:MAX_CLASSES]
