"""Names of a package that stand for a value of the repository: `current_user`, `request.user`, `get_user_model()`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Lit
from backend_readiness.graph.classes.inheritance import direct_bases
from backend_readiness.graph.evaluation.exports import class_named
from backend_readiness.graph.evaluation.folder_members import member
from backend_readiness.graph.evaluation.spelling import ANY_CASE
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, Site, SymbolId, options, union
from backend_readiness.rules.card_rules import StandInRule
from backend_readiness.snapshot.places import is_production

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_FILES = 20
MAX_LOADING = 200


def meant(graph: Graph, rule: StandInRule, patterns: tuple[str, ...], path: str = "") -> AV | None:
    """The class that a setting names, or what the functions return that are decorated with or passed to one of `patterns`.

    With `named` the class that the last step of `path` names, with `folder` what the file of its last steps gives, with `only_below` the
    only class with that base.
    """
    if rule.folder:
        return member(graph.ev, rule.folder, path)
    if rule.named:
        return next((InstV(c) for name in _names(graph, rule, last_step(path)) if (c := _in_files(graph, rule, name)) is not None), None)
    if rule.setting:
        for text in _settings(graph, rule.setting):
            cls = class_named(graph.ev, text.rpartition(".")[2])
            if isinstance(cls, ClassV):
                return cls if rule.take == "class" else InstV(cls)
        return None
    if rule.only_below:
        return _only_below(graph, rule.only_below)
    found: list[AV] = []
    for function in decorated(graph, patterns):
        found.extend(v for v in options(graph.ev.invoke(function)) if isinstance(v, InstV))
    return union(found) if found else None


def _names(graph: Graph, rule: StandInRule, step: str) -> Iterator[str]:
    """The names of classes that a member may stand for: its own, and what was loaded under it."""
    yield from (f"{step}{rule.suffix}", f"{step[:1].upper()}{step[1:]}{rule.suffix}")
    for loader in rule.loaded:
        for file in graph.calling(loader)[:MAX_LOADING]:
            view = graph.view(file)
            for number in view.calls_by_name.get(loader, ()):
                given = [a.value.value for a in view.facts.calls[number].args[:2] if isinstance(a.value, Lit)]
                if len(given) == 2 and given[1] == step:
                    name = str(given[0]).rpartition("/")[2]
                    yield f"{name[:1].upper()}{name[1:]}"


def _in_files(graph: Graph, rule: StandInRule, name: str) -> ClassV | None:
    found = [s for s in (*graph.defining(name), *_in_any_case(graph, name)) if re.search(rule.named, s.file)]
    return next((ClassV(s) for s in found if graph.view(s.file).symbol(s.index).kind == "class"), None)


def _in_any_case(graph: Graph, name: str) -> Iterator[SymbolId]:
    """Classes of the files of that name that are called like them but for capitals, in languages that find them so."""
    for file in graph.files_ending(*(f"/{name}.{language}" for language in ANY_CASE)):
        index = graph.facts.files.get(file)
        yield from (SymbolId(file, d.symbol) for d in (index.definitions if index is not None else ()) if d.name.lower() == name.lower())


def _only_below(graph: Graph, base: str) -> InstV | None:
    """An instance of the one class of the program that has the base, as it is made where one place alone makes it."""
    written = [ClassV(s) for s in graph.subclasses(last_step(base)) if is_production(s.file)]
    found = [c for c in written if any(isinstance(b, Ext) and b.path == base for b in direct_bases(graph.ev, c))]
    if len(found) != 1:
        return None
    made = list(_made(graph, found[0]))
    return InstV(found[0], site=made[0]) if len(made) == 1 else InstV(found[0])


def _made(graph: Graph, cls: ClassV) -> Iterator[Site]:
    name = graph.view(cls.symbol.file).symbol(cls.symbol.index).name
    for file in (f for f in graph.calling(name)[:MAX_FILES] if is_production(f)):
        view = graph.view(file)
        for number in view.calls_by_name.get(name, ()):
            call = view.facts.calls[number]
            if any(isinstance(v, ClassV) and v.symbol == cls.symbol for v in options(graph.ev.value(call.callee, file, call.owner))):
                yield Site(file, number, None)


def _settings(graph: Graph, name: str) -> Iterator[str]:
    for file in graph.naming(name)[:MAX_FILES]:
        for assign, _ in graph.view(file).bindings.get((0, name), ()):
            value = graph.ev.value(assign.value, file, 0) if assign.value is not None else None
            if isinstance(value, Const) and isinstance(value.value, str):
                yield value.value


def decorated(graph: Graph, patterns: tuple[str, ...]) -> Iterator[FuncV]:
    """The functions that are decorated with one of the patterns, or passed to it."""
    wanted = {last_step(p) for p in patterns}
    for file in dict.fromkeys(f for name in wanted for f in graph.naming(name)[:MAX_FILES]):
        view = graph.view(file)
        for name in wanted:
            for number in view.calls_by_name.get(name, ()):
                call = view.facts.calls[number]
                if call.kind != "decorator" and _fits(graph, graph.ev.value(call.callee, file, call.owner), patterns):
                    value = graph.ev.arg_value(Site(file, number, None), 0)
                    yield from (v for v in options(value) if isinstance(v, FuncV)) if value is not None else ()
        for index, symbol in enumerate(view.facts.symbols):
            for decorator in symbol.decorators:
                written = view.facts.calls[decorator.call].callee if isinstance(decorator, CallRef) else decorator
                if _fits(graph, graph.ev.value(written, file, max(0, symbol.parent)), patterns):
                    yield FuncV(SymbolId(file, index))


def _fits(graph: Graph, value: AV, patterns: tuple[str, ...]) -> bool:
    return any(isinstance(v, Ext) and any(compiled(p).fullmatch(v.path) for p in patterns) for v in options(value))
