"""Language adapters, found by walking this folder.

An adapter is a package with `SUFFIXES` (suffix with its dot, or a whole file name, to the name of the language) and
`extract(source, path) -> Builder`, which loads the grammar and the walker by its first file: a language that a repository does not use
costs nothing. Its facts are a pure function of the bytes and the last two suffixes of the name: `path` is `file`
with these (`file.py`, `file.component.html`), whatever the file is called. So facts can be kept by content, and two copies share them.
"""

from __future__ import annotations

import importlib.metadata
import pkgutil
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from importlib import import_module
from importlib.machinery import FileFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Protocol, cast

from backend_readiness import facts
from backend_readiness.facts.builder import Builder

_MAX_TAIL_CHARS = 40
_GRAMMARS = ("c-sharp", "elixir", "go", "html", "java", "javascript", "kotlin", "php", "python", "ruby", "rust", "scala", "typescript")
_PARSERS = ("msgspec", "tree-sitter", *(f"tree-sitter-{grammar}" for grammar in _GRAMMARS))


class Adapter(Protocol):
    SUFFIXES: dict[str, str]

    def extract(self, source: bytes, path: str) -> Builder:
        """The facts of one file. May raise for a file that it cannot bear: the file is then skipped with the reason."""


@cache
def adapters() -> dict[str, Adapter]:
    """Suffix (or file name) -> adapter. Errors: what importing an adapter raises; `LookupError` for none or two for one suffix."""
    found: dict[str, Adapter] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = import_module(f"{__name__}.{info.name}")
        if not _is_adapter(module):
            continue
        adapter = cast(Adapter, module)
        for suffix in adapter.SUFFIXES:
            if suffix in found:
                raise LookupError(f"two adapters take {suffix}: {info.name} and {found[suffix]}")
            found[suffix] = adapter
    if not found:
        raise LookupError(f"no language adapter stands in {list(__path__)}")
    return found


def _is_adapter(module: ModuleType) -> bool:
    return isinstance(getattr(module, "SUFFIXES", None), dict) and callable(getattr(module, "extract", None))


def suffixes() -> frozenset[str]:
    return frozenset(adapters())


def tail_of(path: str) -> str:
    """What of a file's name its facts may depend on: the last two suffixes, or the whole of a name without one. Lower case."""
    name = path.rpartition("/")[2].lower()
    parts = name.split(".")
    if len(parts) == 1 or (len(parts) == 2 and not parts[0]):
        return name
    tail = "." + ".".join(parts[1:][-2:])
    return tail if len(tail) <= _MAX_TAIL_CHARS else f".{parts[-1]}"


def suffix_of(tail: str, known: frozenset[str]) -> str | None:
    """The longest suffix (or the name) of `known` that a tail ends with, None when no adapter takes it."""
    if tail in known:
        return tail
    last = "." + tail.rpartition(".")[2]
    return last if "." in tail and last in known else None


def extract(source: bytes, tail: str) -> Builder:
    """Errors: whatever the adapter raises; `KeyError` for a tail that none takes."""
    found = adapters()
    adapter = found[suffix_of(tail, frozenset(found)) or ""]
    return adapter.extract(source, f"file{tail}" if tail.startswith(".") else tail)


def version() -> str:
    """A hash over the source of everything that makes facts: this stage, the adapters, and the versions of the parsers."""
    whole = blake2b(digest_size=16)
    for folder in (facts.__path__, __path__):
        for name, source in sorted(_sources(folder)):
            whole.update(f"{name} {len(source)}\n".encode())
            whole.update(source)
    for package in _PARSERS:
        whole.update(f"{package} {_version_of(package)}\n".encode())
    return whole.hexdigest()


def _sources(folder: Iterable[str], package: str = "") -> list[tuple[str, bytes]]:
    """(name below `package`, source) of the modules of a folder and of its packages; this package counts as a folder of its own."""
    found: list[tuple[str, bytes]] = []
    for info in pkgutil.iter_modules(folder):
        spec = info.module_finder.find_spec(info.name) if isinstance(info.module_finder, FileFinder) else find_spec(info.name)
        get_data = getattr(spec.loader, "get_data", None) if spec else None  # loaders of files and of zip archives have it
        if spec is not None and spec.origin and get_data is not None:
            found.append((f"{package}{info.name}", get_data(spec.origin)))
            if spec.origin != __file__:
                found += _sources(spec.submodule_search_locations or (), f"{package}{info.name}.")
    return found


def _version_of(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
