"""C#: a file sees the names of its namespace and of those around it, of what the language and the kind of project import for every
file, of the `global using` directives and `<Using>` items of its project, and of what a file of directives says for those of its kind
below its folder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.graph.modules import Namespaces, Project

LANGUAGES = ("csharp", "blazor")

_GLOBAL = "global::"
_BELOW = "below::"
_NO_NAMESPACE = "::"
_IMPLICIT = (
    "System",
    "System.Collections.Generic",
    "System.IO",
    "System.Linq",
    "System.Net.Http",
    "System.Net.Http.Json",
    "System.Threading",
    "System.Threading.Tasks",
    "Microsoft.AspNetCore.Builder",
    "Microsoft.AspNetCore.Hosting",
    "Microsoft.AspNetCore.Http",
    "Microsoft.AspNetCore.Routing",
    "Microsoft.Extensions.Configuration",
    "Microsoft.Extensions.DependencyInjection",
    "Microsoft.Extensions.Hosting",
    "Microsoft.Extensions.Logging",
)
_MAX_GLOBAL = 200
_MAX_PROJECTS = 200
_PROJECT_FILES = (".csproj", "Directory.Build.props")
_COMPONENT = ".razor"
_ROOT = re.compile(r"<RootNamespace>\s*([\w.]{1,200})\s*</RootNamespace>")
_NO_LETTER = re.compile(r"[^\w.]")
_USING = re.compile(r"""<Using\s+Include\s*=\s*["']([\w.]{1,200})["']\s*/?>""")  # one with `Static` or `Alias` says something else


class Resolver(Namespaces):
    def __init__(self, project: Project) -> None:
        super().__init__(project)
        found = [(p.rpartition("/")[0], m.removeprefix(_GLOBAL)) for p, ms in project.importing() for m in ms if m.startswith(_GLOBAL)]
        self._global = [*found, *_using_items(project)]
        self._below = [
            (p.rpartition("/")[0], p.rpartition(".")[2], m.removeprefix(_BELOW))
            for p, ms in project.importing()
            for m in ms
            if m.startswith(_BELOW)
        ]
        self._of_folder: dict[tuple[str, str], tuple[str, ...]] = {}

    def package_named(self, module: str, importer: str) -> str:
        return module.removeprefix(_GLOBAL).removeprefix(_BELOW)

    def packages_meant(self, module: str, importer: str, declared: str) -> tuple[str, ...]:
        """A directive below a `namespace` may leave out what that name begins with: `using Common.Api;` in `Shop.Orders`."""
        named = self.package_named(module, importer)
        parts = declared.split(".") if declared and not module.startswith((_GLOBAL, _BELOW)) else []
        return (*(f"{'.'.join(parts[:n])}.{named}" for n in range(len(parts), 0, -1)), named)

    def package_of(self, path: str, declared: str) -> str:
        return declared or _NO_NAMESPACE

    def packages_seen(self, path: str, declared: str) -> tuple[str, ...]:
        """What stands in no namespace is seen from everywhere. A component has that of its project and folder unless it says another."""
        declared = declared or (self._namespace_of(path) if path.endswith(_COMPONENT) else "")
        parts = declared.split(".") if declared else []
        return (*(".".join(parts[:n]) for n in range(len(parts), 0, -1)), _NO_NAMESPACE)

    def _namespace_of(self, path: str) -> str:
        """The name of the project above a file, or what it says is its own, and those of the folders below."""
        folder = path.rpartition("/")[0]
        above = [f for f in self._project.files_ending(".csproj") if f"{folder}/".startswith(f"{f.rpartition('/')[0]}/".lstrip("/"))]
        if not above:
            return ""
        nearest = max(above, key=len)
        said = _ROOT.search(self._project.text(nearest))
        home, _, name = nearest.rpartition("/")
        root = said[1] if said else name.removesuffix(".csproj")
        below = folder[len(home) :].strip("/").replace("/", ".")
        return _NO_LETTER.sub("_", f"{root}.{below}" if below else root)

    def imported_by_all(self, path: str) -> tuple[str, ...]:
        """Those of the nearest folders first."""
        folder, kind = path.rpartition("/")[0], path.rpartition(".")[2]
        known = self._of_folder.get((folder, kind))
        if known is None:
            near = sorted(self._global, key=lambda g: -_shared(g[0], folder))
            above = [m for f, k, m in self._below if k == kind and (not f or f"{folder}/".startswith(f"{f}/"))]
            known = (*tuple(dict.fromkeys((*above, *(m for _, m in near))))[:_MAX_GLOBAL], *_IMPLICIT)
            self._of_folder[folder, kind] = known
        return known


def _using_items(project: Project) -> Iterator[tuple[str, str]]:
    """(folder, namespace) of what project files import for every file: `<Using Include="Shop.Orders" />`."""
    for file in project.files_ending(*_PROJECT_FILES)[:_MAX_PROJECTS]:
        yield from ((file.rpartition("/")[0], name) for name in _USING.findall(project.text(file)))


def _shared(left: str, right: str) -> int:
    """How many folders two paths have in common."""
    count = 0
    for a, b in zip(left.split("/"), right.split("/"), strict=False):
        if a != b:
            break
        count += 1
    return count
