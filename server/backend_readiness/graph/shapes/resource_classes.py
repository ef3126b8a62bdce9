"""Classes that a framework itself serves, by what stands over them: `#[ApiResource(operations: [new Get(), new Post()])] class Order`.

Options of the rule: `resource`: decorators of such a class, whose keyword `operations` lists what is answered, all of `default` without it;
`answers`: operations, which may also stand over the class by themselves, to an HTTP method, `member` or `collection`, and what is done to
the data; `template`: the keyword with the path of an operation, or of a resource; `named`: the keyword with the name of the class in paths,
`prefix`: the one with what stands before them; `runs`: keywords that name a class, to the method of it that answers; `guards`: keywords
with a rule that is asked first, unless it is `open` to all; `configured`: globs of YAML files in which an entry of `type` gives a `prefix`
to all (or a call that imports that type, see `graph.routes.imported`); `dashed`: globs of `files` in which a text that `says` so parts
the words of paths by dashes; `identified`: what the body of a class with fields holds that has a field for its key: one of a class without
it stands at the path of all, unless the operation names its `variables`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.inflections import plural
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.imported import served
from backend_readiness.graph.routes.routing import Guard, Registration, RouterKey, Touch
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, ClassV, Ext, InstV, ListV, Obj, Site, SymbolId, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_CHARS = 100_000
MAX_OPERATIONS = 60
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FORMAT = re.compile(r"\{\._format\}|\.\{_format\}")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "resource_classes":
                names = {last_step(p) for p in (*rule.options["resource"], *rule.options["answers"])}
                below = configured(scan, rule)
                for file in dict.fromkeys(f for n in sorted(names) for f in scan.graph.naming(n)):
                    view = scan.graph.view(file) if file in scan.graph.production else None
                    for number, symbol in enumerate(view.facts.symbols if view is not None else ()):
                        if symbol.kind == "class" and symbol.decorators:
                            Served(scan, card, rule, ClassV(SymbolId(file, number)), below).register()


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """What the configuration says of all that is served so: the table and the prefix it stands below, and what parts words."""

    router: RouterKey | None = None
    prefix: str = ""
    parting: str = "_"


def configured(scan: Scan, rule: RouteRule) -> Configured:
    router, prefix = _placed(scan, rule)
    return Configured(router=router, prefix=prefix, parting="-" if _is_dashed(scan, rule) else "_")


def _placed(scan: Scan, rule: RouteRule) -> tuple[RouterKey | None, str]:
    """The table and the prefix that the configuration of routes gives."""
    wanted = re.compile(rf"^\s{{1,20}}type:\s*['\"]?{re.escape(str(rule.options.get('type', '')))}['\"]?\s*$", re.MULTILINE)
    for file in scan.graph.snapshot.files:
        if any(fnmatch(file.path, g) for g in rule.options.get("configured", ())):
            for entry in re.split(r"\n(?=\S)", scan.graph.text(file.path)[:MAX_CHARS]):
                found = re.search(r"^\s{1,20}prefix:\s*['\"]?([^'\"\s#]{1,100})", entry, re.MULTILINE) if wanted.search(entry) else None
                if found is not None:
                    return None, "/" + found[1].strip("/")
    return served(scan, str(rule.options.get("type", ""))) or (None, "")


def _is_dashed(scan: Scan, rule: RouteRule) -> bool:
    """Does the configuration part the words of paths by dashes?"""
    said = rule.options.get("dashed")
    files = (f.path for f in scan.graph.snapshot.files if said is not None and any(fnmatch(f.path, g) for g in said["files"]))
    return said is not None and any(re.search(said["says"], scan.graph.text(f)[:MAX_CHARS]) for f in files)


def collection_path(name: str) -> str:
    """The path of all instances of a class: its name in the plural, words apart."""
    return "/" + plural(member_path(name)[1:])


def member_path(name: str) -> str:
    """The path of one: its name, words apart."""
    return "/" + "_".join(_HUMP.split(name)).lower()


class Served:
    """A class that is served, with the rule that says how."""

    def __init__(self, scan: Scan, card: Card, rule: RouteRule, cls: ClassV, below: Configured) -> None:
        self.scan, self.graph, self.card, self.rule, self.cls = scan, scan.graph, card, rule, cls
        self.below = below
        self.options: dict[str, Any] = rule.options
        self.name = self.graph.view(cls.symbol.file).symbol(cls.symbol.index).name

    def register(self) -> None:
        """Adds what the decorators of the class say."""
        marks = decorators_of(self.graph, self.cls.symbol)
        resources = of_kind(marks, tuple(self.options["resource"]))
        for resource in resources:
            listed = list(self._operations(resource))
            if listed or self.value(resource, "operations") is not None:
                for kind, operation in listed:
                    self._add(kind, operation, resource)
            elif not any(of_kind(marks, (str(kind),)) for kind in self.options["answers"]):  # operations beside it are those that it has
                for kind in self.options["default"]:
                    self._add(str(kind), resource, resource)
        first = resources[0] if resources else None
        for kind in self.options["answers"]:
            for operation in of_kind(marks, (str(kind),)):
                self._add(str(kind), operation, first)

    def _operations(self, resource: Ext) -> Iterator[tuple[str, Ext]]:
        value = self.value(resource, "operations")
        for option in options(value) if value is not None else ():
            items = option.items if isinstance(option, ListV) else tuple(option.fields.values()) if isinstance(option, Obj) else ()
            for thunk in items[:MAX_OPERATIONS]:
                for made in options(self.graph.ev.thunk(thunk)):
                    kind = made.path.removesuffix("()") if isinstance(made, Ext) else ""
                    if isinstance(made, Ext) and kind in self.options["answers"]:
                        yield kind, made

    def value(self, mark: Ext | None, key: str) -> AV | None:
        """A keyword of a decorator."""
        return self.graph.ev.arg_value(mark.site, 999, key) if mark is not None and mark.site is not None else None

    def text(self, mark: Ext | None, key: str) -> str:
        """The same as text, "" without it."""
        value = self.value(mark, key)
        return next(iter(texts(self.graph.ev, value)), "") if value is not None else ""

    def asks(self, rule: AV | None) -> bool:
        """Whether a rule keeps anyone out: not one that says that all may."""
        said = texts(self.graph.ev, rule) if rule is not None else []
        return rule is not None and not any(re.search(str(self.options["open"]), s) for s in said if "open" in self.options)

    def _path(self, operation: Ext, resource: Ext | None, answers: str) -> str:
        template = str(self.options["template"])
        own = self.text(operation, template) if operation is not resource else ""
        shared = self.text(resource, template)
        named = self.text(operation, str(self.options["named"])) or self.text(resource, str(self.options["named"])) or self.name
        usual = collection_path(named).replace("_", self.below.parting)
        path = own or shared or usual + ("/{id}" if answers == "member" and self._identified(operation) else "")
        prefix = self.text(operation, str(self.options["prefix"])) or self.text(resource, str(self.options["prefix"]))
        return join(join(self.below.prefix, prefix, keep_root=False), _FORMAT.sub("", path), keep_root=False)

    def _identified(self, operation: Ext) -> bool:
        """Whether an instance can be named: not that of a class which has fields of its own, and none that may be its key."""
        asked, view = self.options.get("identified"), self.graph.view(self.cls.symbol.file)
        symbol = view.symbol(self.cls.symbol.index)
        fields = any(a.kind == "field" and a.owner == self.cls.symbol.index for a in view.facts.assigns)
        if not asked or symbol.bases or not fields or self.value(operation, str(self.options.get("variables", ""))) is not None:
            return True
        body = "\n".join(self.graph.text(view.path).split("\n")[symbol.line - 1 : symbol.end_line])
        return re.search(str(asked), body) is not None

    def _add(self, kind: str, operation: Ext, resource: Ext | None) -> None:
        method, answers, done = self.options["answers"][kind]
        place = self.place(operation.site)
        guards = tuple(
            Guard(value=Ext(f"{kind.rpartition('.')[0]}.{key}()", operation, mark.site), place=place, start=0)
            for key in self.options.get("guards", ())
            for mark in [operation if self.value(operation, key) is not None else resource]
            if mark is not None and self.asks(self.value(mark, key))
        )
        touch = Touch(operation=str(done), target=self.name, place=place)
        runs = self._running(operation) or (self._running(resource) if resource is not None else None)
        self.scan.routing.registrations.append(
            Registration(
                router=self.below.router, method=str(method), path=self._path(operation, resource, str(answers)), place=place, start=0,
                card=self.card, rule=self.rule, handler=runs or self.cls, guards=guards, touches=() if runs is not None else (touch,),
            )
        )  # fmt: skip

    def place(self, site: Site | None) -> Place:
        """Where the operation is written; that of a decorator without arguments is the class."""
        view = self.graph.view(self.cls.symbol.file)
        line = view.facts.calls[site.call].line if site is not None else view.symbol(self.cls.symbol.index).line
        return Place(file=view.path, line=line, end_line=line)

    def _running(self, mark: Ext) -> AV | None:
        """The method of the class that the mark names to answer."""
        for key, method in self.options.get("runs", {}).items():
            value = self.value(mark, str(key))
            for option in options(value) if value is not None else ():
                found = members.own_member(self.graph.ev, InstV(option), str(method)) if isinstance(option, ClassV) else None
                if found is not None:
                    return found
        return None
