"""Calls that add the routes of a package: `devise_for :users` gives those of the parts that the model lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph import constants
from backend_readiness.graph.inflections import class_names, plural
from backend_readiness.graph.nested.context import Context, joined
from backend_readiness.graph.nested.options import Nested
from backend_readiness.graph.nested.single import add
from backend_readiness.graph.nested.targets import resolve
from backend_readiness.graph.scan import Hit
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import Obj
from backend_readiness.graph.views import callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.nested.walk import Walker


def register(walker: Walker, hit: Hit, rule: Nested, context: Context) -> None:
    outer = context.below()
    for name in [n for n in walker.all_texts(hit) if n] or [""]:
        given = walker.texts(hit, rule.path)
        base = joined(outer.path, given[0] if given else "" if rule.path and walker.first(hit, rule.path) is not None else name)
        listed = _listed(walker, hit, rule, name)
        skipped = {n for t in walker.texts(hit, (rule.skip,)) for n in (t, plural(t))} if rule.skip is not None else set()
        for key, group in rule.groups.items():
            if key in skipped or "all" in skipped or (group.needs and listed is not None and group.needs not in listed):
                continue
            module, controller = _controller(walker, hit, rule, outer, key, group.controller)
            for method, path, action in group.routes:
                handler, guards = resolve(walker.scan, rule.target, module, controller, action) if controller else (None, ())
                add(walker, hit, outer, base, _renamed(walker, hit, rule, path), [method], handler, guards)


def _listed(walker: Walker, hit: Hit, rule: Nested, name: str) -> set[str] | None:
    """What the model lists in its body (`devise :database_authenticatable, :registerable`); None when there is no such call."""
    if not rule.needs_call:
        return None
    named = walker.texts(hit, rule.model)
    for text in class_names(named[0] if named else name):
        cls = constants.class_of_text(walker.ev, text)
        for part in constants.parts(walker.ev, cls.symbol) if cls is not None else ():
            view = walker.scan.graph.view(part.file)
            numbers = [n for scope in view.body(part.index) for n in view.calls_of.get(scope, ())]
            calls = [view.facts.calls[n] for n in numbers if callee_name(view.facts.calls[n]) == rule.needs_call]
            if calls:
                return {
                    t
                    for c in calls
                    for a in c.args
                    if a.name is None
                    for t in texts(walker.ev, walker.ev.value(a.value, part.file, c.owner))
                }
    return None


def _controller(walker: Walker, hit: Hit, rule: Nested, outer: Context, key: str, default: str) -> tuple[str, str]:
    """(module, controller) of a group: named in the call, or that of the package."""
    value = walker.scan.value(hit, rule.controllers) if rule.controllers is not None else None
    thunk = value.fields.get(key) if isinstance(value, Obj) else None
    found = texts(walker.ev, walker.ev.thunk(thunk)) if thunk is not None else []
    return (outer.module, found[0]) if found else ("", default)


def _renamed(walker: Walker, hit: Hit, rule: Nested, path: str) -> str:
    """Each segment under the name that `path_names` gives it."""
    value = walker.scan.value(hit, rule.path_names) if rule.path_names is not None else None
    if not isinstance(value, Obj):
        return path
    parts = []
    for part in path.split("/"):
        thunk = value.fields.get(part)
        renamed = texts(walker.ev, walker.ev.thunk(thunk)) if thunk is not None else []
        parts.append(renamed[0] if renamed else part)
    return "/".join(parts)
