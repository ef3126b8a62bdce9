"""Settings from the environment, gathered and checked when the process starts."""

from __future__ import annotations

import re

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import databases, stands_aside
from backend_readiness.controls.deployed.layered import is_read_beside
from backend_readiness.controls.deployed.own_parts import is_of_another_part
from backend_readiness.controls.deployed.setting_checks import ends_the_start, goes_on_without
from backend_readiness.controls.deployed.setting_schemas import asks_for_something, beside_the_schema, is_weighty, loose_schema, only_told
from backend_readiness.controls.deployed.setups import Setup, lines_of, setup_of, setups_of
from backend_readiness.controls.deployed.start_checks import is_never_run, is_swallowed, is_under_a_condition, waits_for_a_request
from backend_readiness.controls.deployed.told_settings import failure_is_logged
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.controls.protection.secrets import Origin
from backend_readiness.controls.protection.signing import signing_keys
from backend_readiness.controls.standing import apart
from backend_readiness.facts.model import CallRef, Lit, Name
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.setup_rules import SetupTopic
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.places import is_for_development

MAX_CLASSES = 60
MAX_LIST = 30
_NAME = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
MIN_CHECKS = 2  # checks that may go through settings which are read elsewhere
NEAR = 8  # lines
_CODE = (".py", ".js", ".ts", ".mjs", ".cjs", ".go", ".java", ".kt", ".cs", ".php", ".rb", ".rs", ".ex", ".exs")
_READ = regex.compile(sign("inf-config-validated", "read"))
_STOP = regex.compile(sign("inf-config-validated", "stop"))
_ASKED = regex.compile(sign("inf-config-validated", "asked"))
_CONSTANT = re.compile(sign("inf-config-validated", "constant"))
_DEVELOPMENT = re.compile(sign("inf-config-validated", "development"))
_WEIGHTY = re.compile(r"(?i)secret|passw|(?<![a-z])key(?![a-z])|database|(?<![a-z])db(?![a-z])|dsn|token|mongo|postgres|ConfigModule")
_KEY = re.compile(r"\benv\.(\w*(?:SECRET|KEY|TOKEN|PASSWORD|DATABASE_UR[IL]|MONGO\w*|DB_UR[IL]))\s*(?:\|\||\?\?)\s*['\"`][^'\"`]")
_CONFIGURES = re.compile(
    r"(?i)config|settings|(^|/)(app|main|server|index|env|program|startup|constants?|database|db)(\.module)?\.\w+$|(^|/)env/"
)


