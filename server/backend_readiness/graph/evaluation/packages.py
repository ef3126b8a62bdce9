"""Packages: names that several files give together, for languages in which a file sees those of its package unqualified.

A file declares its package (`FileIndex.package`); the resolver of its language (`modules/`) says by which key files belong together,
which packages a file sees without an import, and which ones are imported by the language itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.file_index import last_name
from backend_readiness.graph.modules import Namespaces
from backend_readiness.graph.values import AV, ClassV, Ext, PackageV, UnknownV, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView
    from backend_readiness.graph.world import Graph

MAX_NESTED_CLASSES = 4
_WITH_SIBLINGS = frozenset({"java"})
MAX_BASES = 120
_NAMES_BESIDE = (".scala", ".sc")  # languages that import the members of an object by its name alone (`import OrderSql._`)
_NAMED_FROM_NONE = (".kt", ".kts")  # and those that import what is in no package
_NAMED_BY_PACKAGE = frozenset({"go"})
_OF_ALL = frozenset({"blazor", "csharp", "razor"})  # a name that several imported namespaces may give is that of each of them
_NAMED_WHOLE = _OF_ALL | {"java", "kotlin"}  # `Microsoft.AspNetCore.Routing.IEndpointRouteBuilder` and `@jakarta.ws.rs.Path` need no import


class Packages:
    """The packages of one repository."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._files: dict[tuple[Namespaces, str], list[str]] = defaultdict(list)
        self._prefixes: dict[Namespaces, frozenset[str]] = {}
        self._values: dict[tuple[Namespaces, str], PackageV] = {}
        self._named: dict[tuple[str, str], PackageV | None] = {}
        for path, index in graph.facts.files.items():
            resolver = self._resolver(path)
            key = resolver.package_of(path, index.package) if resolver is not None else ""
            if resolver is not None and key:
                self._files[resolver, key].append(path)

    def _resolver(self, path: str) -> Namespaces | None:
        found = self._graph.resolver_of(path)
        return found if isinstance(found, Namespaces) else None

    def named(self, module: str, importer: str) -> PackageV | None:
        """The package that `module`, written in `importer`, means; None when no file of the repository is in it."""
        key = (module, importer)
        if key not in self._named:
            self._named[key] = self._meant(module, importer)
        return self._named[key]

    def _meant(self, module: str, importer: str) -> PackageV | None:
        resolver = self._resolver(importer)
        declared = self._graph.facts.files[importer].package if importer in self._graph.facts.files else ""
        keys = resolver.packages_meant(module, importer, declared) if resolver is not None else ()
        found = (self._of(resolver, key) for key in keys if resolver is not None and key)
        return next((package for package in found if package is not None), None)

    def seen_from(self, path: str) -> Iterator[PackageV]:
        """The packages whose names a file sees unqualified, the nearest first."""
        resolver = self._resolver(path)
        if resolver is not None:
            for key in resolver.packages_seen(path, self._graph.facts.files[path].package):
                found = self._of(resolver, key)
                if found is not None:
                    yield found

    def imported_by_all(self, path: str) -> tuple[str, ...]:
        """The modules from which every file of the language has all names (`java.lang`)."""
        resolver = self._resolver(path)
        return resolver.imported_by_all(path) if resolver is not None else ()

    def below(self, importer: str, name: str, above: str | None = None) -> PackageV | None:
        """The package `above.name`, or the one that `name` means in a file, maybe of nothing but further packages."""
        resolver = self._resolver(importer)
        if resolver is None:
            return None
        if resolver not in self._prefixes:
            whole = [k.split(".") for r, k in self._files if r is resolver]
            self._prefixes[resolver] = frozenset(".".join(steps[:n]) for steps in whole for n in range(1, len(steps) + 1))
        declared = self._graph.facts.files[importer].package
        for around in (above,) if above is not None else (*resolver.packages_seen(importer, declared), ""):
            key = f"{around}.{name}" if around else name
            if key in self._prefixes[resolver]:
                return PackageV(key, frozenset(self._files.get((resolver, key), ())), importer)
        return None

    def _of(self, resolver: Namespaces, key: str) -> PackageV | None:
        known = self._values.get((resolver, key))
        if known is None and (resolver, key) in self._files:
            known = self._values[resolver, key] = PackageV(key, frozenset(self._files[resolver, key]))
        return known


