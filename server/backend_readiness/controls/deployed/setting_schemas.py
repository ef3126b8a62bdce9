"""What the schema of the settings asks for, and whether a failed check ends the start."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, partial, unverified
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

MAX_ENTRY = 8  # lines of one field of a schema
MAX_ACT = 20  # lines after a check in which its failure is taken up
_ENTRY = regex.compile(sign("setting_schemas", "entry"))
_TABLES = re.compile(sign("setting_schemas", "tables"))
_TABLE_ENTRY = regex.compile(sign("setting_schemas", "table_entry"))
_ASKS = re.compile(sign("setting_schemas", "asks"))
_GIVEN = re.compile(sign("setting_schemas", "given"))
_OPTIONAL = re.compile(sign("setting_schemas", "optional"))
_LENIENT = re.compile(sign("setting_schemas", "lenient"))
_REQUIRED = re.compile(sign("setting_schemas", "required"))
_ALL_REQUIRED = re.compile(sign("setting_schemas", "all_required"))
_REPORTS = re.compile(sign("setting_schemas", "reports"))
_REPORTS_LENIENT = re.compile(sign("setting_schemas", "reports_lenient"))
_TAKEN = re.compile(sign("setting_schemas", "taken"))
_LOGS = re.compile(sign("setting_schemas", "logs"))
_WEIGHTY = re.compile(sign("setting_schemas", "weighty"))
_CORE = re.compile(sign("setting_schemas", "core"))
_DECLARES = sign("setting_schemas", "declares")
_READ_NAME = re.compile(sign("setting_schemas", "read_name"))
_LOADS = sign("setting_schemas", "loads")
_DEMANDS = signs("setting_schemas", "demands")
_DEMAND = re.compile("|".join(_DEMANDS))
_MAY_MISS = re.compile(sign("setting_schemas", "may_miss"))
_OF_SETTINGS = re.compile(sign("setting_schemas", "of_settings"))
_ANNOTATES = re.compile(sign("setting_schemas", "annotates"))
_FIELD = re.compile(sign("setting_schemas", "field"))
_FILLED = re.compile(sign("setting_schemas", "filled"))
_NEXT = re.compile(r"[,{](?=\s*['\"]?\w+['\"]?\s*:)")
MAX_FILES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A field of a schema. `must`: the start fails without it."""

    name: str
    file: str
    line: int
    text: str
    must: bool


def is_weighty(name: str) -> bool:
    """Is it the name of a key, a password or the database's address?"""
    return _WEIGHTY.search(name) is not None


def is_core(name: str) -> bool:
    """Is it a name without which no flow is safe: the key of tokens, the address of the database?"""
    return _CORE.search(name) is not None


def entries_of(context: Context, check: Evidence) -> list[Entry]:
    """The fields of the schema: those of the file of the check, else those of the backend's files."""
    own = _entries(context, check.file or "")
    if own:
        return own
    files = dict.fromkeys(f for f, _, _ in context.hits((_DECLARES,)))
    return [e for f in list(files)[:5] for e in _entries(context, f)]


def _entries(context: Context, file: str) -> list[Entry]:
    lines = context.snapshot.lines(file)
    whole = "\n".join(lines)
    lenient = _LENIENT.search(whole) is not None and _ALL_REQUIRED.search(whole) is None
    tables = _TABLES.search(whole) is not None
    entry = _TABLE_ENTRY if tables else _ENTRY
    starts = [(n, m) for n, text in enumerate(lines) if (m := entry.match(text[:500])) is not None]
    found = []
    for position, (number, match) in enumerate(starts):
        end = starts[position + 1][0] if position + 1 < len(starts) else len(lines)
        said: list[str] = []
        for text in lines[number : min(end, number + MAX_ENTRY)]:
            if said and re.match(r"\s*[}\]]", text):
                break
            said.append(text.split("//")[0])
        text = "\n".join(said)
        if tables and re.search(r"\bdefault\s*:", text) is None:
            continue  # a table of tables
        must = (
            _REQUIRED.search(text) is not None if lenient else _OPTIONAL.search(text) is None or (tables and _ASKS.search(text) is not None)
        )
        found.append(Entry(name=match["name"], file=file, line=number + 1, text=text, must=must))
    return found


def loose_schema(context: Context, check: Evidence, stop: re.Pattern[str] | regex.Pattern[str]) -> Judgement | None:
    """Why the check of the schema does not stop the start when something that matters is missing; None where nothing speaks against it."""
    unheeded = _unheeded(context, check, stop)
    if unheeded is not None:
        return unheeded
    entries = entries_of(context, check)
    given = next((e for e in entries if is_weighty(e.name) and _GIVEN.search(e.text) is not None), None)
    if given is not None:
        why = f"The settings are checked when they are given; `{given.name}` has a silent default in the schema."
        return partial(why, context.at(given.file, given.line), check)
    if entries and not any(e.must for e in entries):
        why = "The schema asks for nothing: each setting may be missing, or has a default."
        return partial(why, context.at(entries[0].file, entries[0].line), check)
    return None


