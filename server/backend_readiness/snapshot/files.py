"""The snapshot: a fixed list of files with the hashes of their bytes, and reading that gives these bytes or an error."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from backend_readiness.errors import UnusableInput
from backend_readiness.model import Skipped
from backend_readiness.snapshot import globs
from backend_readiness.snapshot.content import blob_of, is_wide, read_regular, text_of

if TYPE_CHECKING:
    from backend_readiness.snapshot.manifests import Application

_KEPT_CHARS = 32_000_000


class ChangedWhileRead(UnusableInput):
    """A file is no longer what it was when the snapshot was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """`path` is relative with `/`; `blob` is git's hash of the bytes in the working tree; `size` is in bytes."""

    path: str
    blob: str
    size: int


class _Recent:
    """The texts read last, up to a bound of characters."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._chars = 0
        self._lock = Lock()

    def get(self, path: str) -> str | None:
        with self._lock:
            if path in self._texts:
                self._texts.move_to_end(path)
            return self._texts.get(path)

    def put(self, path: str, text: str) -> None:
        with self._lock:
            if path in self._texts:
                return
            self._texts[path] = text
            self._chars += len(text)
            while self._chars > _KEPT_CHARS:
                self._chars -= len(self._texts.popitem(last=False)[1])


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A repository as it was read once. `files` and `skipped` are sorted by path.

    `root` is absolute and resolved. `commit` is None for a plain folder and before the first commit. `dirty`: the folder differs from
    `commit` in content, in an executable bit, or by a file that is neither tracked nor ignored; always False for a plain folder.
    """

    root: Path
    commit: str | None
    dirty: bool
    files: tuple[File, ...]
    skipped: tuple[Skipped, ...] = ()
    _texts: _Recent = field(default_factory=_Recent, init=False, repr=False, compare=False)

    def file(self, path: str) -> File | None:
        return self._by_path.get(path)

    def blob(self, path: str) -> str:
        """Errors: `UnusableInput` for a path that is not in `files`."""
        return self._known(path).blob

    def read(self, path: str) -> bytes:
        """The bytes of a file: at most 1 MiB (8 MiB for a lock file).

        What is read must hash to the blob of the snapshot. So neither a later change nor a symbolic link that was put in the way, of
        the file or of a folder above it, can bring in other bytes.
        Errors: `UnusableInput` for a path that is not in `files`, `ChangedWhileRead`.
        """
        file = self._known(path)
        try:
            data = read_regular(os.path.join(self.root, path), file.size)
        except OSError as error:
            raise ChangedWhileRead(f"{path} can no longer be read ({(error.strerror or str(error)).lower()}): run again") from error
        if blob_of(data) != file.blob:
            raise ChangedWhileRead(f"{path} changed after the repository was read: run again")
        return data

    def text(self, path: str) -> str:
        """UTF-8, or UTF-16 where a mark says so, without the mark, invalid bytes replaced, line ends as in the file. Errors: as `read`."""
        kept = self._texts.get(path)
        if kept is None:
            kept = text_of(self.read(path))
            self._texts.put(path, kept)
        return kept

    def source(self, path: str) -> bytes:
        """The bytes that an adapter parses: those of the file, a text in UTF-16 as UTF-8. Errors: as `read`."""
        data = self.read(path)
        return text_of(data).encode("utf-8", "replace") if is_wide(data) else data

    def lines(self, path: str) -> tuple[str, ...]:
        r"""The lines without their ends, as tree-sitter counts rows: only `\n` ends one. Errors: as `read`.

        A last line is one only when something stands on it; an empty file has none.
        """
        found = self.text(path).split("\n")
        if found[-1] == "":
            found.pop()
        return tuple(line.removesuffix("\r") for line in found)

    def glob(self, *patterns: str) -> tuple[str, ...]:
        """Paths of the files that a pattern matches, sorted. Patterns are those of .gitignore (git's wildmatch), without `!`.

        `*`, `?`, `[...]` stay within a name and `**` is any number of folders. A pattern without a slash (or with one only at its end)
        matches at any depth, any other from the root: `Dockerfile*`, `**/*.py`, `src/**/*.ts`. One that matches a folder takes all in it.
        """
        known = self._globs.get(patterns)
        if known is None:
            found = [paths for pattern in dict.fromkeys(patterns) if (paths := self._matching(pattern))]
            known = self._globs[patterns] = found[0] if len(found) == 1 else tuple(sorted(set().union(*found)))
        return known

    def _matching(self, pattern: str) -> tuple[str, ...]:
        """The paths of one pattern, which many questions share."""
        known = self._globs.get((pattern,))
        if known is None:
            match, tail = globs.matcher((pattern,)).match, globs.tail(pattern)
            known = self._globs[pattern,] = tuple(f.path for f in self.files if tail in f.path and match(f.path))
        return known

    @cached_property
    def applications(self) -> tuple[Application, ...]:
        """The parts of the repository that have a manifest, sorted by root; see `snapshot.manifests`."""
        from backend_readiness.snapshot.manifests import applications_of

        return applications_of(self)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the path and blob of every file: equal digests are equal bytes."""
        whole = hashlib.sha256()
        for file in self.files:
            whole.update(f"{file.path}\0{file.blob}\n".encode())
        return whole.hexdigest()

    @cached_property
    def _by_path(self) -> Mapping[str, File]:
        return {file.path: file for file in self.files}

    @cached_property
    def _globs(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        return {}

    def _known(self, path: str) -> File:
        file = self._by_path.get(path)
        if file is None:
            why = next((f" ({s.reason})" for s in self.skipped if s.path == path or path.startswith(s.path + "/")), "")
            raise UnusableInput(f"{path} is not among the files that were read{why}: name one relative to the repository, with /")
        return file