def exported(ev: Evaluator, package: PackageV, name: str, importer: str = "") -> AV | None:
    """A class, function or value of the package; None when no file of it has one of that name.

    Programs of one repository may have a package of the same name each: the definition nearest to the importing file is meant.
    """
    files = package.files
    found = [w for w in ev.world.defining(name) if w.file in files and ev.world.view(w.file).symbol(w.index).parent == 0]
    if found:
        return ev.symbol_value(max(found, key=lambda w: _shared(w.file, importer)) if importer else found[0])
    for file, owner in ev.world.variables(name):
        if owner == 0 and file in files and (0, name) in ev.world.view(file).bindings:
            value = ev.guarded(("package", file, name), lambda file=file: ev.lookup(name, file, 0))  # type: ignore[misc]  # bound early
            return None if isinstance(value, UnknownV) else value
    return None


def member(ev: Evaluator, package: PackageV, name: str) -> AV | None:
    """What `exported` says, or a package below one that is named step by step."""
    found = exported(ev, package, name, package.importer)
    return ev.world.package_below(package.importer, name, package.key) if found is None and package.importer else found


def _shared(left: str, right: str) -> int:
    """How many folders two paths have in common from the top."""
    above, beside = left.split("/")[:-1], right.split("/")[:-1]
    return next((n for n, (a, b) in enumerate(zip(above, beside, strict=False)) if a != b), min(len(above), len(beside)))


def without_package(ev: Evaluator, name: str, importer: str) -> AV | None:
    """What a file without a package, of any module, defines under an imported name: `import routing`."""
    if not importer.endswith(_NAMED_FROM_NONE):
        return None
    found = [w for w in ev.world.defining(name) if not ev.world.declared(w.file) and w.file.endswith(_NAMED_FROM_NONE)]
    found = [w for w in found if ev.world.view(w.file).symbol(w.index).parent == 0]
    return ev.symbol_value(max(found, key=lambda w: _shared(w.file, importer))) if found else None


def qualified(ev: Evaluator, module: str, importer: str) -> AV | None:
    """A package, or a class of one (`com.shop.Outer.Inner`: what a static import or an import of a nested class names)."""
    found = ev.world.package(module, importer)
    if found is not None:
        return found
    names: list[str] = []
    rest = module
    for _ in range(MAX_NESTED_CLASSES):
        rest, _, last = rest.rpartition(".")
        names.insert(0, last)
        package = ev.world.package(rest, importer) if rest else None
        beside = rest == "" and last != "" and importer.endswith(_NAMES_BESIDE)
        if package is None and not beside:
            continue
        seen = (package,) if package is not None else tuple(ev.world.packages_seen(importer))
        value = next((v for p in seen if (v := exported(ev, p, names[0], importer)) is not None), None)
        for name in names[1:]:
            value = ev.member(value, name) if isinstance(value, ClassV) else None
        return value
    return None


def _by_package_name(ev: Evaluator, view: FileView, name: str) -> AV | None:
    """An imported package whose name is not the one that its path suggests (`import "shop/api-v2"` of `package api`)."""
    if view.language not in _NAMED_BY_PACKAGE:
        return None
    for item in view.facts.imports:
        if item.name is None and item.local is not None:
            inside = ev.world.package(item.module, view.path)
            if inside is not None and ev.world.package_name(inside) == name:
                return inside
            if inside is None and item.module.rpartition("/")[2] == name:
                return Ext(ev.world.outside(item.module, view.path))
    return None


def unqualified(ev: Evaluator, view: FileView, name: str) -> AV | None:
    """A name that nothing in the file binds: of its package, of one that is imported whole, or of a package outside that a card knows."""
    if name.startswith("$"):
        return None  # a variable of PHP belongs to its file
    key = (view.path, name)
    if key not in ev.unqualified:
        cuts = ev.cuts
        found = _unqualified(ev, view, name)
        if ev.cuts != cuts:
            return found
        ev.unqualified[key] = found
    return ev.unqualified[key]