def asks_for_something(context: Context, check: Evidence) -> bool:
    """Is a field seen that must be there: in the file of the check, beside it, or in another file of settings?"""
    folder = (check.file or "").rpartition("/")[0]
    said = dict.fromkeys(f for f, _, _ in context.hits((*_DEMANDS, _DECLARES)))
    files = [f for f in said if f == check.file or f.rpartition("/")[0] == folder or _OF_SETTINGS.search(f) is not None]
    return any(_demands(context, f) for f in dict.fromkeys([check.file or "", *files[:MAX_FILES]]))


def _demands(context: Context, file: str) -> bool:
    if any(e.must for e in _entries(context, file)):
        return True
    lines = context.snapshot.lines(file)
    lenient = any(_LENIENT.search(t[:500]) is not None for t in lines)
    for number, text in enumerate(lines):
        if text.lstrip().startswith(("//", "*", "#", "import ")):
            continue
        beside = lines[max(0, number - 2) : number + 3]
        may_miss = any(_MAY_MISS.search(t[:500]) is not None for t in beside) or _is_filled(lines, number)
        if _DEMAND.search(text[:500]) is not None and not may_miss:
            return True
        for part in _NEXT.split(text[:500]):  # fields that stand on one line
            if _ENTRY.match(part) is not None and (_REQUIRED.search(part) if lenient else _OPTIONAL.search(part) is None):
                return True
    return False


def _is_filled(lines: Sequence[str], number: int) -> bool:
    """Does an annotation of a field stand above one that the source fills: `@NotNull private Duration wait = Duration.ofSeconds(5);`?"""
    if _ANNOTATES.match(lines[number][:500]) is None:
        return False
    field = next((t for t in lines[number : number + MAX_ENTRY] if _FIELD.search(t[:500]) is not None), "")
    return _FILLED.search(field[:500]) is not None


def _unheeded(context: Context, check: Evidence, stop: re.Pattern[str] | regex.Pattern[str]) -> Judgement | None:
    """A check that answers what is wrong instead of throwing, and whose answer stops nothing."""
    lines = context.snapshot.lines(check.file or "")
    lenient = any(_LENIENT.search(t[:500]) is not None for t in lines)
    reports = next((n for n, t in enumerate(lines, 1) if _REPORTS.search(t[:500]) or (lenient and _REPORTS_LENIENT.search(t[:500]))), None)
    if reports is None:
        return None
    after = [t[:500] for t in lines[reports - 1 : reports - 1 + MAX_ACT]]
    if any(stop.search(t) is not None for t in after):
        return None
    at = context.at(check.file or "", reports)
    before = "\n".join(lines[max(0, reports - 3) : reports])
    if any(_LOGS.search(t) is not None for t in after[1:6]):
        return partial("The settings are checked, and a failed check is only told: the start goes on.", at)
    if _TAKEN.search(before) is None and re.search(r"\breturn\b|=>|export", before) is None:
        return partial("The settings are checked, and what the check finds is left unread: the start goes on.", at)
    return unverified("The settings are checked; whether a failed check stops the start was not settled.", at)


def beside_the_schema(context: Context, check: Evidence, read: list[Evidence]) -> Evidence | None:
    """A key or the database's address that the code reads from the environment, where the schema does not name it."""
    entries = entries_of(context, check)
    if not entries:
        return None
    said = "\n".join("\n".join(context.snapshot.lines(f)) for f in {e.file for e in entries})
    for at in read:
        text = context.snapshot.lines(at.file or "")[(at.line or 1) - 1]
        for name in _READ_NAME.findall(text):
            if is_core(name) and re.search(rf"\b{name}\b", said) is None:
                return at
    return None


def only_told(context: Context, stop: re.Pattern[str] | regex.Pattern[str]) -> Evidence | None:
    """The call that loads the settings by their tags, where its error is written to the log and the start goes on."""
    for file, number, _ in context.hits((_LOADS,)):
        after = [t[:500] for t in context.snapshot.lines(file)[number - 1 : number + 5]]
        taken = next((i for i, t in enumerate(after) if re.search(r"err\w* != nil", t) is not None), None)
        if taken is None:
            continue
        block = after[taken : taken + 4]
        ends = next((i for i, t in enumerate(block) if i and re.match(r"\s*\}", t)), len(block))
        inside = block[1:ends]
        if any(_LOGS.search(t) for t in inside) and not any(stop.search(t) or re.search(r"\breturn\b", t) for t in inside):
            return context.at(file, number)
    return None
