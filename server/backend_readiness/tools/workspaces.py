"""The repositories that a server may read: below its roots only, and as they are now."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from threading import Lock

from backend_readiness.errors import NotARepository, UnusableInput
from backend_readiness.progress import tell
from backend_readiness.report.load import MAX_BYTES
from backend_readiness.workspace import Workspace

KEPT = 4


class Workspaces:
    """Opens repositories below `roots`, the first of which is meant by ".". Keeps the last few, and reads one anew when it has changed.

    `today` gives the day by which attestations and accepted risks run out.

    Errors: `NotARepository` for a root that is no folder.
    """

    def __init__(self, roots: Sequence[Path | str], *, cache_dir: Path | None = None, today: Callable[[], date] | None = None) -> None:
        self.roots = tuple(self._root(Path(root)) for root in roots)
        self._cache_dir = cache_dir
        self._today = today
        self._kept: dict[Path, Workspace] = {}
        self._lock = Lock()

    @staticmethod
    def _root(path: Path) -> Path:
        found = path.resolve()
        if not found.is_dir():
            raise NotARepository(f"{path} is no folder: name one with --root")
        return found

    def open(self, path: str) -> Workspace:
        """The repository in a folder; the same object as long as its files are the same. Errors: `UnusableInput`, `NotARepository`."""
        folder = self._below_a_root(path)
        fresh = Workspace(folder, cache_dir=self._cache_dir, progress=tell, today=self._today() if self._today else None)
        taken = fresh.snapshot
        with self._lock:
            known = self._kept.pop(folder, None)
            if known is not None:
                old = known.snapshot
                if (old.digest, old.commit, old.dirty, old.skipped) == (taken.digest, taken.commit, taken.dirty, taken.skipped):
                    fresh = known
                else:
                    del known, old
                    gc.collect()  # a graph is full of cycles: it goes before the new one is made, not some time later
            self._kept[folder] = fresh
            while len(self._kept) > KEPT:
                self._kept.pop(next(iter(self._kept)))
        return fresh

    def read_report(self, path: str, file: str) -> bytes:
        """A report file below a root, `file` relative to the folder `path` or absolute. Errors: `UnusableInput`."""
        found = self._below_a_root(str(Path(path) / file))
        try:
            if not found.is_file():
                raise UnusableInput(f"{file} is no file: name the JSON report, relative to {path!r} or absolute")
            with found.open("rb") as opened:
                return opened.read(MAX_BYTES + 1)
        except OSError as error:
            raise UnusableInput(f"{file} cannot be read ({(error.strerror or str(error)).lower()})") from error

    def _below_a_root(self, path: str) -> Path:
        try:
            found = (self.roots[0] / path).resolve()
        except (OSError, ValueError, RuntimeError) as error:
            raise UnusableInput(f"{path[:200]!r} is no usable path: name a folder below {self._listed()}") from error
        if not any(found.is_relative_to(root) for root in self.roots):
            raise UnusableInput(f"{path[:200]!r} is outside of what may be read ({self._listed()}): start the server with --root for it")
        return found

    def _listed(self) -> str:
        return ", ".join(str(root) for root in self.roots)


class OneWorkspace(Workspaces):
    """One repository as it was read once, for a run that must see the same bytes from its start to its end."""

    def __init__(self, found: Workspace) -> None:
        super().__init__([found.snapshot.root])
        self._found = found

    def open(self, path: str) -> Workspace:
        return self._found
