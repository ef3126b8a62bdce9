"""A prefix that a call on an application or router puts before all that is registered on it: `app.setGlobalPrefix("api")`.

Rules with `options.receiver` are these, and with `given` those whose last argument is that member of an application of the card, which is
put below another one (`app.use("/api", shop.requestHandler)`); a prefix that is given when a router is made is read by `Scan.note`.
Rules with `options.folder`, a regular expression, put its group `prefix` before all routes that are written in such files, or what
`options.placed` says of it, see `graph.routes.placed_folders`.
`options.in_file` names a file of JSON, and the keys that lead to the prefix in it, which a tool puts before all that it generates.
`options.fields` are members of a router that hold its prefix; `options.records` the keys that lead to it in a record that is written out
somewhere, which the application is started with (`{ rest: { basePath: "/api" } }`).
`options.module_paths`: the records at `child` put a path before the classes of a module, see `graph.routes.modules_tree`.
`options.class_mounts`: see `graph.routes.mounted_classes`.
`options.middleware_for` is a call that puts guards in front of the paths that it lists (`consumer.apply(X).forRoutes("orders")`).
"""

from __future__ import annotations

import json
import re
from typing import Any

from backend_readiness.facts.model import Member, Record, Value
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.references import step_site
from backend_readiness.graph.routes.modules_tree import Applications
from backend_readiness.graph.routes.placed_folders import placed
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.shapes.annotation import running
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import ClassV, ListV, Obj, Thunk
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_NESTED = 8
MAX_MODULES = 200
_SETTING = re.compile(r"\{[^{}]*\}")  # nothing but a setting, which may well be empty


def collect(scan: Scan) -> None:
    applications: dict[str, Applications] = {}
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "prefix" and "folder" in rule.options:
                _of_folders(scan, rule)
            if rule.shape == "prefix" and "in_file" in rule.options:
                _of_file(scan, card, rule.options["in_file"])
            for field in rule.options.get("fields", ()) if rule.shape == "prefix" else ():
                _of_fields(scan, card, str(field))
            if rule.shape == "prefix" and "records" in rule.options:
                _of_records(scan, tuple(rule.options["records"]), Applications(scan, card))
    for hit in scan.hits.get("prefix", ()):
        if hit.card.id not in applications:
            applications[hit.card.id] = Applications(scan, hit.card)
        if hit.rule.options.get("receiver"):
            put = [t.strip("/") for t in scan.texts(hit, hit.rule.prefix)]
            found = [f"/{t}" for t in put if t and not _SETTING.fullmatch(t)]
            given = hit.rule.options.get("given")
            if given is not None and not (hit.call.args and _is_member(hit.call.args[-1].value, str(given))):
                continue
            mine = applications[hit.card.id]
            for key in mine.below(hit) if given is None else mine.all():
                info = scan.routing.routers[key]
                info.prefixes = info.prefixes or found
        elif hit.rule.options.get("own"):
            own = scan.router(hit)
            if own is not None and not scan.is_open(hit, hit.rule.prefix):
                said = [t.strip("/") for t in scan.texts(hit, hit.rule.prefix)]
                put = [f"/{t}" for t in said if t and not ("" in said and _SETTING.fullmatch(t))]  # one of them is empty: so it may be
                scan.routing.routers[own].prefixes = put or scan.routing.routers[own].prefixes
        elif hit.rule.options.get("middleware_for"):
            _listed_guards(scan, hit, applications[hit.card.id])


def _is_member(value: Value, name: str) -> bool:
    return isinstance(value, Member) and value.name == name


def _of_fields(scan: Scan, card: Card, field: str) -> None:
    """Prefixes that are put on a router after it was made: `bp.url_prefix = "/orders"`."""
    ev = scan.graph.ev
    for path in scan.graph.naming(field):
        for assign in scan.graph.view(path).facts.assigns if path in scan.graph.production else ():
            target = assign.target
            if isinstance(target, Member) and target.name == field and assign.value is not None:
                key = scan.router_of_value(ev.value(target.base, path, assign.owner), card)
                put = [t for t in texts(ev, ev.value(assign.value, path, assign.owner)) if t.startswith("/")]
                if key is not None and put:
                    scan.routing.routers[key].prefixes = scan.routing.routers[key].prefixes or put


