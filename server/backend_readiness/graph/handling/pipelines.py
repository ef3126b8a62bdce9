"""Pipelines: lists of steps under a name that routes are put behind, and the steps that a controller puts before its own actions.

`pipeline :browser do plug :fetch_session; plug Web.Auth end` with `pipe_through :browser`; `plug :load_order when action in [:show]`.
A step is a function of the module (or of one that it imports whole), or a module with a method that runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Lit, Op, Seq, Value
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place

if TYPE_CHECKING:
    from backend_readiness.graph.routes.routing import Guard, Registration
    from backend_readiness.graph.routes.scan import Scan
    from backend_readiness.rules.guard_rules import PipelineRule

MAX_STEPS = 60
MAX_NESTED = 4


class Pipelines:
    """The pipelines of one scan."""

    def __init__(self, scan: Scan) -> None:
        self.scan, self.graph, self.ev = scan, scan.graph, scan.graph.ev
        self._tables: dict[str, dict[str, list[AV]]] = {}
        self.rules = [(card, rule) for card in self.graph.knowledge.cards for rule in card.pipelines]

    def apply(self) -> None:
        """Put the steps for every guard that is a name of a pipeline, and those of controllers before their actions."""
        routing = self.scan.routing
        for card, rule in self.rules:
            defines, steps = self.graph.knowledge.patterns(card, rule.define), self.graph.knowledge.patterns(card, rule.step)
            files = {f for d in defines for f in self.graph.naming(last_step(d)) if f in self.graph.production}
            self._tables = {file: self._table(self.graph.view(file), rule, defines, steps) for file in sorted(files)}
            routing.registrations[:] = [
                replace(r, handler=self._last_step(r.handler, rule, steps)) if r.card is card else r for r in routing.registrations
            ]
            own = [r for r in routing.registrations if r.card is card]
            routing.registrations[:] = [
                replace(r, guards=(*self._opened(r.guards, rule), *self._of_controller(r, rule, steps))) if r in own else r
                for r in routing.registrations
            ]
            routing.mounts[:] = [replace(m, guards=tuple(self._opened(m.guards, rule))) if m.guards else m for m in routing.mounts]
            for info in routing.routers.values():
                info.guards = list(self._opened(info.guards, rule))

    def _table(self, view: FileView, rule: PipelineRule, defines: list[str], steps: list[str]) -> dict[str, list[AV]]:
        found: dict[str, list[AV]] = {}
        for call in self._calls(view, defines):
            name = call.args[0].value if call.args else None
            body = next((a.value for a in call.args if a.name == rule.body), None)
            where = getattr(body, "symbol", None)
            if isinstance(name, Lit) and isinstance(name.value, str) and isinstance(where, int):
                inside = [c for c in self._calls(view, steps) if c.owner == where][:MAX_STEPS]
                found[name.value] = [v for c in inside for v in self._step(view, c, rule)]
        return found

    def _calls(self, view: FileView, patterns: list[str]) -> Iterator[Call]:
        for name in dict.fromkeys(last_step(p) for p in patterns):
            for number in view.calls_by_name.get(name, ()):
                call = view.facts.calls[number]
                values = options(self.ev.value(call.callee, view.path, call.owner))
                if any(isinstance(v, Ext) and any(compiled(p).fullmatch(v.path) for p in patterns) for v in values):
                    yield call

    def _step(self, view: FileView, call: Call, rule: PipelineRule) -> Iterator[AV]:
        given = call.args[0].value if call.args else None
        if isinstance(given, Op) and given.op == "when":
            given = given.operands[0]
        if given is None:
            return
        value = self.ev.value(given, view.path, call.owner)
        for option in options(value):
            yield self._running(option, view, call.owner, rule)

    def _running(self, value: AV, view: FileView, owner: int, rule: PipelineRule) -> AV:
        if isinstance(value, Const) and isinstance(value.value, str):
            outer = next((i for i in view.enclosing(owner) if view.symbol(i).kind == "class"), 0)
            own = members.own_member(self.ev, ClassV(SymbolId(view.path, outer)), value.value) if outer else None
            found = own or self.ev.lookup(value.value, view.path, outer)
            return found if isinstance(found, FuncV) else Ext(f"~{value.value}")
        if isinstance(value, ClassV):
            methods = (members.own_member(self.ev, value, name) for name in rule.methods)
            return next((m for m in methods if isinstance(m, FuncV)), value)
        return value

    def _opened(self, guards: Iterable[Guard], rule: PipelineRule, depth: int = 0) -> Iterator[Guard]:
        for guard in guards:
            table = self._tables.get(guard.place.file)
            if table is None:
                yield guard
                continue
            for option in options(guard.value):
                if isinstance(option, Const) and option.value in table and depth < MAX_NESTED:
                    inside = [replace(guard, value=step) for step in table[str(option.value)]]
                    yield from self._opened(inside, rule, depth + 1)
                elif isinstance(option, Const):
                    view = self.graph.view(guard.place.file)
                    first = next((i for i, s in enumerate(view.facts.symbols) if s.kind == "class"), 0)
                    yield replace(guard, value=self._running(option, view, first, rule))
                else:
                    yield replace(guard, value=option)

    def _last_step(self, handler: AV | None, rule: PipelineRule, steps: list[str]) -> AV | None:
        """What answers for a class that only lists its steps (`use Plug.Builder`): its own function that the last of them names."""
        if not isinstance(handler, ClassV):
            return handler
        view = self.graph.view(handler.symbol.file)
        listed = [c for c in self._calls(view, steps) if c.owner == handler.symbol.index][:MAX_STEPS]
        found = [v for c in listed[-1:] for v in self._step(view, c, rule)]
        own = [
            v
            for v in found
            if isinstance(v, FuncV) and view.path == v.symbol.file and view.symbol(v.symbol.index).parent == handler.symbol.index
        ]
        return own[0] if own else handler

    def _of_controller(self, item: Registration, rule: PipelineRule, steps: list[str]) -> Iterator[Guard]:
        from backend_readiness.graph.routes.routing import Guard

        handler = item.handler
        if not isinstance(handler, FuncV):
            return
        view = self.graph.view(handler.symbol.file)
        symbol = view.symbol(handler.symbol.index)
        for call in self._calls(view, steps):
            if call.owner != symbol.parent or not _covers(call, symbol.name):
                continue
            if call.args and call.args[0].value == Lit(symbol.name):  # the answer itself is the last of the steps
                continue
            place = Place(file=view.path, line=call.line, end_line=call.end_line)
            for value in self._step(view, call, rule):
                yield Guard(value=value, place=place, start=call.start)


def _covers(call: Call, action: str) -> bool:
    """`when action in [:show, :edit]`, `when action not in [...]`, `when action == :show`; a condition of another kind is taken to hold."""
    for arg in call.args:
        condition = arg.value.operands[-1] if isinstance(arg.value, Op) and arg.value.op == "when" else None
        if isinstance(condition, Op) and len(condition.operands) == 2:
            listed = _names(condition.operands[1])
            if condition.op in ("in", "=="):
                return action in listed
            if condition.op in ("not in", "!="):
                return action not in listed
    return True


def _names(value: Value) -> list[str]:
    items = value.items if isinstance(value, Seq) else (value,)
    return [str(i.value) for i in items if isinstance(i, Lit)]
