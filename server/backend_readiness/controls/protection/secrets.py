"""Where a key comes from: a literal, a literal that stands in for a missing setting, or the environment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.named_values import written_values
from backend_readiness.controls.deployed.setting_files import FileSetting, annotation_of, setting_at, settings_named
from backend_readiness.controls.expressions import written
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.places import is_test
from backend_readiness.controls.protection.checked_environment import ENVIRONMENT, default_under, rule_of
from backend_readiness.controls.protection.settings_classes import declared, is_setting
from backend_readiness.facts.model import Alt, Call, CallRef, Concat, Index, Lit, Member, Name, Op, Seq, Value
from backend_readiness.graph.values import Const, FuncV, ModV, Obj, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.key_words import load_key_words
from backend_readiness.snapshot.matching import compile_patterns

# Names that say nothing about whose key it is.
_OF_SECTIONS = frozenset({"has_option", "has_section", "getboolean", "getint", "getfloat", "add_section"})  # settings with sections
_GENERIC = frozenset({"key", "secret", "value", "config", "options", "data", "password", "token", "self"})
_ABOUT_TOKENS = re.compile(r"jwt|token|auth|sign|security|session|secret|app")
# A longer literal is no placeholder that code compares with.
MAX_COMPARED = 120
MAX_TEXT = 200_000


MAX_LINES = 400


class Origin(StrEnum):
    LITERAL = "literal"
    FALLBACK = "fallback"
    CONFIGURED = "configured"
    MADE = "made"
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
        case Seq(items=parts) if parts:
            return _best([source_of(context, p, file, line, depth + 1) for p in parts[:4]])  # keys that take turns
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
    words = load_key_words()
    name = callee_name(call) or ""
    if re.search(words.makes, written(call.callee)) or re.search(words.makes, name):
        return Source(Origin.UNKNOWN if _is_guessable(context, call, file) else Origin.MADE, at)
    first = call.args[0].value if call.args else None
    if isinstance(first, Lit) and isinstance(first.value, str) and name in words.reads:
        setting = setting_at(context, first.value)
        if setting is not None and (found := _of_setting(context, setting)) is not None:
            return found
        if isinstance(call.callee, Member) and (told := default_under(context, call.callee.base, first.value, file)) is not None:
            return Source(Origin.FALLBACK, context.at(*told[:2]), told[2])
    inner = call.callee.base if isinstance(call.callee, Member) else None
    if name in words.wraps and not (name in words.reads and isinstance(first, Lit)):
        if isinstance(inner, CallRef | Name | Member | Index) and (first is None or name == "expect" or isinstance(first, Lit)):
            return source_of(context, inner, file, call.line, depth + 1)
        if name == "encode" and isinstance(inner, Name | Member) and written(inner).islower() and first is not None:
            return source_of(context, inner, file, call.line, depth + 1)
        taken = [a.value for a in call.args if not isinstance(a.value, Name) or a.value.id not in ("base64", "utf8")]
        key = max(taken, key=_looks_like_key, default=None)
        inner = key if key is not None and (inner is None or _looks_like_key(key)) else inner  # `secret.getBytes(UTF_8)`
        return source_of(context, inner, file, call.line, depth + 1) if inner is not None else Source(Origin.UNKNOWN, at)
    if name in ("unwrap_or", "unwrap_or_else", "orElse", "getOrDefault", "or_default") and inner is not None:
        default = call.args[-1].value if call.args else None
        if isinstance(default, CallRef):  # `"key".into()`
            held = context.view(file).facts.calls[default.call].callee
            default = held.base if isinstance(held, Member) else default
        if isinstance(default, Lit) and isinstance(default.value, str) and default.value:
            return Source(Origin.FALLBACK, at, default.value)
        return source_of(context, inner, file, call.line, depth + 1)
    if name in words.reads:
        default = next((a.value for a in call.args if a.name == "default"), None)
        positional = [a.value for a in call.args if a.name is None]
        if default is None and name in ("Field", "SecretStr") and positional:
            default = positional[0]
        elif default is None and len(positional) > 1 and name not in words.without_default:
            if _asks_section(context.view(file), call):
                return Source(Origin.CONFIGURED, at)
            default = positional[1]
        if isinstance(default, Lit) and isinstance(default.value, str) and default.value:
            return Source(Origin.FALLBACK, at, default.value)
        if isinstance(default, CallRef) and _is_guessable(context, context.view(file).facts.calls[default.call], file):
            return Source(Origin.UNKNOWN, at)
        if name in ("get", "config", "str") and isinstance(call.callee, Member) and not positional and inner is not None:
            return source_of(context, inner, file, call.line, depth + 1)
        return Source(Origin.CONFIGURED, at)
    for target in options(context.graph.ev.value(call.callee, file, call.owner)):
        if isinstance(target, FuncV):
            where = target.symbol
            returned = [r for r in context.view(where.file).returns.get(where.index, ())[:3] if r.value is not None]
            sources = [source_of(context, r.value, where.file, r.line, depth + 1) for r in returned if r.value is not None]
            if any(s.origin is not Origin.UNKNOWN for s in sources):
                return _best(sources)
    if name.lower().startswith("get") and len(name) > 5 and not call.args:  # the getter of a class of settings
        return _named(context, Member(inner or Name("self"), name[3:4].lower() + name[4:]), file, call.line, depth + 1)
    return Source(Origin.UNKNOWN, at)


def _asks_section(view: FileView, call: Call) -> bool:
    """Is it `config.get("site", "secret")` of a file with sections, where the second text is no default?"""
    base = call.callee.base if isinstance(call.callee, Member) else None
    beside = (c.callee for c in view.facts.calls if isinstance(c.callee, Member) and c.callee.name in _OF_SECTIONS)
    return base is not None and any(c.base == base for c in beside)


def _is_guessable(context: Context, call: Call, file: str) -> bool:
    """Does a function of the repository make the value with random numbers that can be foreseen?"""
    weak = compile_patterns(words_of(context, "weak_random") or ())
    for target in options(context.graph.ev.value(call.callee, file, call.owner)) if weak is not None else ():
        if isinstance(target, FuncV):
            symbol = context.view(target.symbol.file).symbol(target.symbol.index)
            lines = context.snapshot.lines(target.symbol.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + 40)]
            if any(weak.search(t.encode("utf-8", "replace")) is not None for t in lines if weak is not None):
                return True
    return False


def _looks_like_key(value: Value) -> int:
    """Of several arguments the one that is the key: by its name, a literal before what is called, constants of the algorithm last."""
    text = value.value if isinstance(value, Lit) else written(value)
    if isinstance(value, Index) and isinstance(value.key, Lit):
        text = f"{text} {value.key.value}"
    if isinstance(text, str) and re.search(r"(?i)secret|key|pass|sign", text) and not re.search(r"(?i)algorithm", text):
        return 3
    if isinstance(text, str) and re.fullmatch(r"(?i)(HS|RS|ES|PS)\d{3}|EdDSA", text):
        return 0
    return 2 if isinstance(value, CallRef | Lit) else 0 if re.search(r"(?i)algorithm|charset|utf|\bHS\d+|encoding", written(value)) else 1


def _of_setting(context: Context, setting: FileSetting) -> Source | None:
    """The origin that a settings file gives; None when it holds nothing."""
    at = context.at(setting.file, setting.line)
    if not setting.literal:
        return Source(Origin.CONFIGURED, at) if setting.can_be_replaced else None
    return Source(Origin.FALLBACK if setting.can_be_replaced else Origin.LITERAL, at, setting.literal)


def _named(context: Context, value: Value, file: str, line: int, depth: int) -> Source:
    at = context.at(file, line)
    text = written(value)
    if isinstance(value, Member) and (ruled := rule_of(context, value, file)) is not None:
        return Source(Origin.FALLBACK if ruled[2] else Origin.CONFIGURED, context.at(*ruled[:2]), ruled[2] or "")
    if ENVIRONMENT.search(text):
        return Source(Origin.CONFIGURED, at)
    name = str(value.key.value) if isinstance(value, Index) and isinstance(value.key, Lit) else text.rpartition(".")[2]
    annotated = _annotated(context, name, file)
    if annotated is not None:
        return annotated
    listed = _in_settings_file(context, value, file)
    if listed is not None:
        return listed
    if isinstance(value, Index) and (setting := setting_at(context, name)) is not None:
        return _of_setting(context, setting) or Source(Origin.UNKNOWN, at)
    if not name or len(name) < 3 or name.lower() in _GENERIC:
        if name.lower() == "value" and isinstance(value, Member) and isinstance(value.base, CallRef):  # `GetSection("Jwt:Key").Value`
            return source_of(context, value.base, file, line, depth + 1)
        view = context.view(file)
        bound = [a for (_, n), pairs in view.bindings.items() if n == name for a, _ in pairs] if isinstance(value, Name) else []
        bound += [
            a
            for a in view.facts.assigns
            if isinstance(a.target, Member) and isinstance(a.target.base, Name) and a.target.base.id == "self" and a.target.name == name
        ]
        bound += [a for (_, n), assigns in view.fields.items() if n == name for a in assigns]
        found = [
            source_of(context, a.value, file, a.line, depth + 1)
            for a in bound[:6]
            if a.value is not None and not (isinstance(a.value, Name) and a.value.id == name)
        ]
        if found:
            return _best(found)
        if isinstance(value, Name) and (shared := _imported(context, name, file)) is not None:
            return shared
        kept = _of_object(context, value, file, depth) or _in_files(context, name) if not isinstance(value, Name) else None
        return kept or _given_to(context, value, file, line, depth) or _in_files(context, name) or Source(Origin.UNKNOWN, at)
    found = []
    for where, number, written_value in written_values(context, name):
        if written_value is value or len(found) > 6:
            continue
        if (
            isinstance(written_value, Name | Member)
            and written(written_value).rpartition(".")[2] == name
            and not ENVIRONMENT.search(written(written_value))
        ):
            continue  # the same setting handed on
        found.append(source_of(context, written_value, where, number, depth + 1))
    if not found or all(f.origin is Origin.UNKNOWN for f in found):
        kept = _in_files(context, name)
        if kept is not None:
            return kept
    if not found:
        field = declared(context, name)
        return Source(Origin.CONFIGURED, field) if field is not None else Source(Origin.UNKNOWN, at)
    best = _best(found)
    if best.origin is Origin.LITERAL and is_setting(context, best.at):
        return Source(Origin.FALLBACK, best.at, best.text)
    return best


def _in_settings_file(context: Context, value: Value, file: str) -> Source | None:
    """A key that a name takes out of a file of settings: `const { secret } = require("./config.json")`, `config.secret`."""
    holder = value.base if isinstance(value, Member) else value
    items = context.view(file).imports.get(holder.id, []) if isinstance(holder, Name) else []
    wanted = value.name if isinstance(value, Member) else items[0].name if items else None
    resolver = context.graph.resolver_of(file) if items and wanted and items[0].module.endswith(".json") else None
    target = resolver.resolve(items[0].module, file) if resolver is not None else None
    found = [s for s in settings_named(context, wanted) if s.file == target and s.value] if target is not None and wanted else []
    if found or target is None or wanted is None:
        return _of_setting(context, found[0]) if found else None
    pair = re.compile(rf"""["']{re.escape(wanted)}["']\s*:\s*["']([^"']{{3,200}})["']""")
    lines = enumerate(context.snapshot.lines(target)[:MAX_LINES], 1)
    return next((Source(Origin.LITERAL, context.at(target, n), m.group(1)) for n, t in lines if (m := pair.search(t)) is not None), None)


def _of_object(context: Context, value: Value, file: str, depth: int) -> Source | None:
    """What stands under the name in the very object that the member is read from: `config.secret` of a module of settings."""
    if not isinstance(value, Member):
        return None
    bases = list(options(context.graph.ev.value(value.base, file, 0)))
    places = {b.fields[value.name].file for b in bases if isinstance(b, Obj) and value.name in b.fields}
    places |= {b.file for b in bases if isinstance(b, ModV)}
    found = [source_of(context, v, w, n, depth + 1) for w, n, v in written_values(context, value.name) if w in places] if places else []
    return _best(found) if any(s.origin is not Origin.UNKNOWN for s in found) else None


def _imported(context: Context, name: str, file: str) -> Source | None:
    """The constant of another file that the name stands for: `import static shop.Constants.*`."""
    texts = {o.value for o in options(context.graph.ev.lookup(name, file, 0)) if isinstance(o, Const) and isinstance(o.value, str)}
    for where, number, value in written_values(context, name) if texts else ():
        if isinstance(value, Lit) and value.value in texts:
            return source_of(context, value, where, number)
    return None


def _given_to(context: Context, value: Value, file: str, line: int, depth: int) -> Source | None:
    """Where the calls of a function, or of the class that it constructs, have the value of its parameter from: else its default."""
    if not isinstance(value, Name):
        return None
    view = context.view(file)
    inside = [s for s in view.facts.symbols if s.kind in ("function", "method") and s.line <= line <= s.end_line]
    symbol = min(inside, key=lambda s: s.end_line - s.line, default=None)
    position = next((n for n, p in enumerate(symbol.params) if p.name == value.id), -1) if symbol is not None else -1
    if symbol is None or position < 0:
        return None
    holder = view.symbol(symbol.parent)
    called = {symbol.name.rpartition(".")[2], holder.name} if holder.kind == "class" else {symbol.name.rpartition(".")[2]}
    found: list[Source] = []
    default = symbol.params[position].default
    if default is not None:
        found.append(source_of(context, default, file, symbol.line, depth + 1))
    for name in called:
        for where in context.graph.naming(name):
            if len(found) > 3 or not context.is_backend(where) or (is_test(where) and not is_test(file)):
                continue
            for call in context.view(where).facts.calls:
                if callee_name(call) == name and len(call.args) == len(symbol.params):
                    found.append(source_of(context, call.args[position].value, where, call.line, depth + 1))
    return _best(found) if any(s.origin is not Origin.UNKNOWN for s in found) else None


def _best(found: list[Source]) -> Source:
    """What several assignments of one name say: a literal beside a setting stands in for it."""
    best = next((s for o in (Origin.LITERAL, Origin.FALLBACK, Origin.CONFIGURED, Origin.MADE) for s in found if s.origin is o), found[0])
    if best.origin is Origin.LITERAL and any(s.origin in (Origin.CONFIGURED, Origin.MADE) for s in found):
        return Source(Origin.FALLBACK, best.at, best.text)
    return best


def _annotated(context: Context, name: str, file: str) -> Source | None:
    """What the annotation of a field or parameter of the file takes its value from."""
    if not name.isidentifier() or "@" not in (text := context.snapshot.text(file)[:MAX_TEXT]):
        return None
    match = annotation_of(text, name)
    if match is None or "." not in match.group("key"):
        return None
    setting = setting_at(context, match.group("key"))
    if setting is not None and (found := _of_setting(context, setting)) is not None:
        return found
    at = context.at(file, text.count("\n", 0, match.start()) + 1)
    default = match.group("default")
    return Source(Origin.FALLBACK, at, default) if default else Source(Origin.CONFIGURED, at)


def _in_files(context: Context, name: str) -> Source | None:
    """The setting of that name in a settings file; of several the one whose key speaks of tokens."""
    found = [s for s in settings_named(context, name) if s.value]
    if name.lower() in _GENERIC or len(found) > 1:
        found = [s for s in found if _ABOUT_TOKENS.search(".".join(s.path[:-1]))]
    return _of_setting(context, found[0]) if found else None


def is_refused(context: Context, text: str) -> bool:
    """Is the literal compared with something elsewhere, as code does that refuses a placeholder at start?"""
    if not 3 <= len(text) <= MAX_COMPARED or "\\" in text or not text.isprintable():
        return False  # no placeholder looks like that, and nothing of the kind belongs in a pattern
    hits = context.hits(
        (rf"(==|!=|===|!==|\bin\b|includes\().{{0,40}}[\"']{re.escape(text)}[\"']|[\"']{re.escape(text)}[\"'].{{0,20}}(==|!=|\bin\b)",)
    )
    return bool(hits)
