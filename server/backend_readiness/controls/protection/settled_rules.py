"""Rules that are listed by the names of fields, in a request's class, a call or a model: which fields nothing known bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import schema_of
from backend_readiness.controls.protection.listed_fields import listed_names, model_lines
from backend_readiness.controls.protection.model_checks import bodies_of_params
from backend_readiness.controls.protection.settled_fields import Open
from backend_readiness.graph.values import SymbolId
from backend_readiness.rules.signs import sign, signs_by

_ROW = re.compile(sign("settled_rules", "row"), re.DOTALL)
_SPEAKS = re.compile(sign("settled_rules", "speaks"))
_SETTLED = re.compile(sign("settled_rules", "settled"))
_KIND = re.compile(sign("settled_rules", "kind"))
_FORM = re.compile(sign("settled_rules", "form"))
_LIST = re.compile(sign("settled_rules", "list"))
_ELSEWHERE = re.compile(sign("settled_rules", "elsewhere"))
_WHOLE = re.compile(sign("settled_rules", "whole"))
_STARTS = re.compile(sign("settled_rules", "starts"))
_CAST = re.compile(sign("settled_rules", "cast"))
_READ = re.compile(sign("settled_rules", "read"))
_ATTRIBUTE = sign("settled_rules", "attribute")
_TYPED = sign("settled_rules", "typed")
_BELONGS = sign("settled_rules", "belongs")
_NARROW = re.compile(sign("settled_rules", "narrow"))
_ENDLESS = re.compile(r"(?<!\\)[+*](?![^\[\]]*\])|\{\d+,\}")
MAX_LINES = 120


def open_listed(context: Context, handlers: Sequence[SymbolId], *, kept: bool = True) -> tuple[bool, Open | None]:
    """(were rules of requests found, the first field of theirs that nothing known bounds)."""
    found = False
    whole = next((context.at(f, n) for f, n, t in chain_text(context) if _WHOLE.search(t) is not None), None)
    for file, first, text in _blocks(context, handlers):
        rows = [(m.group(1), m.group(2)) for r in _rows(text) if (m := _ROW.search(r)) is not None and _SPEAKS.search(m.group(2))]
        if not rows:
            continue
        found = True
        if _ELSEWHERE.search(text) is not None:
            return True, ("the rules", context.at(file, first))
        keys = {k for k, _ in rows}
        for key, said in rows:
            if any(k.startswith(f"{key}.") for k in keys):
                said = f"{said} array"
            if not kept and _KIND.search(said) is not None:
                continue
            asked = _FORM.search(said)
            formed = asked is not None and _ENDLESS.search(asked.group(1)) is None
            if not formed and _SETTLED.search(said) is None:
                return True, (key, context.at(file, first))
            if _LIST.search(said) is not None and re.search(r"\b(max|between|size):", said) is None:
                return True, (key, context.at(file, first))
    if found and whole is not None:
        return True, ("the whole body", whole)
    return found, None


def _blocks(context: Context, handlers: Sequence[SymbolId]) -> Iterator[tuple[str, int, str]]:
    """(file, line, text) of lists of rules: in the classes that the handlers take, and in calls of the chain."""
    for cls in bodies_of_params(context, handlers):
        view = context.view(cls.file)
        for child in view.children.get(cls.index, ()):
            symbol = view.symbol(child)
            if symbol.name == "rules":
                yield cls.file, symbol.line, "\n".join(context.snapshot.lines(cls.file)[symbol.line - 1 : symbol.end_line])
    seen: set[tuple[str, int]] = set()
    for file, number, text in chain_text(context):
        if _STARTS.search(text) is None or (file, number) in seen:
            continue
        seen.add((file, number))
        lines = context.snapshot.lines(file)[number - 1 : number - 1 + MAX_LINES]
        depth, kept = 0, []
        for more in lines:
            kept.append(more)
            depth += sum(more.count(c) for c in "([") - sum(more.count(c) for c in ")]")
            if depth <= 0 and "(" in "".join(kept):
                break
        yield file, number, "\n".join(kept)


def _rows(text: str) -> Iterator[str]:
    """Each row of a list of rules with all of its brackets."""
    starts = [m.start() for m in re.finditer(r"(?m)(?:^|\[|,)[^\n\[]*?[\[\s(][\"'][\w.*]+[\"']\s*(?:\]\s*=|=>)", text)]
    for index, start in enumerate(starts):
        yield text[start : starts[index + 1] if index + 1 < len(starts) else len(text)]


def open_model(context: Context, _handlers: Sequence[SymbolId], *, kept: bool = True) -> tuple[bool, Open | None]:
    """(were the fields known that a model takes from the body, the first that nothing known bounds), where models have the rules."""
    if not kept:
        return False, None
    if context.language == "elixir":
        return _open_cast(context)
    if context.language != "ruby":
        return False, None
    names = listed_names(context) or set()
    path = {p.name for r in context.routes for p in r.route.params}
    at = context.at_place(context.handlers[0]) if context.handlers else context.at_route()
    tables = schema_of(context).of_flow(context, "write")
    asked = sorted(names - path - {"id", "controller", "action", "format", "locale", "page"})
    stored = [t for t in tables if any(t.real.column(n) is not None for n in asked)]
    if not asked or (tables and not stored):
        return False, None
    said = signs_by("settled_rules", "says")["ruby"]
    targets = {e.target.rpartition(".")[2] for e, _ in context.effects if e.operation == "write" and e.target}
    lines = model_lines(context, {*targets, *(t.model.model for t in stored if t.model is not None), *(t.name for t in stored)})
    for name in asked:
        column = next((c for t in stored if (c := t.real.column(name)) is not None), None)
        if column is not None and _NARROW.match(column.type.lower()) is not None:
            continue
        patterns = [re.compile(p.replace("{name}", re.escape(name))) for p in said]
        if any(p.search(t[:600]) is not None for p in patterns for _, _, t in lines):
            continue
        if column is None and any(t.real.column(f"{name}_id") is not None for t in stored):
            continue
        if (
            column is None
            and re.search(r"\[\s*:" + re.escape(name) + r"\s*\]\s*$|require\(", " ".join(t for _, _, t in chain_text(context))) is None
        ):
            return True, (name, at)
        if column is not None:
            return True, (name, context.at(column.file, column.line))
    return True, None


def _open_cast(context: Context) -> tuple[bool, Open | None]:
    said = signs_by("settled_rules", "says")["elixir"]
    cast: set[str] = set()
    path = {p.name for r in context.routes for p in r.route.params}
    lines_of_chain = list(chain_text(context))
    for file, number, text in lines_of_chain:
        match = _CAST.search(text)
        if match is None:
            continue
        lines = context.snapshot.lines(file)
        names = _cast_names(match.group(1), lines)
        if not names:
            return True, ("the fields of the changeset", context.at(file, number))
        cast.update(names)
        joined = [_step(lines, i) for i in range(len(lines))]
        for name in names:
            if any(re.search(_BELONGS.replace("{name}", re.escape(name.removesuffix("_id"))), t) for t in lines):
                continue
            kinds = [m.group(1) for t in lines if (m := re.search(_TYPED.replace("{name}", re.escape(name)), t)) is not None]
            if any(_NARROW.match(k) for k in kinds):
                continue
            patterns = [re.compile(p.replace("{name}", re.escape(name))) for p in said]
            if not any(p.search(t[:300]) is not None for p in patterns for t in (*lines, *(j for j in joined if "validate_" in j[:60]))):
                return True, (name, context.at(file, number))
    beside = next(((n, context.at(f, line)) for f, line, t in lines_of_chain for n in _READ.findall(t[:500]) if n not in cast | path), None)
    return bool(cast), beside if cast else None


def _step(lines: Sequence[str], at: int) -> str:
    """A line with those below it that belong to the same step of a pipe."""
    below = lines[at + 1 : at + 6]
    ends = next((n for n, t in enumerate(below) if t.lstrip().startswith(("|>", "end", "def")) or not t.strip()), len(below))
    return " ".join((lines[at], *below[:ends]))


def _cast_names(written: str, lines: Sequence[str]) -> list[str]:
    """The fields of a list, or of the attributes of the module that stand for one."""
    if written.startswith("["):
        return re.findall(r":(\w+)", written)
    found: list[str] = []
    for name in re.findall(r"@(\w+)", written):
        pattern = re.compile(_ATTRIBUTE.replace("{name}", name))
        at = next((n for n, t in enumerate(lines) if pattern.match(t) is not None), None)
        if at is None:
            return []
        listed = " ".join(lines[at : at + 40])
        begins = re.search(r"~w[(\[]|\[", listed)
        if begins is None:
            return []
        inside = re.split(r"[)\]]", listed[begins.end() :], maxsplit=1)[0]
        found += re.findall(r":(\w+)", inside) or re.findall(r"\w+", inside)
    return found
