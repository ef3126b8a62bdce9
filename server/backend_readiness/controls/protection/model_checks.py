"""Rules that stand on the fields of a body or on a stored model, and whether something on the flow runs them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from backend_readiness.controls.callees import chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.bound_types import types_bound
from backend_readiness.facts.model import Index, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.values import ClassV, Ext, FuncV, InstV, Site, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.security_words import Noun, load_security_words
from backend_readiness.snapshot.matching import compile_patterns

# An annotation, attribute or tag that may be a rule; what only names fields or writes accessors is none.
_MARKED = re.compile(
    r"""(.*[\s(,])?@((field|get|set|param|property):)?(?!(Data|Getter|Setter|NoArgsConstructor|AllArgsConstructor|Builder|ToString|EqualsAndHashCode|Schema|JsonProperty|ApiModel\w*|Override|Serializable|SerialName)\b)[A-Z]"""
    r"""|(\s*|.*[(,]\s*)\[(?!(JsonProperty\w*|Serializable|DataContract|DataMember)\b)[A-Z]\w*[(\]]|\s*\#\[(?!(derive|serde|allow|schema)\b)\w"""
    r"""|.*`.*\b(binding|validate|valid|v):"|\s*init\s*\{"""
)
_WITH_SCHEMA = re.compile(r"\b(\w+)\.(?:parse|safeParse|validate)(?:Async|Sync)?\(|\bvalidat\w*\(\s*(?:\w+\.)?(\w+)\s*[,)]")
# A class whose head declares its fields: `record Order(string Code)`, `data class Order(val code: String)`.
_RECORD = re.compile(r"\brecord\s+(?:class\s+|struct\s+)?\w|\bclass\s+\w+\s*\(")
MAX_AROUND = 4
MAX_MARKS = 20
MAX_CHAIN_CHARS = 2_000
MAX_AROUND_ROUTE = 40
_ENDS = re.compile(r";\s*$|\bclass\b.*\{\s*$")  # of the field before, or the head of the class
_FILLS = re.compile(r"(?i)bind|decode|parse|read|receive|extract|unmarshal")


def checked_fields(context: Context, handlers: Sequence[SymbolId]) -> Evidence | None:
    """A rule on a field of a body of the flow, when what runs such rules stands on the chain or holds for the whole backend."""
    checks = load_security_words().checked_fields.get(context.language, ())
    if not checks:
        return None
    lines = [t.encode("utf-8", "replace") for _, _, t in chain_text(context)]
    for cls in bodies(context, handlers):
        symbol = context.view(cls.file).symbol(cls.index)
        for number in range(symbol.line, min(symbol.end_line, symbol.line + 200) + 1):
            text = context.snapshot.lines(cls.file)[number - 1].encode("utf-8", "replace")
            for check in checks:
                rule, run = compile_patterns((check.rule,)), compile_patterns(check.run)
                if rule is None or run is None or not rule.search(text):
                    continue
                if any(run.search(line) for line in lines) or (check.everywhere and _runs_everywhere(context, handlers, check.everywhere)):
                    return context.at(cls.file, number)
    return None


def _runs_everywhere(context: Context, handlers: Sequence[SymbolId], marks: tuple[str, ...]) -> bool:
    """Does something run the rules of all handlers: a call, or a mark on the class of the handlers, a base of it or the whole program?"""
    hits = context.hits(marks)
    loose = [(f, t) for f, _, t in hits if not t.lstrip().startswith("[") or "assembly:" in t]
    if loose or not hits:
        return bool(loose)
    classes = [SymbolId(h.file, context.view(h.file).symbol(h.index).parent) for h in handlers]
    known = [c for c in classes if c.index > 0]
    files = {c.file for c in classes} | {
        b.symbol.file for c in known for b in inheritance.bases(context.graph.ev, ClassV(c)) if isinstance(b, ClassV)
    }
    return any(f in files for f, _, _ in hits)


def unchecked_fields(context: Context, handlers: Sequence[SymbolId]) -> Evidence | None:
    """A rule on a field of a body of the flow that nothing runs."""
    checks = load_security_words().checked_fields.get(context.language, ())
    for cls in bodies(context, handlers) if checks else ():
        symbol = context.view(cls.file).symbol(cls.index)
        for number in range(symbol.line, min(symbol.end_line, symbol.line + 200) + 1):
            text = context.snapshot.lines(cls.file)[number - 1].encode("utf-8", "replace")
            if any((rule := compile_patterns((c.rule,))) is not None and rule.search(text) for c in checks):
                return context.at(cls.file, number)
    return None


def unbounded_body(context: Context, handlers: Sequence[SymbolId]) -> Evidence | None:
    """A body with fields of free text, when no field of it, of what it holds or of its bases has a rule."""
    rules = compile_patterns(words_of(context, "field_rules") or ())
    texts = compile_patterns(words_of(context, "text_fields") or ())
    if rules is None or texts is None:
        return None
    free: Evidence | None = None
    for cls in bodies(context, handlers):
        owners = [cls, *(b.symbol for b in inheritance.bases(context.graph.ev, ClassV(cls)) if isinstance(b, ClassV))]
        for owner in owners[:8]:
            symbol = context.view(owner.file).symbol(owner.index)
            lines = context.snapshot.lines(owner.file)
            for number in range(max(1, symbol.line - 4), min(symbol.end_line, symbol.line + 200, len(lines)) + 1):
                said = lines[number - 1].encode("utf-8", "replace")
                if rules.search(said) is not None:
                    return None
                if free is None and number > symbol.line and texts.search(said) is not None:
                    free = context.at(owner.file, symbol.line, min(symbol.end_line, symbol.line + 8))
    return free


def loose_rule(context: Context, handlers: Sequence[SymbolId]) -> Evidence | None:
    """A rule of a field of free text that bounds nothing: on the chain, or in a class that the handler takes."""
    pattern = compile_patterns(words_of(context, "loose_rules") or ())
    if pattern is None:
        return None
    bounding = compile_patterns(words_of(context, "bounding_rules") or ())
    if (field := _loose_field(context, handlers)) is not None:
        return field
    lines = rule_lines(context, handlers)
    for file, number, line in (*(row for row in lines if "object({" in row[2]), *_joined(lines)):  # a schema on one line stands alone
        written = line.encode("utf-8", "replace")
        if pattern.search(written) is not None and (bounding is None or bounding.search(written) is None):
            return context.at(file, number)
    return None


def rule_lines(context: Context, handlers: Sequence[SymbolId]) -> list[tuple[str, int, str]]:
    """(file, line, text) of what may say rules: the chain, the routes, the classes that handlers take, the schemas that they name."""
    lines = [*chain_text(context), *_registration_lines(context)]
    for cls in bodies_taken(context, handlers):
        symbol = context.view(cls.file).symbol(cls.index)
        text = context.snapshot.lines(cls.file)
        lines += [(cls.file, n, text[n - 1]) for n in range(symbol.line, min(symbol.end_line, symbol.line + 200, len(text)) + 1)]
    return lines + _schema_lines(context, lines)


def _joined(lines: Iterable[tuple[str, int, str]]) -> Iterator[tuple[str, int, str]]:
    """Chains that go on in the lines below as one line: `body("title")`, `.trim()`."""
    held: tuple[str, int, str] | None = None
    last = 0
    for file, number, text in lines:
        if held is not None and file == held[0] and number == last + 1 and text.lstrip().startswith(".") and len(held[2]) < MAX_CHAIN_CHARS:
            held, last = (file, held[1], held[2] + text.strip()), number
            continue
        if held is not None:
            yield held
        held, last = (file, number, text), number
    if held is not None:
        yield held


def _registration_lines(context: Context) -> Iterator[tuple[str, int, str]]:
    """The lines that register the routes of the flow, and those that make what runs before them: rules may be given one by one."""
    places = {(r.route.place.file, r.route.place.line, r.route.place.end_line): None for r in context.routes}
    for guard in context.guards:
        for value in options(guard.value):
            if isinstance(value, Ext) and value.site is not None:
                made = context.view(value.site.file).facts.calls[value.site.call]
                places[value.site.file, made.line, made.end_line] = None
    for file, first, last in places:
        for number, text in enumerate(context.snapshot.lines(file)[first - 1 : min(last, first + MAX_AROUND_ROUTE)], first):
            yield file, number, text


def _loose_field(context: Context, handlers: Sequence[SymbolId]) -> Evidence | None:
    """A field of free text in a class that the handler takes, none of the marks above which bounds it."""
    fields, bounding = (compile_patterns(words_of(context, noun) or ()) for noun in ("loose_fields", "bounding_rules"))
    for cls in bodies_taken(context, handlers) if fields is not None else ():
        symbol = context.view(cls.file).symbol(cls.index)
        lines = context.snapshot.lines(cls.file)
        for number in range(symbol.line + 1, min(symbol.end_line, symbol.line + 200, len(lines)) + 1):
            if fields is None or fields.search(lines[number - 1].encode("utf-8", "replace")) is None:
                continue
            first = number - 1
            while first > symbol.line and number - first < MAX_MARKS and not _ENDS.search(lines[first - 1]):
                first -= 1
            marks = "\n".join(lines[first : number - 1])
            if "@" in marks and (bounding is None or not any(bounding.search(m.encode("utf-8", "replace")) for m in marks.split("\n"))):
                return context.at(cls.file, number)
    return None


def _schema_lines(context: Context, lines: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    """The lines of schemas that a line of the chain checks input with, by their names."""
    names = {next(g for g in m.groups() if g) for _, _, t in lines for m in _WITH_SCHEMA.finditer(t)}
    found: list[tuple[str, int, str]] = []
    for name in sorted(names)[:6]:
        made = (
            rf"\b(?:const|let|var)\s+{re.escape(name)}\b[^=]*=[^=>]",
            rf"^\s*(?:exports\.)?{re.escape(name)}\s*[:=]\s*(?:\{{|\w{{1,12}}\.\w+\()",
        )
        for file, line, _ in context.hits(made)[:2]:
            all_lines = context.snapshot.lines(file)
            depth = len(all_lines[line - 1]) - len(all_lines[line - 1].lstrip())
            for number, text in enumerate(all_lines[line - 1 : line + 60], line):
                if text.lstrip().startswith(".") and found and found[-1][0] == file:  # a step of the chain above
                    found[-1] = (file, found[-1][1], found[-1][2].rstrip() + text.strip())
                else:
                    found.append((file, number, text))
                if len(text) - len(text.lstrip()) <= depth and text.lstrip().startswith(("}", ")", "]")):
                    break
    return found


def unruled_body(context: Context, handlers: Sequence[SymbolId]) -> Evidence | None:
    """The first class of the body, when no class that the handlers take has a field with a rule, an annotation or attribute of any kind."""
    first: Evidence | None = None
    for cls in bodies_taken(context, handlers):
        symbol = context.view(cls.file).symbol(cls.index)
        if symbol.kind == "enum":  # its values are the rule
            continue
        if symbol.kind != "class" or not any(typed_fields(context, cls)):
            return None
        lines = context.snapshot.lines(cls.file)
        for number in range(max(1, symbol.line - 3), min(symbol.end_line, symbol.line + 200, len(lines)) + 1):
            if _MARKED.match(lines[number - 1]) is not None:
                return None
        first = first or context.at(cls.file, symbol.line, min(symbol.end_line, symbol.line + 8))
    return first


def bodies(context: Context, handlers: Sequence[SymbolId], *, inside: bool = False) -> Iterator[SymbolId]:
    """Classes of the repository that a handler takes as a parameter, or that a call of the chain fills from the request.

    `inside`: only calls of the handlers themselves, as what the functions below them fill may belong to another request.
    """
    seen: set[SymbolId] = set()
    yield from _new(bodies_taken(context, handlers), seen)
    own = {(w.file, s) for w in handlers for s in context.view(w.file).body(w.index)}
    for file, scope in chain_scopes(context):
        if inside and (file, scope) not in own:
            continue
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            if not _FILLS.search(callee_name(call) or ""):
                continue
            for arg in call.args[:3]:
                values = options(context.graph.ev.value(arg.value, file, call.owner))
                filled = (v.cls.symbol if isinstance(v, InstV) else v.symbol for v in values if isinstance(v, InstV | ClassV))
                for cls in list(_new(filled, seen)):
                    yield cls
                    yield from _new(held_by(context, cls), seen)


def bodies_taken(context: Context, handlers: Sequence[SymbolId]) -> Iterator[SymbolId]:
    """Classes of the repository that handlers take as parameters, or what runs before them as a type (`Validate[Order](log)`); and
    those that their fields hold."""
    seen: set[SymbolId] = set()
    for cls in bodies_of_params(context, handlers):
        yield from _new(iter((cls,)), seen)
        yield from _new(held_by(context, cls), seen)
    for cls in types_bound(context, handlers):
        yield from _new(iter((cls,)), seen)
        yield from _new(held_by(context, cls), seen)
    for written, site in _types_given(context):
        values = options(context.graph.ev.instance_of(written, site.file, context.view(site.file).facts.calls[site.call].owner))
        for cls in list(_new((v.cls.symbol for v in values if isinstance(v, InstV)), seen)):
            yield cls


def bodies_of_params(context: Context, handlers: Sequence[SymbolId]) -> Iterator[SymbolId]:
    """Classes of the repository that handlers take as parameters, each once."""
    seen: set[SymbolId] = set()
    for where in handlers:
        for param in context.view(where.file).symbol(where.index).params:
            typed = param.type.key if isinstance(param.type, Index) else param.type  # `Json<Order>`
            values = options(context.graph.ev.instance_of(typed, where.file, 0)) if typed is not None else ()
            yield from list(_new((v.cls.symbol for v in values if isinstance(v, InstV)), seen))


def _types_given(context: Context) -> Iterator[tuple[Value, Site]]:
    """The types that calls are given which made what runs before the handlers."""
    for guard in context.guards:
        for value in options(guard.value):
            env = value.env if isinstance(value, FuncV) else None
            for _ in range(MAX_AROUND):
                if env is None:
                    break
                if env.site is not None:
                    yield from ((t, env.site) for t in context.view(env.site.file).facts.calls[env.site.call].type_args)
                env = env.outer


def held_by(context: Context, cls: SymbolId) -> Iterator[SymbolId]:
    """The classes of the repository that the fields of one have as their type, but for fields that no body fills."""
    lines = context.snapshot.lines(cls.file)
    for _, written, number in typed_fields(context, cls):
        if 'json:"-"' in lines[number - 1]:
            continue
        values = () if written is None else options(context.graph.ev.instance_of(written, cls.file, cls.index))
        yield from (v.cls.symbol for v in values if isinstance(v, InstV))


def typed_fields(context: Context, cls: SymbolId) -> Iterator[tuple[str, Value | None, int]]:
    """(name, type if one is said, line) of the fields of a class, those of a record's head among them."""
    view = context.view(cls.file)
    for (owner, name), assigns in view.fields.items():
        if owner == cls.index:
            yield name, assigns[0].type, assigns[0].line
    lines = context.snapshot.lines(cls.file)
    symbol = view.symbol(cls.index)
    for child in view.children.get(cls.index, ()) if _RECORD.search(lines[symbol.line - 1][:500]) is not None else ():
        made = view.symbol(child)
        for param in made.params if made.name == "constructor" and made.line <= symbol.line + 1 else ():
            head = range(symbol.line, min(symbol.line + MAX_MARKS, symbol.end_line, len(lines)) + 1)
            at = next((n for n in head if re.search(rf"\b{re.escape(param.name)}\b", lines[n - 1][:500]) is not None), symbol.line)
            yield param.name, param.type, at


def _new(found: Iterator[SymbolId], seen: set[SymbolId]) -> Iterator[SymbolId]:
    for symbol in found:
        if symbol not in seen and len(seen) < 20:
            seen.add(symbol)
            yield symbol


def checked_models(context: Context) -> Evidence | None:
    """A rule of a model that the flow stores, where the language keeps such rules in models."""
    return in_models(context, "model_rules")


def in_models(context: Context, noun: Noun, *, stored_only: bool = False) -> Evidence | None:
    """The first line of a model that the flow stores, or looks up, that says a thing in the words of the language."""
    pattern = compile_patterns(words_of(context, noun) or ())
    if pattern is None:
        return None
    stored = {e.target.rpartition(".")[2] for e, _ in context.effects if e.operation == "write" and e.target}
    read = {e.target.rpartition(".")[2] for e, _ in context.effects if e.operation == "read" and e.target}
    for name in (*sorted(stored), *(sorted(read - stored) if noun != "model_rules" and not stored_only else ())):
        for file, line, _ in context.hits((rf"^\s*(final\s+)?(class|defmodule)\s+([\w:.]+)?\b{re.escape(name)}\b",))[:2]:
            for number, text in enumerate(context.snapshot.lines(file)[line : line + 200], line + 1):
                if pattern.search(text.encode("utf-8", "replace")):
                    return context.at(file, number)
    return None
