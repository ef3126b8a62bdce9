"""One route: its paths, what answers it, and the name under which it is linked to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Record
from backend_readiness.graph.nested.context import Context, joined, variants
from backend_readiness.graph.nested.options import Nested
from backend_readiness.graph.nested.targets import Answer, resolve
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Hit
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, UnknownV, options

if TYPE_CHECKING:
    from backend_readiness.graph.nested.walk import Walker

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "LINK", "UNLINK"})


def route(walker: Walker, hit: Hit, rule: Nested, context: Context) -> None:
    methods = walker.methods(hit) if not rule.listed else [t.upper() for t in walker.all_texts(hit) if t.upper() in METHODS]
    if rule.asks_by_name and (not methods or not METHODS.issuperset(methods)):
        return
    methods = [context.method] if context.method and methods == ["ANY"] else methods
    function = walker.block_of(hit)
    for path, pair in route_paths(walker, hit, rule):
        at = _at(walker, hit, rule, context)
        whole = walker.texts(hit, rule.whole_path)
        if whole:
            at = replace(at, path="" if whole[0].startswith("/") else at.own_path, resource=None)
        target = pair if pair is not None else walker.first(hit, rule.to)
        _register(walker, hit, rule, at, path, methods, function, target)


def _is_quoted(walker: Walker, hit: Hit, path: str) -> bool:
    """Is it written as a text, which is a path whatever it says (`post "create"`), and not as a symbol (`post :create`)?"""
    lines = walker.scan.graph.text(hit.site.file).split("\n")[hit.call.line - 1 : hit.call.line]
    return any(f"'{path}'" in line or f'"{path}"' in line for line in lines)


def _at(walker: Walker, hit: Hit, rule: Nested, context: Context) -> Context:
    on = next(iter(walker.texts(hit, (rule.level_at,))), "") if rule.level_at is not None else ""
    if on in ("member", "collection") or (on and on in walker.pages and context.resource is not None):
        return replace(context, level=on)
    return context


def route_paths(walker: Walker, hit: Hit, rule: Nested) -> Iterator[tuple[str, AV | None]]:
    """The paths of a route, each with the target that a pair gives it."""
    found = False
    for arg in (
        [a for a in hit.call.args if a.name is None] if rule.pairs else ()
    ):  # what stands under a keyword (`defaults: {...}`) is no path
        for key, item in arg.value.items if isinstance(arg.value, Record) else ():
            if key is not None:
                found = True
                yield key, walker.ev.value(item, hit.site.file, hit.call.owner, hit.site.env)
        for written, item in arg.value.computed if isinstance(arg.value, Record) else ():  # `get "#{base}/messages" => "chat#create"`
            for path in texts(walker.ev, walker.ev.value(written, hit.site.file, hit.call.owner, hit.site.env)):
                found = True
                yield path, walker.ev.value(item, hit.site.file, hit.call.owner, hit.site.env)
    if found:
        return
    if rule.many and len(walker.all_texts(hit)) > 1:
        yield from ((t, None) for t in walker.all_texts(hit))
        return
    if rule.listed:
        yield from ((t, None) for t in walker.all_texts(hit) if t.upper() not in METHODS)
        return
    positional = [a for a in hit.call.args if a.name is None]
    bare = not positional or (len(positional) == 1 and walker.block_of(hit) is not None)
    for path in walker.paths(hit, rule) or ([""] if not rule.path or bare else []):
        yield path, None


def _register(
    walker: Walker, hit: Hit, rule: Nested, context: Context, path: str, methods: list[str], function: AV | None, target: AV | None
) -> None:
    names = walker.texts(hit, (rule.with_params,)) if rule.with_params is not None else []
    if path in rule.named_actions:
        path = rule.named_actions[path]
    written = path
    if context.level and path in rule.canonical_actions and not _is_quoted(walker, hit, path):
        path = ""
    for name in names:
        path = joined(path, f":{name}")
    answer = Answer(handler=function)
    answered = function is not None
    for option in options(target) if target is not None and not answered else ():
        if isinstance(option, Const) and isinstance(option.value, str):
            answer = named(walker, rule, context, option.value)
            answered = True
        elif isinstance(option, FuncV | ClassV | InstV | Ext):
            answer, answered = Answer(handler=option), True
    if not answered and rule.target.classes:
        action = next(iter(walker.texts(hit, rule.action)), "") or context.action or _action(walker, written, context)
        controller = next(iter(walker.texts(hit, rule.controller)), "") or _controller(walker, context)
        if not controller and "/" in written.strip("/"):
            controller, _, action = written.strip("/").rpartition("/")
        if not controller and ":" not in context.path:
            controller = f"/{context.path.strip('/')}" if context.path.strip("/") else ""  # the path around names it
        if not controller:
            return
        answer = resolve(walker.scan, rule.target, context.module, controller, action)
        answered = True
    if not answered:
        return
    add(walker, hit, context, context.base, path, methods, answer, _name(walker, hit, rule, context, written))


def named(walker: Walker, rule: Nested, context: Context, text: str) -> Answer:
    """The handler of a text such as `orders#show`, or `show` where the controller is known."""
    controller, separator, action = text.rpartition(rule.target.separator)
    if not separator:
        controller, action = _controller(walker, context), text
    controller = controller.replace(rule.target.separator, "/")  # `devices.logs.index`
    return resolve(walker.scan, rule.target, context.module, controller, action)


def _controller(walker: Walker, context: Context) -> str:
    return context.resource.controller if context.resource is not None else context.controller


def _action(walker: Walker, path: str, context: Context) -> str:
    return path.strip("/").rpartition("/")[2].split("(")[0].split(":")[0].split(".")[0].replace("-", "_")


def _name(walker: Walker, hit: Hit, rule: Nested, context: Context, path: str) -> str:
    given = walker.texts(hit, rule.name)
    own = given[0] if given else path.split("(")[0].strip("/").replace("/", "_").replace("-", "_")
    if ":" in own or "*" in own:
        own = "_".join(part for part in own.split("_") if not part.startswith((":", "*")))
    if context.resource is None:
        return f"{context.name}{own}"
    inner = context.resource.collection_name if context.level == "collection" else context.resource.member_name
    return f"{own}_{inner}" if own and context.level else f"{inner}_{own}" if own else inner


def add(
    walker: Walker, hit: Hit, context: Context, base: str, path: str, methods: list[str], answer: Answer, name: str = "", alias: str = "",
) -> None:  # fmt: skip
    handler, brought = answer.handler, answer.brought
    for each in variants(joined(base, path)):
        for method in methods:
            walker.scan.routing.registrations.append(
                Registration(
                    router=context.router, method=method, path=each, place=walker.scan.place(hit), start=hit.call.start,
                    card=walker.card, rule=hit.rule, handler=None if isinstance(handler, UnknownV) else handler,
                    guards=(*context.guards, *answer.guards), name=name, alias=alias,
                    touches=brought.touches if brought is not None else (), stands=brought.stands if brought is not None else None,
                )
            )  # fmt: skip
