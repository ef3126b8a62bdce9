"""Forms and links that functions of a template draw: `form_with url: login_path`, `button_to "Pay", pay_order_path(o)`, `form_for @order`.

A form about a model posts to the collection that is called like it, and changes the member: `@order` to `orders` and `order`. A name in a
part of a page means what the pages write for it that draw the part. Functions of the repository that only hand an address on to such a
function draw where they are called (`helper_wrappers`).
"""

from __future__ import annotations

import re
from dataclasses import replace

from backend_readiness.facts.model import Alt, Call, CallRef, Func, Lit, Member, Name, Record, Seq, Value
from backend_readiness.graph.evaluation.inflections import plural, singular, snake
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import PatternIndex, last_step
from backend_readiness.graph.references import argument
from backend_readiness.graph.routes.route_names import linked_paths, paths_listed, paths_named
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.action_addresses import array_paths, shown_by
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.helper_stand_ins import calls_alike, hands_all_on
from backend_readiness.graph.sent.helper_wrappers import HelperWrappers
from backend_readiness.graph.sent.link_helpers import helped_methods
from backend_readiness.graph.sent.tag_links import action_paths
from backend_readiness.graph.tagged import Tagged
from backend_readiness.graph.urls import Piece, alternatives, texts
from backend_readiness.graph.values import AV, Ext, Obj, Site, SymbolId, Thunk, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref
from backend_readiness.rules.page_rules import HelperRule

_MAKING = ("new", "build")
_KNOWN = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def helper_calls(graph: Graph, routes: tuple[BoundRoute, ...]) -> list[ApiCall]:
    """The requests of all calls that match a rule of the card key `helpers`, in the order of files and places."""
    index = graph.knowledge.helpers
    found: list[ApiCall] = []
    wrappers = HelperWrappers(graph, routes)
    alike: dict[str, tuple[SymbolId, HelperRule]] = {}
    for path, file in graph.production.items() if index.names else ():
        wanted = index.names_in(family(file.language)).intersection(file.names)
        if not wanted:
            continue
        view = graph.view(path)
        for number, call in enumerate(view.facts.calls):
            if callee_name(call) not in wanted:
                continue
            for value in options(graph.ev.value(call.callee, path, call.owner)):
                found_as = (index.matches(value) or _by_name(index, call, value)) if isinstance(value, Ext) else ()
                rules = [t.rule for t, _ in found_as[:1]]
                if rules:
                    drawn = _requests(graph, routes, view, number, call, rules[0])
                    found.extend(drawn)
                    if not drawn and rules[0].kind == "form" and hands_all_on(view, call):
                        alike[view.symbol(call.owner).name] = (SymbolId(path, call.owner), rules[0])
                    elif not drawn:
                        wrappers.add(view, number, rules[0])
                    break
    for view, number, rule in calls_alike(graph, alike):
        found.extend(_requests(graph, routes, view, number, view.facts.calls[number], rule))
    return [*found, *wrappers.requests()]


def _by_name(index: PatternIndex[Tagged[HelperRule]], call: Call, value: Ext) -> tuple[tuple[Tagged[HelperRule], re.Match[str]], ...]:
    """A module of pages that includes one of a package might have its functions from there (`Pagy.Frontend.form_with`)."""
    name = call.callee.id if isinstance(call.callee, Name) else ""
    return index.matches(f"~{name}") if name and value.path.endswith(f".{name}") else ()


