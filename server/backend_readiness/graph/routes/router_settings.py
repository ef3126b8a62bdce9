"""What is said of the paths of a router elsewhere than in an argument: before all prefixes, or in a function that sets it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.file_index import last_name
from backend_readiness.facts.model import Func, Member
from backend_readiness.graph.evaluation.plurals import singular
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import ClassV, options
from backend_readiness.graph.views import callee_name
from backend_readiness.rules.cards import Ref

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Hit, Scan


def below_member(hit: Hit, path: str) -> str:
    """What stands below one of a collection (option `member`, the end of the parameter's name): `app.Resource("/users", users)`."""
    end = hit.rule.options.get("member")
    name = singular(path.rstrip("/").rpartition("/")[2]).replace("-", "_")
    return f"{path.rstrip('/')}/{{{name}{end}}}" if end else path


def front_of(scan: Scan, hit: Hit) -> str:
    """What the option `front` of a rule puts before all prefixes: the text `mark` and the argument (`version=2` is `/v2`).

    `marked` is the argument that gives another mark (`version_prefix="/api/v"`).
    """
    spec = hit.rule.options.get("front")
    found = scan.texts(hit, Ref(**spec["value"])) if spec else []
    if not spec or not found or not found[0] or scan.is_open(hit, Ref(**spec["value"])):
        return ""
    marks = scan.texts(hit, Ref(**spec["marked"])) if "marked" in spec else []
    return f"{(marks or [spec['mark']])[0]}{found[0]}"


def assigned_in(scan: Scan, hit: Hit) -> list[str]:
    """What a function among the arguments assigns to a member of one of the names `assigned`: `create(c -> c.path = "/api")`."""
    if "named_for" in hit.rule.options:
        return _named_for(scan, hit)
    names = hit.rule.options.get("assigned", ())
    view = scan.graph.view(hit.site.file)
    inside = {s for a in hit.call.args if isinstance(a.value, Func) for s in view.body(a.value.symbol)} if names else set()
    values = [
        scan.graph.ev.value(a.value, view.path, a.owner)
        for a in view.facts.assigns
        if inside and a.owner in inside and a.value is not None and isinstance(a.target, Member) and a.target.name in names
    ]
    return [t for v in values for t in texts(scan.graph.ev, v)] or _elsewhere(scan, hit, frozenset(names))


def _named_for(scan: Scan, hit: Hit) -> list[str]:
    """The class after which a router without a prefix is called: `MemoryCRUDRouter(schema=Potato)` stands at `/potato`."""
    if scan.texts(hit, hit.rule.prefix):
        return []
    meant = scan.value(hit, Ref(**hit.rule.options["named_for"]))
    classes = [o for o in options(meant) if isinstance(o, ClassV)] if meant is not None else []
    return [scan.graph.view(c.symbol.file).symbol(c.symbol.index).name.lower() for c in classes[:1]]


def _elsewhere(scan: Scan, hit: Hit, names: frozenset[str]) -> list[str]:
    """What functions that the router is set up with assign, where the option `assigned_to` says to what: `config.router.contextPath`.

    Several that say different things may be for several routers: then nothing is said of this one. What stands in an argument of another
    such call is said of that one's router.
    """
    owners = frozenset(hit.rule.options.get("assigned_to", ()))
    files = [f for name in sorted(names) for f in scan.graph.naming(name) if f in scan.graph.production] if owners else []
    found: set[str] = set()
    for file in files:
        view = scan.graph.view(file)
        made = [view.facts.calls[n] for n in view.calls_by_name.get(callee_name(hit.call) or "", ())]
        others = {s for c in made for a in c.args if isinstance(a.value, Func) for s in view.body(a.value.symbol)}
        for assign in view.facts.assigns:
            target = assign.target
            if assign.owner in others:
                continue
            if isinstance(target, Member) and target.name in names and last_name(target.base) in owners and assign.value is not None:
                found.update(texts(scan.graph.ev, scan.graph.ev.value(assign.value, file, assign.owner)))
    return sorted(found) if len(found) == 1 and not any("{" in t for t in found) else []
