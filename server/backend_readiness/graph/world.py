"""The graph of one repository: facts of all files, joined on demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Protocol

from backend_readiness.facts.file_index import Definition, FileIndex
from backend_readiness.facts.model import FileFacts, Param, Record
from backend_readiness.graph.activation import knowledge_of
from backend_readiness.graph.adopted_folders import that_count
from backend_readiness.graph.backend.mapper_files import MapperFiles, Statement
from backend_readiness.graph.card_questions import CardQuestions
from backend_readiness.graph.classes.cradles import Cradles
from backend_readiness.graph.classes.extensions import ExtensionMethods
from backend_readiness.graph.classes.injection import collect_bindings
from backend_readiness.graph.evaluation.attached import Attached, attached_to, collect_attached
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.evaluation.packages import Packages
from backend_readiness.graph.evaluation.spelling import Spellings
from backend_readiness.graph.families import languages_in
from backend_readiness.graph.interface.attribute_scopes import AttributeScopes
from backend_readiness.graph.interface.templates import DecoratedComponents, decorated_components
from backend_readiness.graph.knowledge import Knowledge
from backend_readiness.graph.modules import ModuleResolver, PathResolver, resolver_types
from backend_readiness.graph.values import AV, ClassV, Ext, PackageV, SymbolId
from backend_readiness.graph.views import FileView
from backend_readiness.rules.cards import Card, load_cards
from backend_readiness.snapshot import Snapshot

_SUBCLASSES = frozenset({"class", "enum", "partial"})
_NOT_DEFINING = frozenset({"variable", "lambda", "type", "partial"})


class FactsOf(Protocol):
    """The part of the facts store that the graph reads."""

    @property
    def files(self) -> Mapping[str, FileIndex]: ...
    def of(self, path: str) -> FileFacts: ...
    def naming(self, name: str) -> tuple[str, ...]: ...
    def calling(self, name: str) -> tuple[str, ...]: ...
    def defining(self, name: str) -> tuple[tuple[str, Definition], ...]: ...
    def recall(self, key: bytes) -> bytes | None: ...
    def keep(self, key: bytes, body: bytes) -> None: ...


class Graph(CardQuestions):
    """Facts plus cards. Everything is computed when it is asked for and kept for the life of the object."""

    def __init__(self, snapshot: Snapshot, facts: FactsOf, cards: dict[str, Card] | None = None) -> None:
        self.snapshot = snapshot
        self.facts = facts
        self._cards = cards if cards is not None else dict(load_cards(languages_in(facts.files.values())))
        self._views: dict[str, FileView] = {}
        self._stand_ins: dict[str, AV | None] = {}
        self._resolvers: dict[str, ModuleResolver] = {}
        self._loose: dict[str, bool] = {}
        self._defined: dict[str, tuple[SymbolId, ...]] = {}
        self._parts_named: dict[str, tuple[SymbolId, ...]] = {}
        self._collecting = False
        self._spelled = Spellings(facts.files, self._cards).as_known
        self.ev = Evaluator(self)

    def view(self, file: str) -> FileView:
        found = self._views.get(file)
        if found is None:
            found = self._views[file] = FileView(file, self._spelled(self.facts.of(file), self.facts.files.get(file)))
        return found

    def has(self, path: str) -> bool:
        return path in self._paths

    def text(self, path: str) -> str:
        return self.snapshot.text(path) if self.has(path) else ""

    def files_named(self, name: str) -> tuple[str, ...]:
        return tuple(self._by_name.get(name, ()))

    def files_ending(self, *ends: str) -> tuple[str, ...]:
        return tuple(sorted(f.path for f in self.snapshot.files if f.path.endswith(ends)))

    def importing(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        return ((path, index.modules) for path, index in self.facts.files.items())

    def declared(self, path: str) -> str:
        return self.facts.files[path].package if path in self.facts.files else ""

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(f.path for f in self.snapshot.files)

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in (f.path for f in self.snapshot.files):
            found[path.rpartition("/")[2]].append(path)
        return found

    @cached_property
    def production(self) -> dict[str, FileIndex]:
        """The files whose routes and calls count: no tests and no samples, unless the repository holds nothing else."""
        return that_count(self, self.facts.files)

    def entries(self, folder: str) -> tuple[str, ...]:
        """The names of the files and folders directly in a folder (`""` is the root) that have facts, sorted."""
        return self._entries.get(folder, ())

    @cached_property
    def _entries(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = defaultdict(set)
        for path in self.facts.files:
            folder = path
            while folder:
                folder, _, name = folder.rpartition("/")
                found[folder].add(name)
        return {f: tuple(sorted(names)) for f, names in found.items()}

    # ------------------------------------------------------------ modules

    def resolve(self, module: str, importer: str) -> str | None:
        """The file of the repository that an import means. Only files with facts count."""
        resolver = self.resolver_of(importer)
        found = resolver.resolve(module, importer) if resolver is not None else None
        return found if found in self.facts.files else None

    def resolver_of(self, file: str) -> ModuleResolver | None:
        """What finds the modules that a file imports; None for a language that has none."""
        language = self.facts.files[file].language if file in self.facts.files else ""
        resolver = self._resolvers.get(language)
        if resolver is None:
            kind = resolver_types().get(language)
            if kind is None:
                return None
            resolver = self._resolvers[language] = next((r for r in self._resolvers.values() if type(r) is kind), None) or kind(self)
        return resolver

    @cached_property
    def packages(self) -> Packages:
        return Packages(self)

    def split_module(self, module: str, importer: str) -> tuple[str, tuple[str, ...]] | None:
        """The file that a path leads to and the steps that are left, in languages whose paths go on into files."""
        resolver = self.resolver_of(importer)
        found = resolver.split(module, importer) if isinstance(resolver, PathResolver) else None
        return found if found is not None and found[0] in self.facts.files else None

    def package(self, module: str, importer: str) -> PackageV | None:
        return self.packages.named(module, importer)

    def package_below(self, importer: str, name: str, above: str | None = None) -> PackageV | None:
        return self.packages.below(importer, name, above)

    def packages_seen(self, file: str) -> Iterable[PackageV]:
        return self.packages.seen_from(file)

    def imported_by_all(self, file: str) -> tuple[str, ...]:
        return self.packages.imported_by_all(file)

    def package_name(self, package: PackageV) -> str:
        return self.facts.files[min(package.files)].package

    def submodule(self, package_file: str, name: str) -> str | None:
        folder, _, last = package_file.rpartition("/")
        if not last.startswith("__init__."):
            return None
        base = f"{folder}/{name}" if folder else name
        return next((p for p in (f"{base}/__init__.py", f"{base}.py") if p in self.facts.files), None)

    @cached_property
    def _importers(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path, index in self.facts.files.items():
            for module in index.modules:
                target = self.resolve(module, path)
                if target is not None and target != path:
                    found[target].append(path)
        return found

    def is_loose(self, file: str) -> bool:
        """Does no file of the repository import it, and does it import none: a snippet or sample kept as data, or a lone program?"""
        known = self._loose.get(file)
        if known is None:
            index = self.facts.files.get(file)
            known = index is not None and not self._importers.get(file) and all(self.resolve(m, file) is None for m in index.modules)
            self._loose[file] = known
        return known

    def importing_files(self, file: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._importers.get(file, ())))

    def importers(self, file: str) -> list[tuple[str, str | None]]:
        """(importing file, local name under which it has the module or its default export; None: used in place)."""
        found: list[tuple[str, str | None]] = []
        for other in self.importing_files(file)[:40]:
            for item in self.view(other).facts.imports:
                in_place = item.name == "*" and item.local is None  # `(require "routes.php")($app)`
                if (in_place or item.name in (None, "default")) and self.resolve(item.module, other) == file:
                    found.append((other, item.local))
        return found

    def reached_from(self, file: str, name: str, limit: int) -> list[str]:
        """Files that say `name` and import `file`, in itself or through others, the nearest first: where it can be its own."""
        wanted = set(self.naming(name))
        found: list[str] = []
        queue, seen = [file], {file}
        while queue and len(found) < limit:
            current = queue.pop(0)
            if current in wanted:
                found.append(current)
            for other in self.importing_files(current):
                if other not in seen and other in self.production:
                    seen.add(other)
                    queue.append(other)
        return found

    # ------------------------------------------------------------ names

    def naming(self, name: str) -> tuple[str, ...]:
        return self.facts.naming(name)

    def calling(self, name: str) -> tuple[str, ...]:
        return self.facts.calling(name)

    @cached_property
    def extensions(self) -> Callable[[str], tuple[SymbolId, ...]]:
        return ExtensionMethods(self).named

    def defining(self, name: str) -> tuple[SymbolId, ...]:
        """Named classes and functions of that name, in the order of paths."""
        known = self._defined.get(name)
        if known is None:
            known = tuple(SymbolId(path, d.symbol) for path, d in self.facts.defining(name) if d.kind not in _NOT_DEFINING)
            self._defined[name] = known
        return known

    def parts_named(self, name: str) -> tuple[SymbolId, ...]:
        """Classes of that name which only hold methods of one that another file declares."""
        known = self._parts_named.get(name)
        if known is None:
            known = self._parts_named[name] = tuple(SymbolId(p, d.symbol) for p, d in self.facts.defining(name) if d.kind == "partial")
        return known

    def variables(self, name: str, kind: str = "variable") -> tuple[tuple[str, int], ...]:
        """(file, owner) of the assignments to that name in modules and classes; with `lambda` (file, symbol) of functions put under it."""
        return tuple((path, d.symbol) for path, d in self.facts.defining(name) if d.kind == kind)

    @cached_property
    def _by_base(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for path, index in self.facts.files.items():
            for name, base in index.bases:
                found[base].append((path, name))
        return found

    def names_below(self, names: Iterable[str]) -> set[str]:
        """The names themselves and those of all classes and interfaces below them, by the last names of bases as written."""
        found = set(names)
        queue = sorted(found)
        while queue:
            below = {name for _, name in self._by_base.get(queue.pop(), ())} - found
            found |= below
            queue.extend(sorted(below))
        return found

    def subclasses(self, name: str, kinds: frozenset[str] = _SUBCLASSES) -> tuple[SymbolId, ...]:
        """Classes that write `name` as the last name of a base."""
        found: list[SymbolId] = []
        for path, cls in self._by_base.get(name, ()):
            found.extend(SymbolId(path, d.symbol) for d in self.facts.files[path].definitions if d.name == cls and d.kind in kinds)
        return tuple(found)

    @cached_property
    def knowledge(self) -> Knowledge:
        return knowledge_of(self, self._cards)

    def is_switched_off(self, cls: ClassV) -> bool:
        """Do the settings of the application leave the class out?"""
        from backend_readiness.graph.classes.conditions import switched_off

        return bool(self.knowledge.conditions) and switched_off(self, cls)

    def mapped_statements(self, file: str, name: str) -> dict[str, Statement]:
        """The statements of a mapper interface that stand in a file of their own, by the name of the method."""
        return self._mapper_files.of(file, name) if self.has_implementing else {}

    @cached_property
    def _mapper_files(self) -> MapperFiles:
        return MapperFiles(self)

    @cached_property
    def named_statements(self) -> dict[str, str]:
        from backend_readiness.graph.backend.statements import named_statements

        return named_statements(self)

    def stands_for(self, path: str) -> AV | None:
        """What a name of a package means in this repository, by the cards."""
        if path not in self._stand_ins:
            from backend_readiness.graph.evaluation.stand_ins import meant

            self._stand_ins[path] = None
            for tagged, _ in self.knowledge.stand_ins.matches(path):
                callbacks = tuple(self.knowledge.patterns(tagged.card, tagged.rule.callback))
                with self.ev.fresh():
                    self._stand_ins[path] = meant(self, tagged.rule, callbacks, path) or self._stand_ins[path]
        return self._stand_ins[path]

    def is_component_file(self, file: str) -> bool:
        """Is the file itself a component (Vue, Svelte)?"""
        return self.view(file).language in self._component_languages

    def template_class(self, file: str) -> ClassV | None:
        return self.decorated_components.by_template.get(file)

    @cached_property
    def attribute_scopes(self) -> AttributeScopes:
        return AttributeScopes(self)

    def scoped(self, file: str, name: str | Record) -> AV | None:  # what a page brings in under a name, or makes of an object in it
        return self.attribute_scopes.member(file, name)

    def given_by_name(self, where: SymbolId, param: Param) -> AV | None:
        return self.attribute_scopes.controllers.given(where, param)

    @cached_property
    def given_by_container(self) -> Callable[[SymbolId, int], AV | None]:
        return Cradles(self).given

    @cached_property
    def decorated_components(self) -> DecoratedComponents:
        return decorated_components(self)

    @cached_property
    def bindings(self) -> dict[object, list[AV]]:
        """What is injected for a token, by the tables of providers."""
        if self._collecting or not self.knowledge.bindings:
            return {}
        self._collecting = True
        with self.ev.fresh():
            return collect_bindings(self.ev)

    @cached_property
    def attached(self) -> Attached:
        return collect_attached(self) if self.knowledge.attached else {}

    def attached_to(self, base: Ext, name: str) -> AV | None:
        return attached_to(self, base, name)