def _requests(graph: Graph, routes: tuple[BoundRoute, ...], view: FileView, number: int, call: Call, rule: HelperRule) -> list[ApiCall]:
    site = Site(view.path, number, None)
    method = _method(graph, site, rule)
    sent: list[tuple[str, tuple[tuple[Piece, ...], ...]]] = []
    if rule.action is not None:
        wanted = method or rule.default_method
        of_action = action_paths(graph, routes, view.path, _plain(graph, site, rule.action), _plain(graph, site, rule.controller), wanted)
        sent.append((wanted, tuple((p,) for p in of_action)))
    for ref in rule.named:
        thunk = argument(graph, site, ref)
        if thunk is not None and (paths := paths_listed(graph, routes, graph.ev.thunk(thunk))):
            sent.append((method or rule.default_method, tuple((p,) for p in paths)))
    said = _named_action(graph, routes, site, rule) if not sent else ()
    if said:
        sent.append((method or _of_action(routes, said, rule), tuple((p,) for p in said)))
    for ref in rule.url if not sent else ():
        thunk = argument(graph, site, ref)
        of_array = array_paths(graph, routes, view.path, graph.ev.thunk(thunk)) if thunk is not None else None
        if of_array is not None:
            sent.append((method or _of_action(routes, of_array, rule), tuple((p,) for p in of_array)))
            break
        if thunk is None or isinstance(thunk.expr, Func | Record):
            continue  # of a call with a block: what is drawn inside of the link, or its attributes
        value = graph.ev.thunk(thunk)
        if ref is not rule.url[0] and _is_text(value) and not all(t.startswith("/") for t in texts(graph.ev, value)):
            continue  # what the link shows
        named = linked_paths(graph, routes, value)
        if named is not None and rule.of_route:
            sent.extend((method, ((path,),)) for path, method in helped_methods(graph, routes, value).items())
        elif named is not None:
            about = next((m for r in rule.model if (m := argument(graph, site, r)) is not None and m.expr != thunk.expr), None)
            by_verb: dict[str, list[str]] = {}  # a page may be of a new one and of one that exists, each with an address of its own
            for path in named:
                verb = method or (kept_by(routes, (path,), view) if about is not None and rule.kind == "form" else None)
                by_verb.setdefault(verb or rule.default_method, []).append(path)
            sent.extend((verb, tuple((p,) for p in paths)) for verb, paths in by_verb.items())
        elif _is_text(value):
            sent.append((method or rule.default_method, _by_text(graph, routes, value)))
        elif rule.model:
            sent.extend(_about(graph, routes, thunk.expr, view, method, rule))
        break
    else:
        for ref in rule.model if not said else ():
            thunk = argument(graph, site, ref)
            if thunk is not None:
                sent.extend(_about(graph, routes, thunk.expr, view, method, rule))
                break
        if rule.own and not sent:
            sent.extend((method or rule.default_method, ((p,),)) for p in shown_by(graph, routes, view.path))
    place = Place(file=view.path, line=call.line, end_line=call.end_line)
    owner = SymbolId(view.path, call.owner)
    return [
        ApiCall(method=m, urls=urls, place=place, start=call.start, owner=owner, card="html", kind=rule.kind)
        for m, urls in sent
        if urls and all(u for u in urls)
    ]


def _named_action(graph: Graph, routes: tuple[BoundRoute, ...], site: Site, rule: HelperRule) -> tuple[str, ...]:
    """The path of the action that keywords name in a call without an address: `link_to "Mine", controller: "orders", action: "mine"`."""
    if not rule.url or argument(graph, site, rule.url[0]) is not None:
        return ()
    call = graph.view(site.file).facts.calls[site.call]
    named = {a.name: Thunk(site.file, call.owner, a.value, None) for a in call.args if a.name is not None and not a.spread}
    place = next(iter(named.values()), None)
    return array_paths(graph, routes, site.file, Obj(named, (), place)) or () if place is not None else ()


def _of_action(routes: tuple[BoundRoute, ...], paths: tuple[str, ...], rule: HelperRule) -> str:
    """The method of a form that names an action: that of its route, where none is posted to."""
    methods = {b.route.endpoint.method for b in routes if b.route.endpoint.path in paths}
    told = [m for m in (rule.default_method, "ANY", "PATCH", "PUT", "DELETE") if m in methods]
    return told[0] if rule.kind == "form" and told and told[0] != "ANY" else rule.default_method


def _by_text(graph: Graph, routes: tuple[BoundRoute, ...], value: AV) -> tuple[tuple[Piece, ...], ...]:
    """The addresses that a text says: itself, or that of the route under this name (`url: :orders`)."""
    said = texts(graph.ev, value)
    named = [paths_named(routes, t) if t.isidentifier() else [] for t in said] if graph.knowledge.link_suffixes else []
    found = tuple((p[0],) for p in named if len(p) == 1)
    return found if found and len(found) == len(said) else tuple(alternatives(graph.ev, value))


