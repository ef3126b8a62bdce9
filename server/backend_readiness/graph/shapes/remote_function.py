"""Functions that a call makes callable from the interface: `export const addOrder = createServerFn().handler(async () => ...)`.

The operation goes by the name that the result of the call is given; `handler` is the function. Option `client` is the directive that files
of the interface begin with, `prefix` makes an exported name the path of the operation, where only those call it from outside (see
`graph.sent.actions`).
"""

from __future__ import annotations

from backend_readiness.facts.model import CallRef, Member, Name
from backend_readiness.graph.routes.routing import Registration, call_place
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import FuncV, options


def collect(scan: Scan) -> None:
    found = [(hit, name) for hit in scan.hits.get("remote_function", ()) if (name := _name(scan, hit))]
    names = [name for _, name in found]
    for hit, name in found:
        value = scan.value(hit, hit.rule.handler)
        handler = next((o for o in options(value) if isinstance(o, FuncV)), None) if value is not None else None
        prefix = str(hit.rule.options.get("prefix", ""))
        label = prefix + name if prefix or names.count(name) == 1 else f"{hit.site.file.rpartition('.')[0]}/{name}"
        if handler is not None:
            scan.routing.registrations.append(
                Registration(
                    router=None, method=hit.rule.method or "ACTION", path=label, place=call_place(scan.graph, hit.site),
                    start=hit.call.start, card=hit.card, rule=hit.rule, handler=handler, guards=scan.guards(hit, hit.rule.middleware),
                )
            )  # fmt: skip


def _name(scan: Scan, hit: Hit) -> str:
    """The name that the result of the call is bound to at the top of its file."""
    view = scan.graph.view(hit.site.file)
    for assign in (a for a in view.facts.assigns if a.owner == 0 and a.value == CallRef(hit.site.call)):
        exported = isinstance(assign.target, Member) and assign.target.base in (Name("exports"), Member(Name("module"), "exports"))
        if isinstance(assign.target, Name) and ("prefix" not in hit.rule.options or assign.target.id in view.exports):
            return assign.target.id
        if isinstance(assign.target, Member) and exported:  # `exports.date = onRequest(...)`
            return assign.target.name
    return ""
