"""`resources :orders`: the routes of a collection and its members, and of a single thing."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.graph.evaluation.inflections import plural
from backend_readiness.graph.nested.context import Context, Resource, joined, member_name
from backend_readiness.graph.nested.options import Nested
from backend_readiness.graph.nested.single import add
from backend_readiness.graph.nested.targets import resolve
from backend_readiness.graph.routes.scan import Hit
from backend_readiness.graph.values import Const, Obj

if TYPE_CHECKING:
    from backend_readiness.graph.nested.walk import Walker


def register(walker: Walker, hit: Hit, rule: Nested, context: Context) -> None:
    """The routes of each name that the call lists, then those of its block."""
    names = [n for n in walker.all_texts(hit) if n]
    for name in names:
        _register(walker, hit, rule, context, name)


def _register(walker: Walker, hit: Hit, rule: Nested, context: Context, name: str) -> None:
    outer = context.below()
    if rule.nested_controllers:
        around = context.resource.controller if context.resource is not None else ""
        outer = replace(outer, controller=around)
    single = rule.does == "resource"
    resource, inner, own_module = _resource(walker, hit, rule, outer, name, single=single)
    only, but = _chosen(walker, hit, rule, outer)
    but |= _reduced(walker, hit, rule)
    for action, routes in (*rule.collection.items(), *rule.member.items()):
        if (only is not None and action not in only) or action in but:
            continue
        base = resource.collection if action in rule.collection else resource.member
        answer = resolve(walker.scan, rule.target, own_module, resource.controller, action)
        for method, path in routes:
            tail = _renamed(walker, hit, rule, outer, path)
            add(walker, hit, outer, base, tail, [method], answer, _name(resource, action, rule, path))
    for concern in walker.texts(hit, (rule.uses,)) if rule.uses is not None else ():
        walker.use_concern(concern, replace(inner, depth=inner.depth + 1))
    walker.block(walker.block_of(hit), inner)


def _resource(
    walker: Walker, hit: Hit, rule: Nested, outer: Context, name: str, *, single: bool
) -> tuple[Resource, Context, str]:  # fmt: skip
    given = walker.texts(hit, rule.path)
    path = given[0] if given else "" if walker.first(hit, rule.path) == Const("") else name
    controllers, modules = walker.texts(hit, rule.controller), walker.texts(hit, rule.module)
    named = walker.texts(hit, rule.name)
    module = joined(outer.module, modules[0]).lstrip("/") if modules else outer.module
    own = named[0] if named else name.replace("/", "_").replace("-", "_")
    one = member_name(own, single=single)
    param = (walker.texts(hit, (rule.param,)) if rule.param is not None else []) or ["id"]
    shallow = outer.shallow or (rule.shallow is not None and walker.scan.value(hit, rule.shallow) == Const(True))
    collection = joined(outer.path, path)
    shallow_here = outer.shallow or shallow
    member_base = joined(outer.shallow_path, path) if shallow_here else collection
    at_collection = f"{outer.name}{own}"
    at_member = one if shallow_here else f"{outer.name}{one}"
    resource = Resource(
        name=name,
        controller=_controller(rule, outer, controllers, name, single=single),
        collection=collection,
        member=collection if single else f"{member_base}/:{param[0]}",
        nested=collection if single else f"{member_base}/:{one}_{param[0]}",
        collection_name=at_member if single else f"{at_collection}_index" if own == one else at_collection,
        member_name=at_member,
        single=single,
    )
    inner = replace(
        outer, resource=resource, level="member" if single else "", shallow=shallow, module=module, only=None,
        shallow_path=outer.shallow_path,
    )  # fmt: skip
    return resource, inner, module


def _controller(rule: Nested, outer: Context, given: list[str], name: str, *, single: bool) -> str:
    if given:
        return given[0]
    own = plural(name) if single and not rule.plain_controller else name
    return f"{outer.controller}/{own}" if rule.nested_controllers and outer.controller else own


def _chosen(walker: Walker, hit: Hit, rule: Nested, outer: Context) -> tuple[set[str] | None, set[str]]:
    """The actions that alone are wanted (None: all), and those that are not."""
    only: set[str] | None = set(outer.only) if outer.only is not None else None
    if rule.only is not None and (value := walker.scan.value(hit, rule.only)) is not None:
        only = set(walker.texts(hit, (rule.only,))) if not isinstance(value, Obj) else None
    but = set(walker.texts(hit, (rule.but,))) if rule.but is not None else set()
    return only, but


def _reduced(walker: Walker, hit: Hit, rule: Nested) -> set[str]:
    """The actions that a setting of the application leaves out of all resources."""
    file, pattern, actions = rule.reduced
    if not file:
        return set()
    graph = walker.scan.graph
    path = f"{hit.site.file.rpartition(f'{posixpath.dirname(file)}/')[0]}{file}"
    return set(actions) if graph.has(path) and re.search(pattern, graph.text(path)) else set()


def _renamed(walker: Walker, hit: Hit, rule: Nested, outer: Context, path: str) -> str:
    """A path such as `edit` under the name that `path_names` gives it, here or around."""
    last = path.rpartition("/")[2]
    renamed = {**outer.path_names, **walker.renamings(hit, rule)}.get(last) if last else None
    return path if renamed is None else f"{path[: len(path) - len(last)]}{renamed}"


def _name(resource: Resource, action: str, rule: Nested, path: str) -> str:
    if resource.single:
        return f"{action}_{resource.member_name}" if path else resource.member_name
    if action in rule.collection:
        return f"{action}_{resource.member_name}" if path else resource.collection_name
    return f"{action}_{resource.member_name}" if path else resource.member_name
