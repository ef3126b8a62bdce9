"""Go: a package is a folder, and an import is the module path of the nearest `go.mod` followed by the folder."""

from __future__ import annotations

import re

from backend_readiness.graph.modules import Namespaces, Project

LANGUAGES = ("go",)

_MODULE = re.compile(r"^\s*module\s+\"?([^\s\"]+)", re.MULTILINE)

_VERSION = re.compile(r"/v\d{1,3}(?=/|$)|\.v\d{1,3}(?=/|$)")


class Resolver(Namespaces):
    def __init__(self, project: Project) -> None:
        super().__init__(project)
        found = {path.rpartition("/")[0]: _MODULE.search(project.text(path)) for path in project.files_named("go.mod")}
        self._modules = sorted(((m.group(1), folder) for folder, m in found.items() if m), key=lambda pair: -len(pair[0]))

    def package_of(self, path: str, declared: str) -> str:
        return _key(path.rpartition("/")[0], declared)

    def package_named(self, module: str, importer: str) -> str:
        for name, folder in self._modules:
            if module == name or module.startswith(f"{name}/"):
                return _key("/".join(part for part in (folder, module[len(name) + 1 :]) if part), "")
        return ""

    def outside(self, module: str) -> str:
        """Without versions: `github.com/gofiber/fiber/middleware/cors` for `github.com/gofiber/fiber/v2/middleware/cors`."""
        return _VERSION.sub("", module)

    def packages_seen(self, path: str, declared: str) -> tuple[str, ...]:
        return (self.package_of(path, declared),)


def _key(folder: str, declared: str) -> str:
    """Test packages (`orders_test`) stand beside the package that they test."""
    return f"{folder}/_test" if declared.endswith("_test") else f"{folder}/"
