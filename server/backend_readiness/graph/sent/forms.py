"""Requests that markup sends by itself: forms, htmx attributes, and links of server-rendered pages."""

from __future__ import annotations

import posixpath
import re
from functools import cache

from backend_readiness.facts.model import Alt, Attr, Concat, Element, Lit, Name, Record, Value
from backend_readiness.graph.evaluation import includers
from backend_readiness.graph.families import PAGES
from backend_readiness.graph.interface.own_pages import OwnPages
from backend_readiness.graph.routes.route_names import linked_paths
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent import tag_links
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.drawing_routes import called_pages
from backend_readiness.graph.sent.drawn_macros import handed_to, placed
from backend_readiness.graph.sent.form_addresses import answered, method_in_address
from backend_readiness.graph.sent.helper_forms import changing
from backend_readiness.graph.sent.page_folders import on_own_pages, page_of_file
from backend_readiness.graph.sent.part_tags import PartTags
from backend_readiness.graph.sent.procedures import is_procedure
from backend_readiness.graph.sent.relative_addresses import beside, from_pages, is_script, placed_here
from backend_readiness.graph.sent.shown_forms import answering, pages_that_show
from backend_readiness.graph.urls import alternatives, texts
from backend_readiness.graph.values import AV, Ext, FuncV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.tag_rules import TagRule

_PAGE_FILE = re.compile(r"(?:\.{1,2}/)*[\w-][\w./-]{0,200}\.html?(?:[?#]|$)")
_BY_FILE = ("file_path", "route_config")


def form_calls(graph: Graph, routes: tuple[BoundRoute, ...]) -> tuple[ApiCall, ...]:
    """Forms with an action or a method, htmx attributes anywhere, links only in templates that a server renders."""
    found: list[ApiCall] = []
    requests = [(re.compile(t.rule.attribute), t.rule, t.card.id) for t in graph.knowledge.events if t.rule.request]
    sent = [r.attribute for c in graph.knowledge.cards for r in c.messages]
    sent += [r.attribute for c in graph.knowledge.cards for r in c.server_actions if r.attribute]
    messages = [re.compile(a) for a in sent]
    pages = OwnPages(graph, routes, PAGES)
    parts = PartTags(graph, routes)
    components = [(re.compile(t.rule.tag), t.rule, t.card.id) for t in graph.knowledge.tags]
    languages = {name for _, rule, _ in components for name in rule.languages}

    @cache
    def sends(name: str) -> bool:
        return any(pattern.fullmatch(name) for pattern, _, _ in requests)

    @cache
    def tells(name: str) -> bool:
        """Must elements of that tag, or with that attribute, be looked at?"""
        return name.lower() == "form" or name.lower().endswith(".form") or name == "formaction" or sends(name)

    for path, index in graph.production.items():
        if not index.elements or not (index.language in PAGES or index.language in languages or any(map(tells, index.names))):
            continue
        view = graph.view(path)
        server_side = index.language in PAGES
        if server_side:
            found.extend(_drawn(graph, path, pages.posted(path)))
        for element in view.facts.elements:
            attrs = {a.name: a for a in element.attrs}
            tag = element.tag.lower()
            if tag.endswith(".form") and "method" in attrs:  # `<fetcher.Form method="post">`
                tag = "form"
            if parts.draws(element.tag):
                found.extend(parts.calls(path, element))
                continue
            named = _named_requests(graph, routes, path, element, attrs, tag) if graph.knowledge.tag_links else None
            leads = next((c for c in components if index.language in c[1].languages and c[0].fullmatch(element.tag)), None)
            if named is not None:
                found.extend(named)
            elif leads is not None:
                found.extend(_leading(graph, path, element, attrs, leads[1], leads[2], routes, pages))
            elif tag == "form" and not _is_handled(attrs, messages) and ("action" in attrs or not any(map(sends, attrs))):
                found.extend(_form(graph, path, element, attrs, pages, routes))
            elif tag == "a" and server_side and "href" in attrs and not _leads_to_file(graph, path, attrs["href"]):
                for name in _methods_told(graph, path, element, attrs, graph.knowledge.link_methods) or ["GET"]:
                    found.extend(_request(graph, path, element, attrs["href"], name, "html", "link", routes))
            elif tag in ("button", "input") and "formaction" in attrs:
                name = _method(graph, path, element, attrs.get("formmethod")) or _form_method(graph, path, element)
                found.extend(_request(graph, path, element, attrs["formaction"], name, "html", "form", routes))
            for attr in element.attrs:
                for pattern, rule, card in requests:
                    if pattern.fullmatch(attr.name):
                        asked = _methods_told(graph, path, element, attrs, rule.told)
                        name = asked[0] if asked else rule.method or attr.name.rpartition("-")[2].upper()
                        own = _to_own(graph, path, element, name, pages.named_by(path, attr.value, element.owner, name))
                        found.extend(own or _request(graph, path, element, attr, name, card, "form", routes))
    return tuple(found)


