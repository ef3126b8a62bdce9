"""Members that calls in a class body declare, by the cards: associations, scopes, enumerations (card key `declares`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Lit, Name, Seq
from backend_readiness.graph.classes import keyed_parts, parts
from backend_readiness.graph.evaluation import constants
from backend_readiness.graph.evaluation.inflections import class_names, singular
from backend_readiness.graph.families import family
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, Site, SymbolId, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView
    from backend_readiness.rules.card_rules import DeclareRule


UNNAMED = ""  # calls that name nothing
FIELD = "@"  # how fields are told from methods in languages in which both have one form


def member(ev: Evaluator, cls: ClassV, name: str, receiver: AV) -> AV | None:
    """What a call in the body of the class, or of a part of it, declares under the name; None when none does."""
    found = (_declared_in(ev, cls, part, name, receiver) for part in parts.parts(ev, cls))
    declared = next((value for value in found if value is not None), None)
    return declared if declared is not None else keyed_parts.member(ev, cls, name)


def _declared_in(ev: Evaluator, cls: ClassV, part: SymbolId, name: str, receiver: AV) -> AV | None:
    view = ev.world.view(part.file)
    index = ev.world.knowledge.declares
    declaring = _declaring_calls(ev, view, part)
    said = name.removeprefix(FIELD)
    for number in (*declaring.get(said, ()), *declaring.get(UNNAMED, ())):
        call = view.facts.calls[number]
        for callee in options(ev.value(call.callee, view.path, call.owner)):
            for rule in (t.rule for t, _ in index.matches(callee.path)) if isinstance(callee, Ext) else ():
                site = Site(view.path, number, None)
                if (said == name) is bool(rule.instance):  # an object is kept in a field, all else is a method
                    continue
                if said in (_names(ev, rule, site, call) or _by_class(ev, rule, receiver)):
                    assert isinstance(callee, Ext)
                    return _declared(ev, rule, site, callee, cls, said, receiver)
    return None


def _declaring_calls(ev: Evaluator, view: FileView, part: SymbolId) -> dict[str, list[int]]:
    """Name -> the calls in the body of the class that may declare it, by how they are written."""
    known = ev.constants.declaring.get(part)
    if known is None:
        known = ev.constants.declaring[part] = {}
        wanted = ev.world.knowledge.declares.names_in(family(view.language))
        numbers = [n for scope in view.body(part.index) for n in view.calls_of.get(scope, ())] if wanted else []
        for number in numbers:
            call = view.facts.calls[number]
            if not isinstance(call.callee, Name) or call.callee.id not in wanted:
                continue
            if all(a.name is not None for a in call.args):
                known.setdefault(UNNAMED, []).append(number)
            for item in (i for a in call.args for i in (a.value.items if isinstance(a.value, Seq) else (a.value,)) if a.name is None):
                if isinstance(item, Lit) and isinstance(item.value, str) and item.value not in wanted:
                    known.setdefault(item.value, []).append(number)
    return known


def _by_class(ev: Evaluator, rule: DeclareRule, receiver: AV) -> list[str]:
    """The name that the class of the receiver gives to what it is about: `order_item` for `OrderItemsController`."""
    if not rule.instance or not isinstance(receiver, InstV):
        return []
    own = ev.world.view(receiver.cls.symbol.file).symbol(receiver.cls.symbol.index).name.rpartition("::")[2]
    stem = own.removesuffix(rule.instance)
    return [singular(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", stem).lower())] if stem not in ("", own) else []


def _names(ev: Evaluator, rule: DeclareRule, site: Site, call: Call) -> list[str]:
    from backend_readiness.graph.references import argument_thunk

    found: list[str] = []
    thunks = [argument_thunk(ev, site, rule.name)]
    if rule.all_args:
        count = sum(1 for arg in call.args if arg.name is None)
        thunks = [ev.arg_thunk(site, position) for position in range(count)]
    for thunk in thunks:
        for item in (thunk.expr.items if isinstance(thunk.expr, Seq) else (thunk.expr,)) if thunk is not None else ():
            if isinstance(item, Lit) and isinstance(item.value, str):
                found.append(item.value)
    return found


def _declared(ev: Evaluator, rule: DeclareRule, site: Site, callee: Ext, cls: ClassV, name: str, receiver: AV) -> AV | None:
    from backend_readiness.graph.references import argument_thunk

    if rule.function is not None:
        thunk = argument_thunk(ev, site, rule.function)
        value = ev.thunk(thunk) if thunk is not None else None
        return FuncV(value.symbol, receiver, value.env) if isinstance(value, FuncV) else None
    if rule.result is not None:
        thunk = argument_thunk(ev, site, rule.result)
        value = ev.thunk(thunk) if thunk is not None else None
        return ev.invoke(FuncV(value.symbol, receiver, value.env)) if isinstance(value, FuncV) else value
    subject = _subject(ev, rule, site, cls, name)
    if rule.instance:
        return InstV(subject) if isinstance(subject, ClassV) else None
    base = Ext(callee.path, receiver if isinstance(receiver, Ext | InstV) else callee, None, subject)
    return Ext(f"{callee.path}.{name}", base, None, subject)


def _subject(ev: Evaluator, rule: DeclareRule, site: Site, cls: ClassV, name: str) -> AV | None:
    from backend_readiness.graph.references import argument_thunk

    around = constants.full_name(ev.world.view(cls.symbol.file), cls.symbol.index)
    for ref in rule.subject:
        thunk = argument_thunk(ev, site, ref)
        value = ev.thunk(thunk) if thunk is not None else None
        if isinstance(value, ClassV):
            return value
        if value == Const(False):  # nothing of that name is kept
            return None
        if isinstance(value, Const) and isinstance(value.value, str):
            return _class_of(ev, value.value, around)
    return _class_of(ev, name, around)


def _class_of(ev: Evaluator, name: str, around: tuple[str, ...]) -> ClassV | None:
    """The class that a member is called after, also where its name is an acronym."""
    names = class_names(name)
    exact = next((c for n in names if (c := constants.class_of_text(ev, n, around)) is not None), None)
    return exact or next((c for n in names if (c := constants.class_spelled(ev, n)) is not None), None)
