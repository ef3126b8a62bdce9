"""Settings from the environment, gathered and checked when the process starts."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.databases import stands_aside
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.controls.startup import is_for_development
from backend_readiness.facts.model import Name
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence

_SCHEMAS = (
    r"\benvalid\b|\bcleanEnv\(|createEnv\(|validationSchema\s*:|\bconvict\(|env-var['\"]|@t3-oss/env|['\"](?:@fastify/env|fastify-env|env-schema)['\"]|\bznv\b|strictdi|environ\.Env\(|\bConfigModule\.forRoot\(.*validate",
    r"(?:z\.object|Joi\.object|\w*[sS]chema)\b.*(?:parse|safeParse|validate)\w*\(\s*process\.env|(?:parse|safeParse|validate|validateSync)\(\s*process\.env",
)
_CHECKS = (
    r"(?:throw new Error|raise \w*(?:Error|Exception|ImproperlyConfigured))\b.*(?i:env|missing|required|must be set|not set|config)",
    r"if\s*\(\s*!\s*process\.env\.\w+|if not os\.(?:environ|getenv)|for .* in (?:required|REQUIRED)",
)
_REQUIRED = (r"os\.environ\[['\"]\w+['\"]\]|\benv\.(?:str|url|db)\(['\"]\w+['\"]\)|\bconfig\(['\"]\w+['\"]\)",)
_NAMES = r"(?:DB|DATABASE|SECRET|KEY|TOKEN|PASSWORD|PASS|URI|URL|DSN|ENV|MODE|MONGO\w*|JWT)"
_DEFAULTS = (
    rf"process\.env\.\w*{_NAMES}\w*\s*(?:\|\||\?\?)",
    rf"(?:os\.getenv|os\.environ\.get|environ\.get|getenv)\(\s*['\"]\w*{_NAMES}\w*['\"]\s*,",
    rf"(?:os\.getenv|os\.environ\.get|environ\.get)\(\s*['\"]\w*{_NAMES}\w*['\"]\s*\)\s*or\b",
)
_BARE = (r"process\.env\.\w+|os\.getenv\(|os\.environ\.get\(",)
_LITERALS = (
    r"(?i)\b\w*(?:secret|secret_?key|crypto_?key|jwt_?key|password)\w*['\"\]]*\s*[:=]\s*['\"][^'\"${}<>\s]{4,}['\"]",
    r"(?i)(?:DATABASE_URI|DATABASE_URL|db|mongo\w*|uri)['\"\]]*\s*[:=]\s*['\"][a-z+]+://[^'\"]+['\"]",
)
MAX_CLASSES = 60
_CONFIGURES = re.compile(r"(?i)config|settings|(^|/)(app|main|server|index|env|constants?|database|db)\.\w+$|(^|/)env/")


def verify(context: Context) -> Judgement:
    typed = _settings_class(context)
    if typed is not None:
        return typed
    schemas = [(f, n) for f, n, _ in context.hits(_SCHEMAS) if is_production(f) and "frontend" not in f]
    if schemas:
        return passed("The settings are checked against a schema at start.", context.at(*schemas[0]))
    literals = _hits(context, _LITERALS)
    defaults = _hits(context, _DEFAULTS)
    required = _hits(context, _REQUIRED)
    checks = _hits(context, _CHECKS)
    if literals and not checks:
        return failed("Settings are literals in the source, and nothing is checked at start.", literals[0], *defaults[:1])
    if checks and not defaults and not literals:
        return passed("A missing setting stops the start.", checks[0])
    if required and not defaults and not literals:
        return passed("Each setting is required: a missing one stops the start.", required[0])
    if checks or required:
        return partial(
            "Some settings are checked at start, others have silent defaults.", *(defaults or literals)[:1], *(checks or required)[:1]
        )
    if defaults:
        return partial("Settings come from the environment with silent defaults; nothing is checked at start.", defaults[0])
    bare = _hits(context, _BARE)
    if bare:
        return partial("Settings come from the environment, and a missing one is not noticed at start.", bare[0])
    return unverified("Where the settings come from was not found out.")


def _hits(context: Context, patterns: tuple[str, ...]) -> list[Evidence]:
    """Lines of files that configure the backend, the ones for development and tests left out."""
    found = []
    for file, line, text in context.hits(patterns):
        aside = (
            is_for_development(file)
            or "frontend" in file
            or "seed" in file
            or re.search(r"(?i)schema|Field\(|placeholder|example|getElement|type=", text)
        )
        if not aside and not stands_aside(context, file, line) and _CONFIGURES.search(file) is not None and is_production(file):
            found.append(context.at(file, line))
    return found


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
        if required:
            return passed("Typed settings with required fields are built at start.", place, context.at(where.file, required[0]))
        defaulted = defaulted or place
    if defaulted is None:
        return None
    return partial("The settings are typed, but each has a default: nothing that is missing stops the start.", defaulted)


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
    return [
        (a.line, a.target.id, a.value is not None)
        for a in view.facts.assigns
        if a.owner == where.index and a.kind == "field" and a.type is not None and isinstance(a.target, Name)
    ]
