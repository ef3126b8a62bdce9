"""Elements of views that name an action or a page instead of an address: `<form asp-controller="Orders" asp-action="Pay">`.

Which attributes do, a card says (`tag_links`). A name that fits routes of several paths leads to none of them.
One of several handlers of a page has its name behind that of the page: `page:Admin#/Users/Index?Lock`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from backend_readiness.facts.model import Attr, Element, Lit
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.values import Const, Ext
from backend_readiness.graph.world import Graph
from backend_readiness.rules.tag_rules import TagLinkRule


def linked(graph: Graph, routes: tuple[BoundRoute, ...], path: str, element: Element, method: str) -> tuple[list[str], str] | None:
    """The path that an element of a view leads to, and the name that it says; None when it says none, no path when that is not found."""
    attrs = {a.name: a for a in element.attrs}
    for rule in graph.knowledge.tag_links:
        if graph.facts.files[path].language not in rule.languages:
            continue
        name = _named(rule, path, attrs)
        if name is not None:
            fits = [b for b in routes if b.registration.name.lower() == name.lower()]
            answering = [b for b in fits if b.route.endpoint.method in (method, "ANY")] or fits
            found = list(dict.fromkeys(b.route.endpoint.path for b in answering))
            return (found if len(found) == 1 else []), name
    return None


def called_path(graph: Graph, routes: tuple[BoundRoute, ...], option: Ext) -> tuple[str, ...] | None:
    """The path that a call in a script of a view gives for a page or an action; None when it is no such call."""
    if option.site is None or not isinstance(option.base, Ext):
        return None
    language = graph.facts.files[option.site.file].language
    for rule in (r for r in graph.knowledge.tag_links if language in r.languages):
        if option.base.path not in (*rule.page_calls, *rule.action_calls):
            continue
        keys = (rule.page, rule.handler) if option.base.path in rule.page_calls else (rule.action, rule.controller)
        given = zip(keys, (graph.ev.arg_value(option.site, n) for n in range(2)), strict=True)
        said = {k: v.value for k, v in given if isinstance(v, Const) and isinstance(v.value, str)}
        own = {keys[0]: _stem(option.site.file)} if not said and option.base.path in rule.action_calls else {}
        return _only(routes, rule, option.site.file, said or own)
    return None


def action_paths(
    graph: Graph, routes: tuple[BoundRoute, ...], path: str, action: str | None, controller: str | None, method: str
) -> tuple[str, ...]:
    """The path of an action that a helper of a view names, of the view's own where it names none."""
    for rule in (r for r in graph.knowledge.tag_links if graph.facts.files[path].language in r.languages):
        named = {k: v for k, v in ((rule.action, action), (rule.controller, controller)) if v is not None}
        return _only(routes, rule, path, named or {rule.action: _stem(path)}, method)
    return ()


def _only(routes: tuple[BoundRoute, ...], rule: TagLinkRule, path: str, given: dict[str, str], method: str = "") -> tuple[str, ...]:
    """The one path of the routes that the names mean, of those with the method if there are some; nothing when there are several."""
    name = _named(rule, path, {k: Attr(name=k, value=Lit(v), line=0) for k, v in given.items()})
    fits = [b for b in routes if name is not None and b.registration.name.lower() == name.lower()]
    answering = [b for b in fits if b.route.endpoint.method in (method, "ANY")] or fits
    found = tuple(dict.fromkeys(b.route.endpoint.path for b in answering))
    return found if len(found) == 1 else ()


def own_paths(graph: Graph, routes: tuple[BoundRoute, ...], path: str) -> list[str]:
    """The paths of the action or page that a view belongs to by its place: where a form without an address posts to."""
    for rule in graph.knowledge.tag_links:
        if graph.facts.files[path].language in rule.languages:
            page = page_name(rule, path)
            area, controller = _holder(rule, path)
            stem = _stem(path)
            name = page if page is not None else f"{area}/{controller}.{stem}" if controller else None
            if name is not None:
                mine = [b for b in routes if b.registration.name.lower().partition("?")[0] == name.lower()]
                plain = [b for b in mine if "?" not in b.registration.name] or mine  # one of several handlers may have a path of its own
                return list(dict.fromkeys(b.route.endpoint.path for b in plain))
    return []


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _text(attrs: dict[str, Attr], name: str) -> str | None:
    value = attrs[name].value if name in attrs else None
    return str(value.value) if isinstance(value, Lit) else None


def _named(rule: TagLinkRule, path: str, attrs: dict[str, Attr]) -> str | None:
    """The name under which the route that the attributes mean is registered."""
    if rule.page in attrs or (rule.handler in attrs and rule.action not in attrs):
        own = page_name(rule, path)
        page = _text(attrs, rule.page) if rule.page in attrs else None
        area = _text(attrs, rule.area) or (own.partition("#")[0].removeprefix("page:") if own else "")
        handler = f"?{one}" if rule.handler and (one := _text(attrs, rule.handler)) else ""
        if not page:
            return own + handler if own else own
        here = own.partition("#")[2] if own is not None else "/"
        whole = page if page.startswith("/") else posixpath.normpath(posixpath.join(posixpath.dirname(here), page))
        return f"page:{area}#{whole}{handler}"
    if rule.action in attrs or rule.controller in attrs:
        area, controller = _holder(rule, path)
        stem = _stem(path)
        given = _text(attrs, rule.area)
        action = _text(attrs, rule.action) or stem
        return f"{area if given is None else given}/{_text(attrs, rule.controller) or controller}.{action}"
    return None


def _holder(rule: TagLinkRule, path: str) -> tuple[str, str]:
    """(area, controller) of a view by its place: `Areas/Admin/Views/Users/Edit.cshtml`."""
    folders = path.split("/")[:-1]
    if rule.views not in folders:  # views beside their controllers: `Features/Orders/Edit.cshtml`
        return "", folders[-1] if folders else ""
    at = len(folders) - 1 - folders[::-1].index(rule.views)
    area = folders[at - 1] if at >= 2 and folders[at - 2] == rule.areas else ""
    return area, folders[at + 1] if at + 1 < len(folders) else ""


def page_name(rule: TagLinkRule, path: str, roots: Iterable[str] = ()) -> str | None:
    """`page:Admin#/Users/Index` of `Areas/Admin/Pages/Users/Index.cshtml`; None for a file that lies in no folder of pages (or `roots`)."""
    for root in roots:
        _, found, inside = f"/{path}".partition(f"/{root.strip('/')}/" if root.strip("/") else "/")
        if found:
            return f"page:#/{inside.rpartition('.')[0]}"
    folders = path.split("/")
    stem = folders.pop().rpartition(".")[0]
    if rule.pages not in folders:
        return None
    at = folders.index(rule.pages)
    area = folders[at - 1] if at >= 2 and folders[at - 2] == rule.areas else ""
    return f"page:{area}#/" + "/".join([*folders[at + 1 :], stem])