def verify(context: Context) -> Judgement:
    typed = _settings_class(context)
    if typed is not None:
        return typed
    schema = _schema(context)
    if schema is not None and "frontend" not in (schema.at.file or ""):
        if is_of_another_part(context, schema.at.file or ""):
            return unverified(
                "What is seen checked are the settings of a part that the flow's program is not seen to be built on.", schema.at
            )
        beside = _beside(context, schema.at) if schema.rule.partly else None
        if beside is not None:
            why = "The settings that are named are checked at start; others that matter are read, and a missing one is not noticed."
            return partial(why, schema.at, beside)
        ends = ends_the_start(context, schema.at)
        if ends is False:
            return partial("The settings are checked against a schema, and the start goes on when one is wrong or missing.", schema.at)
        silent = _silent(context)
        if silent is not None:
            return partial("The settings are checked when they are given; one that is missing has a silent default.", silent, schema.at)
        loose = loose_schema(context, schema.at, _STOP)
        if loose is not None:
            return loose
        unnamed = beside_the_schema(context, schema.at, [*_hits(context, "settings_bare"), *_hits(context, "settings_default")])
        if unnamed is not None:
            why = "The schema leaves out a setting that the code reads by itself, and a missing one is not noticed."
            return partial(why, unnamed, schema.at)
        if ends is None:
            return unverified("The settings are checked against a schema; what becomes of a fault was not settled.", schema.at)
        if not asks_for_something(context, schema.at):
            return unverified("The settings are checked against a schema; no setting was seen that it asks for.", schema.at)
        return passed(schema.rule.says, schema.at)
    literals = _hits(context, "settings_literal")
    defaults = _hits(context, "settings_default")
    required = [h for h in _hits(context, "settings_required") if _counts(context, h)]
    if required and (noted := only_told(context, _STOP)) is not None:
        return partial("What is missing is written to the log, and the start goes on.", noted, required[0])
    told = _hits(context, "settings_check")
    logged = next((w for c in (*told, *required) if (w := failure_is_logged(context, c)) is not None), None)
    required = [c for c in required if failure_is_logged(context, c) is None]
    strict = [c for c in told if _stops(context, c) and failure_is_logged(context, c) is None]
    checks = [c for c in [*strict, *_readers(context)] if not is_never_run(context, c)]
    if logged is not None and not checks and not required:
        return partial("The settings are checked, and what is missing is only written to the log: the process starts without it.", logged)
    if literals and not checks:
        return failed(
            "Settings are literals in the source, and nothing is checked at start.", *apart((literals[0], *defaults[:1], *literals[1:]), 3)
        )
    left = _unchecked(context, [*checks, *required])
    if len(left) > len(checks) + len(required) > 0 and not defaults and not literals:
        return partial(
            "Some settings are checked at start, others are read and a missing one is not noticed.", left[0], (checks or required)[0]
        )
    if checks and not defaults and not literals:
        return passed("A missing setting stops the start.", checks[0])
    always = [h for h in required if not is_under_a_condition(context, h)]
    if required and not always and not defaults and not literals:
        return unverified("A setting is required under a condition; that one must be there in every case was not seen.", required[0])
    if required and not defaults and not literals:
        return passed("Each setting is required: a missing one stops the start.", always[0])
    if checks or required:
        return partial(
            "Some settings are checked at start, others have silent defaults.", *(defaults or literals)[:1], *(checks or required)[:1]
        )
    if len(told) >= MIN_CHECKS and not defaults:
        return unverified("Something is checked; whether it is what the settings must be when the process starts was not settled.", told[0])
    if told:
        return partial("One setting is checked, and a missing one of the others is not noticed.", told[0], *defaults[:1])
    if defaults:
        return partial("Settings come from the environment with silent defaults; nothing is checked at start.", *apart(defaults, 3))
    swallowed = next((h for h in _hits(context, "settings_required") if is_swallowed(context, h)), None)
    if swallowed is not None:
        return partial("What is missing is caught, and the start goes on.", swallowed)
    bare = _hits(context, "settings_bare")
    if bare:
        return partial("Settings come from the environment, and a missing one is not noticed at start.", *apart(bare, 3))
    loaded = setup_of(context, "settings_loaded")
    if loaded is not None:
        return partial(loaded.rule.says, loaded.at)
    written = _written_down(context)
    if written:
        return failed("Settings are literals in the source, and nothing is checked at start.", *written)
    return unverified("Where the settings come from was not found out.")


def _schema(context: Context) -> Setup | None:
    """The schema of the settings, that of the flow's own program before those of others."""
    first = setup_of(context, "settings_schema")
    if first is None or not is_of_another_part(context, first.at.file or ""):
        return first
    every = (s for s in setups_of(context, "settings_schema", each=True) if s.off is None)
    return next((s for s in every if not is_of_another_part(context, s.at.file or "")), first)


def _counts(context: Context, at: Evidence) -> bool:
    """Does the setting end the start when it is missing: not first a request, and not into a `catch` that goes on?"""
    return not (waits_for_a_request(context, at) or is_swallowed(context, at) or is_never_run(context, at))


def _beside(context: Context, check: Evidence) -> Evidence | None:
    """A key or a database that the code reads and a check, which lists what it wants, does not name."""
    lines = context.snapshot.lines(check.file or "")[(check.line or 1) - 1 :][:MAX_LIST]
    ends = next((n for n, text in enumerate(lines, 1) if ";" in text), 1)
    named = set(_NAME.findall("\n".join(lines[:ends])))
    for read in (*_hits(context, "settings_bare"), *_hits(context, "settings_default")):
        text = context.snapshot.lines(read.file or "")[(read.line or 1) - 1]
        names = set(_NAME.findall(text))
        if any(_WEIGHTY.search(n) for n in names - named):
            return read
    return None


