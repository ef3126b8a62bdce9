"""Whether everything that a flow takes from its caller was seen to be bounded: the premises of saying that its input is validated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, passed, unverified
from backend_readiness.controls.protection.bounds import input_classes
from backend_readiness.controls.protection.inherited_answers import serializers
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.model_checks import bodies, held_by
from backend_readiness.controls.protection.settled_fields import is_bounded, open_class
from backend_readiness.controls.protection.settled_rules import open_listed, open_model
from backend_readiness.controls.protection.settled_schemas import open_schema
from backend_readiness.controls.subjects import Subject
from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Index, Param
from backend_readiness.graph.values import ClassV, InstV, SymbolId, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_CARRIERS = re.compile(sign("settled_input", "carriers"))
_OF_BODY = re.compile(sign("settled_input", "of_body"))
_ASIDE = re.compile(sign("settled_input", "aside"))
_TEXT = re.compile(sign("settled_input", "text"))
MAX_SIGNATURE = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInput:
    """A premise that was not seen: the field (empty where no declaration of the input was found), and where it would stand."""

    name: str
    at: Evidence | None

    @property
    def why(self) -> str:
        if self.name:
            return f"Input is checked; what `{self.name}` may hold at most was not seen."
        return "Something on the flow checks input; which rule bounds each field that the flow takes was not resolved."


def is_entrance(context: Context) -> bool:
    """Is the input compared with what is stored, and none of it kept: signing in, resetting, verifying?"""
    subject = Subject(context)
    return subject.credentials and not subject.sign_up


def passed_if_settled(context: Context, handlers: Sequence[SymbolId], why: str, *at: Evidence) -> Judgement:
    """A pass where each part of the input was seen to be bounded, else the question which was not. What is only compared needs a type."""
    missing = open_input(context, handlers, kept=not is_entrance(context))
    return passed(why, *at) if missing is None else unverified(missing.why, *_places(missing, *at[:1]))


def passed_if_served(context: Context, why: str, at: Evidence) -> Judgement:
    """The same for the serializer of a class that answers by its base."""
    missing = open_served(context)
    return passed(why, at) if missing is None else unverified(missing.why, *_places(missing, at))


def _places(missing: OpenInput, *at: Evidence) -> tuple[Evidence, ...]:
    """Where the field stands, and what was seen beside it."""
    known = [*([missing.at] if missing.at is not None else []), *at]
    return tuple({(e.file, e.line): e for e in known}.values())


def open_input(context: Context, handlers: Sequence[SymbolId], *, kept: bool = True) -> OpenInput | None:
    """The first part of the flow's input which nothing known bounds; None when each was seen to be bounded."""
    loose = _open_param(context, handlers, kept)
    if loose is not None:
        return loose
    aside = _handed_in(context, handlers)
    classes = [c for c in _classes(context, handlers) if c not in aside]
    for cls in classes:
        found = open_class(context, cls, kept=kept)
        if found is not None and not _is_plain(context, cls):
            return OpenInput(name=found[0], at=found[1])
    seen = bool([c for c in classes if not _is_plain(context, c)])
    for reader in _READERS.get(context.language, ()):
        known, found = reader(context, handlers, kept=kept)
        if found is not None:
            return OpenInput(name=found[0], at=found[1])
        seen = seen or known
    if seen or _has_only_narrow_params(context, handlers):
        return None
    return OpenInput(name="", at=None)


def open_served(context: Context) -> OpenInput | None:
    """The same for what the serializers of the handlers' classes take."""
    for cls in serializers(context):
        found = open_class(context, cls)
        if found is not None:
            return OpenInput(name=found[0], at=found[1])
    return None if serializers(context) else OpenInput(name="", at=None)


_READERS = {"javascript": (open_schema,), "php": (open_listed,), "ruby": (open_model,), "elixir": (open_model,)}


def _classes(context: Context, handlers: Sequence[SymbolId]) -> list[SymbolId]:
    """The classes of the body; where rules stand in forms and serializers, those that the flow checks input with."""
    if context.language == "python":
        return input_classes(context, handlers)
    inputs = inputs_of(context)
    given = {
        v.cls.symbol
        for w in handlers
        for p in context.view(w.file).symbol(w.index).params
        if p.type is not None and inputs.is_dependency(w, p)
        for v in options(context.graph.ev.instance_of(p.type, w.file, 0))
        if isinstance(v, InstV)
    }
    return [c for c in bodies(context, handlers, inside=True) if c not in given]


