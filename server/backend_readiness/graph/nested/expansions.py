"""Calls that add the routes of a package: `devise_for :users` gives those of the parts that the model lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Value
from backend_readiness.graph.backend.brought import model_named
from backend_readiness.graph.evaluation import constants
from backend_readiness.graph.evaluation.inflections import class_names, plural, singular
from backend_readiness.graph.nested.context import Context, joined
from backend_readiness.graph.nested.options import Group, Nested
from backend_readiness.graph.nested.single import add
from backend_readiness.graph.nested.targets import Answer, resolve
from backend_readiness.graph.routes.scan import Hit
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import Ext, FuncV, ListV, Obj, options
from backend_readiness.graph.views import callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.nested.walk import Walker


def register(walker: Walker, hit: Hit, rule: Nested, context: Context) -> None:
    outer = context.below()
    preset = _preset(walker, hit, rule)
    for name in [n for n in walker.all_texts(hit) if n] or [""]:
        given = walker.texts(hit, rule.path) or ([preset[""]] if "" in preset else [])
        base = joined(outer.path, given[0] if given else "" if rule.path and walker.first(hit, rule.path) is not None else name)
        listed, lists = _listed(walker, hit, rule, name)
        left_out = walker.texts(hit, (rule.skip,)) if rule.skip is not None else []
        left_out = [*left_out, *(t for _, t in _said(walker, hit, rule.skip_call))]
        skipped = {n for t in left_out for n in (t, plural(t))}
        model = model_named(walker.scan.graph, _models(walker, hit, rule, name)) if rule.needs_call else None
        for key, group in rule.groups.items():
            if key in skipped or "all" in skipped or (group.needs and listed is not None and listed.isdisjoint(group.needs)):
                continue
            module, controller = _controller(walker, hit, rule, outer, key, group.controller)
            for (method, path, action), each in (
                (r, e) for e in (lists.get(group.each, ()) if group.each else ("",)) for r in group.routes
            ):
                path, action = path.replace("{each}", each), action.replace("{each}", each)
                answer = resolve(walker.scan, rule.target, module, controller, action, model) if controller else Answer()
                names = _names(group, outer, name, action)
                under = _renamed(walker, hit, rule, group.under) if group.under else ""
                under = "" if under == group.under else under
                add(walker, hit, outer, joined(base, under), preset.get(path, _renamed(walker, hit, rule, path)), [method], answer, *names)


def _preset(walker: Walker, hit: Hit, rule: Nested) -> dict[str, str]:
    """What a value of another package among the arguments says of the paths: `devise_for :admins, ActiveAdmin::Devise.config`."""
    values = (walker.ev.value(a.value, hit.site.file, hit.call.owner, hit.site.env) for a in hit.call.args) if rule.presets else ()
    names = (v.path.removesuffix("()") for v in values if isinstance(v, Ext))
    return next((rule.presets[n] for n in names if n in rule.presets), {})


def _names(group: Group, outer: Context, thing: str, action: str) -> tuple[str, str]:
    """The names under which links mean a route: of the thing that the call is about, and of whatever thing a page is drawn for."""
    before = f"{group.named[action]}_" if action in group.named else ""
    own = singular(thing.replace("/", "_"))
    return (f"{before}{outer.name}{own}_{group.name}", f"{before}{group.name}") if group.name else ("", "")


def _models(walker: Walker, hit: Hit, rule: Nested, name: str) -> tuple[str, ...]:
    """The names that the model of the routes may have."""
    named = walker.texts(hit, rule.model)
    return tuple(class_names(named[0] if named else name))


def _listed(walker: Walker, hit: Hit, rule: Nested, name: str) -> tuple[set[str] | None, dict[str, list[str]]]:
    """What the model lists in its body (`devise :database_authenticatable, :registerable`), and the names at each keyword of the call.

    None when there is no such call.
    """
    if not rule.needs_call:
        return None, {}
    for text in _models(walker, hit, rule, name):
        cls = constants.class_of_text(walker.ev, text)
        for part in constants.parts(walker.ev, cls.symbol) if cls is not None else ():
            view = walker.scan.graph.view(part.file)
            numbers = [n for scope in view.body(part.index) for n in view.calls_of.get(scope, ())]
            calls = [view.facts.calls[n] for n in numbers if callee_name(view.facts.calls[n]) == rule.needs_call]
            if calls:
                given = [(a.name, t) for c in calls for a in c.args for t in _texts(walker, a.value, part.file, c.owner)]
                lists: dict[str, list[str]] = {}
                for keyword, text in given:
                    lists.setdefault(keyword or "", []).append(text)
                return set(lists.pop("", ())), lists
    return None, {}


def _texts(walker: Walker, written: Value, file: str, owner: int) -> list[str]:
    value = walker.ev.value(written, file, owner)
    found = [walker.ev.thunk(t) for t in value.items[:20]] if isinstance(value, ListV) else [value]
    return [t for v in found for t in texts(walker.ev, v)]


def _said(walker: Walker, hit: Hit, name: str) -> list[tuple[str, str]]:
    """(keyword or nothing, text) of what calls of that name in the block are given (`use_doorkeeper { skip_controllers :tokens }`)."""
    block = walker.block_of(hit) if name else None
    found: list[tuple[str, str]] = []
    for option in options(block) if block is not None else ():
        if isinstance(option, FuncV):
            view = walker.scan.graph.view(option.symbol.file)
            calls = [view.facts.calls[n] for n in view.calls_of.get(option.symbol.index, ())]
            given = [(a, c.owner) for c in calls if callee_name(c) == name for a in c.args]
            found.extend((a.name or "", t) for a, owner in given for t in _texts(walker, a.value, view.path, owner))
    return found


def _controller(walker: Walker, hit: Hit, rule: Nested, outer: Context, key: str, default: str) -> tuple[str, str]:
    """(module, controller) of a group: named in the call, or that of the package."""
    value = walker.scan.value(hit, rule.controllers) if rule.controllers is not None else None
    thunk = value.fields.get(key) if isinstance(value, Obj) else None
    found = texts(walker.ev, walker.ev.thunk(thunk)) if thunk is not None else []
    found = found or [text for name, text in _said(walker, hit, rule.controllers_call) if name == key]
    given = walker.texts(hit, rule.module)
    own = f"{given[0]}/{default.rpartition('/')[2]}" if given and default else default
    return (outer.module, found[0]) if found else ("", own)


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
