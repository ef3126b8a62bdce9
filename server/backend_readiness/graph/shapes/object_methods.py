"""Objects whose methods are routes by their names, their annotations, or the type that they take: `mvc.Handle(new(Users))`.

`callee` is given such an object (`handler`, or every argument) below `path`. Options of the rule: `words` says how a name becomes a path:
`verbs` (`GetProfileBy(id)` is GET /profile/{id}), `kebab`, `lower`; `index` is the method at the path itself; `class_suffix`: the class's
name without it stands before. `annotation` names a decorator with path and methods (`"/orders/:id [get,post]"`), without which a method is
none. `request` describes types of requests that say it themselves: `embeds` the embedded type, `path` and `method` the tags on it; with
`declared` such a type is a route too when no object with its method is seen, but other code names it, or most have none. `setup` names a
method whose calls `Handle(method, path, name)` add routes. `records` refers to a record whose keys are paths, each with such an object or a
function that answers it. `named` refers to a text with the names of the methods that are meant, where not all are; `objects` leaves out
what is a function; `tokens` are what stands in a path for the names of the class and of the method. A path may begin with its method
(`GET:/orders`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import Assign, CallRef, Lit, Name, Symbol
from backend_readiness.graph.classes import parts
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.call_paths import split_methods
from backend_readiness.graph.routes.groups import kebab
from backend_readiness.graph.routes.methods import methods_of
from backend_readiness.graph.routes.routing import Registration, RouterKey
from backend_readiness.graph.routes.rows import place_of_text, prefix_of
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import ClassV, Ext, FuncV, InstV, Obj, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref, RouteRule
from backend_readiness.rules.cards import Card

_VERBS = ("Get", "Post", "Put", "Patch", "Delete", "Head", "Options", "Connect", "Trace", "Any", "All")
MAX_RECORDS = 400
_WORD = re.compile(r"[A-Z][a-z0-9]*|[A-Z]+(?=[A-Z]|$)")
_ANNOTATED = re.compile(r"(\S{1,300})(?:\s+\[([\w, ]{1,80})\])?")
Found = tuple[str, str]  # method, path


def collect(scan: Scan) -> None:
    seen: set[SymbolId] = set()
    for hit in scan.hits.get("object_methods", ()):
        router = scan.router(hit)
        above = prefix_of(scan, hit)
        if hit.rule.options.get("objects") and scan.texts(hit, Ref(**hit.rule.options["action"])):
            continue  # one method is named
        for text in (scan.texts(hit, hit.rule.path) if hit.rule.path is not None else []) or [""]:
            said, base = split_methods(text)[0]
            for item, option in _objects(scan, hit):
                if isinstance(option, FuncV) and hit.rule.options.get("objects"):
                    continue
                verb, below = split_methods(item)[0]
                path = join(above, join(base, below, keep_root=False), keep_root=False)
                _Object(scan, hit, router, path, seen, below, verb or said).register(option)
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "object_methods" and rule.options.get("request", {}).get("declared"):
                _declared(scan, card, rule, seen)


def _objects(scan: Scan, hit: Hit) -> Iterator[tuple[str, InstV | FuncV]]:
    """The objects of a call, each with the path that a record has for it."""
    if "records" in hit.rule.options:
        given = scan.value(hit, Ref(**hit.rule.options["records"]))
        for record in options(given) if given is not None else ():
            for path, thunk in list(record.fields.items())[:MAX_RECORDS] if isinstance(record, Obj) else ():
                for option in options(scan.graph.ev.thunk(thunk)):
                    if isinstance(option, InstV | FuncV):
                        yield path, option
        return
    arguments = [a.value for a in hit.call.args if a.name is None]
    number = hit.rule.handler.arg if hit.rule.handler is not None else None
    for expr in arguments if number is None else arguments[number : number + 1]:
        for option in options(scan.graph.ev.value(expr, hit.site.file, hit.call.owner, hit.site.env)):
            if isinstance(option, InstV | FuncV):
                yield "", option


class _Object:
    """One object at one place."""

    def __init__(self, scan: Scan, hit: Hit, router: RouterKey | None, base: str, seen: set[SymbolId], below: str, said: str) -> None:
        self.scan, self.hit, self.router, self.base, self.seen, self.below = scan, hit, router, base, seen, below
        self.spec = hit.rule.options
        chosen = scan.texts(hit, Ref(**self.spec["named"])) if "named" in self.spec else []
        self.chosen = {n.strip() for t in chosen for n in t.split(",") if n.strip()}
        self.said = said or (next(iter(methods_of(scan, hit)), "ANY") if hit.verb else "ANY")

    def register(self, value: InstV | FuncV) -> None:
        if isinstance(value, FuncV):
            if self.below and _request_type(self.scan, self.hit.card, self.hit.rule, value.symbol) is None:
                place = place_of_text(self.scan, self.hit.site.file, self.below, self.scan.place(self.hit))
                self._add(self.said, "", value, place.line, place.file)
            else:
                self.base = self.base.removesuffix("/" + self.below.strip("/"))  # the type of the request says the path
                self._method(value)
            return
        if self.spec.get("class_suffix"):
            name = self.scan.graph.view(value.cls.symbol.file).symbol(value.cls.symbol.index).name
            self.base = join(self.base, name.removesuffix(str(self.spec["class_suffix"])).lower(), keep_root=False)
        for part in parts.parts(self.scan.graph.ev, value.cls):
            view = self.scan.graph.view(part.file)
            for child in view.children.get(part.index, ()):
                symbol = view.symbol(child)
                if symbol.kind == "method" and symbol.name[:1].isupper():
                    self._method(FuncV(SymbolId(part.file, child), value))
                if symbol.name == self.spec.get("setup"):
                    self._setup(value, SymbolId(part.file, child))

    def _method(self, function: FuncV) -> None:
        symbol = self.scan.graph.view(function.symbol.file).symbol(function.symbol.index)
        for method, path in self._named(function, symbol):
            if "annotation" not in self.spec or not self._is_written(function, method):
                self._add(method, path, function, symbol.line)

    def _is_written(self, function: FuncV, method: str) -> bool:
        """Does code register the same method of the class too? Then what its comment says is no second route."""
        items = (r for r in self.scan.routing.registrations if r.card.id == self.hit.card.id and r.method in (method, "ANY"))
        written = (r for r in items if "annotation" not in r.rule.options)
        return any(isinstance(r.handler, FuncV) and r.handler.symbol == function.symbol for r in written)

    def _named(self, function: FuncV, symbol: Symbol) -> list[Found]:
        if "annotation" in self.spec:
            return list(_annotated(self.scan, function.symbol, str(self.spec["annotation"])))
        request = _request_type(self.scan, self.hit.card, self.hit.rule, function.symbol)
        if request is not None:
            self.seen.add(request)
            return list(_tagged(self.scan, self.hit.card, self.hit.rule, request))
        words = self.spec.get("words")
        if words == "verbs":
            return _by_verb(symbol)
        if not words or (isinstance(self.spec.get("takes"), int) and len(symbol.params) != int(self.spec["takes"]) + 1):
            return []
        if self.chosen and symbol.name not in self.chosen:
            return []
        tail = kebab(symbol.name) if words == "kebab" else symbol.name.lower()
        if any(t in self.base for t in self.spec.get("tokens", {}).values()):
            return [(self.said, tail)]
        return [(self.said, ""), (self.said, tail)] if symbol.name == self.spec.get("index") else [(self.said, tail)]

    def _setup(self, value: InstV, where: SymbolId) -> None:
        """`b.Handle("GET", "/custom", "Method")` in the method that sets the object up."""
        view = self.scan.graph.view(where.file)
        for number in view.calls_of.get(where.index, ()):
            call = view.facts.calls[number]
            given = [a.value.value for a in call.args[:3] if isinstance(a.value, Lit) and isinstance(a.value.value, str)]
            if callee_name(call) in ("Handle", "HandleMany") and len(given) == 3:
                many = callee_name(call) == "HandleMany"  # its methods and its paths are words of one text
                found = parts.methods(self.scan.graph.ev, value.cls, given[2])
                for verb, path in ((v, p) for v in given[0].split() for p in (given[1].split() if many else [given[1]])):
                    for method in found[:1]:
                        self._add(verb.upper(), path, FuncV(method, value), call.line, where.file)

    def _add(self, method: str, path: str, function: FuncV, line: int, file: str = "") -> None:
        place = Place(file=file or function.symbol.file, line=line, end_line=line)
        self.scan.routing.registrations.append(
            Registration(
                router=self.router, method=method, path=self._filled(function, path), place=place, start=self.hit.call.start,
                card=self.hit.card, rule=self.hit.rule, handler=function,
            )
        )  # fmt: skip

    def _filled(self, function: FuncV, path: str) -> str:
        """The path of a method, with names for the tokens of the class and the method: `/{.struct}-{.method}`."""
        tokens = self.spec.get("tokens", {})
        if not any(t in self.base for t in tokens.values()):
            return join(self.base, path, keep_root=False)
        owner = function.self_value.cls.symbol if isinstance(function.self_value, InstV) else None
        name = self.scan.graph.view(owner.file).symbol(owner.index).name if owner is not None else ""
        filled = self.base.replace(tokens["class"], kebab(name)).replace(tokens["method"], path.strip("/"))
        return filled if tokens["method"] in self.base else join(filled, path, keep_root=False)


def _by_verb(symbol: Symbol) -> list[Found]:
    """`PostUserBy(id int64)` is POST /user/{id}; a name that begins with no verb is no route."""
    verb = next((v for v in _VERBS if symbol.name.startswith(v) and not symbol.name[len(v) : len(v) + 1].islower()), None)
    if verb is None:
        return []
    # what a path gives has a plain type (`id int64`), what the framework gives does not (`ctx iris.Context`)
    names = [p.name for p in symbol.params if p.name != "self" and isinstance(p.type, Name) and p.type.id.islower()]
    path = ""
    words = _WORD.findall(symbol.name[len(verb) :])
    for position, word in enumerate(words):
        if word == "Wildcard" and position and words[position - 1] == "By":
            path = path[:-1] + "*}"
        elif word == "By":
            path += f"/{{{names.pop(0) if names else 'param'}}}"
        else:
            path += f"/{word.lower()}"
    return [("ANY" if verb in ("Any", "All") else verb.upper(), path)]


def _annotated(scan: Scan, where: SymbolId, name: str) -> Iterator[Found]:
    view = scan.graph.view(where.file)
    for decorator in view.symbol(where.index).decorators:
        call = view.facts.calls[decorator.call] if isinstance(decorator, CallRef) else None
        if call is None or callee_name(call) != name or not call.args or not isinstance(call.args[0].value, Lit):
            continue
        found = _ANNOTATED.match(str(call.args[0].value.value))
        for method in (found.group(2) or "get").split(",") if found is not None else ():
            if found is not None and method.strip():
                yield "ANY" if method.strip() in ("*", "any") else method.strip().upper(), found.group(1)


# ---------------------------------------------------------------- types of requests that name their route


def _request_type(scan: Scan, card: Card, rule: RouteRule, where: SymbolId) -> SymbolId | None:
    """The type of a parameter that says where its requests go."""
    view = scan.graph.view(where.file)
    for param in view.symbol(where.index).params[1:4] if "request" in rule.options else ():
        if param.type is not None:
            for option in options(scan.graph.ev.value(param.type, where.file, where.index)):
                if isinstance(option, ClassV) and _meta_field(scan, card, rule, option.symbol) is not None:
                    return option.symbol
    return None


def _meta_field(scan: Scan, card: Card, rule: RouteRule, where: SymbolId) -> Assign | None:
    """The embedded field that carries the tags."""
    view = scan.graph.view(where.file)
    wanted = scan.graph.knowledge.patterns(card, tuple(rule.options["request"]["embeds"]))
    for assign in view.assigns_of.get(where.index, ()):
        named = isinstance(assign.target, Name) and any(p.endswith(f".{assign.target.id}") for p in wanted)
        if assign.kind == "field" and named and assign.type is not None:
            values = options(scan.graph.ev.value(assign.type, where.file, where.index))
            if any(isinstance(v, Ext) and compiled(p).fullmatch(v.path) for v in values for p in wanted):
                return assign
    return None


def _tagged(scan: Scan, card: Card, rule: RouteRule, where: SymbolId) -> Iterator[Found]:
    field = _meta_field(scan, card, rule, where)
    view = scan.graph.view(where.file)
    tags: dict[str, str] = {}
    for number in view.calls_of.get(where.index, ()) if field is not None else ():
        call = view.facts.calls[number]
        if field is not None and field.start <= call.start and call.end <= field.end and call.args and isinstance(call.args[0].value, Lit):
            tags.setdefault(callee_name(call) or "", str(call.args[0].value.value))
    request = rule.options["request"]
    methods = [m.strip().upper() for m in tags.get(f"tag:{request['method']}", "").split(",") if m.strip()]
    for path in tags.get(f"tag:{request['path']}", "").split(","):
        for method in methods or ["ANY"]:
            if path.strip():
                yield "ANY" if method == "ALL" else method, path.strip()


def _declared(scan: Scan, card: Card, rule: RouteRule, seen: set[SymbolId]) -> None:
    """The types whose method no object brings that is seen: of code that makes its objects where nothing shows which they are."""
    names = {p.rpartition(".")[2] for p in scan.graph.knowledge.patterns(card, tuple(rule.options["request"]["embeds"]))}
    found: list[Registration] = []
    untaken: list[Registration] = []
    for path, index in scan.graph.production.items():
        if family(index.language) != card.id.partition("/")[0] or names.isdisjoint(index.names):
            continue
        for number, symbol in enumerate(scan.graph.view(path).facts.symbols):
            where = SymbolId(path, number)
            if symbol.kind != "class" or where in seen or not symbol.bases:
                continue
            handler = _taking(scan, where, symbol.name)
            is_taken = handler is not None or scan.graph.naming(symbol.name) != (path,)
            for method, route in _tagged(scan, card, rule, where):
                (found if is_taken else untaken).append(
                    Registration(
                        router=None, method=method, path=route, place=Place(file=path, line=symbol.line, end_line=symbol.line),
                        start=symbol.start, card=card, rule=rule, handler=handler,
                    )
                )  # fmt: skip
    if len({(r.place.file, r.start) for r in untaken}) >= len(seen):  # few are taken here: the others' objects are elsewhere
        found.extend(untaken)
    scan.routing.registrations.extend(found)


def _taking(scan: Scan, where: SymbolId, name: str) -> FuncV | None:
    """The only method of production code that takes a request of the type."""
    found: list[SymbolId] = []
    for path in scan.graph.naming(name)[:40]:
        view = scan.graph.view(path)
        for number, symbol in enumerate(view.facts.symbols):
            if symbol.kind != "method" or not symbol.statements or path not in scan.graph.production:
                continue
            for param in symbol.params[1:4]:
                values = options(scan.graph.ev.value(param.type, path, number)) if param.type is not None else ()
                if any(isinstance(v, ClassV) and v.symbol == where for v in values):
                    found.append(SymbolId(path, number))
    view_of = scan.graph.view
    owners = [w for w in found if view_of(w.file).symbol(w.index).parent > 0]
    if len(owners) != 1:
        return None
    holder = SymbolId(owners[0].file, view_of(owners[0].file).symbol(owners[0].index).parent)
    return FuncV(owners[0], InstV(ClassV(parts.declared(scan.graph.ev, holder))))
