"""Controllers: classes whose open methods are actions, with their paths in decorators, or by conventions that the application states.

A rule with `base` (external base classes) describes them. Its options: `suffix` of the class names, which the token leaves out; `marks`,
decorators that make a class one without the base; `verbs`, decorators of methods to their HTTP method; `paths`, decorators of classes and
methods with a path template; `listed`, decorators that list methods; `not_actions`; `names`, decorators that rename an action; `brought`,
methods of the base that none are; `areas`, those that name its area; `by_name`, beginnings of method names to HTTP methods, where the
template has no action, and `otherwise`, the HTTP method of other names; `drops`, the end of method names that does not count. `guards` are
decorators that run before; `filters` external bases of decorators of the repository that do (`decorator_suffix` may end their names), and
`guard_methods` what of them runs; `holds` decorators whose argument is such a class.

A rule with a `callee` puts controllers on an application: `path` is a template for those without one of their own (`default_path` when the
call has none), `options.area` an argument with an area, `options.defaults` one with the action that it means; with `options.member`, the
parameter that names a member, `path` is what stands before the names of controllers. `options.constraints` is an argument that says which
names fit, `options.area_of` a property of the class around the call with the area; `area_folder` of the rule with `base` is the folder
below which controllers stand by their area where a convention is of that area. `not_named` are beginnings of names of classes that are no
controllers; with `by_name_alone` the end of its name makes a class one whose methods say paths or HTTP methods. What is put before all
paths, and how names are written: see `graph.routes.model_conventions`. `named_only`: other actions than those that `by_name`
lists answer no such template. `closed_types`: a class with parameters for types is no controller where
the application names none of these. `opened_by`: a class that others cannot see is none, unless the repository uses one of these.
`assumed` are templates of a rule with `base` that hold where the repository states none with a controller.
`namespace_tokens` are further tokens that stand for the last step of the namespace of the class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from backend_readiness.facts.model import CallRef, Name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.parts import parts
from backend_readiness.graph.classes.written_in_parts import leading
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.folders import shared
from backend_readiness.graph.handling.own_marks import Mark, meanings
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.references import argument
from backend_readiness.graph.routes.controller_actions import Controller
from backend_readiness.graph.routes.conventions import Convention, of_members
from backend_readiness.graph.routes.model_conventions import has_own_paths, put_in_front, writes_dashes
from backend_readiness.graph.routes.routing import Guard, Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.shapes.annotation import running
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Ext, InstV, Obj, Site, SymbolId, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref, RouteRule
from backend_readiness.rules.cards import Card

MAX_CLASSES = 5_000
_NAMES = re.compile(r"\^?\(?[\w|]{1,200}\)?\$?")


def collect(scan: Scan) -> None:
    hits = scan.hits.get("controller", [])
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "controller" and rule.base:
                mounts = [h for h in hits if h.card.id == card.id or h.card.id in card.uses or card.id in h.card.uses]
                Controllers(scan, card, rule, mounts).register()


class Controllers:
    def __init__(self, scan: Scan, card: Card, rule: RouteRule, mounts: list[Hit]) -> None:
        self.scan, self.card, self.rule, self.mounts = scan, card, rule, mounts
        self.graph, self.ev = scan.graph, scan.graph.ev
        self.options: dict[str, Any] = rule.options
        self.bases = [compiled(p) for p in self.graph.knowledge.patterns(card, rule.base)]
        self.conventions = [(h, c) for h in mounts for c in self._conventions(h)]
        stated = any("{controller" in c.template and not c.area for _, c in self.conventions) or has_own_paths(self.graph, self.options)
        assumed = [] if stated else self.options.get("assumed", ())
        self.assumed = [Convention(template=t) for t in assumed]
        self.fronts = put_in_front(self.graph, self.options)
        self.dashed = writes_dashes(self.graph, self.options)
        self.closed_types = "closed_types" in self.options and not any(self.graph.naming(n) for n in self.options["closed_types"])
        self.open_only = "opened_by" in self.options and not any(self.graph.naming(n) for n in self.options["opened_by"])

    def register(self) -> None:
        for where in self._candidates():
            cls = ClassV(where)
            symbol = self.graph.view(where.file).symbol(where.index)
            together = parts(self.ev, cls)
            if len(together) > 1 and leading(self.graph, together) != where:
                continue  # the part that leads stands for all
            marks = [m for part in together for m in self.marks(part)]
            unlike = symbol.name.startswith(tuple(self.options.get("not_named", ()) or ("\0",)))
            unlike = unlike or bool(self.closed_types and symbol.type_params)
            if unlike or any(d == Name("abstract") for d in symbol.decorators) or self.of(marks, "not_controllers"):
                continue
            if self.open_only and all(Name("internal") in self.graph.view(p.file).symbol(p.index).decorators for p in (where, *together)):
                continue
            based = any(b.fullmatch(e.path) for e in inheritance.external_bases(self.ev, cls) for b in self.bases)
            if based or self.of(marks, "marks") or self._routes_itself(where, marks):
                Controller(self, cls, symbol, marks).register()
        self._elsewhere()

    def _elsewhere(self) -> None:
        """Routes that are stated for one action of a controller that is not in the repository."""
        suffix = str(self.options.get("suffix", ""))
        for hit, found in self.conventions:
            if found.is_fixed and not self.graph.facts.defining(f"{found.controller}{suffix}"):
                place = self.scan.place(hit)
                self.scan.routing.registrations.append(
                    Registration(
                        router=self.scan.router(hit), method="ANY", path=found.shown, place=place, start=hit.call.start, card=self.card,
                        rule=self.rule, handler=None,
                    )
                )  # fmt: skip

    def _routes_itself(self, where: SymbolId, marks: list[Mark]) -> bool:
        """A class without the base that is called like a controller and says its path, its area or that of an action."""
        suffix, view = str(self.options.get("suffix", "")), self.graph.view(where.file)
        if not suffix or not view.symbol(where.index).name.endswith(suffix):
            return False
        if self.of(marks, "paths"):
            return True
        if not self.options.get("by_name_alone") or Name("partial") in view.symbol(where.index).decorators:
            return False
        inside = [m for c in view.children.get(where.index, ()) for m in self.marks(SymbolId(where.file, c))]
        return bool(self.of(marks, "areas") or self.of(inside, "paths")) or any(m.path in self.options.get("verbs", {}) for m in inside)

    def _candidates(self) -> Iterator[SymbolId]:
        """Classes below one of the bases by the names that are written, and those of files that name a mark."""
        wanted = {last_step(b) for b in self.graph.knowledge.patterns(self.card, self.rule.base)}
        marks = {last_step(m) for m in self.options.get("marks", ())}
        languages = set(self.card.languages or (self.card.id.partition("/")[0],))
        files = {p: i for p, i in self.graph.production.items() if i.language in languages}
        wanted = self.graph.names_below(wanted)
        count, suffix = 0, str(self.options.get("suffix", "\0"))
        for path, index in files.items():
            named = wanted if not marks.intersection(index.names) else None
            for definition in index.definitions:
                if definition.kind == "class" and (named is None or definition.name in named or definition.name.endswith(suffix)):
                    count += 1
                    if count > MAX_CLASSES:
                        return
                    yield SymbolId(path, definition.symbol)

    # ------------------------------------------------------------ decorators

    def marks(self, where: SymbolId) -> list[Mark]:
        view = self.graph.view(where.file)
        found: list[Mark] = []
        for decorator in view.symbol(where.index).decorators:
            if isinstance(decorator, CallRef):
                call = view.facts.calls[decorator.call]
                place = Place(file=where.file, line=call.line, end_line=call.end_line)
                meant = self.ev.value(call.callee, where.file, call.owner)
                if isinstance(meant, Ext) and isinstance(call.callee, Name) and not self.graph.is_spoken_of(meant.path):
                    longer = self.ev.lookup(f"{call.callee.id}{self.options.get('decorator_suffix', '')}", where.file, 0)  # `[Audit]`
                    meant = longer if isinstance(longer, ClassV) else meant
                site = Site(where.file, decorator.call, None)
                for value in options(meant):
                    found.append(Mark(value, site, place))
                    own = meanings(self.ev, value, site, self.options) if isinstance(value, ClassV) else ()
                    found.extend(Mark(Ext(m.path), site, place, m.templates) for m in own)
        return found

    def of(self, marks: list[Mark], option: str) -> list[Mark]:
        patterns = [compiled(p) for p in self.options.get(option, ())]
        return [m for m in marks if m.path and any(p.fullmatch(m.path) for p in patterns)]

    def templates(self, mark: Mark, key: str = "template") -> list[str]:
        """The path in the arguments of a decorator; none when it has none."""
        if mark.said is not None:
            return list(mark.said)
        first = Ref(kwarg="Route") if self.of([mark], "listed") else Ref(kwarg=key, arg=0)
        for ref in (first, Ref(kwarg=key.capitalize())):
            thunk = argument(self.graph, mark.site, ref)
            if thunk is not None:
                found = texts(self.ev, self.ev.thunk(thunk))
                if found:
                    return found
        return []

    def guards(self, marks: list[Mark]) -> Iterator[Guard]:
        filters = [compiled(p) for p in self.options.get("filters", ())]
        held = {m.site for m in self.of(marks, "holds")}
        plain = {m.site for m in self.of(marks, "guards")}
        for mark in marks:
            if mark.site in plain:
                assert isinstance(mark.value, Ext)
                made = Ext(f"{mark.path}()", mark.value, mark.site)
                yield Guard(value=made, place=mark.place, start=0)
            elif mark.site in held:
                value = self.ev.arg_value(mark.site, 0)
                for option in options(value) if value is not None else ():
                    yield Guard(value=self._running(option), place=mark.place, start=0)
            elif isinstance(mark.value, ClassV):
                above = inheritance.external_bases(self.ev, mark.value)
                if any(f.fullmatch(b.path) for b in above for f in filters):
                    yield Guard(value=self._running(mark.value), place=mark.place, start=0)

    def _running(self, value: AV) -> AV:
        return running(self.scan, value, tuple(self.options.get("guard_methods", ())))

    # ------------------------------------------------------------ applications

    def _conventions(self, hit: Hit) -> Iterator[Convention]:
        rule = hit.rule
        found = self.scan.texts(hit, rule.path) if rule.path is not None else []
        found = found or ([rule.options["default_path"]] if "default_path" in rule.options else [])
        if "member" in rule.options:
            yield from of_members(found, str(rule.options["member"]))
            return
        area = next(iter(self.scan.texts(hit, Ref(**rule.options["area"]))), "") if "area" in rule.options else ""
        area = area or self._area_around(hit)
        fixed: dict[str, str] = {}
        others: frozenset[str] = frozenset()
        if "defaults" in rule.options:
            value = self._record(hit, "defaults")
            others = frozenset(k.lower() for k in value.fields) if isinstance(value, Obj) else others
            fixed = {key: self._said(value, key) for key in ("controller", "action", "area")}
        limits = self._record(hit, "constraints") if "constraints" in rule.options else None
        only: dict[str, frozenset[str]] = {}
        for key in ("controller", "action", "area"):
            names = self._said(limits, key)
            if _NAMES.fullmatch(names):
                only[key] = frozenset(n.lower() for n in re.findall(r"\w+", names))
        for template in found:
            yield Convention(
                template=template,
                controller=fixed.get("controller", ""),
                action=fixed.get("action", ""),
                area=area or fixed.get("area", ""),
                optional=others,
                by_method=bool(self.options.get("by_name")),
                only=tuple(only.items()),
            )

    def _said(self, record: AV | None, key: str) -> str:
        """The text that a record gives for a key; letter case is no difference (`new { Area = "Admin" }`)."""
        name = next((k for k in record.fields if k.lower() == key), key) if isinstance(record, Obj) else key
        thunk = members.field_thunk(self.ev, record, name) if isinstance(record, Obj) else None
        return next(iter(texts(self.ev, self.ev.thunk(thunk))), "") if thunk is not None else ""

    def _record(self, hit: Hit, option: str) -> AV | None:
        """An object among the arguments, maybe wrapped: `new RouteValueDictionary(new { action = "Index" })`."""
        said = hit.rule.options[option]
        for ref in said if isinstance(said, list) else [said]:
            value = self.scan.value(hit, Ref(**ref))
            value = self.ev.arg_value(value.site, 0) if isinstance(value, Ext) and value.site is not None else value
            if isinstance(value, Obj):
                return value
        return None

    def _area_around(self, hit: Hit) -> str:
        """The area that a property of the class around the call gives."""
        view = self.graph.view(hit.site.file)
        cls = next((s for s in view.enclosing(hit.call.owner) if view.symbol(s).kind == "class"), None)
        if cls is None or "area_of" not in hit.rule.options:
            return ""
        value = self.ev.member(InstV(ClassV(SymbolId(hit.site.file, cls))), str(hit.rule.options["area_of"]))
        return next(iter(texts(self.ev, value)), "")

    def area_of(self, file: str) -> str:
        """The area by the folder of a controller, where a convention is of that area."""
        above = str(self.options.get("area_folder", ""))
        found = re.search(rf"(?:^|/){re.escape(above)}/([^/]+)/", file) if above else None
        named = {c.area.lower() for _, c in self.conventions}
        return found.group(1) if found is not None and found.group(1).lower() in named else ""

    def nearest(self, file: str) -> list[Hit]:
        """The calls that put controllers on an application, of the application whose folder the file is nearest to."""
        if not self.mounts:
            return []
        depths = {id(h): shared(h.site.file, file) for h in self.mounts}
        best = max(depths.values())
        return [h for h in self.mounts if depths[id(h)] == best]