def _methods_told(graph: Graph, path: str, element: Element, attrs: dict[str, Attr], names: tuple[str, ...]) -> list[str]:
    return _methods(graph, path, element, next((attrs[n] for n in names if n in attrs), None))


def _leading(
    graph: Graph,
    path: str,
    element: Element,
    attrs: dict[str, Attr],
    rule: TagRule,
    card: str,
    routes: tuple[BoundRoute, ...],
    pages: OwnPages,
) -> list[ApiCall]:
    """The request of an element that a card says to lead somewhere. A method that is not known is none."""
    address = next((attrs[name] for name in rule.url if name in attrs and attrs[name].value is not None), None)
    above = attrs.get(rule.below)
    if address is not None and address.value is not None and above is not None and above.value is not None:
        address = Attr(address.name, graph.view(path).keep(Concat((above.value, Lit("/"), address.value))), address.line)
    told = next((attrs[name] for name in rule.method if name in attrs), None)
    methods = [rule.default_method] if told is None else _methods(graph, path, element, told)
    if address is None and rule.kind == "form":
        return [c for m in methods for c in _to_own(graph, path, element, m, pages.answering(path) if m != "GET" else pages.of(path))]
    sent = [c for m in methods for c in _request(graph, path, element, address, m, card, rule.kind, routes)] if address is not None else []
    if told is None and rule.model in attrs:
        return [changing(routes, call, graph.view(path)) for call in sent]
    return sent


def _to_own(graph: Graph, path: str, element: Element, method: str, own: tuple[str, ...]) -> list[ApiCall]:
    """The requests of a form that the pages which show it answer."""
    owner = SymbolId(path, element.owner)
    return [
        ApiCall(method=method, urls=((u,),), place=_place(path, element), start=element.start, owner=owner, card="html", kind="form")
        for u in own
    ]


def _drawn(graph: Graph, path: str, own: tuple[str, ...]) -> list[ApiCall]:
    """Forms that a macro draws (`wtf.quick_form(form)`): they post to the page that they stand on."""
    index = graph.knowledge.forms
    view = graph.view(path)
    found: list[ApiCall] = []
    for call in view.facts.calls if own else ():
        value = graph.ev.value(call.callee, path, call.owner)
        names = [v.path for v in options(value) if isinstance(v, Ext)] or [f"~{callee_name(call)}"]
        if any(k == "action" for a in call.args if isinstance(a.value, Record) for k, _ in a.value.items):
            continue  # it says itself where it is sent
        if any(index.matches(n) for n in names):
            place = Place(file=path, line=call.line, end_line=call.end_line)
            for url in own:
                owner = SymbolId(path, call.owner)
                found.append(ApiCall(method="POST", urls=((url,),), place=place, start=call.start, owner=owner, card="html", kind="form"))
    return found


def _is_handled(attrs: dict[str, Attr], messages: list[re.Pattern[str]]) -> bool:
    """Does a script take the submit over, or is it a message to what shows the page?"""
    if any("submit" in n and p.fullmatch(n) for n in attrs for p in messages):
        return True
    handled = ("onSubmit", "@submit", "@onsubmit", "v-on:submit", "(submit)", "(ngSubmit)")
    heard = [a for n, a in attrs.items() if n in handled or n.startswith(("@submit.", "on:submit", "v-on:submit.", "x-on:submit.prevent"))]
    # `@submit="loading = true"` notes that the form is on its way
    return any(".prevent" in a.name or not isinstance(a.value, Lit) or isinstance(a.value.value, str) for a in heard)