def _handed_in(context: Context, handlers: Sequence[SymbolId]) -> set[SymbolId]:
    """Classes of parameters that name no part of the request, in languages whose handlers name each part: the application's state."""
    if context.language != "rust":
        return set()
    given = [
        (w, p.type)
        for w in handlers
        for p in context.view(w.file).symbol(w.index).params
        if p.type is not None and not isinstance(p.type, Index)
    ]
    found = {v.cls.symbol for w, t in given for v in options(context.graph.ev.instance_of(t, w.file, 0)) if isinstance(v, InstV)}
    return found | {h for f in found for h in held_by(context, f)}


def _is_plain(context: Context, cls: SymbolId) -> bool:
    """A class of a request in a language whose requests list their rules by name, which the rules are read for."""
    return context.language == "php"


def _open_param(context: Context, handlers: Sequence[SymbolId], kept: bool) -> OpenInput | None:
    inputs = inputs_of(context)
    of_path = {p.name for r in context.routes for p in r.route.params}
    for where in handlers:
        view = context.view(where.file)
        symbol = view.symbol(where.index)
        if view.language not in ("python", "java", "kotlin", "csharp", "typescript", "javascript"):
            continue
        for param in symbol.params:
            if (
                param.name in ("", "self", "this", "cls")
                or param.kind
                or inputs.is_dependency(where, param)
                or inputs.request_param(where, param)
            ):
                continue
            if param.name.lstrip("$") in of_path or any(f"{{{param.name}" in r.route.endpoint.path for r in context.routes):
                continue
            if view.language in ("typescript", "javascript") and _OF_BODY.search(_written(context, where, param)) is None:
                continue  # what the framework hands on, and what a page gives its function
            if not _is_settled(context, where, param, kept):
                return OpenInput(name=param.name, at=context.at_symbol(where))
    return None


def _is_settled(context: Context, where: SymbolId, param: Param, kept: bool) -> bool:
    if param.type is not None:
        parts = (param.type.key, param.type.base) if isinstance(param.type, Index) else (param.type,)
        values = [v for p in parts for v in options(context.graph.ev.instance_of(p, where.file, 0))]
        if any(isinstance(v, InstV | ClassV) for v in values):
            return True  # its class is looked at by itself
    language = _language(context, where.file)
    text = _written(context, where, param)
    if _ASIDE.search(text) is not None or (_TEXT.search(text) is None and _CARRIERS.search(text) is not None):
        return True
    only_compared = not kept and _TEXT.search(text) is not None  # a class that was not found says nothing
    return any(is_bounded(language, t, kept=not only_compared) for t in (text, f"{text};"))


def _language(context: Context, file: str) -> str:
    language = context.view(file).language
    return "javascript" if language == "typescript" else language


def _written(context: Context, where: SymbolId, param: Param) -> str:
    """The source of one parameter, its marks and default included."""
    symbol = context.view(where.file).symbol(where.index)
    text = " ".join(context.snapshot.lines(where.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_SIGNATURE)])
    start = text.find("(", max(0, text.find(f"{symbol.name}"))) + 1
    depth, first = 1, start
    for n in range(start, len(text)):
        depth += (text[n] in "([{<") - (text[n] in ")]}") - (text[n] == ">" and text[n - 1] not in "-=")
        if (text[n] == "," and depth == 1) or depth <= 0:
            if re.search(rf"\b{re.escape(param.name.lstrip('$'))}\b", text[first:n]) is not None:
                return text[first:n].strip()
            first = n + 1
        if depth <= 0:
            break
    return ""


def _has_only_narrow_params(context: Context, handlers: Sequence[SymbolId]) -> bool:
    """Does each handler name what it takes, none of it left open, and read no request object beside it?"""
    inputs = inputs_of(context)
    types = frozenset(n for card in context.graph.knowledge.cards for n in card.input_types)
    for where in handlers:
        params = [p for p in context.view(where.file).symbol(where.index).params if p.name not in ("self", "this")]
        if any(inputs.request_param(where, p) for p in params):
            return False
        if any(isinstance(p.type, Index) and last_name(p.type.base) in types and not _is_settled(context, where, p, True) for p in params):
            return False
        if context.language == "go" or (context.language == "javascript" and not any(p.decorators for p in params)):
            return False
    return bool(handlers) and context.language not in ("ruby", "php", "elixir")
