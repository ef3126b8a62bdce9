"""Classes that another one takes in by a call in its body: what that one gives its requests, theirs have too.

`class Api < Base; helpers Session; mount Users; end`: in `Users` the methods of `Session` are there. Such calls are named in
`rules/signs/hosted.yml`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Record, Value
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, SymbolId, options
from backend_readiness.rules.signs import signs

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

MAX_LEVELS = 5
MAX_FILES = 400


def member(ev: Evaluator, cls: ClassV, this: AV, name: str) -> FuncV | None:
    """A method that a class has from the one that takes it in."""
    from backend_readiness.graph.evaluation import members

    table = hosts(ev)
    seen = {cls.symbol}
    above = table.get(cls.symbol)
    for _ in range(MAX_LEVELS):
        if above is None or above in seen:
            return None
        found = members.own_member(ev, InstV(ClassV(above)), name)
        if isinstance(found, FuncV):
            return FuncV(found.symbol, this, found.env)
        seen.add(above)
        above = table.get(above)
    return None


def hosts(ev: Evaluator) -> dict[SymbolId, SymbolId]:
    """The class that takes each one in; of several the first."""
    known = ev.constants.hosts
    if known is None:
        known = ev.constants.hosts = {}
        for word in signs("hosted", "takes_in"):
            for path in ev.world.calling(word)[:MAX_FILES]:
                _of_file(ev, ev.world.view(path), word, known)
    return known


def _of_file(ev: Evaluator, view: FileView, word: str, table: dict[SymbolId, SymbolId]) -> None:
    from backend_readiness.graph.evaluation import constants

    for number in view.calls_by_name.get(word, ()) if view.language in constants.LANGUAGES else ():
        call = view.facts.calls[number]
        around = [i for i in view.enclosing(call.owner) if view.symbol(i).kind != "lambda"]
        host = around[0] if around and view.symbol(around[0]).kind == "class" else None
        for written in _given(call.args[0].value) if call.args and host is not None else ():
            for value in options(ev.value(written, view.path, call.owner)):
                if isinstance(value, ClassV) and host is not None:
                    table.setdefault(value.symbol, SymbolId(view.path, host))


def _given(written: Value) -> tuple[Value, ...]:
    """What is taken in: the argument, or the keys of a table of paths (`mount Users => "/users"`)."""
    return tuple(k for k, _ in written.computed) if isinstance(written, Record) else (written,)
