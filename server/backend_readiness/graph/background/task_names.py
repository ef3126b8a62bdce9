"""Functions of the repository that a schedule names by a text: `shop.tasks.clean`, `Invoices::Reminder.run`, `orders:purge`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.graph.background.task_files import run_in_file
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.values import ClassV, Const, FuncV, InstV, SymbolId

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph
    from backend_readiness.rules.job_rules import JobRule

_NAME = re.compile(r"[A-Za-z_][\w.:/\\]{0,200}")
_PARTS = re.compile(r"[.:/\\]+")
_FUNCTIONS = ("function", "method")


def methods_of(graph: Graph, made: InstV, names: tuple[str, ...]) -> list[FuncV]:
    """The first of the methods that the class has."""
    for name in names:
        found = members.own_member(graph.ev, made, name)
        if isinstance(found, FuncV):
            return [found]
    return []


def named_task(graph: Graph, text: str, rule: JobRule, file: str) -> list[FuncV]:
    """What the text names; nothing when there is none, or more than one."""
    if rule.task_file:
        return run_in_file(graph, text, rule.task_file, rule.methods)
    by_field = [m for field in rule.task_name for cls in _with_field(graph, field, text) for m in methods_of(graph, cls, rule.methods)]
    if by_field or rule.task_name:
        return by_field[:1]
    match = _NAME.match(text.strip())
    parts = [p for p in _PARTS.split(match.group()) if p] if match is not None else []
    if not parts:
        return []
    found = [f for s in graph.defining(parts[-1]) if (f := _fitting(graph, s, parts[:-1], rule)) is not None]
    if not found and len(parts) > 1:  # `Report.new.run`, `Clean.perform_now`
        found = [f for s in graph.defining(parts[-2]) if (f := _fitting(graph, s, parts[:-2], rule)) is not None]
    return found if len({f.symbol for f in found}) == 1 else []


def _fitting(graph: Graph, where: SymbolId, above: list[str], rule: JobRule) -> FuncV | None:
    """The function behind a definition whose holder is what the text says before its name."""
    if where.file not in graph.production:
        return None
    symbol = graph.view(where.file).symbol(where.index)
    parent = graph.view(where.file).symbol(symbol.parent) if symbol.parent > 0 else None
    holder = [parent.name] if parent is not None and parent.name else []
    place = [*where.file.rpartition(".")[0].split("/"), *holder]
    fits = not above or _alike(place[-1], above[-1])
    if symbol.kind in _FUNCTIONS and fits:
        if parent is None or parent.kind != "class":
            return FuncV(where)
        cls = ClassV(SymbolId(where.file, symbol.parent))
        of_class = members.member(graph.ev, cls, symbol.name)  # `def self.purge` is called on the class
        return of_class if isinstance(of_class, FuncV) and of_class.symbol == where else FuncV(where, InstV(cls))
    if symbol.kind == "class" and rule.methods:
        return next(iter(methods_of(graph, InstV(ClassV(where)), rule.methods)), None)
    return None


def _alike(one: str, other: str) -> bool:
    return one.replace("_", "").lower() == other.replace("_", "").lower()


def _with_field(graph: Graph, field: str, text: str) -> list[InstV]:
    """Classes whose own field holds the text, up to its first blank."""
    wanted = text.split(" ")[0]
    found: list[InstV] = []
    for path, owner in graph.variables(field):
        if path in graph.production and graph.view(path).symbol(owner).kind == "class":
            value = members.own_member(graph.ev, InstV(ClassV(SymbolId(path, owner))), field)
            if isinstance(value, Const) and isinstance(value.value, str) and value.value.split()[:1] == [wanted]:
                found.append(InstV(ClassV(SymbolId(path, owner))))
    return found if len(found) == 1 else []
