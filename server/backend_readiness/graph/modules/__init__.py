"""How each language finds the file that an import means. One module per family of languages.

A resolver has `LANGUAGES` and `Resolver(project)`, whose `resolve(module, importer)` answers the path of a file of the
repository, or None for a package that is not part of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from typing import Protocol, runtime_checkable


class Project(Protocol):
    """What a resolver may look at."""

    def has(self, path: str) -> bool:
        """Is there a file of this path?"""
        ...

    def text(self, path: str) -> str:
        """The text of a file; empty when it cannot be read."""
        ...

    def files_named(self, name: str) -> tuple[str, ...]:
        """The paths of the files whose last component is `name`, sorted."""
        ...

    def files_ending(self, *ends: str) -> tuple[str, ...]:
        """The paths of the files, of any kind, that end like one of these, sorted."""
        ...

    def importing(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        """Every file with facts and the modules that it imports, as written."""
        ...

    def declared(self, path: str) -> str:
        """The package, or the name of its own module, that a file declares; empty for none."""
        ...

    def described(self, package: str) -> str | None:
        """The name under which the cards describe the routes of a package; None for one that they do not know."""
        ...


class ModuleResolver(Protocol):
    def resolve(self, module: str, importer: str) -> str | None:
        """The file that `module`, written in `importer`, means; None for an external package."""
        ...


@runtime_checkable
class PathResolver(Protocol):
    """What a resolver has besides where a path may go on into what a file declares."""

    def split(self, module: str, importer: str) -> tuple[str, tuple[str, ...]] | None:
        """The file of the longest beginning of the path, and the steps that are left; None for an external package."""
        ...


class Renaming:
    """What a resolver has besides where a program may give names of its own to what is not part of it."""

    def renamed(self, module: str, importer: str) -> str | None:
        """The name that a package or an address has outside of the program; None when the program gave it none."""
        return None


class Namespaces:
    """What a resolver has besides in a language whose files give their names to a package. Here the key of a package is its name."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def resolve(self, module: str, importer: str) -> str | None:
        return None

    def package_of(self, path: str, declared: str) -> str:
        """The key of the package that a file belongs to; empty for none."""
        return declared

    def package_named(self, module: str, importer: str) -> str:
        """The key of the package that an import means; empty for none."""
        return module

    def packages_meant(self, module: str, importer: str, declared: str) -> tuple[str, ...]:
        """The keys that an import may mean in a file of the package `declared`, the likeliest first."""
        return (self.package_named(module, importer),)

    def packages_seen(self, path: str, declared: str) -> tuple[str, ...]:
        """The keys of the packages whose names a file sees unqualified, the nearest first."""
        return (declared,)

    def outside(self, module: str) -> str:
        """The name by which cards speak of a module that is not part of the repository."""
        return module

    def imported_by_all(self, path: str) -> tuple[str, ...]:
        """The modules from which every file has all names without saying so."""
        return ()


@cache
def resolver_types() -> dict[str, type]:
    """Language -> resolver class, found by walking this package."""
    found: dict[str, type] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for language in module.LANGUAGES:  # a tuple of names
            found[language] = module.Resolver
    return found
