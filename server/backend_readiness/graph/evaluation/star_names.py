"""What a bare call may mean beside the nearest thing of its name, where overloads decide by what they are given (Kotlin)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Func, Name
from backend_readiness.graph.evaluation import exports, packages
from backend_readiness.graph.values import AV, UNKNOWN, Ext, options
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