def _of_records(scan: Scan, keys: tuple[str, ...], applications: Applications) -> None:
    """The prefix that records of the settings agree on, for applications that nothing else puts below a path."""
    ev = scan.graph.ev
    found: dict[str, None] = {}
    for path in scan.graph.naming(keys[-1]):
        view = scan.graph.view(path)
        written = [(a.value, a.owner) for a in view.facts.assigns] + [(a.value, c.owner) for c in view.facts.calls for a in c.args]
        written += [(r.value, o) for o, several in view.returns.items() for r in several]
        written += [(e.value, 0) for e in view.exports.values() if e.value is not None]
        for value, owner in written if path in scan.graph.production else ():
            inner: Value | None = value
            for key in keys:
                inner = next((v for k, v in inner.items if k == key), None) if isinstance(inner, Record) else None
            if inner is not None:
                found.update(dict.fromkeys(t.strip("/") for t in texts(ev, ev.value(inner, path, owner)) if not _SETTING.fullmatch(t)))
    if len(found) == 1 and (prefix := next(iter(found))):
        for router in applications.all():
            info = scan.routing.routers[router]
            info.prefixes = info.prefixes or [f"/{prefix}"]


def _of_file(scan: Scan, card: Card, spec: dict[str, Any]) -> None:
    """The prefix that every file of the name agrees on, for applications that nothing else starts."""
    found: set[str] = set()
    for path in scan.graph.files_named(str(spec["name"])):
        try:
            value = json.loads(scan.graph.text(path))
        except ValueError:
            return
        for key in spec["keys"]:
            value = value.get(key) if isinstance(value, dict) else None
        found.add(value.strip("/") if isinstance(value, str) else "")
    if len(found) == 1 and (prefix := found.pop()):
        info = scan.routing.routers["card", card.id, 0]
        info.prefixes = info.prefixes or [f"/{prefix}"]


def _of_folders(scan: Scan, rule: RouteRule) -> None:
    folder = re.compile(str(rule.options["folder"]))
    for path in scan.graph.production:
        found = folder.search(path)
        prefix = placed(scan, rule, found["prefix"].strip("/")) if found is not None and found["prefix"] else ""
        if prefix:
            info = scan.routing.routers["file", path, 0]
            info.prefixes = info.prefixes or [f"/{prefix}"]


def _listed_guards(scan: Scan, hit: Hit, applications: Applications) -> None:
    ev = scan.graph.ev
    at = step_site(hit.callee.base, str(hit.rule.options["middleware_for"]))
    if at is None:
        return
    call = scan.graph.view(at.file).facts.calls[at.call]
    names = tuple(hit.rule.options.get("guard_methods", ()))
    guards = [running(scan, ev.value(a.value, at.file, call.owner, at.env), names) for a in call.args]
    targets: list[tuple[str, str]] = []
    for arg in hit.call.args:
        value = ev.value(arg.value, hit.site.file, hit.call.owner, hit.site.env)
        items = value.items if isinstance(value, ListV) else (Thunk(hit.site.file, hit.call.owner, arg.value, hit.site.env),)
        for item in items:
            one = ev.thunk(item)
            if isinstance(one, ClassV):
                info = scan.routing.routers[("class", one.symbol.file, one.symbol.index)]
                info.guards.extend(Guard(value=g, place=scan.place(hit), start=0) for g in guards)
            elif isinstance(one, Obj):
                path, method = (members.field_thunk(ev, one, k) for k in ("path", "method"))
                named = texts(ev, ev.thunk(method)) if method is not None else []
                verb = named[0].strip("{}").rpartition(".")[2].upper() if named else ""
                targets.extend((p, "" if verb == "ALL" else verb) for p in (texts(ev, ev.thunk(path)) if path is not None else ()))
            else:
                targets.extend((t, "") for t in texts(ev, one))
    for target, verb in targets:
        for key in applications.below(hit):
            everywhere = target.strip("/") in ("*", "{*splat}", "*splat", "(.*)")
            guard_path = "" if everywhere else "/" + target.lstrip("/")
            scan.routing.routers[key].guards.extend(
                Guard(value=g, place=scan.place(hit), start=0, path=guard_path, method=verb, exact=not everywhere) for g in guards
            )
