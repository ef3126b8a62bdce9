"""JavaScript and TypeScript: relative paths, `paths` and `baseUrl` of tsconfig, workspace packages, common aliases."""

from __future__ import annotations

import json
import posixpath
import re
from functools import cached_property
from typing import Any

from backend_readiness.graph import bundler_aliases
from backend_readiness.graph.import_maps import is_remote, named_in, package_at, stood_for
from backend_readiness.graph.modules import Project, Renaming
from backend_readiness.graph.own_packages import OwnPackages
from backend_readiness.graph.package_exports import exported, targets_of

LANGUAGES = (
    "javascript", "typescript", "vue", "svelte", "astro", "html", "angular", "jinja", "ejs", "handlebars", "gotemplate", "razor", "aspx",
    "twirl", "freemarker",
)  # fmt: skip
SUFFIXES = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte", ".astro", ".d.ts", ".json")
_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|,(?=\s*[}\]])')
_COMPONENTS = (".vue", ".svelte", ".astro")
_TEMPLATES = (".html", ".htm", ".jinja", ".jinja2", ".j2", ".tera")
_UNNAMED = ("", "./")  # a script that names its module goes by that name alone
_ALIASES = ("@/", "~/", "$/", "#/", "@@/", "~~/", "src/", "app/")


def loads_lenient(text: str) -> Any:
    """JSON with comments and trailing commas; None when it is not even that."""
    if len(text) > 200_000:
        return None
    try:
        return json.loads(_COMMENT.sub(lambda m: m.group() if m.group().startswith('"') else "", text))
    except ValueError:
        return None


def _wants_its_own_name(package: dict[str, Any]) -> bool:
    """Is a program called like a package that it depends on (`fastify`)? Then the name means that package."""
    wanted = (package.get(k) for k in ("dependencies", "devDependencies", "peerDependencies"))
    return any(isinstance(w, dict) and package["name"] in w for w in wanted)


