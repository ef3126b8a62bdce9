"""Actions by the names of classes and packages: `shop.actions.orders.ListOrdersAction` answers `/orders/list-orders`.

A class is one when its name ends with a `suffix` or it has an external base of `bases`, and a segment of its package is one of
`locators`; what follows that segment is its namespace. Options: `namespace`, `namespaces`, `action`, `actions`: annotations of the
class, its package or its methods that say it; `default`: the method that answers without one; `constants`: files with `<constant name
value>`, of which `suffix_constant` names more suffixes and `locators_constant` other locators; `endings`: see `action_files`;
`needs`: dependencies or modules of which the application has one; `rest`: for
classes with such a suffix, when one of the constants `rest_constants` has the value that it names, the methods of a collection and of
its members.
"""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import arguments, decorators_of, of_kind
from backend_readiness.graph.evaluation.members import own_member
from backend_readiness.graph.routes.groups import kebab
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.settings.application_settings import module_of
from backend_readiness.graph.shapes.action_files import CONSTANT, ending_of
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import ClassV, Ext, FuncV, InstV, SymbolId, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.snapshot.manifests import parts_of

MAX_CHARS = 1_000_000


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            folders = _folders(scan, tuple(rule.options.get("needs", ()))) if rule.shape == "convention_actions" else ()
            if folders:
                _Conventions(scan, card, rule, folders).collect()


def _folders(scan: Scan, needs: tuple[str, ...]) -> tuple[str, ...]:
    """The folders of the applications that declare or import what makes the conventions hold, and of what they are built upon."""
    applications = scan.graph.snapshot.applications
    declaring = [a.root for a in applications if {d.rpartition(":")[2] for d in a.dependencies}.intersection(needs)]
    importing = [module_of(f) for f, modules in scan.graph.importing() if any(m.startswith(needs) for m in modules)]
    return tuple(dict.fromkeys([f for root in declaring for f in parts_of(applications, root)] + importing))