def _silent(context: Context) -> Evidence | None:
    """A key or the database's address with a value in the source, where no schema asks for it."""
    for at in _hits(context, "settings_default"):
        text = context.snapshot.lines(at.file or "")[(at.line or 1) - 1]
        name = _KEY.search(text)
        if name is not None and not context.is_found((rf"\b{name.group(1)}\b\W.*(?:\.required\(|\bz\.|\bstr\(|\burl\()",)):
            return at
    return None


def _stops(context: Context, check: Evidence) -> bool:
    """Is what is checked a setting that is read close by, and does the start end there? A form or a request may lack something too."""
    lines, line = context.snapshot.lines(check.file or ""), check.line or 1
    near = lines[max(0, line - 1 - NEAR) : line + NEAR]
    return any(_READ.search(t[:500]) is not None for t in near) and any(
        _STOP.search(t[:500]) is not None for t in lines[line - 1 : line + NEAR]
    )


def _readers(context: Context) -> list[Evidence]:
    """Functions that read the setting they are asked for, and end the process when it is missing."""
    read = [
        h for h in _hits(context, "settings_bare") if _ASKED.search(context.snapshot.lines(h.file or "")[(h.line or 1) - 1]) is not None
    ]
    return [
        h
        for h in read
        if any(_STOP.search(t[:500]) is not None for t in context.snapshot.lines(h.file or "")[h.line or 1 : (h.line or 1) + NEAR])
    ]


def _written_down(context: Context) -> tuple[Evidence, ...]:
    """Keys and databases that the source itself names, where nothing reads the environment."""
    keys = [s.at for s in signing_keys(context) if s.origin is Origin.LITERAL and s.at is not None]
    loose = [context.at(f, n) for f, n, _ in lines_of(context, "settings_literal") if is_production(f) and not is_for_development(f)]
    found = databases(context)
    opened = [context.at(h.file, h.line) for h in (*found.memory, *found.files, *found.servers) if h.file.endswith(_CODE)]
    return apart((*keys, *loose[:1], *opened[:1]), 3) if keys or loose else ()


def _hits(context: Context, topic: SetupTopic) -> list[Evidence]:
    """Lines of files that configure the backend, the ones for development and tests left out."""
    found = []
    for file, line, text in lines_of(context, topic):
        aside = (
            is_for_development(file)
            or "frontend" in file
            or "seed" in file
            or re.search(r"(?i)schema|Field\(|placeholder|example|getElement|type=", text)
        )
        if (
            not aside
            and not (topic == "settings_literal" and _is_read_elsewhere(context, file, text))
            and not stands_aside(context, file, line)
            and (_CONFIGURES.search(file) is not None or not file.endswith(_CODE))
            and is_production(file)
            and not (topic == "settings_default" and _ends_start(context, file, line))
            and not (topic == "settings_literal" and _serves_development(context, file, line, text))
        ):
            found.append((_matters(file, text), context.at(file, line)))
    return [at for _, at in sorted(found, key=lambda f: f[0])]


def _ends_start(context: Context, file: str, line: int) -> bool:
    """Is what looks like a default a block that ends the start (`.unwrap_or_else(|e| { panic!(...) })`)?"""
    lines = context.snapshot.lines(file)
    return lines[line - 1].rstrip().endswith("{") and any(_STOP.search(t[:500]) is not None for t in _block(lines, line))


def _serves_development(context: Context, file: str, line: int, text: str) -> bool:
    """Is a constant used nowhere but under a condition that only development meets?"""
    named = _CONSTANT.search(text[:500])
    if named is None:
        return False
    uses = [(f, n) for f, n, _ in context.hits((rf"\b{named.group(1)}\b",)) if (f, n) != (file, line)]
    return bool(uses) and all(any(_DEVELOPMENT.search(t) for t in context.snapshot.lines(f)[max(0, n - 3) : n]) for f, n in uses)


def _block(lines: tuple[str, ...], line: int) -> list[str]:
    """The lines of the block that a line opens."""
    depth = len(lines[line - 1]) - len(lines[line - 1].lstrip())
    inside = lines[line : line + NEAR]
    ends = next((n for n, t in enumerate(inside) if t.strip() and len(t) - len(t.lstrip()) <= depth), len(inside))
    return list(inside[:ends])