def _plain(graph: Graph, site: Site, ref: Ref | None) -> str | None:
    """The name that an argument gives; one that says the method (`FormMethod.Post`) gives none."""
    thunk = argument(graph, site, ref) if ref is not None else None
    value = graph.ev.thunk(thunk) if thunk is not None else None
    return None if value is None or _says_method(value) else next(iter(texts(graph.ev, value)), None)


def _says_method(value: AV | None) -> bool:
    if not isinstance(value, Ext):
        return False
    of, _, name = value.path.rpartition(".")
    return of.endswith("Method") and name.upper() in _KNOWN


def kept_by(routes: tuple[BoundRoute, ...], paths: tuple[str, ...], view: FileView) -> str | None:
    """The method of a form about a model with an address of its own: a model that exists is changed, which its routes tell."""
    asked = {_unnamed(p) for p in paths}
    methods = {b.route.endpoint.method for b in routes if _unnamed(b.route.endpoint.path) in asked}
    changes = next((m for m in ("PATCH", "PUT") if m in methods), None)
    return changes if "POST" not in methods or view.path.rpartition("/")[2].startswith("edit.") else None


def changing(routes: tuple[BoundRoute, ...], call: ApiCall, view: FileView) -> ApiCall:
    """The request of an element about a model that says no method; a model that exists is changed, which the routes of its address tell."""
    paths = tuple("".join(p if isinstance(p, str) else "{}" for p in url) for url in call.urls)
    kept = kept_by(routes, paths, view)
    return replace(call, method=kept) if kept else call


def _unnamed(path: str) -> str:
    """A path without the names of its parameters: pages call them after what they put there (`/orders/{order}`)."""
    return re.sub(r"\{[^{}]*\}", "{}", path)


def _is_text(value: AV) -> bool:
    from backend_readiness.graph.values import Const, Text

    return all(isinstance(o, Text) or (isinstance(o, Const) and isinstance(o.value, str)) for o in options(value))


def _method(graph: Graph, site: Site, rule: HelperRule) -> str | None:
    for ref in rule.method:
        thunk = argument(graph, site, ref)
        value = graph.ev.thunk(thunk) if thunk is not None else None
        if ref in (rule.action, rule.controller) and not _says_method(value):
            continue  # an action may be called `Delete`
        if isinstance(value, Obj):
            for key in rule.method_keys:
                inner = value.fields.get(key)
                named = [t.upper() for t in texts(graph.ev, graph.ev.thunk(inner))] if inner is not None else []
                if named and named[0] in _KNOWN:
                    return named[0]
            continue
        named = [last_step(value.path).upper()] if isinstance(value, Ext) else [t.upper() for t in texts(graph.ev, value)]
        if named and named[0] in _KNOWN:  # `"get"`, `FormMethod.Get`
            return named[0]
    return None


def _about(
    graph: Graph, routes: tuple[BoundRoute, ...], written: Value, view: FileView, method: str | None, rule: HelperRule
) -> list[tuple[str, tuple[tuple[Piece, ...], ...]]]:
    """The requests of a form about a model, by the names of the routes; both when the page may be of a new one and of one that exists."""
    name = _name_of(written, view) or _part_of(graph, written, view)
    if not name:
        return []
    last = written.items[-1] if isinstance(written, Seq) and written.items else None
    if isinstance(last, Lit) and len(paths := paths_named(routes, name, method or rule.default_method)) == 1:
        return [(method or rule.default_method, ((paths[0],),))]  # `[:admin, :session]` is the name of a route as it is
    found = _named(routes, name, written, view, method, rule)
    for given in _kept_under(written, view) if not found else ():
        inside = _name_of(given, view)
        found.extend(_named(routes, inside, given, view, method, rule) if inside else [])
    if not found and (model := _model_in(graph, name)) != name:  # `current_user`
        found.extend(_named(routes, model, written, view, method, rule))
    if not found and _is_name(written, view):
        for given, page, _ in graph.attribute_scopes.drawn.written(view.path, name):
            inside = _name_of(given, page)
            found = _named(routes, inside, given, view, method, rule) if inside else []
            if found:
                break
    return found


def _part_of(graph: Graph, written: Value, view: FileView) -> str:
    """The name of a part of an object where a class is called like it: `order.user`."""
    call = view.facts.calls[written.call] if isinstance(written, CallRef) else None
    name = call.callee.name if call is not None and isinstance(call.callee, Member) and call.kind == "call" and not call.args else ""
    return name if _is_class(graph, _model_in(graph, name)) else ""


