"""A record whose keys are addresses and whose values name what answers: `{"GET /orders/:id": "orders/show"}`.

`glob` are the files, options: `export` the name of the record, `folder` where controllers lie (beside the folder of the table), `suffix`
the end of the names of files with several actions, `keys` the fields of a value that is a record. A value that is a path or an address
leads elsewhere and is no route. A rule with a `callee` speaks of a call that is given the table (`child`) and the folder (`prefix`). An
action is the file of its name, or a field of the file of its controller. `policies`: see `graph.handling.policies`, with its `file`, the
record's `export` and the `folder` of policies.
"""

from __future__ import annotations

import re
from fnmatch import fnmatch

from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.handling.policies import Policies, action_name
from backend_readiness.graph.routes.routing import Registration, RouterKey
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Ext, FuncV, ModV, Obj, UnknownV, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_ROWS = 3_000
_KEY = re.compile(r"\s*(?:(get|post|put|patch|delete|options|head|all)\s+)?(/\S*|r\|.{1,200})\s*", re.IGNORECASE)


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "route_table":
                for path in [p for p in scan.graph.production if any(fnmatch(p, g) for g in rule.glob)]:
                    _table(scan, card, rule, path)
    for hit in scan.hits.get("route_table", ()):
        _given(scan, hit)


def _given(scan: Scan, hit: Hit) -> None:
    """The rows of a table that a call makes a router of: `app.use("/open", mapRoutes(routes, "api/controllers/"))`."""
    key: RouterKey = ("site", hit.site.file, hit.site.call)
    scan.note(key, Ext(f"{hit.callee.path}()", hit.callee, hit.site))
    folder = next(iter(scan.texts(hit, hit.rule.prefix)), "").strip("./")
    rule = hit.rule.model_copy(update={"options": {**hit.rule.options, "folder": folder}})
    value = scan.value(hit, hit.rule.child)
    meant = [exports.module_value(scan.graph.ev, o.file) if isinstance(o, ModV) else o for o in options(value)] if value is not None else []
    for option in meant:
        path = option.place.file if isinstance(option, Obj) and option.place is not None else hit.site.file
        _rows(scan, hit.card, rule, option, path, ("", None), key)


def _table(scan: Scan, card: Card, rule: RouteRule, path: str) -> None:
    ev = scan.graph.ev
    value = exports.exported(ev, path, str(rule.options["export"]))
    if value is None or isinstance(value, UnknownV):
        whole = exports.module_value(ev, path)
        thunk = members.field_thunk(ev, whole, str(rule.options["export"])) if isinstance(whole, Obj) else None
        value = ev.thunk(thunk) if thunk is not None else whole
    application = path.rpartition("config/")[0]
    given = rule.options.get("policies", {})
    suffix = str(rule.options["suffix"])
    policies = Policies(scan, f"{application}{given.get('file')}", given.get("export", ""), f"{application}{given.get('folder')}", suffix)
    for option in options(value):
        _rows(scan, card, rule, option, path, (application, policies), None)


def _rows(
    scan: Scan, card: Card, rule: RouteRule, option: AV, path: str, around: tuple[str, Policies | None], router: RouterKey | None
) -> None:
    ev, suffix, (application, policies) = scan.graph.ev, str(rule.options["suffix"]), around
    if isinstance(option, Obj):
        for key, thunk in list(option.fields.items())[:MAX_ROWS]:
            found = _KEY.fullmatch(key)
            if found is None or found.group(2).startswith("r|"):
                continue
            target = ev.thunk(thunk)
            names = [t for t in texts(ev, target) if not isinstance(target, FuncV | Obj)]
            if any(n.startswith(("/", "http")) for n in names):
                continue
            method = (found.group(1) or "ANY").upper()
            action = _action(scan, rule, target, names)
            place = place_of_text(scan, path, key, Place(file=path, line=1, end_line=1))
            scan.routing.registrations.append(
                Registration(
                    router=router, method="ANY" if method == "ALL" else method, path=found.group(2),
                    place=place, start=0, card=card, rule=rule, handler=_handler(scan, rule, application, target, names),
                    guards=policies.guards(action_name(action, suffix), place) if action and policies is not None else (),
                )
            )  # fmt: skip


def _action(scan: Scan, rule: RouteRule, target: AV, names: list[str]) -> str:
    """The name of the action that a row leads to; empty for a view or a function."""
    for option in options(target):
        if isinstance(option, Obj):
            given = {k: t for k in rule.options["keys"] for t in _text(scan, option, k)[:1]}
            return ".".join(v for k in ("controller", "action", "target") if (v := given.get(k)))
    return next((n for n in names if n), "")


def _handler(scan: Scan, rule: RouteRule, application: str, target: AV, names: list[str]) -> AV | None:
    for option in options(target):
        if isinstance(option, FuncV):
            return option
        if isinstance(option, Obj):
            names = [_action(scan, rule, option, [])]
    for name in (n for n in names if n):
        folder = f"{application}{rule.options['folder']}"
        file = _file(scan, f"{folder}/{name}")
        if file is not None:
            return _function(scan, exports.module_value(scan.graph.ev, file), "fn")
        controller, _, action = name.rpartition("." if "." in name else "/")
        suffix = str(rule.options["suffix"])
        bare = controller.removesuffix(suffix)
        last = bare.rpartition("/")[2]
        for written in (bare, bare[: len(bare) - len(last)] + last[:1].upper() + last[1:]):
            file = _file(scan, f"{folder}/{written}{suffix}")
            if file is not None:
                found = _function(scan, exports.module_value(scan.graph.ev, file), action)
                inner = exports.exported(scan.graph.ev, file, action) if found is None else found
                return inner if isinstance(inner, FuncV) else None
    return None


def _text(scan: Scan, value: Obj, key: str) -> list[str]:
    thunk = members.field_thunk(scan.graph.ev, value, key)
    return texts(scan.graph.ev, scan.graph.ev.thunk(thunk)) if thunk is not None else []


def _file(scan: Scan, stem: str) -> str | None:
    return next((f"{stem}{s}" for s in (".js", ".ts", ".mjs") if f"{stem}{s}" in scan.graph.facts.files), None)


def _function(scan: Scan, value: AV, name: str) -> AV | None:
    for option in options(value):
        if isinstance(option, FuncV):
            made = scan.graph.ev.invoke(option)  # a controller may be made by a function
            inner = members.field_thunk(scan.graph.ev, made, name) if isinstance(made, Obj) else None
            return scan.graph.ev.thunk(inner) if inner is not None else option
        thunk = members.field_thunk(scan.graph.ev, option, name) if isinstance(option, Obj) else None
        if thunk is not None:
            return scan.graph.ev.thunk(thunk)
    return None
