"""Operations of services that a file describes, from which code is generated:

    service Orders { operations: [ListOrders] }
    @http(method: "GET", uri: "/orders/{id}") operation ShowOrder { ... }

A rule names the files by `glob`. Options: `mark` is the word of the trait with the method and the path of an operation, `keys` what they
are called in it. What answers is the method of the operation's name of a class that has the service as a base, which nothing in the
repository declares; a service that nothing implements is only asked by clients. `resources` are the keys of a resource that name its
operations, beside `operations`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from backend_readiness.facts.builder import last_name
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.snapshot.places import is_test

MAX_CHARS = 1_000_000
MAX_FILES = 200
MAX_TRAITS = 3_000  # characters before an operation in which its traits are looked for
_COMMENT = re.compile(r"//[^\n]*")
_STATEMENT = re.compile(r"(?m)^[ \t]*(service|resource|operation)[ \t]+(\w{1,120})")
_LISTED = re.compile(r"\b(\w{1,40})[ \t]*:[ \t]*(?:\[([^\[\]]{0,20000})\]|([\w.#]{1,200}))")
_NAME = re.compile(r"(?:[\w.]{1,200}#)?(\w{1,120})")
_PAIR = re.compile(r"(\w{1,40})\s*:\s*\"([^\"]{1,300})\"")


@dataclass(frozen=True, slots=True)
class _Operation:
    method: str
    path: str
    place: Place


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "operation_files":
                paths = [f.path for f in scan.graph.snapshot.files if any(fnmatch(f.path, g) for g in rule.glob) and not is_test(f.path)]
                _Documents(scan, card, rule).register(paths[:MAX_FILES])


class _Documents:
    """The files of a rule together: a service may list operations of other files."""

    def __init__(self, scan: Scan, card: Card, rule: RouteRule) -> None:
        self.scan, self.card, self.rule = scan, card, rule
        self.operations: dict[str, _Operation] = {}
        self.lists: dict[tuple[str, str], list[str]] = {}  # (service or resource, name) -> what it lists
        mark = re.escape(str(rule.options["mark"]))
        self._trait = re.compile(rf"@{mark}\(([^()]{{1,400}})\)")

    def register(self, paths: list[str]) -> None:
        for path in paths:
            self._read(path, _COMMENT.sub("", self.scan.graph.text(path)[:MAX_CHARS]))
        for (kind, service), names in self.lists.items():
            if kind == "service":
                for cls in self._implementers(service):
                    self._answered(cls, [*names, *(n for r in names for n in self.lists.get(("resource", r), ()))])

    def _read(self, file: str, text: str) -> None:
        keys: dict[str, str] = self.rule.options.get("keys", {})
        found = list(_STATEMENT.finditer(text))
        for number, statement in enumerate(found):
            kind, name = statement.groups()
            end = found[number + 1].start() if number + 1 < len(found) else len(text)
            if kind != "operation":
                self.lists[kind, name] = list(self._names(kind, text[statement.end() : end]))
                continue
            before = text[max(found[number - 1].end() if number else 0, statement.start() - MAX_TRAITS) : statement.start()]
            said = dict(_PAIR.findall(next(reversed(self._trait.findall(before)), "")))
            method, path = said.get(keys.get("method", "method")), said.get(keys.get("path", "uri"))
            if method and path:
                line = text.count("\n", 0, statement.start(1)) + 1
                self.operations[name] = _Operation(method.upper(), path.partition("?")[0], Place(file=file, line=line, end_line=line))

    def _names(self, kind: str, body: str) -> Iterator[str]:
        wanted = {"operations", "resources"} | (set(self.rule.options.get("resources", ())) if kind == "resource" else set())
        for key, several, one in _LISTED.findall(body):
            if key in wanted:
                yield from (m.group(1) for m in _NAME.finditer(several or one))

    def _implementers(self, service: str) -> Iterator[ClassV]:
        languages = self.card.languages or (self.card.id.partition("/")[0],)
        for file in self.scan.graph.naming(service):
            index = self.scan.graph.production.get(file)
            symbols = self.scan.graph.view(file).facts.symbols if index is not None and index.language in languages else ()
            for number, symbol in enumerate(symbols):
                said = symbols[symbol.parent].returns if not symbol.name and not symbol.bases and symbol.parent > 0 else None  # `new: ...`
                if symbol.kind == "class" and any(last_name(b) == service for b in (*symbol.bases, *((said,) if said is not None else ()))):
                    yield ClassV(SymbolId(file, number))

    def _answered(self, cls: ClassV, names: list[str]) -> None:
        view = self.scan.graph.view(cls.symbol.file)
        methods = {view.symbol(n).name: n for n in view.children.get(cls.symbol.index, ())}
        for name in dict.fromkeys(names):
            operation, child = self.operations.get(name), methods.get(name[:1].lower() + name[1:])
            if operation is not None and child is not None:
                self.scan.routing.registrations.append(
                    Registration(
                        router=None, method=operation.method, path=operation.path.replace("+}", "*}"), place=operation.place,
                        start=operation.place.line, card=self.card, rule=self.rule,
                        handler=FuncV(SymbolId(view.path, child), InstV(cls)),
                    )
                )  # fmt: skip
