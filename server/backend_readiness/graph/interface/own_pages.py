"""Which pages show a template: where a form without an address of its own is sent to.

A handler names a template in a call (`render(request, "orders/form.html")`, `pages["orders"].render()`), in a decorator
(`@template("index.jinja2")`) or by what it returns; a class of views in a field, in the call that makes it a handler, or by the name that
the framework gives it. What a template includes is shown where the template is. The names of fields and of files are in the cards
(`template_fields`, `templates_of`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from backend_readiness.facts.model import Alt, CallRef, Index, Lit, Member, Name, Value
from backend_readiness.graph.backend.effects import value_name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.generics import LANGUAGES as JVM
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.following import follow
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.routes.routing import BoundRoute, functions_in
from backend_readiness.graph.sent import tag_links
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph

MAX_TEXT = 200
MAX_INCLUDED = 4
MAX_BELOW = 3  # folders that a setting puts before the names of hidden templates
MAX_SHARED = 8  # a template that more pages show is a frame around them all, no part of one
_NO_NAME = str.maketrans("", "", "_-")


class OwnPages:
    """Template file -> paths of the routes whose handler shows it."""

    def __init__(self, graph: Graph, routes: tuple[BoundRoute, ...], languages: frozenset[str]) -> None:
        """`languages`: those of templates."""
        self.graph = graph
        written = ((p, i.language) for p, i in graph.production.items())
        self.templates = {p for p, language in written if language in languages}
        self.by_stem: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self.templates):
            self.by_stem[_stem(path)].append(path)
        cards = graph.knowledge.cards
        self.hidden = tuple(f"/{h}/" for c in cards for r in c.routes if r.shape == "server_pages" for h in r.options.get("hidden", ()))
        self.fields = tuple(dict.fromkeys(f for c in cards for f in c.template_fields))
        self.defaults: PatternIndex[str] = PatternIndex()
        for card in cards:
            for base, name in card.templates_of.items():
                self.defaults.add([base], (), name)
        self.addresses: PatternIndex[bool] = PatternIndex()
        self.addresses.add([a for c in cards for a in c.own_address], (), True)
        self.found: dict[str, list[str]] = defaultdict(list)
        for bound in routes:
            for template in self._shown_by(bound):
                self.found[template].append(bound.route.endpoint.path)
        inside: dict[str, dict[str, None]] = defaultdict(dict)
        for template in list(self.found):
            for inner in self._included(template, 0):
                inside[inner].update(dict.fromkeys(self.found[template]))
        for inner, shown in inside.items():
            if len(shown) <= MAX_SHARED:
                self.found[inner].extend(shown)
        for path in sorted(self.templates) if graph.knowledge.tag_links else ():
            self.found[path].extend(tag_links.own_paths(graph, routes, path))
        self.answered = {b.route.endpoint.path for b in routes if b.route.endpoint.method in ("POST", "ANY")}
        self.read = {b.route.endpoint.path for b in routes if b.route.endpoint.method in ("GET", "ANY")}

    def of(self, template: str) -> tuple[str, ...]:
        """The pages that show a template."""
        return tuple(dict.fromkeys(self.found.get(template, ())))

    def opened(self, template: str) -> tuple[str, ...]:
        """Of these pages those that a browser opens, not those that show a form again which was sent to them; all when none is opened."""
        own = self.of(template)
        return tuple(p for p in own if p in self.read) or own

    def answering(self, template: str) -> tuple[str, ...]:
        """Of these pages those that answer a form which is posted; all of them when none does."""
        own = self.of(template)
        return tuple(p for p in own if p in self.answered) or own

    def posted(self, template: str) -> tuple[str, ...]:
        """Of these pages those that answer a form which is posted."""
        return tuple(p for p in self.of(template) if p in self.answered)

    def is_own(self, template: str, address: Value, owner: int) -> bool:
        """Is the address that of the page which is shown: empty, `{{ request.path }}`, `.` of a page that ends with a slash?"""
        for option in options(self.graph.ev.value(address, template, owner)):
            if isinstance(option, Const):
                text = str(option.value)
                if not text or (text in (".", "./") and all(p.endswith("/") for p in self.of(template))):
                    return True
            elif isinstance(option, Ext) and self.addresses.matches(option.path):
                return True
        return False

    def named_by(self, template: str, address: Value | None, owner: int, method: str) -> tuple[str, ...]:
        """What answers a change that is sent to the page's own address (`hx-post="{{ request.path }}"`); empty for any other."""
        return self.answering(template) if method != "GET" and address is not None and self.is_own(template, address, owner) else ()

    # ------------------------------------------------------------ who shows what

    def _shown_by(self, bound: BoundRoute) -> Iterator[str]:
        for function in functions_in(self.graph, bound.handler):
            if isinstance(function, FuncV):
                yield from self._of_function(function)
        for option in options(bound.handler) if bound.handler is not None else ():
            cls = option.cls if isinstance(option, InstV) else option
            if isinstance(cls, ClassV):
                yield from self._of_class(cls)
            elif isinstance(cls, Ext) and cls.site is not None:
                yield from self._of_made(cls)

    def _of_function(self, function: FuncV) -> Iterator[str]:
        view = self.graph.view(function.symbol.file)
        if function.symbol.index == 0:  # a script is its own page
            yield function.symbol.file
            return
        symbol = view.symbol(function.symbol.index)
        for name in _returned_names(self.graph, view, function.symbol.index):
            yield from self._named(name)
        calls = [n for one in self._runs(view, function.symbol.index) for scope in view.body(one) for n in view.calls_of.get(scope, ())]
        for number in (*calls, *(d.call for d in symbol.decorators if isinstance(d, CallRef))):
            texts = [
                a.value.value for a in view.facts.calls[number].args[:3] if isinstance(a.value, Lit) and isinstance(a.value.value, str)
            ]
            named = [t for text in texts for t in self._named(text)]
            yield from named if named and not self._names_a_route(view, number) else ()
            callee = view.facts.calls[number].callee
            if isinstance(callee, Member) and isinstance(callee.base, Index):  # `templates[names.Orders].Execute(w, data)`
                for option in options(self.graph.ev.value(callee.base.key, view.path, view.facts.calls[number].owner)):
                    if isinstance(option, Const) and isinstance(option.value, str):
                        yield from self._named(option.value)
        if symbol.parent > 0 and view.symbol(symbol.parent).kind == "class" and self.fields:
            yield from self._of_class(ClassV(SymbolId(view.path, symbol.parent)), by_name=False)

    def _runs(self, view: FileView, index: int) -> list[int]:
        """A function, and the methods beside it that it calls on its own object: `return self.render()`."""
        parent = view.symbol(index).parent
        if parent <= 0 or view.symbol(parent).kind != "class":
            return [index]
        called = (view.facts.calls[n].callee for scope in view.body(index) for n in view.calls_of.get(scope, ()))
        names = dict.fromkeys(c.name for c in called if isinstance(c, Member) and c.base == Name("self"))
        return [index, *(n for name in names for n in view.named_children.get((parent, name), ())[-1:] if n != index)]

    def _names_a_route(self, view: FileView, number: int) -> bool:
        """Is it a call that gives the address of the route under a name (`redirect("login")`)? It shows nothing."""
        call = view.facts.calls[number]
        found = options(self.graph.ev.value(call.callee, view.path, call.owner))
        return any(bool(self.graph.knowledge.route_links.matches(o.path)) for o in found if isinstance(o, Ext))

    def _of_class(self, cls: ClassV, *, by_name: bool = True) -> Iterator[str]:
        named = [members.own_member(self.graph.ev, cls, field) for field in self.fields]
        texts = [o.value for v in named if v is not None for o in options(v) if isinstance(o, Const) and isinstance(o.value, str)]
        for text in texts:
            yield from self._named(text)
        if texts or not by_name:
            return
        for base in inheritance.external_bases(self.graph.ev, cls):
            for name, _ in self.defaults.matches(base.path):
                model = self._model(cls) if "{model}" in name else ""
                if model is not None:
                    yield from self._named(name.replace("{model}", model.lower().translate(_NO_NAME)))

    def _model(self, cls: ClassV) -> str | None:
        """The name of the class that a class of views is about, by what its card says where to look."""
        for base in inheritance.external_bases(self.graph.ev, cls):
            for tagged, _ in self.graph.knowledge.views.matches(base.path):
                for way in tagged.rule.model:
                    value = follow(self.graph.ev, InstV(cls), way)
                    name = value_name(self.graph, value) if value is not None else ""
                    if name:
                        return name.rpartition(".")[2]
        return None

    def _of_made(self, value: Ext) -> Iterator[str]:
        """`LoginView.as_view(template_name="users/login.html")`."""
        assert value.site is not None
        call = self.graph.view(value.site.file).facts.calls[value.site.call]
        given = [a.value.value for a in call.args if a.name in self.fields and isinstance(a.value, Lit) and isinstance(a.value.value, str)]
        for text in given:
            yield from self._named(text)
        if isinstance(value.subject, ClassV):
            if not given:
                yield from self._of_class(value.subject)
            return
        owner = value.base.base if isinstance(value.base, Ext) else None
        for name, _ in self.defaults.matches(owner.path) if isinstance(owner, Ext) and not given else ():
            if "{" not in name:
                yield from self._named(name)

    def _included(self, template: str, depth: int) -> Iterator[str]:
        """What a template includes, and what these do: shown with it, unless many pages share it."""
        if depth >= MAX_INCLUDED:
            return
        facts = self.graph.view(template).facts
        loaded = (self.graph.resolve(i.module, template) for i in facts.imports if i.name == "*" and i.local is None)
        parts = [p for p in loaded if p in self.templates]  # `include 'form.php'`
        for inner in (*(n for name in facts.template for n in self._named(name)), *parts):
            if inner != template:
                yield inner
                yield from self._included(inner, depth + 1)

    def _named(self, name: str) -> list[str]:
        """The template files that a name in the code means."""
        if not 0 < len(name) < MAX_TEXT:
            return []
        stem = name.rpartition(".")[0] if "." in name.rpartition("/")[2] else name
        dotted = name.rpartition("::")[2].replace(".", "/")  # `orders.show`
        root = "/" if "::" in name else "/views/"  # a name without a package begins at the folder of all views
        ends = (f"/{name}", f"{root}{dotted}.blade.php")
        last = dict.fromkeys((_stem(name), _stem(f"{dotted}.blade.php"), _stem(f"{stem}.x")))
        near = [t for s in last for t in self.by_stem.get(s, ())]
        names = tuple(f"/{n.removeprefix('./')}" for n in (stem, name))  # `page.enter` of `page.enter.html`
        return [t for t in near if f"/{t}".endswith(ends) or _is_in_views(f"/{t}".rpartition(".")[0], names) or self._is_below(t, name)]

    def _is_below(self, template: str, name: str) -> bool:
        """Is it what stands below a hidden folder under that name, maybe in a folder that a setting puts before all names?"""
        for folder in self.hidden:
            inside = f"/{template.rpartition('.')[0]}".partition(folder)[2]
            if inside == name or (inside.endswith(f"/{name}") and inside.count("/") - name.count("/") < MAX_BELOW):
                return True
        return False


def _is_in_views(path: str, names: tuple[str, ...]) -> bool:
    """Does a file stand under one of the names in a folder of views, however that is written?"""
    return any(path.endswith(n) and path.removesuffix(n).rpartition("/")[2].lower() in ("views", "templates") for n in names)


def _stem(path: str) -> str:
    """The name of a file up to its first dot."""
    return path.rpartition("/")[2].partition(".")[0]


def _returned_names(graph: Graph, view: FileView, index: int) -> list[str]:
    """The names of views that a handler returns (`return "owners/form"`), in languages whose frameworks show them."""
    found: list[str] = []
    for item in view.returns.get(index, ()) if view.language in JVM else ():
        value: AV | None = graph.ev.value(item.value, view.path, index) if isinstance(item.value, Lit | Name | Member | Alt) else None
        for option in options(value) if value is not None else ():
            if isinstance(option, Const) and isinstance(option.value, str) and ":" not in option.value and 0 < len(option.value) < MAX_TEXT:
                found.append(option.value.lstrip("/"))
    return found
