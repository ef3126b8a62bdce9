"""Calls between functions: who runs whom, resolved through values, wrappers and dispatch rules.

An edge that cannot be resolved is not there. `status` is `inferred` when more than one function may be meant.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from backend_readiness.facts.model import Alt, CallRef, Member, Name, Record, Value
from backend_readiness.graph.backend import clauses, included_files
from backend_readiness.graph.backend.around import around
from backend_readiness.graph.backend.declared_steps import steps_of
from backend_readiness.graph.backend.effects import effect_of
from backend_readiness.graph.backend.handed_in import handed_in
from backend_readiness.graph.background.buses import Buses
from backend_readiness.graph.background.chosen_by_type import ChosenByType
from backend_readiness.graph.background.message_cases import MessageCases
from backend_readiness.graph.background.task_files import run_in_file
from backend_readiness.graph.background.task_names import methods_of
from backend_readiness.graph.classes import overloads, own_methods
from backend_readiness.graph.classes.hooks import Hooks
from backend_readiness.graph.classes.only_methods import only_method
from backend_readiness.graph.evaluation import folder_members, reads, star_names
from backend_readiness.graph.evaluation.calls import called_member
from backend_readiness.graph.evaluation.earlier_names import callee_value
from backend_readiness.graph.evaluation.handed_tables import table_of
from backend_readiness.graph.handling.callable_pairs import methods_of_pair
from backend_readiness.graph.handling.filters import callbacks_of
from backend_readiness.graph.handling.strategies import Strategies
from backend_readiness.graph.patterns import PatternIndex, last_step
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.sent.named_functions import NamedFunctions, hooked_key
from backend_readiness.graph.sent.service_calls import ServiceCalls
from backend_readiness.graph.settings.settings_modules import listed
from backend_readiness.graph.values import AV, UNKNOWN, ClassV, Const, Env, Ext, FuncV, InstV, ListV, Obj, Site, SymbolId, options, union
from backend_readiness.graph.views import CONSTRUCTORS, FileView
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus, Place
from backend_readiness.rules.card_rules import Ref
from backend_readiness.rules.dispatch_rules import DispatchRule

_FIELDS_ONLY = frozenset({"rust"})  # `order.total` without parentheses is never the method of that name
MAX_TARGETS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`source` runs `target` at `site`. kind: `call`, `dispatch` (a library runs it), `callback` (it is passed on).

    `apart`: the library gives the target values of its own, not the arguments of the call. `crosses`: another program runs it, which
    was sent a message or called by its procedure.
    """

    source: SymbolId
    target: FuncV
    site: Site
    kind: str
    status: LinkStatus
    why: str
    apart: bool = False
    crosses: bool = False
    clause: Place | None = None  # the part of the target that runs


