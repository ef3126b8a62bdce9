"""Which lock of dependencies the backend installs from, what keeps it from the images, and what it leaves out."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.operations import manifest_place
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_SHARED = re.compile(sign("locks", "shared"))
_BESIDE = ("pnpm-workspace.yaml", "lerna.json", "nx.json", "turbo.json", "rush.json")
_OWN = ("package.json", "composer.json", "Gemfile", "mix.exs", "Cargo.toml", "pyproject.toml", "go.mod")
# Versions that name no release of a registry, and names of what is no package.
_ELSEWHERE = re.compile(r"(?i)workspace:|file:|link:|portal:|git|https?:|path|catalog:|^\*$")
_NO_PACKAGE = re.compile(r"(?i)^(php|hhvm|ext-.*|lib-.*|composer.*|python|node|npm|elixir|ruby)$")
# Locks that name every direct dependency as its manifest does.
_NAMES_ALL = signs("locks", "names_all")
MAX_LOCK = 8_000_000


def lock_of(context: Context, names: tuple[str, ...]) -> str | None:
    """The lock nearest to the backend; one of a folder above counts where that folder's manifest speaks for the backend's too."""
    every = {f.path for f in context.snapshot.files} | {s.path for s in context.snapshot.skipped}
    root = context.backend_root
    folders = [root]
    while folders[-1]:
        folders.append(folders[-1].rpartition("/")[0])
    found = next(((folder, p) for folder in folders for n in names if (p := f"{folder}/{n}".lstrip("/")) in every), None)
    if found is None or found[0] == root:
        return found[1] if found is not None else None
    own = [f"{root}/{n}" for n in _OWN if f"{root}/{n}" in every]
    above = [p for n in (*_OWN, *_BESIDE) if (p := f"{found[0]}/{n}".lstrip("/")) in every]
    if not own or any(p.rpartition("/")[2] in _BESIDE or _SHARED.search(context.snapshot.text(p)) for p in above):
        return found[1]
    points_up = any("../" in context.snapshot.text(p) for p in own)
    return found[1] if points_up or _names_folder(context, found[1], root) else None


def _names_folder(context: Context, lock: str, root: str) -> bool:
    return root.rpartition("/")[2] in context.snapshot.text(lock)[:MAX_LOCK] if context.snapshot.file(lock) is not None else True


def hidden_from_images(context: Context, lock: str, image: str) -> Evidence | None:
    """The line that keeps the lock out of what images are built from."""
    name = lock.rpartition("/")[2]
    hides = {name, lock, f"**/{name}", f"/{name}", "*.lock" if name.endswith(".lock") else name}
    for folder in sorted({lock.rpartition("/")[0], image.rpartition("/")[0], ""}, key=len, reverse=True):
        path = f"{folder}/.dockerignore".lstrip("/")
        lines = [t.strip() for t in context.snapshot.lines(path)] if context.snapshot.file(path) is not None else []
        number = next((n for n, t in enumerate(lines, 1) if t in hides), None)
        if number is not None and not any(t.startswith("!") and t.endswith(name) for t in lines):
            return context.at(path, number)
    return None


def left_out_of(context: Context, lock: str) -> tuple[str, Evidence] | None:
    """A direct dependency that a lock does not name, though it names most; None where that was not found out."""
    place = manifest_place(context)
    held = context.snapshot.file(lock)
    if held is None or place is None or held.size > MAX_LOCK or lock.rpartition("/")[2] not in _NAMES_ALL:
        return None
    text = _plain(context.snapshot.text(lock))
    asked = [n for n, v in _of_manifest(context, place).items() if _NO_PACKAGE.match(n) is None and _ELSEWHERE.search(v) is None]
    missing = [n for n in asked if _plain(n) not in text]
    return (missing[0], place) if missing and len(missing) * 2 < len(asked) else None


def _of_manifest(context: Context, place: Evidence) -> dict[str, str]:
    return next((dict(a.dependencies) for a in context.snapshot.applications if place.file in a.manifests and len(a.manifests) == 1), {})


def _plain(text: str) -> str:
    return text.lower().replace("_", "-")
