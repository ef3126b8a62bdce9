"""How each language finds the file that an import means. One module per family of languages.

A resolver has `LANGUAGES` and `Resolver(project)`, whose `resolve(module, importer)` answers the path of a file of the
repository, or None for a package that is not part of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Protocol


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


class ModuleResolver(Protocol):
    def resolve(self, module: str, importer: str) -> str | None:
        """The file that `module`, written in `importer`, means; None for an external package."""
        ...


@cache
def resolver_types() -> dict[str, type]:
    """Language -> resolver class, found by walking this package."""
    found: dict[str, type] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for language in module.LANGUAGES:
            found[language] = module.Resolver
    return found
