"""Handlers that a route gives by name: `[OrderController::class, "show"]`, `"OrderController@show"`, an invokable class.

Options of the rule under `names`: `class_key` and `method_key` are the keys of an array that names both; `separators` stand between class
and method in a text; `methods` are those of a class that is given alone; `namespaces` are where classes of a text are looked for first;
`suffix` is what class names end with; `record` are the keys of an array that holds the handler; `action` is put behind the name of a
method; `dotted` names have dots between their parts; `modules` is where the classes of a module are, which stands before the class, or is
the group `module` of `module_file`, a regular expression for the file that names it; with `functions` a text may be the name of a function;
`kept` are the calls that put an object into a container, whose name there a text may be too. `members_of` is the value whose members a text
with dots names. `made_by`, a regular expression, is how functions are called that make a handler of the object they are given; its group
`method` is what that runs.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any, cast

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.evaluation import exports, members, packages
from backend_readiness.graph.evaluation.folders import shared
from backend_readiness.graph.handling.file_classes import class_of_file
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, ModV, Obj, PackageV, Site, Text, options
from backend_readiness.graph.views import callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.routes.routing import RouterKey
    from backend_readiness.graph.routes.scan import Hit, Scan


def handler_named(scan: Scan, hit: Hit, value: AV | None, router: RouterKey | None) -> AV | None:
    """The function that the value names, or the class where that has no such method; the value itself when it names nothing."""
    names: dict[str, Any] | None = hit.rule.options.get("names")
    if names is None or value is None:
        return value
    if "made_by" in names:
        return _of_object(scan, hit, names["made_by"]) or value
    for option in options(loaded(scan, value) if names.get("lazy") else value):
        if isinstance(option, Ext) and (meant := scan.graph.stands_for(option.path)) is not None:
            return handler_named(scan, hit, meant, router)
        if "members_of" in names and isinstance(option, Const) and isinstance(option.value, str):
            named = reduce(scan.graph.ev.member, option.value.split("."), cast(AV, Ext(str(names["members_of"]))))
            return handler_named(scan, hit, named, router)
        if isinstance(option, Obj):
            parts = [_constant(scan, option, names.get(k, "")) for k in ("class_key", "method_key")]
            parts[0] = parts[0] or (_grouped(scan, router) if parts[1] else "")
            if parts[0]:
                separator = next(iter(names.get("separators", ())), "::")
                return _text(scan, hit, Const(f"{parts[0]}{separator}{parts[1] or 'index'}"), router, names) or value
            for key in names.get("record", ("uses", "0")):
                thunk = members.field_thunk(scan.graph.ev, option, str(key))
                if thunk is not None:
                    return handler_named(scan, hit, scan.graph.ev.thunk(thunk), router)
        if isinstance(option, ListV) and len(option.items) == 1 and names.get("lazy"):  # `[SignIn]` alone is its usual method
            return handler_named(scan, hit, scan.graph.ev.thunk(option.items[0]), router)
        found = pair(scan, option) or _text(scan, hit, option, router, names) or _class_and_method(scan, option, names)
        if found is not None:
            return found
        if isinstance(option, ClassV | InstV):
            made = InstV(option) if isinstance(option, ClassV) else option
            return _method(scan, made, tuple(names.get("methods", ()))) or option
    return value


def _of_object(scan: Scan, hit: Hit, made_by: str) -> AV | None:
    """`_Shop_ListOrders0_HTTP_Handler(srv)` runs `ListOrders` of `srv`; None where that is not one function of the repository."""
    at = hit.rule.handler.arg if hit.rule.handler is not None else None
    written = hit.call.args[at].value if at is not None and 0 <= at < len(hit.call.args) else None
    if not isinstance(written, CallRef):
        return None
    maker = scan.graph.view(hit.site.file).facts.calls[written.call]
    known = re.fullmatch(made_by, callee_name(maker) or "")
    given = scan.graph.ev.arg_value(Site(hit.site.file, written.call, hit.site.env), 0) if known is not None else None
    if known is None or given is None:
        return None
    found = [members.own_member(scan.graph.ev, option, known["method"]) for option in options(given)]
    methods = {f.symbol: f for f in found if isinstance(f, FuncV)}
    return next(iter(methods.values())) if len(methods) == 1 else None


def _constant(scan: Scan, record: Obj, key: str) -> str:
    thunk = members.field_thunk(scan.graph.ev, record, key) if key else None
    found = scan.graph.ev.thunk(thunk) if thunk is not None else None
    return str(found.value) if isinstance(found, Const) and found.value else ""


def loaded(scan: Scan, value: AV) -> AV:
    """The class that a function imports when it is needed (`() => import("./orders")`); the value itself otherwise."""
    for option in options(value):
        result = scan.graph.ev.invoke(option) if isinstance(option, FuncV) else None
        for inner in options(result) if result is not None else ():
            found = exports.exported(scan.graph.ev, inner.file, "default") if isinstance(inner, ModV) else None
            if isinstance(found, ClassV):
                return found
    return value


def pair(scan: Scan, value: AV) -> AV | None:
    """A list of a class or object and the name of a method."""
    if not isinstance(value, ListV) or len(value.items) != 2:
        return None
    holder, name = (scan.graph.ev.thunk(item) for item in value.items)
    holder = loaded(scan, holder)
    if not isinstance(name, Const) or not isinstance(name.value, str):
        return None
    for option in options(holder):
        if isinstance(option, ClassV | InstV):
            made = InstV(option) if isinstance(option, ClassV) else option
            return _method(scan, made, (name.value,)) or _asked(option, name.value)
        if isinstance(option, Ext):
            return Ext(f"{option.path}.{name.value}", option)
        if isinstance(option, Const) and isinstance(option.value, str):
            cls = class_named(scan, "", option.value, ())
            if cls is not None:
                return _method(scan, InstV(cls), (name.value,)) or _asked(cls, name.value)
    return None


def _asked(holder: ClassV | InstV, name: str) -> ClassV | InstV:
    """The class, with the name of the method that it must have from a package."""
    return replace(holder, asked=name) if isinstance(holder, ClassV) else holder


def _method(scan: Scan, made: InstV, names: tuple[str, ...]) -> AV | None:
    for name in names:
        found = members.own_member(scan.graph.ev, made, name)
        if isinstance(found, FuncV):
            return found
    return None


def _text(scan: Scan, hit: Hit, value: AV, router: RouterKey | None, names: dict[str, Any]) -> AV | None:
    if not isinstance(value, Const) or not isinstance(value.value, str) or not value.value:
        return None
    settings = list(scan.groups.settings(router))
    function = _function(scan, value.value) if names.get("functions") else None
    if function is not None:
        return function
    written, method = re.sub(r"^(?:\.{1,2}/)+", "", value.value), ""  # `../../../app/orders/OrdersController.list`
    for separator in names.get("separators", ()):
        if separator in written:
            written, _, method = written.rpartition(separator) if "modules" in names else written.partition(separator)
            method = method.partition("/")[0]
            break
    else:
        controller = next((s.controller for s in settings if s.controller is not None), None)
        for option in options(controller) if controller is not None else ():
            if isinstance(option, ClassV):
                return _method(scan, InstV(option), (written,)) or _asked(option, written)
    spaces = [s.namespace for s in settings if s.namespace]
    given = tuple(names.get("namespaces", ()))
    if "modules" in names and "/" in written:
        module, _, written = written.partition("/")
        given = (names["modules"].format(module), *given)
    elif "modules" in names and (inside := re.search(names.get("module_file", "$^"), hit.site.file)):
        given = (names["modules"].format(inside["module"]), *given)
    written = written.replace(".", "\\") if names.get("dotted") else written
    cls = class_named(scan, "\\".join(reversed(spaces)), written, given, str(names.get("suffix", "")), hit.site.file)
    if cls is None and "kept" in names:
        cls = scan.container.kept(hit.card.id.partition("/")[0], written, tuple(names["kept"]))
    if cls is None:
        return None
    method = method.split("/")[0]
    wanted = (f"{method}{names.get('action', '')}", method) if method else tuple(names.get("methods", ()))
    return _method(scan, InstV(cls), wanted) or _asked(cls, method)


def _grouped(scan: Scan, router: RouterKey | None) -> str:
    """The class that a group around the route names by a text."""
    named = next((s.controller for s in scan.groups.settings(router) if s.controller is not None), None)
    return str(named.value) if isinstance(named, Const) and isinstance(named.value, str) else ""


def _class_and_method(scan: Scan, value: AV, names: dict[str, Any]) -> AV | None:
    """A text that is put together from a class and the rest: `Orders::class . ":show"`."""
    if not isinstance(value, Text) or len(value.parts) != 2:
        return None
    cls, rest = value.parts
    separator = next((s for s in names.get("separators", ()) if isinstance(rest, str) and rest.startswith(s)), None)
    if separator is None or not isinstance(cls, ClassV) or not isinstance(rest, str):
        return None
    method = rest.removeprefix(separator)
    return _method(scan, InstV(cls), (method,)) or _asked(cls, method)


def _function(scan: Scan, name: str) -> AV | None:
    """The only function of that name, where handlers are named by their functions."""
    found = [s for s in scan.graph.defining(name) if scan.graph.view(s.file).symbol(s.index).kind == "function"]
    return scan.graph.ev.symbol_value(found[0]) if len(found) == 1 else None


def class_named(scan: Scan, space: str, written: str, given: tuple[str, ...], suffix: str = "", file: str = "") -> ClassV | None:
    """A class by its name as text: in the name space of its groups, in those of the card, else the only one whose place fits.

    `file` is where it is written: of several that fit the one of the same application is meant.
    """
    parts = [p for p in written.replace("/", "\\").split("\\") if p]
    if not parts:
        return None
    last = parts[-1]
    humps = "".join(p[:1].upper() + p[1:] for p in re.split("[_-]", last))  # `order_items`: OrderItems
    for name in dict.fromkeys((last, f"{last}{suffix}", f"{last[:1].upper()}{last[1:]}{suffix}", f"{humps}{suffix}")):
        known = [s for s in scan.graph.defining(name) if scan.graph.view(s.file).symbol(s.index).kind == "class"]
        if not known:
            continue
        tails = [".".join([*(q for q in space.split("\\") if q), *parts[:-1]]), ".".join(parts[:-1])]
        for tail in tails:
            for module in (*(".".join(p for p in (g, tail) if p) for g in given), tail):
                package = scan.graph.package(module, known[0].file)
                found = packages.exported(scan.graph.ev, package, name) if isinstance(package, PackageV) else None
                if isinstance(found, ClassV):
                    return found
        if len(known) == 1:
            return ClassV(known[0])
        folder = "/".join(parts[:-1]).lower()
        grouped = "/".join([*(q for q in space.split("\\") if q), *parts[:-1]]).lower()
        near = [s for s in known if f"/{s.file.lower()}".rpartition("/")[0].endswith(f"/{grouped}")] if grouped else []
        near = near or ([s for s in known if s.file.lower().rpartition("/")[0].endswith(folder)] if folder or file else [])
        best = max((shared(file, s.file) for s in near), default=0) if file else 0
        near = [s for s in near if shared(file, s.file) == best] if best else near
        if len(near) > 1 and len(parts) == 1:  # `OrderController` beside `Admin/OrderController`: the one above the others
            outer = min((s.file.rpartition("/")[0] for s in near), key=len)
            above = [s for s in near if s.file.rpartition("/")[0] == outer]
            near = above if all(s.file.startswith(f"{outer}/") for s in near) else near
        if len(near) == 1:
            return ClassV(near[0])
    return class_of_file(scan.graph, file, "/".join(parts[:-1]), last) if file else None
