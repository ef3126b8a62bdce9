"""Addresses that arrays give by a class and its method: `["controller" => "Orders", "action" => "view"]`, `["order/view", "id" => 1]`.

Which keys do, and how views stand beside their classes, a card says (`action_addresses`). Of several applications that whose
folder the view is nearest to is meant.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from backend_readiness.facts.model import Lit
from backend_readiness.graph.evaluation.folders import shared
from backend_readiness.graph.routes.routing import BoundRoute, functions_in
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Const, FuncV, ListV, Obj, options
from backend_readiness.graph.world import Graph
from backend_readiness.rules.tag_rules import ActionAddressRule

MAX_PAGES = 40
_PARAMETER = re.compile(r"\{([^{}]+)\}")
_PLAIN = str.maketrans("", "", "-_")
_Key = tuple[str, str]
_Actions = dict[_Key, list[BoundRoute]]
_RULES: WeakKeyDictionary[Graph, dict[str, ActionAddressRule | None]] = WeakKeyDictionary()
_KNOWN: WeakKeyDictionary[Graph, tuple[tuple[BoundRoute, ...], dict[str, _Actions]]] = WeakKeyDictionary()


def array_paths(graph: Graph, routes: tuple[BoundRoute, ...], file: str, value: AV) -> tuple[str, ...] | None:
    """The path that an array leads to; None when it names no action, empty when there is no such one."""
    rule = _rule(graph, file)
    named = next((n for o in options(value) if (n := _named(graph, rule, file, o)) is not None), None) if rule is not None else None
    if rule is None or named is None:
        return None
    space, key = named
    fits = _nearest(_actions(graph, routes, rule).get(key, []), file, space)
    paths = dict.fromkeys(b.route.endpoint.path for b in fits)
    said = [p for p in paths if key[1] in (_plain(s) for s in p.split("/"))]  # of a resource's address and that with the name the latter
    return tuple(_with_given(said or list(paths), rule, value))[:1]


def _with_given(paths: list[str], rule: ActionAddressRule, value: AV) -> list[str]:
    """Of the paths of one action those whose parameters the array gives, those with the most of them first."""
    keys = {k for o in options(value) if isinstance(o, Obj) for k in o.fields} - {rule.controller, rule.action, rule.prefix}
    asked = {path: {p.rstrip("*") for p in _PARAMETER.findall(path)} for path in paths}
    fits = [path for path in paths if asked[path] <= keys]
    return sorted(fits, key=lambda path: -len(asked[path])) if len(paths) > 1 and keys and fits else paths


def shown_by(graph: Graph, routes: tuple[BoundRoute, ...], file: str, depth: int = 0) -> tuple[str, ...]:
    """The paths of the actions that show a view: that of its name, those that name it, or those of the views that it is a part of."""
    rule = _rule(graph, file)
    if rule is None or (own := _own(rule, file)) is None:
        return ()
    space, controller = own
    stem = _stem(file)
    actions = _actions(graph, routes, rule)
    fits = _nearest(actions.get((controller, _plain(stem)), []), file, space)
    if not fits:
        mine = [b for (c, _), found in actions.items() if c == controller for b in found]
        fits = [b for b in _nearest(mine, file, space) if stem in _names_given(graph, b)]
    if fits or depth:
        return tuple(dict.fromkeys(_first(fits)))
    folder = file.rpartition("/")[0]
    beside = [p for p in graph.production if p.rpartition("/")[0] == folder and p != file][:MAX_PAGES]
    pages = [p for p in beside if f"'{stem}'" in (said := graph.text(p)) or f'"{stem}"' in said]
    return tuple(dict.fromkeys(path for p in pages for path in shown_by(graph, routes, p, depth + 1)))


def _rule(graph: Graph, file: str) -> ActionAddressRule | None:
    language = graph.facts.files[file].language
    rules = _RULES.setdefault(graph, {})
    if language not in rules:
        rules[language] = next((r for c in graph.knowledge.cards for r in c.action_addresses if language in r.languages), None)
    return rules[language]


def _named(graph: Graph, rule: ActionAddressRule, file: str, value: AV) -> tuple[str, _Key] | None:
    """The space (a module, a prefix) and the names of the class and the method that an array says, as they are compared."""
    own = _own(rule, file) or ("", "")
    if rule.text:
        first = value.fields.get("0") if isinstance(value, Obj) else value.items[0] if isinstance(value, ListV) and value.items else None
        said = next(iter(texts(graph.ev, graph.ev.thunk(first))), None) if first is not None else None
        if said is None:
            return None
        *spaces, controller, action = ["", "", *(part for part in said.split("/") if part)]
        if not controller and said.startswith("/"):
            controller, action = action, rule.default
        action = action or (_stem(file) if not controller else rule.default)
        space = next((s for s in reversed(spaces) if s), own[0])
        return _plain(space), (_plain(controller) or own[1], _plain(action))
    if not isinstance(value, Obj) or value.fields.keys().isdisjoint((rule.controller, rule.action)):
        return None
    given = {key: _text(graph, value, key) for key in (rule.controller, rule.action, rule.prefix)}
    controller = _plain(given[rule.controller] or "") or own[1]
    if rule.controller in value.fields and not given[rule.controller]:
        return None
    space = own[0] if rule.prefix not in value.fields else _plain(given[rule.prefix] or "")
    return space, (controller, _plain(given[rule.action] or rule.default))


def _text(graph: Graph, record: Obj, key: str) -> str | None:
    thunk = record.fields.get(key)
    value = graph.ev.thunk(thunk) if thunk is not None else None
    return next((str(o.value) for o in options(value) if isinstance(o, Const) and isinstance(o.value, str)), None) if value else None


def _own(rule: ActionAddressRule, file: str) -> tuple[str, str] | None:
    """The space and the controller of a view by its place: `templates/Admin/Orders/edit.php`, `modules/admin/views/order/edit.php`."""
    folders = file.split("/")[:-1]
    at = next((n for n in range(len(folders) - 1, -1, -1) if folders[n] in rule.views), None)
    if at is None or at + 1 >= len(folders):
        return None
    spaces = folders[at + 1 : -1] or (folders[at - 1 : at] if at >= 2 else [])
    return _plain(spaces[-1]) if spaces else "", _plain(folders[-1])


def _actions(graph: Graph, routes: tuple[BoundRoute, ...], rule: ActionAddressRule) -> _Actions:
    """(class, method) as they are compared -> the routes that they answer; computed once for a repository and a rule."""
    kept = _KNOWN.get(graph)
    if kept is None or kept[0] is not routes:
        kept = _KNOWN[graph] = (routes, {})
    name = f"{rule.class_end} {rule.method_start}"
    if name not in kept[1]:
        found: _Actions = defaultdict(list)
        for bound in routes:
            cls, _, method = bound.route.handler.symbol.rpartition(".") if bound.route.handler is not None else ("", "", "")
            if cls.endswith(rule.class_end) and method.startswith(rule.method_start):
                found[_plain(cls.removesuffix(rule.class_end)), _plain(method.removeprefix(rule.method_start))].append(bound)
        kept[1][name] = found
    return kept[1][name]


def _nearest(found: list[BoundRoute], file: str, space: str) -> list[BoundRoute]:
    """Of routes those whose class stands in a folder of that name, else in the fewest folders, and of these the nearest to a file."""
    handled = [(b, b.route.handler.file) for b in found if b.route.handler is not None]
    inside = [(b, f) for b, f in handled if space and space in map(_plain, f.split("/")[:-1])] or handled
    best = max((shared(f, file) for _, f in inside), default=0)
    near = [(b, f) for b, f in inside if shared(f, file) == best]
    least = min((f.count("/") for _, f in near), default=0)
    return [b for b, f in near if space or f.count("/") == least]


def _first(found: list[BoundRoute]) -> Iterator[str]:
    """One path of each method of a class."""
    seen: set[str] = set()
    for bound in found:
        symbol = bound.route.handler.symbol if bound.route.handler is not None else ""
        if symbol not in seen:
            seen.add(symbol)
            yield bound.route.endpoint.path


def _names_given(graph: Graph, bound: BoundRoute) -> set[str]:
    """The texts that the calls of a handler are given, among them the names of views."""
    found: set[str] = set()
    for function in functions_in(graph, bound.handler):
        if isinstance(function, FuncV):
            view = graph.view(function.symbol.file)
            calls = [n for scope in view.body(function.symbol.index) for n in view.calls_of.get(scope, ())]
            given = [a.value for n in calls for a in view.facts.calls[n].args[:3]]
            found.update(v.value for v in given if isinstance(v, Lit) and isinstance(v.value, str))
    return found


def _stem(file: str) -> str:
    return file.rpartition("/")[2].partition(".")[0]


def _plain(name: str) -> str:
    return name.translate(_PLAIN).lower()