class Edges:
    """Edges of a graph, computed one function at a time."""

    def __init__(self, graph: Graph, services: ServiceCalls) -> None:
        self.graph = graph
        self._services = services
        self.buses = Buses(graph)
        self._message_cases = MessageCases(graph)
        self._by_type = ChosenByType(graph)
        self._hooks = Hooks(graph)
        self.strategies = Strategies(graph)
        self._of_file: dict[str, dict[SymbolId, list[Edge]]] = {}
        self._of_call: dict[tuple[str, int], list[Edge]] = {}
        self._function_names: dict[str, bool] = {}
        self._only_named: PatternIndex[bool] = PatternIndex()
        for card in graph.knowledge.cards:
            self._only_named.add(graph.knowledge.patterns(card, card.only_named), (), True)
        self.named_functions = NamedFunctions(graph)

    def of_call(self, site: Site) -> list[Edge]:
        """The functions that one call runs."""
        if site.env is not None:
            return self._edges(site)
        known = self._of_call.get((site.file, site.call))
        if known is None:
            known = self._of_call[site.file, site.call] = self._edges(site)
        return known

    def _edges(self, site: Site) -> list[Edge]:
        view = self.graph.view(site.file)
        call = view.facts.calls[site.call]
        source = SymbolId(site.file, call.owner)
        callee = callee_value(self.graph.ev, view, site.call, site.env)
        found: list[Edge] = []
        meant = [o for v in options(callee) for o in options(overloads.property_meant(self.graph.ev, v, site))]
        direct = [
            overloads.fitting(self.graph.ev, star_names.taking(self.graph.ev, view, call, t), site)
            for v in meant
            for t in self._runs(v, call.kind)
        ]
        if not direct and isinstance(call.callee, Member) and not call.args:
            base = self.graph.ev.value(call.callee.base, site.file, call.owner, site.env)
            direct = [f for o in options(base) for f in reads.functions_read(self.graph.ev, o, call.callee.name)]
        if not direct and (given := handed_in(self.graph, callee, site)) is not None:
            direct = [overloads.fitting(self.graph.ev, t, site) for v in options(given) for t in self._runs(v, call.kind)]
        if not direct and (own := own_methods.meant(self.graph.ev, callee, site)) is not None:
            direct = [overloads.fitting(self.graph.ev, own, site)]
        direct = self._by_type.targets(site, callee, direct) or direct
        status = LinkStatus.CONFIRMED if len(direct) == 1 else LinkStatus.INFERRED
        for target in direct[:MAX_TARGETS]:
            found.append(Edge(source=source, target=target, site=site, kind="call", status=status, why="resolved call"))
            for wrapper in around(self.graph, target):
                found.append(
                    Edge(source=source, target=wrapper, site=site, kind="call", status=status, why="a decorator puts it around", apart=True)
                )
        files = included_files.run_by(self.graph, site)
        held = LinkStatus.CONFIRMED if len(files) == 1 else LinkStatus.INFERRED
        found.extend(Edge(source=source, target=f, site=site, kind="callback", status=held, why="included here") for f in files)
        for value in options(callee):
            if isinstance(value, Ext):
                found.extend(self._dispatched(value, site, source))
                for target in self._hooks.functions(value):
                    why = "put on the schema of what it is called on"
                    found.append(Edge(source=source, target=target, site=site, kind="dispatch", status=LinkStatus.CONFIRMED, why=why))
                cls = value.subject
                declared = callbacks_of(self.graph, cls, last_step(value.path)) if isinstance(cls, ClassV) else []
                for target in declared if declared and effect_of(self.graph, value, site) is not None else ():
                    why = "declared to run with it"
                    found.append(Edge(source=source, target=target, site=site, kind="dispatch", status=LinkStatus.CONFIRMED, why=why))
                for target, sure in self.buses.receivers(value, site):
                    why = "registered for what is sent" if sure else "receives what is sent under that name"
                    held = LinkStatus.CONFIRMED if sure else LinkStatus.INFERRED
                    found.append(Edge(source=source, target=target, site=site, kind="dispatch", status=held, why=why, crosses=not sure))
                for target, clause in self._message_cases.taking(value, site):
                    held, why = LinkStatus.CONFIRMED, "takes what is sent"
                    part = Edge(source=source, target=target, site=site, kind="dispatch", status=held, why=why, apart=True, clause=clause)
                    found.append(part)
                for target in self.strategies.asked(value, site):
                    held, why = LinkStatus.CONFIRMED, "the strategy that it names"
                    found.append(Edge(source=source, target=target, site=site, kind="dispatch", status=held, why=why, apart=True))
                for target in self._services.targets(value, site):
                    why = "implements the procedure that the client calls"
                    held = LinkStatus.CONFIRMED
                    found.append(Edge(source=source, target=target, site=site, kind="dispatch", status=held, why=why, crosses=True))
        if not any(self._only_named.matches(v) for v in options(callee) if isinstance(v, Ext)):
            found.extend(self._passed(site, source))
        return found

    def _runs(self, value: AV, kind: str) -> list[FuncV]:
        if isinstance(value, FuncV):
            return [value]
        if isinstance(value, ListV):
            return methods_of_pair(self.graph.ev, value)
        if isinstance(value, InstV):
            called = called_member(self.graph.ev, value)
            return [called] if isinstance(called, FuncV) else []
        if isinstance(value, ClassV):
            view = self.graph.view(value.symbol.file)
            for name in CONSTRUCTORS:
                for child in view.named_children.get((value.symbol.index, name), ()):
                    return [FuncV(SymbolId(value.symbol.file, child), InstV(value))]
            if view.symbol(value.symbol.index).kind not in ("class", "interface", "enum"):
                return [FuncV(value.symbol)]
        return []

    def _dispatched(self, callee: Ext, site: Site, source: SymbolId) -> list[Edge]:
        found: list[Edge] = []
        for tagged, _ in self.graph.knowledge.dispatch.matches(callee):
            for target in self._set(tagged.rule, site.file):
                why = f"{callee.path} runs what {tagged.rule.setting[0]} lists"
                found.append(Edge(source=source, target=target, site=site, kind="dispatch", status=LinkStatus.CONFIRMED, why=why))
            for target in steps_of(self.graph, tagged.rule, callee):
                why = f"{callee.path} runs what the class declares"
                found.append(Edge(source=source, target=target, site=site, kind="dispatch", status=LinkStatus.CONFIRMED, why=why))
            for target in self._in_folder(tagged.rule, callee.path):
                why = f"{callee.path} runs what the file of that name gives"
                found.append(Edge(source=source, target=target, site=site, kind="dispatch", status=LinkStatus.CONFIRMED, why=why))
            if tagged.rule.only and (sole := only_method(self.graph, tagged.rule.only, site.file)) is not None:
                why = f"{callee.path} runs the only one of its name"
                found.append(Edge(source=source, target=sole, site=site, kind="dispatch", status=LinkStatus.INFERRED, why=why))
            for written in tagged.rule.calls:
                ref = written
                if "alled}" in (written.member or ""):
                    called = last_step(callee.path)
                    named = str(written.member).replace("{called}", called).replace("{Called}", called[:1].upper() + called[1:])
                    ref = written.model_copy(update={"member": named})
                found_there = argument_value(self.graph.ev, site, ref, callee)
                if found_there is None and not tagged.rule.beside:
                    continue
                found_there = UNKNOWN if found_there is None else found_there
                if tagged.rule.task_file:
                    names = [str(o.value) for o in options(found_there) if isinstance(o, Const)]
                    found_there = union([f for n in names for f in run_in_file(self.graph, n, tagged.rule.task_file, tagged.rule.runs)])
                elif tagged.rule.among or tagged.rule.hook:
                    found_there = self._by_name(tagged.rule, ref, found_there, callee)
                targets = [t for v in options(found_there) for t in self._runs(v, "call")]
                for target, clause in clauses.meant(self.graph, tagged.rule, site, targets):
                    why, sure = f"{callee.path} runs it", LinkStatus.CONFIRMED
                    edge = Edge(source=source, target=target, site=site, kind="dispatch", status=sure, why=why, clause=clause)
                    found.append(edge)
        return found

    def _set(self, rule: DispatchRule, file: str) -> list[FuncV]:
        """The methods that run of each class which a setting lists."""
        named = listed(self.graph, rule.setting, file) if rule.setting else ()
        classes = [v for v, _ in named if isinstance(v, ClassV)]
        return [f for c in classes for f in methods_of(self.graph, InstV(c), rule.runs)]

    def _in_folder(self, rule: DispatchRule, path: str) -> list[FuncV]:
        """The function that the file gives to which the steps of a path lead."""
        ev = self.graph.ev
        held = folder_members.member(ev, rule.folder, path.removesuffix(f".{rule.beside}")) if rule.folder else None
        given = [ev.member(o, n) for o in options(held) for n in rule.runs] if held is not None else []
        return [f for f in given if isinstance(f, FuncV)][:1]

    def _by_name(self, rule: DispatchRule, ref: Ref, value: AV, callee: Ext) -> AV:
        """The functions behind a name: of the objects that `among` names, or of the object at hand by a hook's name."""
        ev = self.graph.ev
        if rule.hook is not None:
            key = hooked_key(callee, rule.hook)
            held = ev.invoke(value) if isinstance(value, FuncV) else value
            entry = ev.member(held, key) if key is not None and isinstance(held, Obj) else UNKNOWN
            return union([*functions_in(self.graph, entry), *_functions_of_argument(self.graph, entry)])
        if ref.step is not None:
            member = last_step(callee.path)
            mapped = ev.member(value, member) if isinstance(value, Obj) else None
            names = [str(mapped.value) if isinstance(mapped, Const) else member]
        else:
            names = [str(o.value) for o in options(value) if isinstance(o, Const)]
        found = [f for n in names if (f := self.named_functions.named(n, rule.among)) is not None]
        return union(list(found)) if found else UNKNOWN

    def _passed(self, site: Site, source: SymbolId) -> list[Edge]:
        """Named functions that are given to the call as arguments, also inside an object."""
        view = self.graph.view(site.file)
        call = view.facts.calls[site.call]
        found: list[Edge] = []
        for arg in call.args[:12] if table_of(view, site.call) is None else ():
            written = [v for _, v in arg.value.items[:12]] if isinstance(arg.value, Record) else [arg.value]
            inner = [
                self.graph.ev.value(expr, site.file, call.owner, site.env)
                for expr in written
                if self._may_be_function(expr, view, call.owner, site.env)
            ]
            for option in (o for v in inner for o in options(v)):
                if isinstance(option, FuncV) and not (view.language in _FIELDS_ONLY and isinstance(option.self_value, InstV)):
                    why = f"passed to {last_step_of(call.callee)}"
                    found.append(Edge(source=source, target=option, site=site, kind="callback", status=LinkStatus.INFERRED, why=why))
        return found

    def _may_be_function(self, expr: Value, view: FileView, owner: int, env: Env | None) -> bool:
        """Can a written argument be a named function at all? Asked before the costly question what it stands for."""
        if isinstance(expr, Member):
            if view.language == "php":  # `$order->total` is never the method: that would be `[$order, "total"]`
                return False
            return self._is_function_name(expr.name)
        if not isinstance(expr, Name):
            return False
        if expr.id in view.imports or self._is_function_name(expr.id):
            return True
        for scope in view.enclosing(owner):
            bound = view.bindings.get((scope, expr.id))
            if bound:
                return any(isinstance(a.value, CallRef | Name | Member | Alt) or path for a, path in bound)
            if any(p.name == expr.id or p.pattern is not None for p in view.symbol(scope).params):
                return env is not None
        return False

    def _is_function_name(self, name: str) -> bool:
        known = self._function_names.get(name)
        if known is None:
            known = self._function_names[name] = any(
                d.kind not in ("class", "interface", "enum", "type") for _, d in self.graph.facts.defining(name)
            )
        return known

    # ------------------------------------------------------------ whole functions and files

    def of_symbol(self, where: SymbolId, env: Env | None = None) -> list[Edge]:
        """Edges of all calls in the body of a function, lambdas inside included, in source order."""
        view = self.graph.view(where.file)
        body = set(view.body(where.index))
        numbers = sorted((c for i in body for c in view.calls_of.get(i, ())), key=lambda c: view.facts.calls[c].start)
        return [e for c in numbers for e in self.of_call(Site(where.file, c, env))]

    def of_file(self, file: str) -> dict[SymbolId, list[Edge]]:
        """Target -> edges of all calls in the file."""
        known = self._of_file.get(file)
        if known is None:
            known = defaultdict(list)
            for number in range(len(self.graph.view(file).facts.calls)):
                for edge in self.of_call(Site(file, number, None)):
                    known[edge.target.symbol].append(edge)
            self._of_file[file] = known
        return known


def _functions_of_argument(graph: Graph, value: AV) -> list[AV]:
    """Functions in the object that a value was made with: `builder.query({ query: (id) => ... })`."""
    found: list[AV] = []
    for option in options(value):
        given = graph.ev.arg_value(option.site, 0) if isinstance(option, Ext) and option.site is not None else None
        if isinstance(given, Obj):
            found.extend(v for t in list(given.fields.values())[:12] for v in options(graph.ev.thunk(t)) if isinstance(v, FuncV))
    return found


def last_step_of(callee: object) -> str:
    from backend_readiness.facts.builder import last_name
    from backend_readiness.facts.model import Value

    return (last_name(callee) if isinstance(callee, Value) else None) or "a call"


__all__ = ["Edge", "Edges", "last_step"]
