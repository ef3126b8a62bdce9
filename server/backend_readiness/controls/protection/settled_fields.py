"""Fields of the classes that hold what was sent: which of them nothing known bounds, the fields of what they hold included.

A field counts as settled only by what was seen: a narrow type, a rule with an upper bound, a list of values, a check of its own. What is
not known (a type of a library, a rule of another name) settles nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.bounds import own_marks
from backend_readiness.controls.protection.declared_text import declared_text, part_of
from backend_readiness.controls.protection.model_checks import typed_fields
from backend_readiness.facts.model import Alt, Index, Op, Seq, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.values import ClassV, InstV, SymbolId, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs_by

Open = tuple[str, Evidence]
_KINDS = {
    kind: {lang: tuple(re.compile(p) for p in patterns) for lang, patterns in given.items()}
    for kind, given in (
        ("narrow", signs_by("settled_fields", "narrow")),
        ("bound", signs_by("settled_fields", "bound")),
        ("form", signs_by("settled_fields", "form")),
        ("list", signs_by("settled_fields", "list")),
        ("list_bound", signs_by("settled_fields", "list_bound")),
        ("element", signs_by("settled_fields", "element")),
        ("left_out", signs_by("settled_fields", "left_out")),
        ("any_kind", signs_by("settled_fields", "any_kind")),
        ("marked", signs_by("settled_fields", "marked")),
    )
}
_BY_HAND = sign("settled_fields", "by_hand")
_OWN_CHECK = sign("settled_fields", "own_check")
_DROPS = (sign("settled_fields", "drops"),)
_BROUGHT = re.compile(sign("settled_fields", "brought"))
_FOR_ALL = re.compile(sign("settled_fields", "for_all"))
_TAKEN_OVER = re.compile(sign("settled_fields", "taken_over"))
_TAKEN_FROM = re.compile(sign("settled_fields", "taken_from"))
# A quantifier without an end, outside of brackets: `[a-z]+`, `.*`, `\d{3,}`.
_ENDLESS = re.compile(r"(?<!\\)[+*](?![^\[\]]*\])|\{\d+,\}")
_KEYS = frozenset(("id", "pk"))
MAX_DEPTH = 6
MAX_LINES = 300


def says(kind: str, language: str, text: str) -> bool:
    """Does the text match a sign of that kind for the language?"""
    return any(p.search(text) is not None for p in _KINDS[kind].get(language, ()))


def is_bounded(language: str, text: str, *, kept: bool = True) -> bool:
    """Does the declaration bound the value, or each where it is a list? Of what is not `kept`: does it say what it is?"""
    if says("left_out", language, text):
        return True
    if not kept:
        return says("marked", language, text) if language == "javascript" else not says("any_kind", language, text)
    if says("list", language, text):
        return says("list_bound", language, text) and says("element", language, text)
    if says("narrow", language, text) or says("bound", language, text):
        return True
    asked = [m.group(1) for p in _KINDS["form"].get(language, ()) for m in p.finditer(text)]
    return any(_ENDLESS.search(a.partition("message")[0]) is None and a.strip(" ()") for a in asked)


def open_class(context: Context, cls: SymbolId, seen: frozenset[SymbolId] = frozenset(), *, kept: bool = True) -> Open | None:
    """The first field of a class which nothing known bounds; a class without known fields is open itself."""
    view = context.view(cls.file)
    symbol = view.symbol(cls.index)
    if symbol.kind == "enum" or any("Enum" in t for t in _head(context, cls)) or cls in seen:
        return None
    here = context.at(cls.file, symbol.line)
    if len(seen) >= MAX_DEPTH:
        return symbol.name, here
    language = view.language if view.language != "typescript" else "javascript"
    lines = context.snapshot.lines(cls.file)
    body = lines[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_LINES)]
    fields = list(typed_fields(context, cls))
    bases = [b.symbol for b in inheritance.bases(context.graph.ev, ClassV(cls)) if isinstance(b, ClassV)]
    taken = list(_taken_over(context, cls, body))
    if not fields and not bases and not taken:
        return None if any(_BROUGHT.search(t) for t in _head(context, cls)) else (symbol.name, here)
    crowded = {n for _, _, n in fields if [x for _, _, x in fields].count(n) > 1}
    found: list[Open] = []
    for name, kind, line in fields:
        text = declared_text(lines, symbol.line, line, language)
        text = part_of(text, name) if line in crowded else text
        if language == "python" and not _is_declared(text, kind):
            continue
        if not _is_settled(context, cls, name, kind, text, body, language, seen | {cls}, kept):
            found.append((name, context.at(cls.file, line)))
    own = {n for n, _, _ in fields}
    found += [o for n, o in taken if n not in own and o is not None]
    if found:
        return found[0]
    for base in bases[:4]:
        if (open_ := open_class(context, base, seen | {cls}, kept=kept)) is not None and open_[0] not in own and _fields_of(context, base):
            return open_
    return None


def _fields_of(context: Context, cls: SymbolId) -> bool:
    return any(True for _ in typed_fields(context, cls))


def _head(context: Context, cls: SymbolId) -> Iterator[str]:
    """The line that names the class, cut before its body."""
    symbol = context.view(cls.file).symbol(cls.index)
    yield from (t.partition("{")[0] for t in context.snapshot.lines(cls.file)[symbol.line - 1 : symbol.line])


def _is_declared(text: str, kind: Value | None) -> bool:
    """Is a name of a Python class a field: annotated, or made by a call that is named for a field?"""
    return (
        kind is not None
        or re.search(r"=\s*[\w.]*(?:Field|fields\.\w+|Serializer|Schema|ForeignKey|Nested|List|Str|String|Int|Integer)\(", text) is not None
    )


def _is_settled(
    context: Context,
    cls: SymbolId,
    name: str,
    kind: Value | None,
    text: str,
    body: Sequence[str],
    language: str,
    seen: frozenset[SymbolId],
    kept: bool,
) -> bool:
    if is_bounded(language, text, kept=kept) or any(_FOR_ALL.search(t) for t in body):
        return True
    of_name = [re.compile(p.replace("{name}", re.escape(name))) for p in (_BY_HAND, _OWN_CHECK)]
    own = context.snapshot.lines(cls.file)
    marks = own_marks(context) if "@" in text else None
    if marks is not None and marks.search(text) is not None:
        return True
    if language == "javascript" and "@" not in text and context.is_found(_DROPS):
        return True  # what has no rule is not let through
    if any(p.search(t[:500]) is not None for p in of_name for t in own):
        return True
    held = list(_held(context, cls, name, kind))
    if not held:
        return False
    if says("list", language, text) and not says("list_bound", language, text):
        return False
    return all(open_class(context, h, seen, kept=kept) is None for h in held)


def _held(context: Context, cls: SymbolId, name: str, kind: Value | None) -> Iterator[SymbolId]:
    """The classes of the repository that the type of a field names, or that its value is made of."""
    for part in _parts(kind) if kind is not None else ():
        yield from (v.cls.symbol for v in options(context.graph.ev.instance_of(part, cls.file, cls.index)) if isinstance(v, InstV))
    for assign in context.view(cls.file).fields.get((cls.index, name), ())[:1]:
        if assign.value is not None and kind is None:
            yield from (v.cls.symbol for v in options(context.graph.ev.value(assign.value, cls.file, cls.index)) if isinstance(v, InstV))


def _parts(kind: Value, depth: int = 0) -> Iterator[Value]:
    """The types that a written type names: those between its brackets, and those of its alternatives."""
    inner: tuple[Value, ...] = ()
    if isinstance(kind, Index):
        inner = (kind.key,)
    elif isinstance(kind, Op):
        inner = kind.operands
    elif isinstance(kind, Alt):
        inner = kind.options
    elif isinstance(kind, Seq):
        inner = kind.items
    if not inner or depth > MAX_DEPTH:
        yield kind
        return
    for part in inner:
        yield from _parts(part, depth + 1)


def _taken_over(context: Context, cls: SymbolId, body: Sequence[str]) -> Iterator[tuple[str, Open | None]]:
    """(name, the same as open where it is) of the fields that the class takes over from a stored one: `model = Order`, `fields = (...)`."""
    given = next((m.group(1) for t in body if (m := _TAKEN_FROM.match(t)) is not None), None)
    at = next((n for n, t in enumerate(body) if _TAKEN_OVER.match(t) is not None), None)
    if given is None or at is None:
        return
    listed = " ".join(body[at : at + 60]).partition("=")[2]
    listed = listed[: _closing(listed)]
    names = re.findall(r"[\"'](\w+)[\"']", listed)
    model = next((v for v in options(context.graph.ev.lookup(given.rpartition(".")[2], cls.file, 0)) if isinstance(v, ClassV)), None)
    place = context.at(cls.file, context.view(cls.file).symbol(cls.index).line + at)
    if model is None or not names:
        yield given, (given, place)
        return
    family = [model.symbol, *(b.symbol for b in inheritance.bases(context.graph.ev, model) if isinstance(b, ClassV))]
    declared = {n: (c, line) for c in reversed(family[:6]) for n, _, line in typed_fields(context, c)}
    fixed = _read_only(body)
    for name in declared if names == ["__all__"] else names:
        if name in _KEYS or name in fixed:
            yield name, None
            continue
        where = declared.get(name)
        if where is None:
            yield name, (name, place)
            continue
        lines = context.snapshot.lines(where[0].file)
        head = context.view(where[0].file).symbol(where[0].index).line
        yield (
            name,
            None if is_bounded("python", declared_text(lines, head, where[1], "python")) else (name, context.at(where[0].file, where[1])),
        )


def _read_only(body: Sequence[str]) -> set[str]:
    at = next((n for n, t in enumerate(body) if re.match(r"\s*read_only_fields\s*=", t) is not None), None)
    if at is None:
        return set()
    listed = " ".join(body[at : at + 40]).partition("=")[2]
    return set(re.findall(r"[\"'](\w+)[\"']", listed[: _closing(listed)]))


def _closing(text: str) -> int:
    """Where the bracket that the text begins with ends; the end of its first word where it begins with none."""
    depth = 0
    for n, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if depth == 0 and c in ")]}\"'" and text[:n].strip():
            return n + 1
    return len(text)