def _is_read_elsewhere(context: Context, file: str, text: str) -> bool:
    """Does another file of the same folder, which ships, give the setting a value that is no literal?"""
    key = re.search(r"(\w+)[\"']?\s*(?::|=>|=)\s*[\"'][^\"']{4,}", text)
    return key is not None and is_read_beside(context, file, key.group(1), _CODE)


def _matters(file: str, text: str) -> tuple[bool, bool]:
    """Sorts what a reader would name first: a setting of the database or a key, in a file of settings."""
    return _WEIGHTY.search(text) is None, re.search(r"(?i)config|settings|(^|/)env", file) is None


def _unchecked(context: Context, checked: list[Evidence]) -> list[Evidence]:
    """Settings that are read where no check stands on the line or the next few."""
    places = {(c.file, n) for c in checked for n in range((c.line or 1) - 4, (c.line or 1) + 1)}
    return [b for b in _hits(context, "settings_bare") if (b.file, b.line) not in places]


def _settings_class(context: Context) -> Judgement | None:
    """A class of typed settings: with required fields it stops the start, with defaults for everything it does not."""
    defaulted: Evidence | None = None
    for where in _classes(context):
        if not is_production(where.file) or re.match(r"(?i)test", context.view(where.file).symbol(where.index).name):
            continue
        fields = _fields(context, where)
        if not fields:
            continue
        given = _given(context, context.view(where.file).symbol(where.index).name)
        required = [line for line, name, has_default in fields if not has_default and name not in given and "**" not in given]
        place = context.at_symbol(where)
        caught = goes_on_without(context, context.view(where.file).symbol(where.index).name) if required else None
        if caught is not None:
            return partial("The settings are checked when they are made, and the start goes on when one is wrong.", caught, place)
        weak = _weak(context, where)
        if required and weak is not None:
            why = "Some settings are required; a key, a password or the database's address has a default in the source."
            return partial(why, context.at(where.file, weak), context.at(where.file, required[0]))
        if required:
            return passed("Typed settings with required fields are built at start.", place, context.at(where.file, required[0]))
        defaulted = defaulted or place
    if defaulted is None:
        return None
    return partial("The settings are typed, but each has a default: nothing that is missing stops the start.", defaulted)


def _weak(context: Context, where: SymbolId) -> int | None:
    """The line of a field with a weighty name and a text as its default, where no validator of the class refuses it."""
    view = context.view(where.file)
    symbol = view.symbol(where.index)
    if any(t.owner in set(view.body(where.index)) or symbol.line <= t.line <= symbol.end_line for t in view.facts.throws):
        return None
    read = {n for f, n, _ in lines_of(context, "settings_required") if f == where.file}  # its text names what is read
    for a in view.facts.assigns:
        if (
            a.line not in read
            and a.owner == where.index
            and a.kind == "field"
            and isinstance(a.target, Name)
            and is_weighty(a.target.id.lower())
        ):
            value = a.value
            if isinstance(value, CallRef):
                args = view.facts.calls[value.call].args
                value = next((x.value for x in args if x.name in (None, "default")), None)
            if isinstance(value, Lit) and isinstance(value.value, str) and value.value.strip():
                return a.line
    return None


def _classes(context: Context) -> list[SymbolId]:
    """Classes of settings, those that build on one another included."""
    found = list(context.graph.subclasses("BaseSettings"))
    for where in found:
        if len(found) < MAX_CLASSES:
            name = context.view(where.file).symbol(where.index).name
            found.extend(w for w in context.graph.subclasses(name) if w not in found)
    return found


def _given(context: Context, name: str) -> set[str]:
    """Fields that the code itself gives when it makes the settings; `**` when it spreads a table of them."""
    return {
        "**" if a.spread else str(a.name)
        for file in context.graph.facts.naming(name)
        if is_production(file)
        for c in context.view(file).facts.calls
        if callee_name(c) == name
        for a in c.args
        if a.spread or a.name
    }


def _fields(context: Context, where: SymbolId) -> list[tuple[int, str, bool]]:
    view = context.view(where.file)
    required = {n for f, n, _ in lines_of(context, "settings_required") if f == where.file}  # a value that is read and must be there
    return [
        (a.line, a.target.id, a.value is not None and a.line not in required)
        for a in view.facts.assigns
        if a.owner == where.index and a.kind == "field" and a.type is not None and isinstance(a.target, Name)
    ]