def _declares(ev: Evaluator, cls: ClassV, name: str) -> bool:
    """Does the class itself say what the name is?"""
    from backend_readiness.graph.classes import parts

    views = [(ev.world.view(where.file), where.index) for where in parts.parts(ev, cls)]
    return any(view.named_children.get((index, name)) or view.fields.get((index, name)) for view, index in views)


def _may_have(ev: Evaluator, cls: ClassV, name: str) -> bool:
    """Does the class, or one that is named like a base of it, declare the name? Asked before anything is evaluated."""
    from backend_readiness.graph.classes import parts

    queue = list(parts.parts(ev, cls))
    for where in queue:
        view = ev.world.view(where.file)
        if view.named_children.get((where.index, name)) or view.fields.get((where.index, name)):
            return True
        named = [last_name(base) for base in view.symbol(where.index).bases]
        queue.extend(s for n in named if n and len(queue) < MAX_BASES for s in ev.world.defining(n)[:2] if s not in queue)
    return False


def _unqualified(ev: Evaluator, view: FileView, name: str) -> AV | None:
    from backend_readiness.graph.evaluation import auto_imports

    by_itself = auto_imports.imported(ev, view, name)
    if by_itself is not None:
        return by_itself
    for package in ev.world.packages_seen(view.path):
        found = exported(ev, package, name, view.path)
        if found is not None:
            return found
    named = _by_package_name(ev, view, name)
    if named is not None:
        return named
    outside: list[str] = []
    for star in (*view.stars, *ev.world.imported_by_all(view.path)):
        target = qualified(ev, star, view.path)
        if isinstance(target, PackageV):
            found = exported(ev, target, name, view.path)
            if found is None:
                outside.append(star)  # a repository may add to a namespace of a library
        elif isinstance(target, ClassV):
            found = ev.member(target, name) if _may_have(ev, target, name) else None
            if isinstance(found, UnknownV) or (isinstance(found, Ext) and not _declares(ev, target, name)):
                found = None
        else:
            outside.append(star)
            continue
        if found is not None:
            return found
    if name[:1].isupper() and view.language in _WITH_SIBLINGS:  # a source as it is written down: the import of one of several is missing
        whole = next((star for star in view.stars if star.endswith(f".{name}") and ev.world.is_spoken_of(star)), None)
        if whole is not None:  # `import static spark.Spark.*` with `Spark.get(...)`
            return Ext(whole)
        outside.extend(i.module for items in view.imports.values() for i in items if i.name and i.name[:1].isupper())
    if view.language in _OF_ALL:  # samples of a library stand in namespaces below its own, whose names need no directive there
        declared = next((p.key for p in ev.world.packages_seen(view.path) if ":" not in p.key), "").split(".")
        outside.extend(".".join(declared[:n]) for n in range(len(declared), 0, -1) if declared[0])
    known = of_library(ev, view, name, outside)
    return known if known is not None else _namespace(ev, view, name)


def _namespace(ev: Evaluator, view: FileView, name: str) -> AV | None:
    """The first step of a name that is written from a namespace around the file on: `Routes.Orders` in `Shop.Client.Pages`.

    A project of a folder in small letters gives its namespaces a small beginning (`shop_api.Models.Order`): the whole name starts there.
    """
    if view.language not in _NAMED_WHOLE:
        return None
    relative = name[:1].isupper() or (name[:1] == "v" and name[1:].isdigit())  # `v1.OrdersController` in `Shop.v2`
    return ev.world.package_below(view.path, name) if relative else ev.world.package_below(view.path, name, "")


def of_library(ev: Evaluator, view: FileView, name: str, modules: Iterable[str] | None = None) -> AV | None:
    """A name of a package outside that is imported whole, as far as a card knows it; `modules` are those that come in question."""
    stars = (*view.stars, *ev.world.imported_by_all(view.path)) if modules is None else modules
    known = [star for star in stars if ev.world.is_spoken_of(f"{star}.{name}")]
    if known:  # of several the cards decide: `[Route]` of two frameworks is written alike
        return union([Ext(f"{star}.{name}", Ext(star)) for star in (known if view.language in _OF_ALL else known[:1])])
    return Ext(name) if view.language in _NAMED_WHOLE and ev.world.is_spoken_of(name) else None
