"""Classes that implement interfaces which are generated from an OpenAPI document: a method answers the operation of its name.

The interface is not in the repository; the document is. Options, beside those of shape `mapping` (`prefix`, `guards`, `settings`):
`interfaces`: patterns of names of such interfaces; `bases`: keys beside the paths under which a document says what stands before them. A
rule names its documents by `glob`. The prefix of the class counts, and where it has none the base path of the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch

import yaml

from backend_readiness.facts.model import Name
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.generator_settings import packages_of
from backend_readiness.graph.routes.openapi import base_path, child, entries, methods_of, operations, read_document, referred_file, text_of
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.settings.application_settings import module_of
from backend_readiness.graph.shapes.mapping import Mapped
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import ClassV, Ext, FuncV, InstV, SymbolId
from backend_readiness.graph.views import CONSTRUCTORS
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.snapshot.places import is_test

MAX_DOCUMENTS = 12
Operation = tuple[str, str, Place, str, str]  # method, path, place, base path of its document, the document


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "generated":
                packages = packages_of(scan.graph)
                named = _operations(scan, rule, packages)
                for cls in _implementers(scan, rule) if named else ():
                    _register(scan, card, rule, cls, {n: _of_package(scan, cls, rule, found, packages) for n, found in named.items()})


def _operations(scan: Scan, rule: RouteRule, packages: dict[str, set[str]]) -> dict[str, list[Operation]]:
    """Name of the operation -> what it answers."""
    found: dict[str, list[Operation]] = {}
    paths = [f.path for f in scan.graph.snapshot.files if any(fnmatch(f.path.rpartition("/")[2].lower(), g) for g in rule.glob)]
    for path in sorted(paths, key=lambda p: (p not in packages, is_test(p)))[:MAX_DOCUMENTS]:
        root = read_document(scan.graph.text(path))
        for route, item, written in operations(root) if root is not None else ():
            other = referred_file(item, path) if not written else ""
            elsewhere = read_document(scan.graph.text(other)) if other and scan.graph.has(other) else None
            for method, line, operation in written or (methods_of(elsewhere) if elsewhere is not None else []):
                name = text_of(operation, "operationId")
                if root is not None and name:
                    place = Place(file=path if written else other, line=line, end_line=_last_line(operation, line))
                    found.setdefault(_method_name(name), []).append((method.upper(), route, place, _base(root, rule), path))
    return found


def _base(root: yaml.Node, rule: RouteRule) -> str:
    keys = rule.options.get("bases", ())
    return next((b for k in keys for part in (root, child(root, "paths")) if (b := text_of(part, k))), "") or base_path(root)


def _of_package(scan: Scan, cls: ClassV, rule: RouteRule, found: list[Operation], packages: dict[str, set[str]]) -> list[Operation]:
    """Those of the document that its interface is generated from, as a build says; else those of documents that none speaks of."""
    wanted = tuple(rule.options.get("interfaces", ()))
    mine = {b.path.rpartition(".")[0] for w in wanted for b in _generated(scan, cls, w)}
    known = {document for document, its in packages.items() if not its.isdisjoint(mine)}
    return [o for o in found if o[4] in known or (not known and o[4] not in packages)]


def _last_line(operation: yaml.Node, line: int) -> int:
    """The line of the name of the operation."""
    return next((at for key, _, at in entries(operation) if key == "operationId"), line)


def _method_name(operation: str) -> str:
    """As the generators write it: `find-pets_by status` is `findPetsByStatus`."""
    words = [w for w in operation.replace("-", " ").replace("_", " ").replace(".", " ").split() if w]
    joined = "".join([words[0], *(w[:1].upper() + w[1:] for w in words[1:])]) if words else ""
    return joined[:1].lower() + joined[1:]


def _implementers(scan: Scan, rule: RouteRule) -> Iterator[ClassV]:
    """Classes of the repository with a base that is named like a generated interface and that the repository does not have."""
    wanted = tuple(rule.options.get("interfaces", ()))
    for path, index in scan.graph.production.items():
        if not any(fnmatch(base, w) for _, base in index.bases for w in wanted):
            continue
        for number, symbol in enumerate(scan.graph.view(path).facts.symbols):
            cls = ClassV(SymbolId(path, number))
            if symbol.kind == "class" and any(_generated(scan, cls, w) for w in wanted) and not _is_client(scan, cls):
                yield cls


def _is_client(scan: Scan, cls: ClassV) -> bool:
    """Is the base a class, which the constructor hands something: a generated client, and no interface of a server?"""
    view = scan.graph.view(cls.symbol.file)
    own = {i for i in view.children.get(cls.symbol.index, ()) if view.symbol(i).name in CONSTRUCTORS}
    return (
        any(c.owner in own and c.callee == Name("super") and c.args for c in view.facts.calls)
        and len(view.symbol(cls.symbol.index).bases) == 1
    )


def _generated(scan: Scan, cls: ClassV, wanted: str) -> list[Ext]:
    from backend_readiness.graph.classes import inheritance

    return [b for b in inheritance.direct_bases(scan.graph.ev, cls) if isinstance(b, Ext) and fnmatch(last_step(b.path), wanted)]


def _beyond(before: str, base: str) -> str:
    """The base path of a document without what stands before it anyway: an absolute address names both."""
    return base.removeprefix(before) if before and f"{base}/".startswith(f"{before.rstrip('/')}/") else base


def _register(scan: Scan, card: Card, rule: RouteRule, cls: ClassV, named: dict[str, list[Operation]]) -> None:
    view = scan.graph.view(cls.symbol.file)
    mapped = Mapped(scan)
    own = mapped.own_prefixes(cls, rule.options)
    before = mapped.before(cls.symbol.file, rule)
    mappings = tuple(c for r in card.routes if r.shape == "mapping" for c in scan.graph.knowledge.patterns(card, r.callee))
    for index in view.children.get(cls.symbol.index, ()):
        symbol = view.symbol(index)
        where = SymbolId(cls.symbol.file, index)
        if symbol.kind != "method" or not named.get(symbol.name) or of_kind(decorators_of(scan.graph, where), mappings):
            continue
        guards = (*mapped.guards(cls.symbol, rule.options), *mapped.guards(where, rule.options))
        mine = [o for o in named[symbol.name] if module_of(o[2].file).startswith(module_of(view.path))]
        for method, path, place, base, _ in mine or named[symbol.name]:
            for below in [join(join(b, p, keep_root=False), path, keep_root=False) for b in before for p in own or [_beyond(b, base)]]:
                scan.routing.registrations.append(
                    Registration(
                        router=None, method=method, path=mapped.filled(below, view.path),
                        place=place, start=place.line, card=card, rule=rule, handler=FuncV(where, InstV(cls)), guards=guards,
                    )
                )  # fmt: skip
