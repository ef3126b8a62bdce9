"""Go: a package is a folder, and an import is the module path of the nearest `go.mod` followed by the folder.

A repository without any `go.mod` stood below `GOPATH`: what its own imports begin with is read from them. So it is where no import
names the module of a `go.mod`, and the imports have another path of the same last name: it was renamed, or written later.

The samples of a framework that stand in its own repository import its sources, and mean the framework that the cards describe.
"""

from __future__ import annotations

import re

from backend_readiness.graph.modules import Namespaces, Project

LANGUAGES = ("go",)

_MODULE = re.compile(r"^\s*module\s+\"?([^\s\"]+)", re.MULTILINE)

_SAMPLES = frozenset({"_example", "_examples", "_samples", "example", "examples", "samples"})
MAX_STEPS = 12
_VERSION = re.compile(r"/v\d{1,3}(?=/|$)|\.v\d{1,3}(?=/|$)")


class Resolver(Namespaces):
    def __init__(self, project: Project) -> None:
        super().__init__(project)
        found = {path.rpartition("/")[0]: _MODULE.search(project.text(path)) for path in project.files_named("go.mod")}
        self._modules = sorted(((m.group(1), folder) for folder, m in found.items() if m), key=lambda pair: -len(pair[0]))
        own = any(self._named(m) for _, modules in project.importing() for m in modules)
        start = "" if own else _own_start(project)
        if start and (not self._modules or start.rpartition("/")[2] in {name.rpartition("/")[2] for name, _ in self._modules}):
            self._modules.append((start, ""))
        folders = {path.rpartition("/")[0] for path, _ in project.importing() if path.endswith(".go") and "vendor/" in path}
        named = {folder.rpartition("vendor/")[2]: folder for folder in folders}
        self._vendored = {name: folder for name, folder in named.items() if "." not in name.partition("/")[0]}

    def _named(self, module: str) -> bool:
        return any(module.startswith(f"{name}/") for name, _ in self._modules)

    def package_of(self, path: str, declared: str) -> str:
        return _key(path.rpartition("/")[0], declared)

    def package_named(self, module: str, importer: str) -> str:
        for name, folder in self._modules:
            if module == name or module.startswith(f"{name}/"):
                if self._is_sampled(name, folder, module, importer):
                    return ""
                return _key("/".join(part for part in (folder, module[len(name) + 1 :]) if part), "")
        vendored = self._vendored.get(module)  # `vendor/app/route`: packages of the repository's own, which no host name stands before
        return _key(vendored, "") if vendored is not None else ""

    def _is_sampled(self, name: str, folder: str, module: str, importer: str) -> bool:
        """Does a sample import what is no sample of a framework that stands here?"""
        below = importer[len(folder) + 1 if folder else 0 :].split("/")[:-1]
        if _SAMPLES.isdisjoint(below) or not _SAMPLES.isdisjoint(module[len(name) :].split("/")):
            return False
        return any(self._project.described(self.outside(m)) for m in (name, module))

    def outside(self, module: str) -> str:
        """Without versions: `github.com/gofiber/fiber/middleware/cors` for `github.com/gofiber/fiber/v2/middleware/cors`."""
        return _VERSION.sub("", module)

    def packages_seen(self, path: str, declared: str) -> tuple[str, ...]:
        return (self.package_of(path, declared),)


def _own_start(project: Project) -> str:
    """What all imports of the repository's own folders begin with: the start below which no import names a folder that is not there."""
    files = {path: modules for path, modules in project.importing() if path.endswith(".go")}
    folders = {path.rpartition("/")[0] for path in files} - {""}
    wanted = {m for modules in files.values() for m in modules if "/" in m}
    starts: dict[str, set[str]] = {}
    for module in wanted:
        parts = module.split("/")[:MAX_STEPS]
        for number in range(1, len(parts)):
            folder = "/".join(parts[number:])
            if folder in folders:
                starts.setdefault("/".join(parts[:number]), set()).add(folder)
    whole = [s for s in starts if s not in wanted and all(m[len(s) + 1 :] in folders for m in wanted if m.startswith(f"{s}/"))]
    best = sorted(whole, key=lambda s: (-len(starts[s]), len(s)))[:2]
    return best[0] if best and (len(best) == 1 or len(starts[best[0]]) > len(starts[best[1]])) else ""


def _key(folder: str, declared: str) -> str:
    """Test packages (`orders_test`) stand beside the package that they test."""
    return f"{folder}/_test" if declared.endswith("_test") else f"{folder}/"