class Resolver(Renaming):
    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[tuple[str, str], str | None] = {}
        self._aliases_of: dict[str, tuple[tuple[str, str], ...]] = {}
        self._maps_of: dict[str, list[tuple[str, str]]] = {}
        self._own = OwnPackages(project, loads_lenient)

    def resolve(self, module: str, importer: str) -> str | None:
        folder = posixpath.dirname(importer)
        key = (module, folder)
        if key not in self._known:
            self._known[key] = self._find(module.split("?")[0], folder)
        found = self._known[key]
        if self._own.meant(module, importer, found) is not None:
            return None
        return found if found is not None or not self._project.declared(importer) else self._asked_for(module, folder)

    def renamed(self, module: str, importer: str) -> str | None:
        """What an import map or an address says that a module means, or the package that the repository itself is; None for neither."""
        self.resolve(module, importer)
        own = self._own.meant(module, importer, self._known[module, posixpath.dirname(importer)])
        if own is not None:
            return own
        meant = stood_for(module, self._maps(posixpath.dirname(importer))) or module
        return package_at(meant) or (meant if meant != module and is_remote(meant) else None)

    def _maps(self, folder: str) -> list[tuple[str, str]]:
        """The names of the nearest import maps around a folder."""
        if folder not in self._maps_of:
            own = named_in(self._project, folder, loads_lenient)
            self._maps_of[folder] = own or (self._maps(posixpath.dirname(folder)) if folder else [])
        return self._maps_of[folder]

    def _asked_for(self, module: str, folder: str) -> str | None:
        """What a loader of named modules finds: the only file that gives itself the name, or the only one of that path in the nearest
        folder around that has one (the loader's base folder is a setting)."""
        named = self._names.get(module, ())
        if named or module.startswith((".", "/")) or module.partition("/")[0] in self._dependencies:
            return named[0] if len(named) == 1 else None
        tail = f"/{module}.js"
        files = [
            f for f in self._project.files_named(posixpath.basename(tail)) if f.endswith(tail) and self._project.declared(f) in _UNNAMED
        ]
        while folder:
            below = [f for f in files if f.startswith(f"{folder}/")]
            if below:
                return below[0] if len(below) == 1 else None
            folder = posixpath.dirname(folder)
        return None

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """Name that a script gives to its module -> the scripts that do."""
        found: dict[str, list[str]] = {}
        for path, _ in self._project.importing():
            name = self._project.declared(path) if path.endswith(SUFFIXES) else ""
            if name:
                found.setdefault(name, []).append(path)
        return found

    @cached_property
    def _dependencies(self) -> frozenset[str]:
        """The packages that the repository asks for in any of its package.json files."""
        found: set[str] = set()
        for path in self._project.files_named("package.json"):
            data = loads_lenient(self._project.text(path))
            for key in ("dependencies", "devDependencies", "peerDependencies") if isinstance(data, dict) else ():
                listed = data.get(key)
                found.update(listed if isinstance(listed, dict) else ())
        return frozenset(found)

    def _find(self, module: str, folder: str) -> str | None:
        if module.startswith(("./", "../")) or module in (".", ".."):
            return self._file(posixpath.normpath(posixpath.join(folder, module)))
        if module.startswith("/"):
            return self._file(module.lstrip("/")) or self._from_ancestors(folder, module.lstrip("/"))
        for pattern, target in self._aliases(folder):
            if pattern.endswith("*"):
                if module.startswith(pattern[:-1]):
                    found = self._file(posixpath.normpath(target.replace("*", module[len(pattern) - 1 :], 1)))
                    if found:
                        return found
            elif module == pattern:
                found = self._file(posixpath.normpath(target))
                if found:
                    return found
        meant = stood_for(module, self._maps(folder))
        if meant is not None:
            return None if is_remote(meant) else self._file(posixpath.normpath(meant))
        if module.endswith(_TEMPLATES):  # the folder of the templates stands around the one that imports
            return self._from_ancestors(folder, module)
        return self._workspace(module) or self._by_convention(module, folder) or self._from_package(module, folder)

    def _from_package(self, module: str, folder: str) -> str | None:
        """A path from the folder of the package, as `NODE_PATH` and packages that extend the search let it be written: `models/user`."""
        first = module.partition("/")[0]
        if module.endswith(_COMPONENTS) and first not in self._dependencies and not first.startswith("@"):
            return self._only(module, folder)
        if ("/" not in module and not module.endswith(".json")) or first in self._dependencies or first.startswith(("@", "node:")):
            return None
        while not self._project.has(f"{folder}/package.json".lstrip("/")):
            if not folder:
                return None
            folder = posixpath.dirname(folder)
        return self._file(posixpath.join(folder, module))

    def _only(self, module: str, folder: str) -> str | None:
        """A component from a folder that a bundler searches (`resolve.modules`): the only such file in the nearest folder around."""
        files = [f for f in self._project.files_named(posixpath.basename(module)) if f == module or f.endswith(f"/{module}")]
        while folder:
            below = [f for f in files if f.startswith(f"{folder}/")]
            if below:
                return below[0] if len(below) == 1 else None
            folder = posixpath.dirname(folder)
        return files[0] if len(files) == 1 else None

    def _file(self, base: str) -> str | None:
        has = self._project.has
        if base.startswith("../") or base == "..":
            return None
        base = "" if base == "." else base
        if base and has(base):
            return base
        stem, dot, suffix = base.rpartition(".")
        if dot and suffix in ("js", "jsx", "mjs", "cjs"):  # TypeScript sources import their output's name
            for other in (f".{suffix.replace('js', 'ts')}", ".tsx"):
                if has(stem + other):
                    return stem + other
        for end in SUFFIXES:
            if base and has(base + end):
                return base + end
        for end in SUFFIXES:
            path = f"{base}/index{end}" if base else f"index{end}"
            if has(path):
                return path
        return None

    def _from_ancestors(self, folder: str, module: str) -> str | None:
        """A path from the root of the application or from its public folder."""
        while True:
            for sub in ("", "src", "public", "static"):
                found = self._file("/".join(p for p in (folder, sub, module) if p))
                if found:
                    return found
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    def _by_convention(self, module: str, folder: str) -> str | None:
        for alias in _ALIASES:
            if module.startswith(alias):
                rest = module if alias in ("src/", "app/") else module[len(alias) :]
                return self._from_ancestors(folder, rest)
        if module.startswith("$lib/"):
            return self._from_ancestors(folder, "lib/" + module[5:])
        return None

    def _aliases(self, folder: str) -> tuple[tuple[str, str], ...]:
        """(pattern, target from the repository's root), nearest tsconfig first."""
        if folder not in self._aliases_of:
            found: list[tuple[str, str]] = []
            for name in ("tsconfig.json", "tsconfig.app.json", "tsconfig.base.json", "jsconfig.json"):
                path = posixpath.join(folder, name)
                if self._project.has(path):
                    found.extend(self._config(path, 0))
            found.extend(self._own_imports(folder))
            found.extend(bundler_aliases.aliases(folder, self._project.has, self._project.text))
            parent = self._aliases(posixpath.dirname(folder)) if folder else ()
            self._aliases_of[folder] = (*found, *parent)
        return self._aliases_of[folder]

    def _own_imports(self, folder: str) -> list[tuple[str, str]]:
        """The names that a package gives to its own files: `"imports": {"#models/*": "./app/models/*.js"}`, `_moduleAliases`."""
        path = posixpath.join(folder, "package.json")
        data = loads_lenient(self._project.text(path)) if self._project.has(path) else None
        imports = data.get("imports") if isinstance(data, dict) else None
        found: list[tuple[str, str]] = []
        for pattern, target in imports.items() if isinstance(imports, dict) else ():
            if isinstance(target, dict):
                target = next((t for k in ("default", "import", "node") if isinstance(t := target.get(k), str)), None)
            if isinstance(target, str) and pattern.startswith("#"):
                found.append((pattern, posixpath.normpath(posixpath.join(folder, target))))
        aliases = data.get("_moduleAliases") if isinstance(data, dict) else None
        for name, target in aliases.items() if isinstance(aliases, dict) else ():
            if isinstance(target, str):
                at = posixpath.normpath(posixpath.join(folder, target))
                found.extend(((name, at), (f"{name}/*", posixpath.join(at, "*"))))
        return found

    def _config(self, path: str, depth: int) -> list[tuple[str, str]]:
        data = loads_lenient(self._project.text(path))
        if not isinstance(data, dict) or depth > 4:
            return []
        folder = posixpath.dirname(path)
        options = data.get("compilerOptions")
        found: list[tuple[str, str]] = []
        if isinstance(options, dict):
            base_url = options.get("baseUrl")
            base = posixpath.join(folder, base_url) if isinstance(base_url, str) else folder
            paths = options.get("paths")
            for pattern, targets in paths.items() if isinstance(paths, dict) else ():
                for target in targets if isinstance(targets, list) else ():
                    if isinstance(target, str):
                        found.append((pattern, posixpath.normpath(posixpath.join(base, target))))
            if isinstance(base_url, str):
                found.append(("*", posixpath.normpath(posixpath.join(base, "*"))))
        extends = data.get("extends")
        if isinstance(extends, str) and extends.startswith("."):
            target = posixpath.normpath(posixpath.join(folder, extends))
            target = target if target.endswith(".json") else target + ".json"
            if self._project.has(target):
                found.extend(self._config(target, depth + 1))
        return found

    @cached_property
    def _packages(self) -> dict[str, tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]]:
        """Name of a workspace package -> (its folder, its entry files as declared, what it exports under which path)."""
        found: dict[str, tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]] = {}
        for path in self._project.files_named("package.json"):
            data = loads_lenient(self._project.text(path))
            if isinstance(data, dict) and isinstance(data.get("name"), str) and not _wants_its_own_name(data):
                entries = tuple(str(data[k]) for k in ("source", "types", "module", "main") if isinstance(data.get(k), str))
                folder = posixpath.dirname(path)
                found.setdefault(data["name"], (folder, entries, exported(data, folder)))
        return found

    def _workspace(self, module: str) -> str | None:
        parts = module.split("/")
        size = 2 if module.startswith("@") else 1
        package = self._packages.get("/".join(parts[:size]))
        if package is None:
            return None
        folder, entries, exports = package
        rest = "/".join(parts[size:])
        for target in targets_of(exports, rest):
            found = self._file(target)
            if found:
                return found
        for base in ("", "src", "lib"):
            if rest:
                found = self._file("/".join(p for p in (folder, base, rest) if p))
                if found:
                    return found
        if not rest:
            for entry in (*entries, "src/index", "src", "index", "lib/index"):
                found = self._file(posixpath.normpath(posixpath.join(folder, entry)))
                if found:
                    return found
        return None
