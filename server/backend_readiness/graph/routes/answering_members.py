"""What answers of a handler that is no function: a method of an object, of a class or of what the class makes."""

from __future__ import annotations

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, Obj, options, union


def answering(scan: Scan, value: AV | None, method: str) -> AV | None:
    """A handler that is an object or a class: its method that answers. Of a function converted to a type of the repository the function."""
    found: list[AV] = []
    for option in options(value) if value is not None and method else ():
        if isinstance(option, ClassV | Obj):
            thunk = members.field_thunk(scan.graph.ev, option, method) if isinstance(option, Obj) else None
            own = members.own_member(scan.graph.ev, InstV(option), method) if isinstance(option, ClassV) else None
            found.append(scan.graph.ev.thunk(thunk) if thunk is not None else own if own is not None else option)
            continue
        if not isinstance(option, InstV):
            found.append(option)
            continue
        call = scan.graph.view(option.site.file).facts.calls[option.site.call] if option.site is not None else None
        given = scan.graph.ev.arg_value(option.site, 0) if option.site is not None and call is not None and call.kind == "call" else None
        answers = members.own_member(scan.graph.ev, option, method)
        found.append(given if isinstance(given, FuncV) else answers if answers is not None else option)
    return union(found) if found else value
