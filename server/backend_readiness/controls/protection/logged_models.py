"""What a log call is given as a whole: an object that shows all its fields in a text, a secret among them, or a record of a person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.facts.model import Call, CallRef, Index, Member, Name, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.values import AV, ClassV, InstV, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs, signs_by

_SHOWN = re.compile(r"^(toString|ToString|__str__|__repr__|to_s|inspect|String|__toString)$")
_DUMPS = signs("logged_models", "dumps")
_LEAVES_OUT = signs("logged_models", "leaves_out")
_MASKED = re.compile(sign("logged_models", "masked"))
_INHERITED = frozenset(signs("logged_models", "inherited"))


def whole_model(context: Context, file: str, scope: int, call: Call, names: list[str], secret: re.Pattern[str]) -> tuple[str, str] | None:
    """The name of an object that is logged with all its fields, and the field of it that is a secret."""
    marks = shows_fields(context, file)
    named = [re.compile(p) for p in signs_by("logged_models", "destructured").get(context.language, ())]
    if not marks and not named:
        return None
    said = "\n".join(context.snapshot.lines(file)[call.line - 1 : min(call.end_line, call.line + 5)])
    opened = any(p.search(said) for p in named)
    plain = dict.fromkeys(n for n in names if re.fullmatch(r"\w+", n))
    for name in dict.fromkeys(_made_from(context, file, scope, n) for n in plain):
        for value in _values(context, file, scope, call, name):
            for option in options(value):
                if not isinstance(option, InstV):
                    continue
                family = _with_bases(context, option.cls)
                field = next((f for c in family if (f := _secret_of(context, c, secret)) is not None), None)
                if field is not None and (opened or any(m.search(t) for c in family for m in marks for t in _head(context, c))):
                    return name, field
                if (own := _told_by_own_text(context, option.cls.symbol, secret)) is not None:
                    return name, own
    return None


def _with_bases(context: Context, cls: ClassV) -> list[SymbolId]:
    """A class, and in languages whose objects show what they inherit the repository's own classes that it extends."""
    if context.view(cls.symbol.file).language not in _INHERITED:
        return [cls.symbol]
    return [cls.symbol, *(b.symbol for b in inheritance.bases(context.graph.ev, cls) if isinstance(b, ClassV))]


def _made_from(context: Context, file: str, scope: int, name: str) -> str:
    """The object whose fields a local name holds as they are: `data = given.model_dump()`; else the name itself."""
    view = context.view(file)
    bound = [a.value for a, way in view.bindings.get((scope, name), ()) if not way]
    if len(bound) != 1 or not isinstance(bound[0], CallRef):
        return name
    call = view.facts.calls[bound[0].call]
    base = call.callee.base if isinstance(call.callee, Member) else None
    whole = callee_name(call) in _DUMPS and not any(a.name in _LEAVES_OUT for a in call.args)
    return base.id if whole and isinstance(base, Name) else name


def shows_fields(context: Context, file: str) -> list[re.Pattern[str]]:
    """What stands at the head of a class whose objects show all their fields in a text, in the language of the file."""
    return [re.compile(p) for p in signs_by("logged_models", "shows_fields").get(context.view(file).language, ())]


def whole_record(context: Context, names: list[str], *, credentials: bool) -> str | None:
    """A name that languages whose logs show objects whole give to a record of a person, or to what was sent in a sign-in."""
    people = [re.compile(p) for p in signs_by("logged_models", "people").get(context.language, ())]
    sent = [re.compile(p) for p in signs_by("logged_models", "sent").get(context.language, ())] if credentials else []
    return next((n for n in names if any(p.fullmatch(n) for p in (*people, *sent))), None)


def whole_input(context: Context, file: str, call: Call) -> str | None:
    """What a log call says of all that was sent: `$request->all()`, `params`."""
    patterns = [re.compile(p) for p in signs_by("logged_models", "whole_input").get(context.view(file).language, ())]
    said = "\n".join(t[:500] for t in context.snapshot.lines(file)[call.line - 1 : min(call.end_line, call.line + 5)])
    return next((m[0].strip(" ,)}]\n(") for p in patterns if (m := p.search(said)) is not None), None)


def logged_bodies(context: Context) -> Evidence | None:
    """Where a middleware is told to write the bodies of requests to the log."""
    found = context.hits(signs_by("logged_models", "bodies").get(context.language, ()))
    return context.at(*found[0][:2]) if found else None


def _values(context: Context, file: str, scope: int, call: Call, name: str) -> Iterator[AV]:
    view, ev = context.view(file), context.graph.ev
    yield ev.value(Name(name), file, call.owner)
    for around in view.enclosing(scope):
        for param in view.symbol(around).params:
            if param.name == name and param.type is not None:
                typed: Value = param.type.key if isinstance(param.type, Index) else param.type  # `Json<NewGuest>`
                yield ev.instance_of(typed, file, 0)


def _told_by_own_text(context: Context, cls: SymbolId, secret: re.Pattern[str]) -> str | None:
    """A secret field that the class itself puts into the text by which its objects are shown."""
    view, lines = context.view(cls.file), context.snapshot.lines(cls.file)
    fields = [f for (owner, f) in view.fields if owner == cls.index and secret.search(f) is not None]
    shown = [s for s in view.facts.symbols if s.parent == cls.index and _SHOWN.match(s.name) is not None]
    said = [t for s in shown for t in lines[s.line - 1 : s.end_line] if not _MASKED.search(t)]
    return next((f for f in fields if any(re.search(rf"\b{re.escape(f)}\b(?!\s*[=:])", t) for t in said)), None)


def _head(context: Context, cls: SymbolId) -> tuple[str, ...]:
    line = context.view(cls.file).symbol(cls.index).line
    return context.snapshot.lines(cls.file)[max(0, line - 5) : line]


def _secret_of(context: Context, cls: SymbolId, secret: re.Pattern[str]) -> str | None:
    """The first field that is a secret by its name, and under no mark that hides it; the parts of a record count too."""
    view, lines = context.view(cls.file), context.snapshot.lines(cls.file)
    held = [(f, a[0].line) for (owner, f), a in view.fields.items() if owner == cls.index]
    if not held:
        held = [
            (p.name, s.line) for s in view.facts.symbols if s.name == "constructor" and s.parent == cls.index for p in s.params if p.name
        ]
    return next((f for f, n in held if secret.search(f) and not any(_MASKED.search(t) for t in lines[max(0, n - 2) : n])), None)
