"""The applications of a repository: folders that hold a manifest, with the name and the dependencies that it declares.

Manifests are hostile text: they are parsed, never run, within bounds of size, depth and count, and one that does not parse still
marks its folder as an application.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from backend_readiness.snapshot import dependencies
from backend_readiness.snapshot.dependencies import Declared
from backend_readiness.snapshot.files import ChangedWhileRead
from backend_readiness.snapshot.places import is_test, sample_folder
from backend_readiness.snapshot.skips import suffix_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend_readiness.snapshot.files import Snapshot

MAX_MANIFEST_CHARS = 512_000
MAX_DEPENDENCIES = 5_000
MAX_PARTS = 60  # folders that one application is built upon


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """`root` is the folder ("" for the repository's own), `manifests` the paths of its manifests, sorted.

    `languages`: `javascript` (also for TypeScript), `python`, `go`, `java` (every JVM language), `csharp`, `php`, `ruby`, `rust`, `elixir`,
    `scala`. `dependencies` maps a package's name, as written, to its version text ("" when it names none), of all kinds and manifests.
    `local`: folders of the repository that a manifest names as what it is built upon, with no `..` in them.
    """

    root: str
    name: str
    manifests: tuple[str, ...]
    languages: tuple[str, ...]
    dependencies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    local: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Whether the path lies in the application's folder; that of an application inside it does too."""
        return not self.root or path.startswith(self.root + "/")


_BY_NAME: dict[str, tuple[str, Callable[[str], Declared]]] = {
    "package.json": ("javascript", dependencies.package_json),
    "pyproject.toml": ("python", dependencies.pyproject),
    "setup.py": ("python", dependencies.setup_py),
    "setup.cfg": ("python", dependencies.setup_cfg),
    "Pipfile": ("python", dependencies.pipfile),
    "go.mod": ("go", dependencies.go_mod),
    "pom.xml": ("java", dependencies.pom),
    "build.gradle": ("java", dependencies.gradle),
    "build.gradle.kts": ("java", dependencies.gradle),
    "composer.json": ("php", dependencies.composer_json),
    "Gemfile": ("ruby", dependencies.gemfile),
    "Cargo.toml": ("rust", dependencies.cargo),
    "mix.exs": ("elixir", dependencies.mix),
    "build.sbt": ("scala", dependencies.sbt),
}


def _manifest(path: str) -> tuple[str, str, Callable[[str], Declared]] | None:
    """(folder, language, parser) of a manifest's path, None for any other."""
    folder, _, name = path.rpartition("/")
    if name in _BY_NAME:
        language, parser = _BY_NAME[name]
        return folder, language, parser
    suffix = suffix_of(name)
    if suffix == "csproj":
        return folder, "csharp", dependencies.csproj
    if suffix in ("txt", "in") and name.startswith("requirements"):
        return folder, "python", dependencies.requirements
    if suffix in ("txt", "in") and folder.rpartition("/")[2] == "requirements":
        return folder.rpartition("/")[0], "python", dependencies.requirements
    return None


def applications_of(snapshot: Snapshot) -> tuple[Application, ...]:
    """One application for each folder with a manifest, sorted by root."""
    found: dict[str, list[tuple[str, str, Callable[[str], Declared]]]] = {}
    for file in snapshot.files:
        manifest = _manifest(file.path)
        if manifest is not None:
            folder, language, parser = manifest
            found.setdefault(folder, []).append((file.path, language, parser))
    applications = []
    for root, manifests in sorted(found.items()):
        name = ""
        declared: dict[str, str] = {}
        local: list[str] = []
        for path, _, parser in manifests:
            try:
                parsed = parser(snapshot.text(path)[:MAX_MANIFEST_CHARS])
            except ChangedWhileRead:
                continue  # whoever reads the file for its content reports it
            name = name or parsed.name
            local.extend(_folder(root, written) for written in parsed.local)
            for package, version in parsed.dependencies.items():
                if len(declared) < MAX_DEPENDENCIES:
                    declared[package] = declared.get(package) or version
        applications.append(
            Application(
                root=root,
                name=name or root.rpartition("/")[2] or snapshot.root.name,
                manifests=tuple(path for path, _, _ in manifests),
                languages=tuple(sorted({language for _, language, _ in manifests})),
                dependencies=MappingProxyType(declared),
                local=tuple(dict.fromkeys(local[:MAX_DEPENDENCIES])),
            )
        )
    return tuple(applications)


def _folder(root: str, written: str) -> str:
    """The folder that a manifest in `root` means, from the top of the repository."""
    return posixpath.normpath(written.lstrip("/") if written.startswith("/") else posixpath.join(root, written)).removeprefix("./")


def parts_of(applications: Sequence[Application], root: str) -> tuple[str, ...]:
    """The folder of an application and those of the applications of the repository that it is built upon, itself first.

    They are named by a path, or by the name of a package that another folder of the repository is.
    """
    found = [root]
    for where in found:
        own = next((a for a in applications if a.root == where), None)
        if own is None or len(found) > MAX_PARTS:
            continue
        names = _packages(own)
        for other in applications:
            named = other.name in names and set(other.languages) & set(own.languages)
            if other.root and other.root not in found and (named or any(_means(folder, other.root) for folder in own.local)):
                found.append(other.root)
    return tuple(found)


def users_of(applications: Sequence[Application], root: str) -> tuple[str, ...]:
    """The folders of the applications that are built upon the one in `root`, by a path or by its name; tests and itself left out."""
    own = next((a for a in applications if a.root == root), None)
    if own is None:
        return ()
    others = [a for a in applications if a is not own and not is_test(f"{a.root}/x")]
    by_name = [a for a in others if set(a.languages) & set(own.languages) and own.name in _packages(a)]
    by_path = [a for a in others if any(_means(folder, root) for folder in a.local)]
    return tuple(dict.fromkeys(a.root for a in (*by_path, *by_name)))


def host_of(applications: Sequence[Application], root: str) -> str:
    """The folder of the application that runs the one in `root`: the only one that is built upon it by a path, directly or not, and that no
    other is built upon; `root` itself when there is none, or when there are several. Tests run nothing, nor do samples beside it.

    One that is built upon it by the name of its package may only take its types.
    """
    users = [root]
    for where in users:
        for other in applications:
            near = other.root and other.root not in users and not is_test(f"{other.root}/x")
            shown = sample_folder(f"{other.root}/x") != sample_folder(f"{root}/x")
            if near and not shown and len(users) <= MAX_PARTS and any(_means(folder, where) for folder in other.local):
                users.append(other.root)
    inner = {folder for a in applications if a.root in users for folder in a.local}
    outer = [u for u in users if not any(_means(folder, u) for folder in inner)]
    return outer[0] if len(outer) == 1 else root


def is_mark(applications: Sequence[Application], own: Application) -> bool:
    """Does a `package.json` only give its folder a name or a kind of modules: it declares nothing, and one above it declares packages?"""
    if own.dependencies or own.local or not own.root or any(posixpath.basename(m) != "package.json" for m in own.manifests):
        return False
    return any(a.dependencies and a.holds(f"{own.root}/x") and set(a.languages) & set(own.languages) for a in applications if a is not own)


def _packages(own: Application) -> frozenset[str]:
    """The names of what it depends on, those of the JVM without their groups."""
    return frozenset(n.rpartition(":")[2] for n in own.dependencies)


def _means(folder: str, root: str) -> bool:
    return root == folder or (".." not in folder and folder != "." and root.endswith(f"/{folder}"))
