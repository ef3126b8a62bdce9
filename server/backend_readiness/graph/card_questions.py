"""What the active cards say of a name or a path, for those who ask the graph."""

from __future__ import annotations

import re
from functools import cached_property

from backend_readiness.graph.knowledge import Knowledge
from backend_readiness.graph.modules import ModuleResolver, Namespaces, Renaming
from backend_readiness.graph.patterns import compiled, in_names
from backend_readiness.rules.card_rules import BindingRule, ParamRule, Ref, ValueRule
from backend_readiness.rules.cards import Card


class CardQuestions:
    """A part of the graph that needs nothing but the active cards and the names under which files import packages."""

    _cards: dict[str, Card]

    @cached_property
    def knowledge(self) -> Knowledge:
        raise NotImplementedError

    def resolver_of(self, file: str) -> ModuleResolver | None:
        raise NotImplementedError

    def described(self, package: str) -> str | None:
        """The name under which the cards describe the routes of a package, or of others under its scope; None for an unknown one."""
        scope = package.partition("/")[0] + "/" if package.startswith("@") else ""
        if package in self._described or (scope and any(n.startswith(scope) for n in self._described)):
            return package
        return next((n for n in self._described if n.startswith("@") and n.rpartition("/")[2] == package), None)

    @cached_property
    def _described(self) -> tuple[str, ...]:
        return tuple(sorted({m for c in self._cards.values() if c.routes for m in c.detect.imports}))

    @cached_property
    def _keyed_parts(self) -> tuple[str, ...]:
        return tuple(p for c in self.knowledge.cards for base in c.keyed_parts for p in self.knowledge.patterns(c, base))

    def gives_keyed_parts(self, path: str) -> bool:
        """Is a class given parts of the application by a base of this path (see `graph.classes.keyed_parts`)?"""
        return any(compiled(p, ()).fullmatch(path) for p in self._keyed_parts)

    @cached_property
    def _inner_modules(self) -> tuple[str, ...]:
        return tuple(p for c in self.knowledge.cards for p in c.inner_modules)

    def outside(self, module: str, importer: str) -> str:
        """The name by which cards speak of a module that is not part of the repository."""
        resolver = self.resolver_of(importer)
        if isinstance(resolver, Namespaces):
            return resolver.outside(module)
        meant = self.renamed(module, importer)
        plain = module.removeprefix("node:").removesuffix("/index.js")
        plain = next((p for p in self._inner_modules if plain.startswith(f"{p}/") and plain not in self.knowledge.spoken_of), plain)
        return meant if meant is not None and module not in self.knowledge.spoken_of else plain

    def renamed(self, module: str, importer: str) -> str | None:
        """What the program's own name for a package or an address stands for; None for a name that it did not give."""
        resolver = self.resolver_of(importer)
        return resolver.renamed(module, importer) if isinstance(resolver, Renaming) else None

    def is_spoken_of(self, path: str) -> bool:
        """Does an active card know this name of a package that is not part of the repository?"""
        return path in self.knowledge.spoken_of or ("(" in path and in_names(path) in self.knowledge.spoken_of)

    def registers(self, path: str) -> bool:
        """Does calling what has this path register routes, by the cards?"""
        return bool(self.knowledge.routes.matches(path))

    @property
    def has_implementing(self) -> bool:
        return self.knowledge.has_implementing

    def is_implementing(self, path: str) -> bool:
        """Does a package implement the interfaces that have this base or annotation?"""
        return bool(self.knowledge.implementing.matches(path))

    def is_router_type(self, path: str) -> bool:
        """Is an instance of this type something that routes are registered on? Then it matters which one it is."""
        return bool(self.knowledge.router_types.matches(path))

    def is_client_type(self, path: str) -> bool:
        """Are requests sent with an instance of this type, or with what it holds?"""
        return any(start.startswith(path) for start in self._starts_of_clients)

    @cached_property
    def _starts_of_clients(self) -> frozenset[str]:
        return frozenset(self.knowledge.clients.starts)

    def is_settings_object(self, path: str) -> bool:
        """Are the members of it settings of the application?"""
        return any(p.fullmatch(path) for p in self._settings_objects)

    @cached_property
    def _settings_objects(self) -> tuple[re.Pattern[str], ...]:
        return tuple(compiled(p) for c in self.knowledge.cards for p in c.settings_objects)

    def constant(self, path: str) -> str | None:
        """The text that a name of a package stands for, by the cards."""
        return self._constants.get(path)

    @cached_property
    def _constants(self) -> dict[str, str]:
        return {path: text for c in self.knowledge.cards for path, text in c.constants.items()}

    def folder(self, path: str) -> str | None:
        """The folder that a value of a package stands for, from the repository's root; None when it is none."""
        return "/" if path in self._root_folders else None

    @cached_property
    def _root_folders(self) -> frozenset[str]:
        return frozenset(p for c in self.knowledge.cards for p in c.root_folders)

    def call_values(self, path: str) -> tuple[ValueRule, ...]:
        """The rules for the result of an external call; the first that finds its argument holds."""
        return tuple(tagged.rule for tagged, _ in self.knowledge.values.matches(path))

    def bases_behind(self, path: str) -> tuple[Ref, ...]:
        return tuple(tagged.rule.value for tagged, _ in self.knowledge.bases.matches(path))

    def given_params(self, base: str) -> tuple[ParamRule, ...]:
        return tuple(tagged.rule for tagged, _ in self.knowledge.params.matches(base))

    @cached_property
    def _component_languages(self) -> frozenset[str]:
        return frozenset(r.language for r in self.knowledge.components if r.language)

    def component_options(self) -> tuple[str, ...]:
        return self._component_options

    @cached_property
    def _component_options(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(o for r in self.knowledge.components for o in r.options))

    def accessor_of(self, path: str) -> str:
        """The method by which a class with this base names what it stands in front of."""
        return next((tagged.rule.accessor for tagged, _ in self.knowledge.stand_ins.matches(path) if tagged.rule.accessor), "")

    def injects(self, path: str) -> bool:
        return bool(self.knowledge.injections.matches(path))

    def binding_rules(self) -> tuple[BindingRule, ...]:
        return self.knowledge.bindings

    def is_wrapper_type(self, name: str) -> bool:
        return name in self.knowledge.wrapper_types
