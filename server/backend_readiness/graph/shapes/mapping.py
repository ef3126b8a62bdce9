"""Methods that annotations map to paths, in classes that are instances on their own: `@RestController class A { @GetMapping("/x") a() }`.

A mapping may stand on a method of an interface or of a super-class: it counts for each class below that is a holder, and the handler is the
method of that class. One on an annotation of the repository counts for the methods that have it. Options of the rule: `holders`:
annotations that such a class, or a base of it, has (any class when absent; annotations of the repository that carry them count);
`own_holders`: the same, which only the class itself can have; `never`: annotations of interfaces that are clients and no routes. `keys`:
names under which annotations give a path. `path_marks`, `spelling`: see `marked_paths`. `uri_templates`: such paths, whose
queries are no part of them. `or_name`: a method without a path answers at its own name. `aliases`: see `graph.classes.aliased_elements`.
`selectors`: annotations of parameters that stand for a further segment of the path. `outranked`: annotations beside which the mapping does
not count. `unless`: arguments of the mapping with which it is no route. `prefix`: annotations of the class that put a path before; `path`:
annotations of the method that give the path when the mapping has none (JAX-RS); `locators`: a method with such a path and no mapping gives
the class that answers below it. `instead_of`: mappings beside which, in one class, this one does not count. `guards`: annotations that are
checked before the method runs, on the class or the method. `settings`: lists of settings of the application whose values stand before
every path, the first of each list that is set; what it puts before everything is said by `graph.routes.applications`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from backend_readiness.facts.file_index import last_name
from backend_readiness.facts.model import CallRef, Index
from backend_readiness.graph.classes import aliased_elements, inheritance
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.classes.carried import uses
from backend_readiness.graph.classes.descendants import descendants
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.routes import added_prefixes
from backend_readiness.graph.routes.applications import Applications
from backend_readiness.graph.routes.class_methods import of_class
from backend_readiness.graph.routes.groups import kebab
from backend_readiness.graph.routes.marked_paths import spelled, unmarked
from backend_readiness.graph.routes.methods import methods_of, verbs
from backend_readiness.graph.routes.routing import Guard, Registration, RouterKey, call_place
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.settings.application_settings import ApplicationSettings
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, Site, SymbolId, options
from backend_readiness.model import Param, Place
from backend_readiness.rules.card_rules import RouteRule

MAX_LOCATORS = 4
_INFERRED = frozenset({"kotlin"})  # languages in which a method need not say what it gives


def collect(scan: Scan) -> None:
    mapped = Mapped(scan)
    for hit in scan.hits.get("mapping", ()):
        number = scan.decorated.get((hit.site.file, hit.site.call))
        if number is None:
            continue
        symbol = scan.graph.view(hit.site.file).symbol(number)
        if symbol.kind == "interface":
            for where, use in uses(scan.graph, SymbolId(hit.site.file, number)):
                mapped.register(hit, where, use)
        elif symbol.parent > 0:
            mapped.register(hit, SymbolId(hit.site.file, number))


def without_operators(path: str) -> str:
    """A template of RFC 6570 without what only makes addresses: `/orders{?page,size}`, `/files{/name}`, `/{+path}`."""
    path = re.sub(r"\{[?&#][^{}]{0,200}\}", "", path).partition("?")[0]
    path = re.sub(r"\{/(\w+)(?::[^{}]{0,200}(?:\{[^{}]{0,20}\}[^{}]{0,100}){0,3})?\}", r"/{\1}", path)
    return re.sub(r"(/?)\{\+(\w+)\}", r"/{\2*}", path)


class Mapped:
    """All mapped methods of one scan."""

    def __init__(self, scan: Scan) -> None:
        self.scan, self.graph, self.ev = scan, scan.graph, scan.graph.ev
        self.settings = ApplicationSettings(scan.graph)
        self._prefixes: dict[tuple[SymbolId, str], list[str]] = {}
        self.applications = Applications(scan.graph, self.settings, self._given)

    def register(self, hit: Hit, where: SymbolId, use: Site | None = None) -> None:
        """The routes of a mapped method; `use` is where an annotation of the repository stands that carries the mapping."""
        rule, given = hit.rule, hit.rule.options
        if self._is_left_out(hit, given.get("unless", {})):
            return
        view = self.graph.view(where.file)
        if view.symbol(where.index).kind in ("class", "interface", "enum"):
            return  # what a class within another one is given is a prefix
        declared = ClassV(SymbolId(where.file, view.symbol(where.index).parent))
        own = decorators_of(self.graph, where)
        nearer = of_kind(own, tuple(given.get("outranked", ()))) if use is None else []
        if nearer and all(a.site != hit.site for a in nearer):
            return  # `@GetMapping @RequestMapping("/x")`: the first of two counts, the plain one before one that carries it
        said = self._given(Ext("", None, use), tuple(given.get("keys", ()))) if use is not None else []
        paths = [f"{p.rstrip('/')}{self._selected(where, given)}" for p in said or self._paths(hit, own)]
        place = self.scan.place(hit) if use is None else call_place(self.graph, use)
        for cls in self._holders(declared, given):
            method = members.own_member(self.ev, InstV(cls), view.symbol(where.index).name)
            handler = self._overload(method, where) if cls.symbol != declared.symbol else FuncV(where, InstV(cls))
            if self._has(cls, tuple(given.get("instead_of", ()))) or handler is None or self._is_remapped(hit, handler, where):
                continue
            key: RouterKey = ("class", cls.symbol.file, cls.symbol.index)
            for before in self._above(cls, hit):
                for path in paths:
                    for verb in self._verbs(hit, use, cls):
                        guards = (*self.guards(cls.symbol, given), *self.guards(where, given), *self.first(cls, given))
                        params, checked = self.inputs(handler.symbol, where, given)
                        whole = self.filled(join(before, path, keep_root=False), cls.symbol.file)
                        self.scan.routing.registrations.append(
                            Registration(
                                router=key, method=verb, path=whole, params=params, checked=checked,
                                place=place, start=hit.call.start, card=hit.card, rule=rule, handler=handler, guards=guards,
                            )
                        )  # fmt: skip

    # ------------------------------------------------------------ classes

    def _holders(self, declared: ClassV, given: dict[str, Any]) -> Iterator[ClassV]:
        """The class of the mapping, when it is one that is made, and the classes below it that are."""
        wanted, never = tuple(given.get("holders", ())), tuple(given.get("never", ()))
        if never and of_kind(decorators_of(self.graph, declared.symbol), never):
            return
        below = [declared, *descendants(self.graph, declared)]
        concrete = [c for c in below if self._kind(c) != "interface"]
        passed_on = bool(wanted) or bool(given.get("locators")) or self._kind(declared) == "interface" or self._is_abstract(declared)
        for cls in concrete if passed_on else [declared]:
            own = (decorators_of(self.graph, cls.symbol), tuple(given.get("own_holders", ())))
            if not wanted or of_kind(*own) or any(of_kind(found, wanted) for found in self._annotations(cls, inherited=True)):
                yield cls

    def _kind(self, cls: ClassV) -> str:
        return self.graph.view(cls.symbol.file).symbol(cls.symbol.index).kind

    def _is_abstract(self, cls: ClassV) -> bool:
        view = self.graph.view(cls.symbol.file)
        symbol = view.symbol(cls.symbol.index)
        return " abstract " in f" {self._head(cls)} " and symbol.kind == "class"

    def _head(self, cls: ClassV) -> str:
        symbol = self.graph.view(cls.symbol.file).symbol(cls.symbol.index)
        lines = self.graph.text(cls.symbol.file).splitlines()[symbol.line - 1 : symbol.line]
        return lines[0].partition("class ")[0] if lines else ""

    def _annotations(self, cls: ClassV, *, inherited: bool) -> Iterator[list[Ext]]:
        """Those of the class, then of its bases in the repository."""
        yield decorators_of(self.graph, cls.symbol)
        for base in inheritance.bases(self.ev, cls) if inherited else ():
            if isinstance(base, ClassV):
                yield decorators_of(self.graph, base.symbol)

    def _has(self, cls: ClassV, marks: tuple[str, ...]) -> bool:
        """Has a method of the class one of these annotations?"""
        view = self.graph.view(cls.symbol.file)
        below = [c for c in view.children.get(cls.symbol.index, ()) if view.symbol(c).kind == "method"] if marks else []
        return any(of_kind(decorators_of(self.graph, SymbolId(view.path, c)), marks) for c in below)

    def _overload(self, method: AV | None, where: SymbolId) -> FuncV | None:
        """The method of a class that stands for the mapped one: of several of that name the one with as many parameters."""
        count = len(self.graph.view(where.file).symbol(where.index).params)
        for option in options(method) if method is not None else ():
            if not isinstance(option, FuncV):
                continue
            view = self.graph.view(option.symbol.file)
            symbol = view.symbol(option.symbol.index)
            same = view.named_children.get((symbol.parent, symbol.name), ())
            fitting = [i for i in same if len(view.symbol(i).params) == count]
            chosen = SymbolId(option.symbol.file, fitting[0]) if fitting else where  # else another method of that name: it hides nothing
            return FuncV(chosen, option.self_value, option.env)
        return None

    def _is_remapped(self, hit: Hit, handler: FuncV, where: SymbolId) -> bool:
        """Does the method of the class have a mapping of its own? Then that one counts."""
        if handler.symbol == where:
            return False
        found = decorators_of(self.graph, handler.symbol)
        own = [c for rule in hit.card.routes if rule.shape == "mapping" for c in self.graph.knowledge.patterns(hit.card, rule.callee)]
        return bool(of_kind(found, tuple(own)))

    # ------------------------------------------------------------ paths

    def _is_left_out(self, hit: Hit, unless: dict[str, str]) -> bool:
        """Does an argument of the mapping say that it is none of a request?"""
        found = ((self.ev.arg_value(hit.site, 999, key), text) for key, text in unless.items())
        return any(text in t.strip("{}") for value, text in found for t in texts(self.ev, value))

    def _paths(self, hit: Hit, own: list[Ext]) -> list[str]:
        options = hit.rule.options
        keys = tuple(options.get("keys", ()))
        found = self._given(Ext("", None, hit.site), keys) if hit.rule.path is not None else []
        for annotation in of_kind(own, tuple(options.get("path", ()))) if not found else ():
            found.extend(self._given(annotation, keys))
        if options.get("uri_templates"):  # RFC 6570: `/orders{?page,size}`
            found = [without_operators(p) for p in found]
        if options.get("or_name") and not found:
            name = self.graph.view(hit.site.file).symbol(self.scan.decorated[hit.site.file, hit.site.call]).name
            found = [kebab(name) if options["or_name"] == "kebab" else name]
        return [unmarked(spelled(p, options.get("spelling", ())), options.get("path_marks", {})) for p in found] or [""]

    def _selected(self, where: SymbolId, given: dict[str, Any]) -> str:
        """The segments of the path that parameters with an annotation stand for: `@Read Date one(@Selector String name)`."""
        marks = tuple(given.get("selectors", ()))
        symbol = self.graph.view(where.file).symbol(where.index)
        found = []
        for param in symbol.params if marks else ():
            written = [self.ev.value(d, where.file, max(0, symbol.parent)) for d in param.decorators]
            if of_kind([v for value in written for v in options(value) if isinstance(v, Ext)], marks):
                found.append(f"/{{{param.name}}}")
        return "".join(found)

    def _given(self, annotation: Ext, keys: tuple[str, ...]) -> list[str]:
        """The paths that an annotation gives: its only positional argument, or one of its keys."""
        if annotation.site is None:
            return []
        call = self.graph.view(annotation.site.file).facts.calls[annotation.site.call]
        found: list[str] = []
        for arg in call.args:
            if arg.name is None or arg.name in keys:
                found.extend(texts(self.ev, self.ev.value(arg.value, annotation.site.file, call.owner)))
        return found

    def _above(self, cls: ClassV, hit: Hit, below: tuple[SymbolId, ...] = ()) -> list[str]:
        """What stands before the paths of a class: settings, the application, the class's own prefix, and those of its locators.

        `below`: the classes that it gives; a locator among them leads round in a circle, and no further path counts.
        """
        key = (cls.symbol, hit.card.id)
        known = self._prefixes.get(key) if not below else None
        if known is None:
            given = hit.rule.options
            before = self.before(cls.symbol.file, hit.rule)
            own = self.own_prefixes(cls, given)
            located = [] if len(below) > MAX_LOCATORS else self._located(cls, hit, (*below, cls.symbol))
            free = [] if given.get("locators") else [""]
            if "added" in given:
                before = [join(b, a, keep_root=False) for b in before for a in added_prefixes.before(self.graph, cls, given["added"])]
            direct = [join(b, p, keep_root=False) if p else b for b in before for p in own or ([] if located else free)]
            known = list(dict.fromkeys([*direct, *located]))
            if not below:
                self._prefixes[key] = known
        return known

    def own_prefixes(self, cls: ClassV, given: dict[str, Any]) -> list[str]:
        for found in self._annotations(cls, inherited=True):
            marked = of_kind(found, tuple(given.get("prefix", ())))
            said = (self._given(annotation, tuple(given.get("keys", ()))) for annotation in marked)
            if marked:  # `@Controller @Path("/orders")`: the one that says a path
                return next((s for s in said if s), None) or self._carried_prefix(cls, given) or [""]
        return []

    def _carried_prefix(self, cls: ClassV, given: dict[str, Any]) -> list[str]:
        """What an annotation of the repository gives to the one with the prefix that it carries."""
        symbol = self.graph.view(cls.symbol.file).symbol(cls.symbol.index)
        mark, meant, keys = (given.get(k, ()) for k in ("aliases", "prefix", "keys"))
        uses = [Site(cls.symbol.file, d.call, None) for d in symbol.decorators if isinstance(d, CallRef)] if mark else []
        values = (aliased_elements.given(self.graph, use, str(mark), tuple(meant), tuple(keys)) for use in uses)
        return [t for value in values if value is not None for t in texts(self.ev, value)]

    def _verbs(self, hit: Hit, use: Site | None, cls: ClassV) -> list[str]:
        """The methods of a mapping, or those that the annotation gives that carries it."""
        rule, mark = hit.rule, hit.rule.options.get("aliases")
        if use is not None and mark and rule.methods is not None and rule.methods.kwarg is not None:
            meant = tuple(self.graph.knowledge.patterns(hit.card, rule.callee))
            value = aliased_elements.given(self.graph, use, str(mark), meant, (rule.methods.kwarg,))
            if found := [m for t in texts(self.ev, value) for m in verbs(t, {})] if value is not None else []:
                return found
        return (of_class(self.graph, cls, rule) or own) if (own := methods_of(self.scan, hit)) == ["ANY"] else own

    def _located(self, cls: ClassV, hit: Hit, below: tuple[SymbolId, ...]) -> list[str]:
        """The paths of methods that give this class to what answers below them: `@Path("items") ItemResource items()`."""
        given = hit.rule.options
        marks = tuple(given.get("locators", ()))
        name = self.graph.view(cls.symbol.file).symbol(cls.symbol.index).name
        found: list[str] = []
        for file in self.graph.naming(name) if marks and name else ():
            view = self.graph.view(file)
            for index, symbol in enumerate(view.facts.symbols):
                if symbol.kind != "method" or not symbol.decorators or (symbol.returns is None and view.language not in _INFERRED):
                    continue
                where = SymbolId(file, index)
                own = decorators_of(self.graph, where)
                if of_kind(own, self._mappings(hit)):
                    continue  # it answers by itself, with an object of the class
                holder = ClassV(SymbolId(file, symbol.parent))
                if holder.symbol not in below and of_kind(own, marks) and self._gives(where, cls):
                    paths = [p for a in of_kind(own, marks) for p in self._given(a, tuple(given.get("keys", ())))]
                    found.extend(join(b, p, keep_root=False) for b in self._above(holder, hit, below) for p in paths)
        return found

    def _gives(self, where: SymbolId, cls: ClassV) -> bool:
        """Does a locator give the class: by its type, by what stands in `Class<ItemResource>`, or by what it returns as an `Object`?"""
        symbol = self.graph.view(where.file).symbol(where.index)
        said = symbol.returns
        if isinstance(said, Index) and last_name(said.base) == "Class":
            said = said.key
        typed = self.ev.instance_of(said, where.file, max(0, symbol.parent)) if said is not None else None
        if isinstance(typed, InstV):
            return typed.cls.symbol == cls.symbol
        given = self.ev.invoke(FuncV(where, InstV(ClassV(SymbolId(where.file, symbol.parent)))))
        made = (o.cls if isinstance(o, InstV) else o for o in options(given))
        return any(isinstance(o, ClassV) and o.symbol == cls.symbol for o in made)

    def _mappings(self, hit: Hit) -> tuple[str, ...]:
        """The annotations of the card that make a method an endpoint."""
        rules = (r for r in hit.card.routes if r.shape == hit.rule.shape)
        return tuple(p for r in rules for p in self.graph.knowledge.patterns(hit.card, r.callee))

    def before(self, file: str, rule: RouteRule) -> list[str]:
        """What stands before the paths of the classes of a file: settings, then the application; several when it is served twice."""
        values = [self.settings.value(tuple(names), file) for names in rule.options.get("settings", ())]
        prefix = "".join(f"/{v.strip('/')}" for v in values if v.strip("/"))
        return [f"{prefix}/{path.strip('/')}" if path.strip("/") else prefix for path in self.applications.before(file, rule.options)]

    def filled(self, path: str, file: str) -> str:
        return self.settings.filled(path, file)

    # ------------------------------------------------------------ input

    def inputs(self, handler: SymbolId, mapped: SymbolId, given: dict[str, Any]) -> tuple[tuple[Param, ...], tuple[str, ...]]:
        """The parts of the request that parameters are filled from, by their annotations, and those of them that are validated."""
        found: dict[tuple[str, str], Param] = {}
        checked: list[str] = []
        for where in dict.fromkeys((handler, mapped)):
            view = self.graph.view(where.file)
            symbol = view.symbol(where.index)
            for param in symbol.params:
                written = [self.ev.value(d, where.file, max(0, symbol.parent)) for d in param.decorators]
                own = [v for value in written for v in options(value) if isinstance(v, Ext)]
                for part, marks in given.get("params", {}).items():
                    for annotation in of_kind(own, tuple(marks)):
                        named = [n for n in self._given(annotation, ("value", "name")) if n]
                        name = named[0] if named and part not in ("body", "form") else param.name
                        found.setdefault((part, name), Param(name=name, where=part))
                        checked.extend([part] if of_kind(own, tuple(given.get("validates", ()))) else [])
        return tuple(found.values()), tuple(dict.fromkeys(checked))

    # ------------------------------------------------------------ guards

    def first(self, cls: ClassV, given: dict[str, Any]) -> Iterator[Guard]:
        """Methods of the class that run before each of its mapped methods, by their annotation."""
        marks = tuple(given.get("first", ()))
        view = self.graph.view(cls.symbol.file)
        for child in view.children.get(cls.symbol.index, ()) if marks else ():
            symbol, where = view.symbol(child), SymbolId(cls.symbol.file, child)
            if symbol.kind == "method" and symbol.decorators and of_kind(decorators_of(self.graph, where), marks):
                place = Place(file=view.path, line=symbol.line, end_line=symbol.end_line)
                yield Guard(value=FuncV(where, InstV(cls)), place=place, start=0)

    def guards(self, where: SymbolId, given: dict[str, Any]) -> Iterator[Guard]:
        symbol = self.graph.view(where.file).symbol(where.index)
        place = Place(file=where.file, line=symbol.line, end_line=symbol.line)
        for annotation in of_kind(decorators_of(self.graph, where), tuple(given.get("guards", ()))):
            at = call_place(self.graph, annotation.site) if annotation.site is not None else place
            yield Guard(value=annotation, place=at, start=0)
