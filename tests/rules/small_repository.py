"""A graph over a few files given as text: what the examples of cards and the tests of the graph run on."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType

from backend_readiness.facts import languages
from backend_readiness.facts.file_index import Definition, FileIndex
from backend_readiness.facts.model import FileFacts
from backend_readiness.graph.trace import Tracer
from backend_readiness.graph.world import Graph
from backend_readiness.snapshot.manifests import Application, applications_of


def adapters() -> dict[str, ModuleType]:
    """Suffix -> language adapter."""
    found: dict[str, ModuleType] = {}
    for info in pkgutil.iter_modules(languages.__path__):
        module = importlib.import_module(f"{languages.__name__}.{info.name}")
        if hasattr(module, "SUFFIXES") and hasattr(module, "extract"):
            found.update(dict.fromkeys(module.SUFFIXES, module))
    return found


@dataclass(frozen=True)
class SmallFile:
    path: str
    size: int = 0
    blob: str = ""


@dataclass
class SmallSnapshot:
    contents: dict[str, str]
    dependencies: tuple[str, ...] = ()
    skipped: tuple[object, ...] = ()
    commit: str | None = None
    dirty: bool = False

    @property
    def files(self) -> tuple[SmallFile, ...]:
        return tuple(SmallFile(p) for p in sorted(self.contents))

    @property
    def root(self) -> Path:
        return Path("sample")

    @cached_property
    def applications(self) -> tuple[Application, ...]:
        return applications_of(self)  # type: ignore[arg-type]  # it reads the files, their texts and the name of the root

    def text(self, path: str) -> str:
        return self.contents[path]

    def lines(self, path: str) -> tuple[str, ...]:
        return tuple(self.contents[path].split("\n"))


@dataclass
class SmallFacts:
    contents: dict[str, str]
    files: dict[str, FileIndex] = field(default_factory=dict)
    _facts: dict[str, FileFacts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = adapters()
        for path in sorted(self.contents):
            suffix = max((s for s in known if path.endswith(s)), key=len, default=None)
            if suffix is not None:
                builder = known[suffix].extract(self.contents[path].encode(), path)
                self.files[path] = builder.index()
                self._facts[path] = builder.facts()

    def of(self, path: str) -> FileFacts:
        return self._facts[path]

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path, index in self.files.items():
            for name in index.names:
                found.setdefault(name, []).append(path)
        return found

    def calling(self, name: str) -> tuple[str, ...]:
        return tuple(path for path in self.naming(name) if self.files[path].calls(name))

    def naming(self, name: str) -> tuple[str, ...]:
        return tuple(self._names.get(name, ()))

    def recall(self, key: bytes) -> bytes | None:
        return None

    def keep(self, key: bytes, body: bytes) -> None:
        """Nothing is kept."""

    def defining(self, name: str) -> tuple[tuple[str, Definition], ...]:
        return tuple((p, d) for p, i in self.files.items() for d in i.definitions if d.name == name)


def tracer_of(files: dict[str, str]) -> Tracer:
    """A tracer over the files; cards are active by what the files import."""
    return Tracer(Graph(SmallSnapshot(files), SmallFacts(files)))  # type: ignore[arg-type]  # stands in for the snapshot