class _Conventions:
    def __init__(self, scan: Scan, card: Card, rule: RouteRule, folders: tuple[str, ...]) -> None:
        self.scan, self.graph, self.card, self.rule, self.folders = scan, scan.graph, card, rule, folders
        self.options: dict[str, Any] = rule.options
        said: dict[str, str] = {}
        for file in scan.graph.snapshot.files:
            if any(fnmatch(file.path, g) for g in self.options.get("constants", ())):
                for name, value in CONSTANT.findall(scan.graph.text(file.path)[:MAX_CHARS]):
                    said.setdefault(name, value)
        more = tuple(s.strip() for s in said.get(str(self.options.get("suffix_constant")), "").split(",") if s.strip())
        self.suffixes = (*more, *self.options.get("suffix", ()))
        self.ending = ending_of(said.get(str(self.options.get("endings")), ""))
        named = (s.strip() for s in said.get(str(self.options.get("locators_constant")), "").split(","))
        self.locators = tuple(s for s in named if s) or tuple(self.options.get("locators", ()))
        self.is_rest = any(said.get(name) == value for name, value in self.options.get("rest_constants", {}).items())

    def collect(self) -> None:
        locators = set(self.locators)
        for path, index in self.graph.production.items():
            if index.language not in self.card.languages or not any(not f or path.startswith(f"{f}/") for f in self.folders):
                continue
            view = self.graph.view(path)
            for number, symbol in enumerate(view.facts.symbols):
                near = locators & set(index.package.split(".")) or symbol.decorators or symbol.bases
                if near and symbol.kind == "class" and symbol.parent == 0 and symbol.name and not self._is_abstract(path, symbol.line):
                    self._class(ClassV(SymbolId(path, number)), symbol.name, index.package)

    def _is_abstract(self, path: str, line: int) -> bool:
        lines = self.graph.text(path).splitlines()[line - 1 : line]
        return bool(lines) and "abstract" in lines[0].partition("class ")[0].split()

    def _class(self, cls: ClassV, name: str, package: str) -> None:
        suffix = next((s for s in self.suffixes if name.endswith(s) and name != s), "")
        external = {b.path for b in inheritance.external_bases(self.graph.ev, cls)}
        marked = self._said(cls.symbol, "action")
        methods = [SymbolId(cls.symbol.file, i) for i in self.graph.view(cls.symbol.file).children.get(cls.symbol.index, ())]
        own = {m: self._said(m, "action") for m in methods}
        if not suffix and not external & set(self.options.get("bases", ())) and not marked and not any(own.values()):
            return
        spaces = self._namespaces(cls, package)
        if spaces is None:
            return
        token = kebab(name.removesuffix(suffix))
        if self.is_rest and suffix and suffix == self.suffixes[0]:
            self._rest(cls, spaces, token)
            return
        for method, said in own.items():
            for path in self._paths(said, token):
                self._add(cls, spaces, path + self.ending, method)
        answering = self._method(cls, str(self.options["default"]))
        if answering is not None and not own.get(answering):
            for path in self._paths(marked, token) or [token]:
                self._add(cls, spaces, path + self.ending, answering)

    def _method(self, cls: ClassV, name: str) -> SymbolId | None:
        """A method that the class has, its own or an inherited one."""
        found = own_member(self.graph.ev, InstV(cls), name)
        return next((o.symbol for o in options(found) if isinstance(o, FuncV)), None) if found is not None else None

    def _rest(self, cls: ClassV, spaces: list[str], token: str) -> None:
        """The methods of a resource: `index` answers the collection, `show` a member."""
        view = self.graph.view(cls.symbol.file)
        for name, spec in self.options.get("rest", {}).items():
            for index in view.named_children.get((cls.symbol.index, name), ())[-1:]:
                verb, _, tail = str(spec).partition(" ")
                self._add(cls, spaces, f"{token}{tail}", SymbolId(view.path, index), verb)

    # ------------------------------------------------------------ what annotations say

    def _said(self, where: SymbolId, kind: str) -> list[Ext]:
        """The annotations of a kind, those in a list of them too (`@Actions({@Action("a"), @Action("b")})`)."""
        found = decorators_of(self.graph, where)
        single = tuple(self.options.get(kind, ()))
        listed = of_kind(found, tuple(self.options.get(f"{kind}s", ())))
        inner = [o for a in listed for t in arguments(self.graph, a) for o in options(self.graph.ev.thunk(t)) if isinstance(o, Ext)]
        return [*of_kind(found, single), *of_kind(inner, single)]

    def _paths(self, annotations: list[Ext], token: str) -> list[str]:
        found: list[str] = []
        for annotation in annotations:
            value = self.graph.ev.arg_value(annotation.site, 999, "value") if annotation.site is not None else None
            given = arguments(self.graph, annotation)
            found.extend(texts(self.graph.ev, value) or [t for g in given for t in texts(self.graph.ev, self.graph.ev.thunk(g))] or [token])
        return found

    def _namespaces(self, cls: ClassV, package: str) -> list[str] | None:
        """Those of the class, of its package, or what follows a locator in the name of the package; None without any."""
        own = self._paths(self._said(cls.symbol, "namespace"), "")
        if own:
            return own
        folder = cls.symbol.file.rpartition("/")[0]
        info = f"{folder}/package-info.java".lstrip("/")
        said = self._paths(self._said(SymbolId(info, 0), "namespace"), "") if info in self.graph.facts.files else []
        if said:
            return said
        steps = package.split(".")
        at = next((steps.index(name) for name in self.locators if name in steps), None)
        return ["/" + "/".join(kebab(s) for s in steps[at + 1 :])] if at is not None else None

    def _add(self, cls: ClassV, spaces: list[str], path: str, method: SymbolId, verb: str = "ANY") -> None:
        symbol = self.graph.view(method.file).symbol(method.index)
        place = Place(file=method.file, line=symbol.line, end_line=symbol.end_line)
        for space in [""] if path.startswith("/") else spaces:
            self.scan.routing.registrations.append(
                Registration(
                    router=None, method=verb, path=join(space, path, keep_root=False), place=place, start=symbol.start, card=self.card,
                    rule=self.rule, handler=FuncV(method, InstV(cls)),
                )
            )  # fmt: skip
