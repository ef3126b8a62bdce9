"""The fields that the flow lists for its body, beside the rules that the models it stores have for them."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import schema_of
from backend_readiness.controls.mentions import words_of
from backend_readiness.model import Evidence
from backend_readiness.snapshot.matching import compile_patterns

_NAMES = re.compile(r":(\w+)\b|\b(\w+):(?!:)|[\"'](\w+)[\"']")
_TEXT = re.compile(r"(?i)^(string|text|citext|longtext)$")
# A rule that says what a value may be, not only that there is one.
_SAYS_WHAT = re.compile(
    r"\b(length|format|inclusion|exclusion|numericality|in|within|maximum|is|with|comparison|uniqueness|confirmation|email|url|phone)\b\s*(:|=>)|_(length|size|format|inclusion|numericality|uniqueness)_of\b"
)
_RULE = re.compile(r"\bvalidat|\berrors\b")
_PART = re.compile(r"^\s*(?:include|extend|prepend)\s+([A-Z][\w:]*)")
MAX_LINES = 400
MAX_LISTED = 12  # lines that one list of fields may go over


def listed_names(context: Context) -> set[str] | None:
    """Names of the fields that the flow takes from its body; None where the language has no words for it."""
    compiled = compile_patterns(words_of(context, "listed_fields") or ())
    if compiled is None:
        return None
    lines = list(chain_text(context))
    whole = compile_patterns(words_of(context, "whole_body") or ())
    if whole is not None and any(whole.search(t.encode("utf-8", "replace")) is not None for _, _, t in lines):
        return set()
    found: set[str] = set()
    for at, (_, _, text) in enumerate(lines):
        if compiled.search(text.encode("utf-8", "replace")) is None:
            continue
        listed = text
        for _, _, more in lines[at + 1 : at + MAX_LISTED] if text.count("(") > text.count(")") else ():
            listed += " " + more
            if listed.count("(") <= listed.count(")"):
                break
        found.update(n for m in _NAMES.finditer(listed[:4_000]) for n in m.groups() if n)
    return found


def is_stored(context: Context, names: set[str]) -> bool:
    """Is one of the fields a column of what the flow writes? True where the columns are not known."""
    tables = schema_of(context).of_flow(context, "write")
    return bool(names) and (not tables or any(t.real.column(n) is not None for t in tables for n in names))


def free_listed_field(context: Context, names: set[str]) -> tuple[str, Evidence] | None:
    """(field, where its model speaks of it) of a text that the body may set, of which its model asks no more than presence."""
    for declared in schema_of(context).of_flow(context, "write"):
        texts = [c for c in declared.real.columns.values() if _TEXT.match(c.type) is not None and c.name in names]
        model = declared.model.model if declared.model is not None else ""
        lines = (
            model_lines(
                context, {declared.name, model, *(e.target.rpartition(".")[2] for e, _ in context.effects if e.operation == "write")}
            )
            if texts
            else []
        )
        rules = [(f, n, t) for f, n, t in lines if _RULE.search(t) is not None]
        if not rules:
            continue
        for column in texts:
            spoken = re.compile(rf":{re.escape(column.name)}\b|\b{re.escape(column.name)}\b")
            about = [(f, n, t) for f, n, t in rules if spoken.search(t) is not None]
            inside = any(
                spoken.search(t) and not re.match(r"\s*(field|index|attr_\w+|enum|scope|belongs_to|delegate)\b", t)
                for f, n, t in lines
                if (f, n, t) not in about
            )
            if inside or any(_SAYS_WHAT.search(t) is not None or "errors" in t for _, _, t in about):
                continue
            at = about[0] if about else None
            return column.name, context.at(at[0], at[1]) if at is not None else context.at(column.file, column.line)
    return None


def model_lines(context: Context, names: set[str]) -> list[tuple[str, int, str]]:
    """Lines of the classes of those names and of the modules that they include, continued rules joined to their first line."""
    found: list[tuple[str, int, str]] = []
    wanted = [n for n in sorted(names) if n]
    seen: set[str] = set()
    while wanted and len(seen) < 10:
        name = wanted.pop()
        seen.add(name)
        for file, line, _ in context.hits((rf"^\s*(class|module)\s+([\w:]+::)?{re.escape(name)}\b",))[:2]:
            lines = context.snapshot.lines(file)[line : line + MAX_LINES]
            for number, text in enumerate(lines, line + 1):
                part = _PART.match(text)
                if part is not None and part.group(1).rpartition("::")[2] not in seen:
                    wanted.append(part.group(1).rpartition("::")[2])
                joined = text
                for more in lines[number - line : number - line + 5]:
                    if not joined.rstrip().endswith(","):
                        break
                    joined = f"{joined} {more}"
                found.append((file, number, joined[:600]))
    return found
