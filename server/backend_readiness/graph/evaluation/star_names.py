"""What a bare call may mean beside the nearest thing of its name, where overloads decide by what they are given (Kotlin)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Func, Name
from backend_readiness.graph.classes import overloads
from backend_readiness.graph.evaluation import exports, packages
from backend_readiness.graph.values import AV, UNKNOWN, Ext, FuncV, PackageV, options
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_OVERLOADED = frozenset({"kotlin"})


def beside(ev: Evaluator, view: FileView, call: Call, called: AV) -> list[Ext]:
    """Functions that a file imports, which another import or a variable of a loop does not hide from a call with a block:
    `import io.ktor.server.sessions.get` beside `io.ktor.server.routing.*`, `for (method in all) method(method) { }`."""
    if view.language not in _OVERLOADED or not isinstance(call.callee, Name) or not call.args or not isinstance(call.args[-1].value, Func):
        return []
    found = [o.path for o in options(called) if isinstance(o, Ext)]
    if not found or len(found) != len(list(options(called))):
        return []
    name = call.callee.id
    known = [*options(packages.of_library(ev, view, name) or UNKNOWN), *(exports.imported(ev, view, i) for i in view.imports.get(name, ()))]
    return [o for o in known if isinstance(o, Ext) and o.path not in found]


def taking(ev: Evaluator, view: FileView, call: Call, found: FuncV) -> FuncV:
    """The function that a call means where several imports have its name: the one that takes what is given.

    `import logic.*` with `fun reset(config, code)` and `import routes.*` with `fun Route.reset(config)`: `reset(config)` is the second.
    """
    if view.language not in _OVERLOADED or not isinstance(call.callee, Name) or overloads.takes(ev, found, call):
        return found
    name = call.callee.id
    items = [exports.imported(ev, view, i) for i in view.imports.get(name, ())]
    whole = [packages.qualified(ev, star, view.path) for star in view.stars]
    near = (*ev.world.packages_seen(view.path), *(p for p in whole if isinstance(p, PackageV)))
    known = [*items, *(packages.exported(ev, p, name, view.path) or UNKNOWN for p in near)]
    return next((o for value in known for o in options(value) if isinstance(o, FuncV) and overloads.takes(ev, o, call)), found)
