"""Folders that are named after samples and are the application itself: `tutorial/` beside the `manage.py` that says `"tutorial.settings"`.

Such a folder counts as production when code that runs imports a module in it by a dotted name or from beside itself (`./sample`), or
when a file beside it, or one folder below that, names a module in it so in a text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from backend_readiness.facts.file_index import FileIndex
from backend_readiness.graph.values import PackageV
from backend_readiness.snapshot.places import is_production, is_test, sample_folder

MAX_FILES = 200
MAX_TEXT = 200_000
_DOTTED = re.compile(r"['\"]([A-Za-z_]\w*)(?=[.:]\w)((?:\.\w+)*)(?::\w+)?['\"]|^\s*use\s*=\s*egg:(\w+)", re.MULTILINE)
_WRITTEN_IN = (".ini", ".toml", ".cfg")


class World(Protocol):
    def resolve(self, module: str, importer: str) -> str | None: ...
    def package(self, module: str, importer: str) -> PackageV | None: ...
    def text(self, path: str) -> str: ...
    def files_named(self, name: str) -> tuple[str, ...]: ...


def that_count(world: World, files: Mapping[str, FileIndex]) -> dict[str, FileIndex]:
    """The files whose routes and calls count: no tests and no samples, unless the repository holds nothing else."""
    chosen = {p: i for p, i in files.items() if is_production(p)}
    return chosen | adopted(world, files, chosen) or {p: i for p, i in files.items() if not is_test(p)} or dict(files)


def adopted(world: World, files: Mapping[str, FileIndex], chosen: Collection[str]) -> dict[str, FileIndex]:
    """The files of `files` that stand in such folders; `chosen` are those that count anyway."""
    inside: dict[str, list[str]] = defaultdict(list)
    for path in files:
        folder = sample_folder(path)
        if folder and not is_test(path):
            inside[folder].append(path)
    found: dict[str, FileIndex] = {}
    asking = sorted(chosen)
    while inside and asking:
        near = {f: _near(f, asking) for f in inside}
        taken = [f for f in inside if _is_imported(world, files, f, asking) or _is_named(world, f, near[f])]
        asking = sorted(p for f in taken for p in inside[f])
        found.update((p, files[p]) for p in asking)
        for folder in taken:
            del inside[folder]
    return found


def _is_imported(world: World, files: Mapping[str, FileIndex], folder: str, asking: Iterable[str]) -> bool:
    name = folder.rpartition("/")[2]
    for path in asking:
        for module in files[path].modules:
            if name in module and ("/" not in module or (module.startswith(".") and name in module.split("/"))):
                found = world.resolve(module, path)
                if found is not None and found.startswith(f"{folder}/"):
                    return True
            elif name in module.split("/") and not name.startswith("doc"):  # a package of Go goes by the path of its folder
                package = world.package(module, path)
                if package is not None and any(f.startswith(f"{folder}/") for f in package.files):
                    return True
    return False


def _near(folder: str, asking: Iterable[str]) -> list[str]:
    """The files beside the folder and one folder below that."""
    above = folder.rpartition("/")[0]
    depth = above.count("/") + 1 if above else 0
    return [p for p in asking if (not above or p.startswith(f"{above}/")) and p.count("/") <= depth + 1][:MAX_FILES]


def _is_named(world: World, folder: str, near: list[str]) -> bool:
    above, _, name = folder.rpartition("/")
    beside = f"{above}/x" if above else "x"
    importer = next(iter(near), "")
    if not importer or not (world.resolve(name, importer) or "").startswith(f"{folder}/"):
        return False  # not a module at all: a folder of documents
    settings = [p for n in ("development.ini", "production.ini", "pyproject.toml", "setup.cfg") for p in world.files_named(n)]
    settings = [p for p in settings if p.rpartition("/")[0] == beside.rpartition("/")[0]]
    for path in (*near, *settings):
        for found in _DOTTED.finditer(world.text(path)[:MAX_TEXT]):
            if name not in (found.group(1), found.group(3)):
                continue
            if path.endswith(_WRITTEN_IN) or (world.resolve(name + (found.group(2) or ""), path) or "").startswith(f"{folder}/"):
                return True
    return False