def _form(
    graph: Graph, path: str, element: Element, attrs: dict[str, Attr], pages: OwnPages, routes: tuple[BoundRoute, ...]
) -> list[ApiCall]:
    method = attrs.get("method")
    name = _method(graph, path, element, method) or "GET"
    if name == "DIALOG" or _is_sent_by_buttons(graph.view(path), element):  # a dialog's form only closes it
        return []
    names = answered(_overridden(graph, path, element, name), name, routes)
    action = attrs.get("action")
    own = pages.answering(path) if name != "GET" else pages.of(path)
    own = own or called_pages(graph, routes, path, element.owner, name)
    if action is not None and action.value is not None and not (own and pages.is_own(path, action.value, element.owner)):
        given = options(graph.ev.value(action.value, path, element.owner))
        if any(_takes_over(graph, v) for v in given):
            return []  # a function takes the submit over
        asked = method_in_address(graph, path, action.value, element.owner) if names == ["POST"] else ""
        names = [asked] if asked else names
        sent = [c for n in names for c in _request(graph, path, element, action, n, "html", "form", routes)]
        below = (b.route.endpoint.path for b in routes if b.route.place.file == path and b.registration.rule.shape in _BY_FILE)
        return placed_here(from_pages(from_pages(sent, pages.opened(path), routes), below, routes, below=True))
    page = page_of_file(graph, path)
    own = own or ((page,) if page is not None else ())
    if not own and name != "GET":  # the file that shows the form answers it too
        own = pages_that_show(graph, path, element.owner, answering(routes, name, _BY_FILE))
    if (method is None and not own) or (page is not None and name == "GET"):
        return []
    return [call for name in names for call in _to_own(graph, path, element, name, own)]


def _takes_over(graph: Graph, value: AV) -> bool:
    is_run = isinstance(value, Ext) and bool(graph.knowledge.dispatch.matches(value))
    return is_run or isinstance(value, FuncV) or is_procedure(graph, value)


def _is_sent_by_buttons(view: FileView, form: Element) -> bool:
    """Does every button of the form send it somewhere of its own? Then nothing sends it to where the form says."""
    inside = [e for e in view.facts.elements if form.start < e.start < form.end]
    own = [any(a.name == "formaction" for a in e.attrs) for e in inside if e.tag == "button"]
    return bool(own) and all(own) and not any(e.tag[:1].isupper() or e.tag == "input" for e in inside)


def _method(graph: Graph, path: str, element: Element, attr: Attr | None) -> str | None:
    """The method that an attribute names; one that is only known when the page is drawn may be any."""
    return next(iter(_methods(graph, path, element, attr)), None)


def _methods(graph: Graph, path: str, element: Element, attr: Attr | None) -> list[str]:
    """The same, each of several that pages give."""
    names = texts(graph.ev, graph.ev.value(attr.value, path, element.owner)) if attr is not None and attr.value is not None else []
    return list(dict.fromkeys(n.upper() if n.isalpha() else "ANY" for n in names))


def _form_method(graph: Graph, path: str, element: Element) -> str:
    """The method of the form that a button stands in."""
    elements = graph.view(path).facts.elements
    while element.parent >= 0:
        element = elements[element.parent]
        if element.tag.lower() == "form":
            return _method(graph, path, element, next((a for a in element.attrs if a.name == "method"), None)) or "GET"
    return "GET"


def _overridden(graph: Graph, path: str, form: Element, plain: str) -> list[str]:
    """The method of a hidden field `_method` in the form, or those of the buttons that send one each; `plain` without any.

    A field that stands under a condition is not always there: the form is sent both ways.
    """
    found: list[str] = []
    always = False
    for element in graph.view(path).facts.elements:
        if element.tag.lower() in ("input", "button") and form.start <= element.start < form.end:
            attrs = {a.name: a.value for a in element.attrs}
            name, value = attrs.get("name"), attrs.get("value")
            if isinstance(name, Lit) and name.value == "_method" and isinstance(value, Lit):
                found.append(str(value.value).upper())
                always = always or not _is_conditional(graph.view(path), form, element)
    return list(dict.fromkeys(found if always else [*found, plain]))


def _is_conditional(view: FileView, form: Element, field: Element) -> bool:
    """Does the field stand in a branch that begins inside of the form?"""
    around = (b for b in view.facts.blocks if b.kind in ("if", "else") and b.start <= field.start < b.end)
    return any(form.start < b.start for b in around)


