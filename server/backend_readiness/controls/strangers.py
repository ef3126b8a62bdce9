"""Classes that handle other routes than the flow's: what they set for themselves says nothing of the flow."""

from __future__ import annotations

from backend_readiness.controls.context import Context
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import ClassV, FuncV, SymbolId


def speaks_for_others(context: Context, file: str, line: int) -> bool:
    """Does the line stand in a class with handlers of other routes, which is neither a class nor a base of what runs on the flow?"""
    if file not in context.graph.facts.files:
        return False
    view = context.view(file)
    around = [i for i, s in enumerate(view.facts.symbols) if s.kind == "class" and s.line <= line <= s.end_line]
    if not around or any((file, i) in _of_the_flow(context) for i in around):
        return False
    handlers = (b.route.handler for b in context.tracer.routes)
    inner = view.symbol(around[-1])
    return any(h is not None and h.file == file and inner.line <= h.line <= inner.end_line for h in handlers)


def guards_others(context: Context, file: str, line: int) -> bool:
    """Does what the line puts up run before handlers of other routes, and before none of the flow's: `admin.use(clean())`?"""
    mine = {id(r) for r in context.routes}
    if any(g.place.file == file and g.place.line <= line <= g.place.end_line for g in context.guards):
        return False
    return any(
        g.place.file == file and g.place.line <= line <= g.place.end_line
        for r in context.tracer.routes
        if id(r) not in mine
        for g in r.guards
    )


def _of_the_flow(context: Context) -> set[tuple[str, int]]:
    """The classes of all that runs on the flow, with their bases."""
    run = [f.function.symbol for f in context.functions]
    run.extend(f.symbol for r in context.routes for f in functions_in(context.graph, r.handler) if isinstance(f, FuncV))
    run.extend(f.symbol for g in context.guards for f in context.roles.functions(g.value))
    found: set[tuple[str, int]] = set()
    for where in dict.fromkeys(run):
        owner = _class_of(context, where)
        if owner is not None and (owner.file, owner.index) not in found:
            found.add((owner.file, owner.index))
            bases = inheritance.bases(context.graph.ev, ClassV(owner))
            found.update((b.symbol.file, b.symbol.index) for b in bases if isinstance(b, ClassV))
    return found


def _class_of(context: Context, where: SymbolId) -> SymbolId | None:
    view, index = context.view(where.file), where.index
    while index > 0:
        if view.symbol(index).kind == "class":
            return SymbolId(where.file, index)
        index = view.symbol(index).parent
    return None
