"""Functions that put routes on a router which they are given: `fn orders(cfg: &mut ServiceConfig) { cfg.route(...) }`.

The router is a parameter of a type that a card names, so the function itself stands for it. It is mounted where it is handed on
(`app.configure(orders)`) or called with a router (`orders(cfg)`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Member, Name, Value
from backend_readiness.graph.evaluation.params import callers_named
from backend_readiness.graph.routes.routing import Mount, RouterKey
from backend_readiness.graph.values import Site, SymbolId
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place
from backend_readiness.rules.cards import Card

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Scan

MAX_ROUNDS = 12
MAX_CALLERS = 40


class ParamRouters:
    """The functions of one scan that stand for routers."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan
        self._cards: dict[RouterKey, Card] = {}
        self._params: dict[RouterKey, int] = {}

    def note(self, where: SymbolId, card: Card) -> RouterKey:
        key: RouterKey = ("function", where.file, where.index)
        self._cards.setdefault(key, card)
        return key

    def key_of(self, view: FileView, call: Call, card: Card) -> RouterKey | None:
        """The function with a parameter that the chain of a call starts at; None when it starts elsewhere."""
        return self._of_value(view, call.callee, call.owner, card)

    def _of_value(self, view: FileView, value: Value, owner: int, card: Card) -> RouterKey | None:
        for _ in range(400):
            if isinstance(value, Member):
                value = value.base
            elif not isinstance(value, Name):
                number = getattr(value, "call", None)
                if not isinstance(number, int):
                    return None
                value = view.facts.calls[number].callee
            else:
                break
        if not isinstance(value, Name):
            return None
        for scope in view.enclosing(owner):
            for position, param in enumerate(view.symbol(scope).params):
                if param.name == value.id:
                    key = self.note(SymbolId(view.path, scope), card)
                    self._params[key] = position
                    return key
            bound = view.bindings.get((scope, value.id), ())
            first = bound[0][0].value if bound else None
            if first is not None:  # `let cfg = cfg.route(...)`
                return self._of_value(view, first, scope, card) if first is not value else None
        return None

    def finish(self) -> None:
        """Mount the functions that nothing mounts where they are called with a router; their callers may be such functions too."""
        done: set[RouterKey] = set()
        for _ in range(MAX_ROUNDS):
            mounted = {m.child for m in self._scan.routing.mounts}
            waiting = [k for k in self._params if k not in mounted and k not in done]
            if not waiting:
                return
            for key in waiting:
                done.add(key)
                self._called(key)

    def _called(self, key: RouterKey) -> None:
        scan, ev = self._scan, self._scan.graph.ev
        where = SymbolId(key[1], key[2])
        symbol = scan.graph.view(where.file).symbol(where.index)
        position = self._params[key] - (1 if symbol.params and symbol.params[0].name == "self" else 0)
        for site in callers_named(ev, symbol.name).get(where, ())[:MAX_CALLERS]:
            view = scan.graph.view(site.file)
            call = view.facts.calls[site.call]
            thunk = ev.arg_thunk(Site(site.file, site.call, None), position)
            if thunk is None:
                continue
            parent = self._of_value(view, thunk.expr, call.owner, self._cards[key])
            parent = parent or scan.router_of_value(ev.thunk(thunk), self._cards[key])
            if parent is not None and parent != key:
                place = Place(file=site.file, line=call.line, end_line=call.end_line)
                scan.routing.mounts.append(Mount(parent=parent, child=key, prefix="", place=place, start=view.written_at(call)))