def _request(
    graph: Graph, path: str, element: Element, attr: Attr, method: str, card: str, kind: str, routes: tuple[BoundRoute, ...]
) -> list[ApiCall]:
    if attr.value is None:
        return []
    given = handed_to(graph, path, element, attr.value)
    if given:
        return [placed(graph, c, site) for site, v in given for c in _sent_to(graph, path, element, v, method, card, kind, routes)]
    written = _as_set_before(graph.view(path), attr.value, element)
    found = (_sent_to(graph, path, element, v, method, card, kind, routes) for v in _addresses(graph, path, written, element.owner))
    return [call for calls in found for call in calls]


def _addresses(graph: Graph, path: str, written: Value, owner: int) -> list[AV]:
    """The value of an address; of a name that other templates hand to this one, what each of them does."""
    view, parts = graph.view(path), written.options if isinstance(written, Alt) else (written,)
    names = [p for p in parts if isinstance(p, Name)] if view.language in includers.HANDING else []
    given = [v for n in names for v in includers.handed(graph.ev, view, n.id)]
    return [*given, *(graph.ev.value(p, path, owner) for p in parts if p not in names)] if given else [graph.ev.value(written, path, owner)]


def _sent_to(
    graph: Graph, path: str, element: Element, value: AV, method: str, card: str, kind: str, routes: tuple[BoundRoute, ...]
) -> list[ApiCall]:
    named = linked_paths(graph, routes, value)
    urls = [(p,) for p in named or ()] if named or (named is not None and kind == "link") else alternatives(graph.ev, value)
    script = next((b.route.endpoint.path for b in routes if b.route.place.file == path and is_script(b)), None)
    if script is not None:
        urls = [(beside(script, u[0]), *u[1:]) if u and isinstance(u[0], str) else u for u in urls]
    urls = on_own_pages(graph, path, element.owner, urls, routes)
    kept = tuple(u for u in urls if u and not (isinstance(u[0], str) and u[0].startswith(("#", "<", "mailto:", "javascript:", "tel:"))))
    if not kept:
        return []
    return [
        ApiCall(
            method=method,
            urls=kept,
            place=_place(path, element),
            start=element.start,
            owner=SymbolId(path, element.owner),
            card=card,
            kind=kind,
        )
    ]


def _leads_to_file(graph: Graph, path: str, href: Attr) -> bool:
    """Does a link name a page in a file beside its own (`href="about.html"`)? Then no route answers it."""
    text = href.value.value if isinstance(href.value, Lit) else None
    if not isinstance(text, str) or not _PAGE_FILE.match(text):
        return False
    return graph.has(posixpath.normpath(posixpath.join(posixpath.dirname(path), text.partition("#")[0].partition("?")[0])))


def _as_set_before(view: FileView, written: Value, element: Element) -> Value:
    """An address with the names that a page sets several times as they were set last before the element."""
    if isinstance(written, Concat):
        parts = tuple(_as_set_before(view, p, element) for p in written.parts)
        return written if all(a is b for a, b in zip(parts, written.parts, strict=True)) else view.keep(Concat(parts))
    bound = view.bindings.get((element.owner, written.id), []) if isinstance(written, Name) and view.language in PAGES else []
    before = [a.value for a, way in bound if a.start < element.start and not way and a.value is not None]
    return before[-1] if len(bound) > 1 and before else written


def _place(path: str, element: Element) -> Place:
    return Place(file=path, line=element.line, end_line=element.end_line)


def _named_requests(
    graph: Graph, routes: tuple[BoundRoute, ...], path: str, element: Element, attrs: dict[str, Attr], tag: str
) -> list[ApiCall] | None:
    """The request of an element that names an action or a page; None when it names none."""
    if tag not in ("form", "a", "button", "input"):
        return None
    given = _method(graph, path, element, attrs.get("method" if tag == "form" else "formmethod"))
    above = _form_method(graph, path, element) if tag in ("button", "input") else "GET"
    method = given or ("POST" if tag == "form" else above)
    named = tag_links.linked(graph, routes, path, element, method)
    if named is None:
        return None
    urls, means = named
    kind, owner = ("link" if tag == "a" else "form"), SymbolId(path, element.owner)
    return [
        ApiCall(
            method=method, urls=((u,),), place=_place(path, element), start=element.start, owner=owner, card="html", kind=kind, means=means
        )
        for u in urls
    ]


__all__ = ["form_calls"]