def _model_in(graph: Graph, name: str) -> str:
    """The end of a name that a class is called like: the `user` of `current_user`; the name where there is none."""
    words = name.split("_")
    ends = ("_".join(words[n:]) for n in range(len(words)))
    return next((end for end in ends if "/" not in end and _is_class(graph, end)), name)


def _is_class(graph: Graph, name: str) -> bool:
    wanted = "".join(word.capitalize() for word in name.split("_"))
    return any(w.file in graph.production for w in graph.defining(wanted)) if wanted else False


def _kept_under(written: Value, view: FileView) -> list[Value]:
    """What the page itself keeps under the name: `record = order.new_record? ? Order.new : [order, Note.new]`."""
    said = written.id if isinstance(written, Name) else ""
    kept = [a.value for (_, name), rows in view.bindings.items() if name == said for a, _ in rows if a.value is not None] if said else []
    return [v for value in kept for v in (value.options if isinstance(value, Alt) else (value,))]


def _is_name(written: Value, view: FileView) -> bool:
    """Is it only a name, or a call without arguments, which is written like one?"""
    call = view.facts.calls[written.call] if isinstance(written, CallRef) else None
    return isinstance(written, Name) or (call is not None and isinstance(call.callee, Name) and not call.args)


def _named(
    routes: tuple[BoundRoute, ...], name: str, written: Value, view: FileView, method: str | None, rule: HelperRule
) -> list[tuple[str, tuple[tuple[Piece, ...], ...]]]:
    stem = view.path.rpartition("/")[2].partition(".")[0].lstrip("_")
    found = []
    if (method == "POST" or (method is None and stem != "edit")) and rule.kind == "form":
        found.append(("POST", _prefix(name) + plural(_last(name))))
    if (method in ("PATCH", "PUT") or (method is None and stem != "new")) and rule.kind == "form" and not _is_made(written, view):
        found.append((method or "PATCH", name))
    if rule.kind == "link" or method == "DELETE":
        found.append((method or rule.default_method, name))
    result: list[tuple[str, tuple[tuple[Piece, ...], ...]]] = []
    for verb, route in found:
        paths = paths_named(routes, route, verb)
        if len(paths) == 1:
            result.append((verb, ((paths[0],),)))
    return result


def _prefix(name: str) -> str:
    head, _, _ = name.rpartition("/")
    return f"{head.replace('/', '_')}_" if head else ""


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _is_made(written: Value, view: FileView) -> bool:
    """Is the model made where it is written (`Order.new`, `[order, order.lines.build]`), so that there is none to be changed?"""
    last = written.items[-1] if isinstance(written, Seq) and written.items else written
    call = view.facts.calls[last.call] if isinstance(last, CallRef) else None
    return call is not None and (call.kind == "new" or (isinstance(call.callee, Member) and call.callee.name in _MAKING))


def _name_of(written: Value, view: FileView, depth: int = 0) -> str:
    """What a model is called where it is written: `@order`, `order`, `Order.new`, `[:admin, @order]`."""
    if isinstance(written, Member):
        return written.name.lstrip("@")
    if isinstance(written, Name):
        return snake(written.id).replace("/", "_")
    if isinstance(written, Lit) and isinstance(written.value, str):
        return written.value
    if isinstance(written, CallRef):
        call = view.facts.calls[written.call]
        if call.kind == "new" or isinstance(call.callee, Name):
            return _name_of(call.callee, view, depth + 1) if depth < 3 else ""
        if isinstance(call.callee, Member) and call.callee.name in _MAKING:  # `order.lines.new`
            base = call.callee.base
            base = view.facts.calls[base.call].callee if isinstance(base, CallRef) else base
            return singular(base.name.lstrip("@")) if isinstance(base, Member) else ""
        if isinstance(call.callee, Member) and call.kind == "call" and not call.args and depth:  # `[@chat.order, @chat.note]`
            return call.callee.name
    if isinstance(written, Seq) and depth == 0:
        names = [_name_of(item, view, depth + 1) for item in written.items]
        return "_".join(names) if all(names) else ""
    return ""
