"""Functions that a call makes callable from the interface: `export const addOrder = createServerFn().handler(async () => ...)`.

The operation goes by the name that the result of the call is given; `handler` is the function. Option `client` is the directive that files
of the interface begin with, `prefix` makes the name a path, with `exported` it is the one that
the file exports, with `unseen` a function need not be in sight, where only those call it from outside (see
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
        handler = _handler(scan, hit)
        prefix = str(hit.rule.options.get("prefix", ""))
        label = prefix + name if prefix or names.count(name) == 1 else f"{hit.site.file.rpartition('.')[0]}/{name}"
        unseen = hit.rule.options.get("unseen") and handler is None  # what it is given answers, and stands elsewhere
        if handler is not None or unseen:
            scan.routing.registrations.append(
                Registration(
                    router=None, method=hit.rule.method or "ACTION", path=label, place=call_place(scan.graph, hit.site),
                    start=hit.call.start, card=hit.card, rule=hit.rule, handler=handler, guards=scan.guards(hit, hit.rule.middleware),
                )
            )  # fmt: skip


def _handler(scan: Scan, hit: Hit) -> FuncV | None:
    """The function that the rule names, else the last one that the call is given: `prerender(schema, run, { inputs })`."""
    value = scan.value(hit, hit.rule.handler)
    given = [value] if value is not None else []
    given.extend(scan.graph.ev.value(a.value, hit.site.file, hit.call.owner, hit.site.env) for a in reversed(hit.call.args))
    return next((o for v in given for o in options(v) if isinstance(o, FuncV)), None)


def _name(scan: Scan, hit: Hit) -> str:
    """The name that the result of the call is bound to at the top of its file."""
    view = scan.graph.view(hit.site.file)
    for assign in (a for a in view.facts.assigns if a.owner == 0 and a.value == CallRef(hit.site.call)):
        exported = isinstance(assign.target, Member) and assign.target.base in (Name("exports"), Member(Name("module"), "exports"))
        if isinstance(assign.target, Name) and not hit.rule.options.get("exported"):
            return assign.target.id
        if isinstance(assign.target, Name):
            named = (n for n, e in view.exports.items() if e.module is None and (n == assign.target.id or e.value == assign.target))
            return next((n for n in named if n not in ("default", "=", "*")), "")
        if isinstance(assign.target, Member) and exported:  # `exports.date = onRequest(...)`
            return assign.target.name
    return ""
