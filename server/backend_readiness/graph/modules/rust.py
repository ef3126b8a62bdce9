"""Rust: modules are files below the root of their crate, and the crates of a workspace are known by their manifests.

Paths are written with dots (`crate.orders.api`, `super.db`, `self.user`, `my_domain.orders`). A path may go on into what a file
declares (an inline module, a re-export); `split` tells how far files reach.
"""

from __future__ import annotations

import posixpath
import tomllib

from backend_readiness.graph.modules import Project

LANGUAGES = ("rust",)
MAX_MANIFEST_CHARS = 200_000
MAX_STEPS = 40
MAX_INLINE = 3
_ROOTS = ("lib.rs", "main.rs")


class Resolver:
    def __init__(self, project: Project) -> None:
        self._project = project
        self._crates: dict[str, tuple[str, str]] = {}
        self._folders: dict[str, str] = {}
        self._named: dict[str, dict[str, str]] = {}  # folder of a manifest -> name of a dependency in paths -> its folder
        self._roots: dict[str, tuple[str, str]] = {}
        self._known: dict[tuple[str, str], tuple[str, tuple[str, ...]] | None] = {}
        for manifest in project.files_named("Cargo.toml"):
            folder = posixpath.dirname(manifest)
            data = _read(project.text(manifest))
            name, root = _crate(data, folder)
            self._folders[folder] = posixpath.dirname(root)
            self._named[folder] = _dependencies(data, folder)
            self._roots[folder] = posixpath.dirname(root), root
            if name and project.has(root):
                self._crates.setdefault(name, (posixpath.dirname(root), root))

    def resolve(self, module: str, importer: str) -> str | None:
        found = self.split(module, importer)
        return found[0] if found is not None and not found[1] else None

    def split(self, module: str, importer: str) -> tuple[str, tuple[str, ...]] | None:
        """The file of the longest beginning of a path, and the steps that are left; None for a crate that is not part of this."""
        key = (module, importer)
        if key not in self._known:
            self._known[key] = self._split(module, importer)
        return self._known[key]

    def _split(self, module: str, importer: str) -> tuple[str, tuple[str, ...]] | None:
        if module.startswith("./"):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(importer), module[2:]))
            return (path, ()) if self._project.has(path) else None
        steps = module.split(".")[:MAX_STEPS]
        root, own = self._place(importer)
        if steps[0] == "crate":
            return self._file(root, self._root_file(root, importer), [], steps[1:])
        if steps[0] == "self":
            return self._below(root, importer, own, steps[1:])
        ups = 0
        while ups < len(steps) and steps[ups] == "super":
            ups += 1
        if ups:
            above = own[: len(own) - ups] if ups <= len(own) else []
            return self._below(root, self._at(root, above, importer), above, steps[ups:])
        child = self._module(root, [*own, steps[0]])
        if child is not None:
            return self._below(root, child, [*own, steps[0]], steps[1:])
        known = self._dependency(importer, steps[0]) or self._crates.get(steps[0])
        return self._file(known[0], known[1], [], steps[1:]) if known is not None else None

    def _dependency(self, importer: str, name: str) -> tuple[str, str] | None:
        """The crate that a manifest above the file gives a name of its own: `domain = { package = "shop-domain", path = "../domain" }`."""
        folder = posixpath.dirname(importer)
        while True:
            below = self._named.get(folder, {}).get(name)
            found = self._roots.get(below) if below is not None else None
            if found is not None and self._project.has(found[1]):
                return found
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    def _below(self, root: str, start: str | None, above: list[str], steps: list[str]) -> tuple[str, tuple[str, ...]] | None:
        return self._file(root, start, above, steps)

    def _file(self, root: str, start: str | None, above: list[str], steps: list[str]) -> tuple[str, tuple[str, ...]] | None:
        """Go down from the module at `above` as far as there are files; modules between two files may stand inline."""
        found, rest, at = start, list(steps), list(above)
        while rest:
            ahead = next((n for n in range(1, MAX_INLINE + 1) if n <= len(rest) and self._module(root, [*at, *rest[:n]])), 0)
            if not ahead:
                break
            at, rest = [*at, *rest[:ahead]], rest[ahead:]
            found = self._module(root, at)
        return (found, tuple(rest)) if found is not None else None

    def _module(self, root: str, steps: list[str]) -> str | None:
        base = "/".join(part for part in (root, *steps) if part)
        return next((p for p in (f"{base}.rs", f"{base}/mod.rs") if self._project.has(p)), None)

    def _at(self, root: str, steps: list[str], importer: str) -> str | None:
        return self._module(root, steps) if steps else self._root_file(root, importer)

    def _root_file(self, root: str, importer: str) -> str | None:
        folder, _, name = importer.rpartition("/")
        if folder == root and name in _ROOTS:
            return importer
        base = f"{root}/" if root else ""
        return next((base + n for n in _ROOTS if self._project.has(base + n)), importer if folder == root else None)

    def _place(self, file: str) -> tuple[str, list[str]]:
        """The folder of the crate's root file, and the path of the module that a file is."""
        folder = posixpath.dirname(file)
        while folder and folder not in self._folders:
            folder = posixpath.dirname(folder)
        root = self._folders.get(folder, posixpath.join(folder, "src") if folder else "src")
        for programs in ("bin", "examples", "tests", "benches"):
            base = f"{root}/{programs}" if programs == "bin" else "/".join(p for p in (folder, programs) if p)
            if file.startswith(f"{base}/"):
                rest = file[len(base) + 1 :].split("/")
                if len(rest) == 1:
                    return base, []
                root = f"{base}/{rest[0]}"
        inside = file[len(root) + 1 :] if root and file.startswith(f"{root}/") else file if not root else posixpath.basename(file)
        if not inside.endswith(".rs"):
            return root, []
        steps = inside[: -len(".rs")].split("/")
        if steps[-1] == "mod" or (len(steps) == 1 and steps[0] in ("lib", "main", "build")):
            steps.pop()
        return root, steps


def _read(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text[:MAX_MANIFEST_CHARS])
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return {}


def _dependencies(data: dict[str, object], folder: str) -> dict[str, str]:
    """Name in paths -> folder, for the dependencies of a manifest, or of a workspace, that lie in the repository."""
    workspace = data.get("workspace")
    tables = [data.get("dependencies"), workspace.get("dependencies") if isinstance(workspace, dict) else None]
    found: dict[str, str] = {}
    for name, item in (i for table in tables if isinstance(table, dict) for i in table.items()):
        path = item.get("path") if isinstance(item, dict) else None
        if isinstance(path, str):
            below = posixpath.normpath(posixpath.join(folder, path))
            found[name.replace("-", "_")] = "" if below == "." else below
    return found


def _crate(data: dict[str, object], folder: str) -> tuple[str, str]:
    """(name in paths, root file) of the library of a manifest; the name is empty for a workspace without a package."""
    package, library = data.get("package"), data.get("lib")
    named = library.get("name") if isinstance(library, dict) else None
    name = named if isinstance(named, str) else package.get("name") if isinstance(package, dict) else ""
    path = library.get("path") if isinstance(library, dict) else None
    root = posixpath.normpath(posixpath.join(folder, path if isinstance(path, str) else "src/lib.rs"))
    return (name.replace("-", "_") if isinstance(name, str) else ""), root
