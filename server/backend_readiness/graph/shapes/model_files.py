"""Routes that a framework makes of each model, which is a file of its own: `api/models/Order.js` answers `GET /order`.

Options of the rule: `folder` the models lie in; `actions` are rows of method, path after the model's name, and what is done to the model;
`config` a file with the settings under the name `export`: the setting `off` may switch the routes off, `prefix` stands before them, and
`plural` makes plurals of the names. With a version of the `package` before the major one `from` other methods stand for some: `instead`.
`start_file` is a JSON document beside the folder in which the keys `part` may switch off the whole part of the framework.
"""

from __future__ import annotations

import json
import re

from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.evaluation.inflections import plural
from backend_readiness.graph.routes.routing import Registration, Touch
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, Const, Obj, options
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_TEXT = 100_000
_MODEL = re.compile(r"([A-Za-z][\w-]*)\.(?:js|ts)")
_MAJOR = re.compile(r"[\^~>=v ]{0,4}(\d{1,4})\.")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "model_files":
                folder = str(rule.options["folder"])
                for path in scan.graph.production:
                    above, _, name = path.rpartition("/")
                    model = _MODEL.fullmatch(name)
                    if model is not None and (above == folder or above.endswith(f"/{folder}")):
                        _register(scan, card, rule, path, model.group(1), above.removesuffix(folder))


def _register(scan: Scan, card: Card, rule: RouteRule, path: str, model: str, application: str) -> None:
    config = _settings(scan, f"{application}{rule.options['config']}", str(rule.options["export"]))
    if any(isinstance(o, Const) and o.value is False for o in options(config.get(str(rule.options["off"]), Const(None)))):
        return
    if _is_left_out(scan.graph, f"{application}{rule.options.get('start_file', '')}", tuple(rule.options.get("part", ()))):
        return
    prefix = next((t for t in texts(scan.graph.ev, config.get("prefix")) if t.startswith("/")), "")
    place = Place(file=path, line=1, end_line=1)
    many = any(isinstance(o, Const) and o.value is True for o in options(config.get(str(rule.options.get("plural", "")), Const(None))))
    named = plural(model.lower()) if many else model.lower()
    older = rule.options.get("older", {})
    instead: dict[str, str] = older["instead"] if older and _is_older(scan.graph, older["package"], older["from"]) else {}
    for method, tail, operation in rule.options["actions"]:
        scan.routing.registrations.append(
            Registration(
                router=None, method=instead.get(method, method), path=join(prefix, f"/{named}{tail}", keep_root=False), place=place,
                start=0, card=card, rule=rule, handler=None, touches=(Touch(operation=operation, target=model, place=place),),
            )
        )  # fmt: skip


def _is_older(graph: Graph, package: str, major: int) -> bool:
    """Does a manifest ask for a version of the package before the major one, and none for another?"""
    asked = [_MAJOR.match(a.dependencies[package]) for a in graph.snapshot.applications if package in a.dependencies]
    return bool(asked) and all(m is not None and int(m.group(1)) < major for m in asked)


def _is_left_out(graph: Graph, file: str, keys: tuple[str, ...]) -> bool:
    """Does the file say `false` at the keys?"""
    if not keys or not graph.has(file):
        return False
    try:
        held = json.loads(graph.text(file)[:MAX_TEXT])
    except (ValueError, RecursionError):
        return False
    for key in keys:
        held = held.get(key) if isinstance(held, dict) else None
    return held is False


def _settings(scan: Scan, file: str, name: str) -> dict[str, AV]:
    """The settings that a file exports; none when it is not there."""
    if file not in scan.graph.facts.files:
        return {}
    ev = scan.graph.ev
    value = exports.exported(ev, file, name)
    if value is None or not any(isinstance(o, Obj) for o in options(value)):
        whole = exports.module_value(ev, file)
        thunk = members.field_thunk(ev, whole, name) if isinstance(whole, Obj) else None
        value = ev.thunk(thunk) if thunk is not None else whole
    return {k: ev.thunk(t) for o in options(value) if isinstance(o, Obj) for k, t in o.fields.items()}
