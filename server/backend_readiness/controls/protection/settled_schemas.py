"""Schemas that are written as objects, and which of their fields nothing known bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.model_checks import rule_lines
from backend_readiness.controls.protection.settled_fields import Open
from backend_readiness.graph.values import SymbolId
from backend_readiness.rules.signs import sign, signs

_HOLDERS = re.compile(sign("settled_schemas", "holders"))
_GIVEN = tuple(re.compile(p) for p in signs("settled_schemas", "given"))
_NARROW = re.compile(sign("settled_schemas", "narrow"))
_BOUND = re.compile(sign("settled_schemas", "bound"))
_LIST = re.compile(sign("settled_schemas", "list"))
_LIST_BOUND = re.compile(sign("settled_schemas", "list_bound"))
_NAMES = re.compile(sign("settled_schemas", "names"), re.DOTALL)
_SINGLE = re.compile(sign("settled_schemas", "single"))
_TYPED = re.compile(sign("settled_schemas", "typed"))
_SINGLE_TYPED = re.compile(sign("settled_schemas", "single_typed"))
_SINGLE_SETTLED = re.compile(sign("settled_schemas", "single_settled"))
_READS = tuple(re.compile(p) for p in signs("settled_schemas", "reads"))
_READS_MANY = re.compile(sign("settled_schemas", "reads_many"))
_NOT_SENT = re.compile(sign("settled_schemas", "not_sent"))
_CONSTANT = re.compile(r"\b(?:const|let|var)\s+(\w+)\b[^=]*=")
_NAMED = re.compile(r"[A-Za-z_$][\w$]*")
MAX_NAMES = 12
MAX_INLINE = 4
MAX_LINES = 160
MAX_DEPTH = 4


def open_schema(context: Context, handlers: Sequence[SymbolId], *, kept: bool = True) -> tuple[bool, Open | None]:
    """(was a schema of the flow found, the first of its fields that nothing known bounds)."""
    lines = rule_lines(context, handlers)
    singles = list(_singles(lines))
    if singles:
        told = {n for n, _, _, _ in singles}
        loose = next(
            ((n, context.at(f, line)) for n, t, f, line in singles if (_SINGLE_SETTLED if kept else _SINGLE_TYPED).search(t) is None), None
        )
        return True, loose or _beside(context, told)
    found = False
    given = _given(lines)
    texts: list[tuple[str, int, str]] = []
    for index, (file, number, text) in enumerate(lines):
        named = _CONSTANT.search(text[:200])
        if _HOLDERS.search(text) is not None and (named is None or named.group(1) in given) and len(texts) < MAX_INLINE:
            texts.append((file, number, " ".join(t for _, _, t in lines[index : index + MAX_LINES])))
    for name in given:
        defined = _definition(context, name)
        if defined is not None and (_HOLDERS.search(defined[2]) is not None or _NARROW.search(defined[2]) is not None):
            texts.append(defined)
    for file, line, text in texts:
        inside = list(_objects(text))
        for body in inside:
            found = True
            for entry in _entries(body):
                match = _NAMES.match(entry)
                if match is None:
                    if entry.strip().startswith("...") and _is_open_name(context, entry.strip(" ."), 0, kept):
                        return True, (entry.strip(" ."), context.at(file, line))
                    continue
                told_ = match.group(2) if match.group(2) is not None else match.group(1)
                if not _is_settled(context, told_, 0, kept):
                    return True, (match.group(1), context.at(file, line))
    return found, None


def _beside(context: Context, told: set[str]) -> Open | None:
    """A field of the body that the chain reads and the checker is not told of."""
    for file, line, text in chain_text(context):
        names = [n for p in _READS for n in p.findall(text[:500])]
        many = _READS_MANY.search(text[:1000])
        names += _NAMED.findall(re.sub(r":\s*\w+|=\s*[^,}]+", "", many.group(1))) if many is not None else []
        for name in names:
            if name not in told:
                return name, context.at(file, line)
    return None


def _singles(lines: Sequence[tuple[str, int, str]]) -> Iterator[tuple[str, str, str, int]]:
    """(field, its whole chain of steps, file, line) of checkers of single fields."""
    for index, (file, number, text) in enumerate(lines):
        starts = list(_SINGLE.finditer(text[:2000]))
        for at, match in enumerate(starts):
            said = text[match.start() : starts[at + 1].start() if at + 1 < len(starts) else len(text)]
            if at + 1 == len(starts):
                for other, _, more in lines[index + 1 : index + 16]:
                    if other != file or not more.lstrip().startswith((".", "//", "min", "max", "{", "}")):
                        break
                    said += " " + more
            yield match.group(1), said, file, number


def _given(lines: Sequence[tuple[str, int, str]]) -> list[str]:
    found: dict[str, None] = {}
    for _, _, text in lines:
        for pattern in _GIVEN:
            found.update(dict.fromkeys(m.group(1) for m in pattern.finditer(text[:500]) if _NOT_SENT.search(text[m.end() : 500]) is None))
    return [n for n in found if not n.islower() or len(n) > 3][:MAX_NAMES]


def _definition(context: Context, name: str) -> tuple[str, int, str] | None:
    """(file, line, text) of the constant of that name; None unless exactly one is defined."""
    made = re.compile(rf"\b(?:const|let|var)\s+{re.escape(name)}\b[^=]*=[^=>]?")
    hits = [
        (file, n)
        for file in context.graph.naming(name)
        if context.is_backend(file)
        for n, t in enumerate(context.snapshot.lines(file), 1)
        if name in t and made.search(t[:300]) is not None
    ]
    near = [h for h in hits if h[0] in {f for f, _, _ in chain_text(context)}] or hits
    if not near:
        return None
    file, line = near[0]
    lines = context.snapshot.lines(file)
    depth, taken = 0, list[str]()
    for text in lines[line - 1 : line - 1 + MAX_LINES]:
        bare = re.sub(r"\"[^\"]*\"|'[^']*'|`[^`]*`|//.*", "", text)
        if taken and depth <= 0 and not bare.lstrip().startswith((".", "?", ":", "|", "}", ")")):
            break
        taken.append(re.sub(r"(?<![:\"'])//.*", "", text))
        depth += sum(bare.count(c) for c in "([{") - sum(bare.count(c) for c in ")]}")
        if depth <= 0 and bare.rstrip().endswith(";"):
            break
    return file, line, " ".join(t.strip() for t in taken)


def _objects(text: str) -> Iterator[str]:
    """What stands between the brackets of each object of a schema, the inner ones included."""
    for match in _HOLDERS.finditer(text):
        start = match.end()
        depth = 1
        for n in range(start, len(text)):
            depth += (text[n] == "{") - (text[n] == "}")
            if depth == 0:
                yield text[start:n]
                break


def _entries(body: str) -> Iterator[str]:
    depth, first, quote = 0, 0, ""
    for n, c in enumerate(body):
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'`":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and depth == 0:
            yield body[first:n]
            first = n + 1
    if body[first:].strip():
        yield body[first:]


def _is_settled(context: Context, text: str, depth: int, kept: bool) -> bool:
    """Is the value that an expression of a schema describes bounded? Its own objects are looked at by themselves."""
    said = text.strip()
    if not kept and _TYPED.search(said) is not None:
        return True
    if _LIST.search(said) is not None:
        if _LIST_BOUND.search(said) is None:
            return False
        return _HOLDERS.search(said) is not None or _NARROW.search(said) is not None or len(_BOUND.findall(said)) > 1
    if _HOLDERS.search(said) is not None or _NARROW.search(said) is not None or _BOUND.search(said) is not None:
        return True
    head = _NAMED.match(said)
    return head is not None and not _is_open_name(context, head.group(0), depth, kept)


def _is_open_name(context: Context, name: str, depth: int, kept: bool) -> bool:
    """Is the constant of that name unknown, or does nothing in it bound the value?"""
    defined = _definition(context, name) if depth < MAX_DEPTH else None
    if defined is None:
        return True
    said = defined[2].partition("=")[2]
    objects = list(_objects(said))
    if objects:
        entries = [m for body in objects for e in _entries(body) if (m := _NAMES.match(e)) is not None]
        return any(not _is_settled(context, m.group(2) if m.group(2) is not None else m.group(1), depth + 1, kept) for m in entries)
    return not _is_settled(context, said, depth + 1, kept)
