"""Python: relative imports, packages, and source roots found by trying the importer's own folders first.

A file that is the copy of a package's module (`bottle.py` beside the program) is that module and no part of the program.
"""

from __future__ import annotations

from backend_readiness.graph.modules import Project, Renaming
from backend_readiness.rules.signs import signs_by

LANGUAGES = ("python",)


class Resolver(Renaming):
    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[tuple[str, str], str | None] = {}
        self._copies: dict[str, str] = {}

    def resolve(self, module: str, importer: str) -> str | None:
        found = self._found(module, importer)
        return None if found is not None and self._copied(found) else found

    def renamed(self, module: str, importer: str) -> str | None:
        """The package that the program has a copy of under this name; None for any other module."""
        found = self._found(module, importer)
        return (self._copied(found) if found is not None else "") or None

    def _copied(self, file: str) -> str:
        """The module of a package whose copy the file is; empty when it is none."""
        stem = file.rpartition("/")[2].removesuffix(".py")
        likely = {package: marks for package, marks in signs_by("python", "copies").items() if package.rpartition(".")[2] == stem}
        if likely and file not in self._copies:
            text = self._project.text(file)
            self._copies[file] = next((package for package, marks in likely.items() if all(m in text for m in marks)), "")
        return self._copies[file] if likely else ""

    def _found(self, module: str, importer: str) -> str | None:
        folder = importer.rpartition("/")[0]
        key = (module, folder)
        if key not in self._known:
            self._known[key] = self._relative(module, folder) if module.startswith(".") else self._absolute(module, folder)
        found = self._known[key]
        return (
            None if found == importer and not found.endswith("/__init__.py") else found
        )  # `import jwt` in `services/jwt.py` is the package

    def _relative(self, module: str, folder: str) -> str | None:
        rest = module.lstrip(".")
        for _ in range(len(module) - len(rest) - 1):
            folder = folder.rpartition("/")[0]
        return self._at(folder, rest)

    def _absolute(self, module: str, folder: str) -> str | None:
        importing = f"{folder}/"
        outermost = self._outermost(folder)
        if outermost != folder and module.partition(".")[0] == outermost.rpartition("/")[2]:
            found = self._at(outermost.rpartition("/")[0], module)  # not a module of the same name in a folder of that package
            if found:
                return found
        while True:
            found = self._at(folder, module)
            if found and not self._is_around(found, folder, importing):
                return found
            found = self._at(f"{folder}/src" if folder else "src", module)
            if found:
                return found
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        return self._by_suffix(module)

    def _outermost(self, folder: str) -> str:
        """The outermost of the packages that a folder stands in; the folder itself when it is none."""
        while folder and self._project.has(f"{folder}/__init__.py") and self._project.has(f"{folder.rpartition('/')[0]}/__init__.py"):
            folder = folder.rpartition("/")[0]
        return folder

    def _is_around(self, found: str, folder: str, importing: str) -> bool:
        """Is it an empty package around the importer, inside of another one? `import flask` in `shop/infra/flask/` means the library."""
        around, _, last = found.rpartition("/")
        above = f"{folder}/__init__.py" if folder else "__init__.py"
        inside = last == "__init__.py" and importing.startswith(f"{around}/") and self._project.has(above)
        return inside and not self._project.text(found).strip()

    def _by_suffix(self, module: str) -> str | None:
        """A dotted module of another source root, when only one file fits."""
        if "." not in module:
            return None
        tail = module.replace(".", "/")
        name = tail.rpartition("/")[2]
        fits = [p for p in self._project.files_named(f"{name}.py") if p.endswith(f"/{tail}.py")]
        fits += [p for p in self._project.files_named("__init__.py") if p.endswith(f"/{tail}/__init__.py")]
        return fits[0] if len(fits) == 1 else None

    def _at(self, folder: str, module: str) -> str | None:
        base = "/".join(p for p in (folder, module.replace(".", "/")) if p)
        for candidate in (f"{base}/__init__.py", f"{base}.py", f"{base}.pyi"):  # a package stands before a module of the same name
            if self._project.has(candidate):
                return candidate
        return None

    def submodule(self, package_file: str, name: str) -> str | None:
        """`name` inside the package whose `__init__.py` is given, or inside the plain folder of a namespace package."""
        folder, _, last = package_file.rpartition("/")
        return self._at(folder, name) if last.startswith("__init__.") else None
