"""Where a key comes from: a literal, a literal that stands in for a missing setting, or the environment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.controls.tokens import written_values
from backend_readiness.facts.model import Alt, Call, CallRef, Concat, Index, Lit, Member, Name, Op, Value
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence

_ENVIRONMENT = re.compile(r"(^|\.)(env|environ|getenv|ENV)(\.|$)")
_READS = frozenset(
    {
        "getenv",
        "get",
        "config",
        "env",
        "require_env",
        "requireEnv",
        "getOrThrow",
        "str",
        "Field",
        "get_secret",
        "getSecret",
        "read_text",
        "readFileSync",
        "SecretStr",
        "getRequired",
    }
)
_MAKES = re.compile(r"(?i)token_(urlsafe|hex|bytes)|randomBytes|randomUUID|uuid4|urandom|generate|secrets|Fernet")


# A longer literal is no placeholder that code compares with.
MAX_COMPARED = 120


class Origin(StrEnum):
    LITERAL = "literal"
    FALLBACK = "fallback"
    CONFIGURED = "configured"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from, with the place that says so."""

    origin: Origin
    at: Evidence | None = None
    text: str = ""


def source_of(context: Context, value: Value, file: str, line: int, depth: int = 0) -> Source:
    """The origin of a key expression. Names are followed to what production code writes under them."""
    at = context.at(file, line)
    if depth > 6:
        return Source(Origin.UNKNOWN, at)
    match value:
        case Lit(value=text):
            return Source(Origin.LITERAL, at, str(text)) if isinstance(text, str) and text else Source(Origin.UNKNOWN, at)
        case Concat(parts=parts):
            return Source(Origin.LITERAL, at) if all(isinstance(p, Lit) for p in parts) else Source(Origin.UNKNOWN, at)
        case Alt(options=parts):
            return _either([source_of(context, p, file, line, depth + 1) for p in parts])
        case Op(op=op, operands=parts) if op in ("||", "??", "or"):
            return _either([source_of(context, p, file, line, depth + 1) for p in parts])
        case CallRef(call=number):
            return _call(context, context.view(file).facts.calls[number], file, depth)
        case Name() | Member() | Index():
            return _named(context, value, file, line, depth)
    return Source(Origin.UNKNOWN, at)


def _either(found: list[Source]) -> Source:
    literal = next((s for s in found if s.origin in (Origin.LITERAL, Origin.FALLBACK)), None)
    if literal is None:
        return next((s for s in found if s.origin is Origin.CONFIGURED), found[0] if found else Source(Origin.UNKNOWN))
    others = [s for s in found if s is not literal]
    return Source(Origin.FALLBACK if others else Origin.LITERAL, literal.at, literal.text)


def _call(context: Context, call: Call, file: str, depth: int) -> Source:
    at = context.at(file, call.line)
    name = callee_name(call) or ""
    if _MAKES.search(written(call.callee)) or _MAKES.search(name):
        return Source(Origin.CONFIGURED, at)
    if name in (
        "Buffer",
        "from",
        "encode",
        "TextEncoder",
        "createSecretKey",
        "SecretStr",
        "String",
        "str",
        "toString",
        "get_secret_value",
        "strip",
        "trim",
    ):
        inner = (
            call.args[0].value
            if call.args and name not in ("encode", "get_secret_value", "strip", "trim", "toString")
            else call.callee.base
            if isinstance(call.callee, Member)
            else None
        )
        if name == "encode" and call.args and isinstance(call.callee, Member) and isinstance(call.callee.base, CallRef):
            inner = call.args[0].value
        return source_of(context, inner, file, call.line, depth + 1) if inner is not None else Source(Origin.UNKNOWN, at)
    if name in _READS:
        default = next((a.value for a in call.args if a.name == "default"), None)
        positional = [a.value for a in call.args if a.name is None]
        if default is None and name in ("Field", "SecretStr") and positional:
            default = positional[0]
        elif default is None and len(positional) > 1 and name in ("getenv", "get", "config", "env"):
            default = positional[1]
        if isinstance(default, Lit) and isinstance(default.value, str) and default.value:
            return Source(Origin.FALLBACK, at, default.value)
        return Source(Origin.CONFIGURED, at)
    return Source(Origin.UNKNOWN, at)


def _named(context: Context, value: Value, file: str, line: int, depth: int) -> Source:
    at = context.at(file, line)
    text = written(value)
    if _ENVIRONMENT.search(text):
        return Source(Origin.CONFIGURED, at)
    name = str(value.key.value) if isinstance(value, Index) and isinstance(value.key, Lit) else text.rpartition(".")[2]
    if not name or len(name) < 3 or name.lower() in ("key", "secret", "value", "config", "options", "data", "password", "token", "self"):
        bound = (
            [a for (_, n), pairs in context.view(file).bindings.items() if n == name for a, _ in pairs] if isinstance(value, Name) else []
        )
        found = [source_of(context, a.value, file, a.line, depth + 1) for a in bound[:3] if a.value is not None]
        return _either(found) if found else Source(Origin.UNKNOWN, at)
    found = []
    for where, number, written_value in written_values(context, name):
        if written_value is value or len(found) > 6:
            continue
        if (
            isinstance(written_value, Name | Member)
            and written(written_value).rpartition(".")[2] == name
            and not _ENVIRONMENT.search(written(written_value))
        ):
            continue  # the same setting handed on
        found.append(source_of(context, written_value, where, number, depth + 1))
    if not found:
        declared = _declared(context, name)
        return Source(Origin.CONFIGURED, declared) if declared is not None else Source(Origin.UNKNOWN, at)
    best = next((s for o in (Origin.LITERAL, Origin.FALLBACK, Origin.CONFIGURED) for s in found if s.origin is o), found[0])
    if best.origin is Origin.LITERAL and (any(s.origin is Origin.CONFIGURED for s in found) or _is_setting(context, best.at)):
        return Source(Origin.FALLBACK, best.at, best.text)
    return best


def _declared(context: Context, name: str) -> Evidence | None:
    """A field of a settings class that has no default: it must be supplied."""
    for file in context.graph.facts.naming(name):
        view = context.view(file)
        for (cls, field), assigns in view.fields.items():
            if field == name and assigns[0].value is None and any("Settings" in written(b) for b in view.symbol(cls).bases):
                return context.at(file, assigns[0].line)
    return None


def _is_setting(context: Context, at: Evidence | None) -> bool:
    """Does the literal stand in a class whose fields the environment overrides?"""
    if at is None or at.file is None or at.line is None:
        return False
    view = context.view(at.file)
    return any(
        s.kind == "class" and s.line <= (at.line or 0) <= s.end_line and any("Settings" in written(b) for b in s.bases)
        for s in view.facts.symbols
    )


def is_refused(context: Context, text: str) -> bool:
    """Is the literal compared with something elsewhere, as code does that refuses a placeholder at start?"""
    if not 3 <= len(text) <= MAX_COMPARED or "\\" in text or not text.isprintable():
        return False  # no placeholder looks like that, and nothing of the kind belongs in a pattern
    hits = context.hits(
        (rf"(==|!=|===|!==|\bin\b|includes\().{{0,40}}[\"']{re.escape(text)}[\"']|[\"']{re.escape(text)}[\"'].{{0,20}}(==|!=|\bin\b)",)
    )
    return bool(hits)
