"""What git knows of a folder: its commit, the tracked files and the tree of HEAD, read without running git.

Nothing of the audited repository can run, because no process is started at all: hooks, aliases, filters, textconv, pagers,
credential helpers, `core.fsmonitor` and lazy fetching of a partial clone are things that the `git` program does. References and the index
are read here as the files that they are; objects through `gitdb`, GitPython's object database. `import git` itself is
avoided: it starts `git version` and fails where git is not installed, and its `Repo` follows `include.path` of a hostile configuration.
`core.worktree` is never looked at, and it does not matter who owns the folder (`safe.directory`).
"""

from __future__ import annotations

import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from gitdb.db import PackedDB  # type: ignore[import-untyped]  # it has no types
from gitdb.exc import ODBError  # type: ignore[import-untyped]

from backend_readiness.snapshot.content import read_regular

_MAX_META_BYTES = 256 << 20
_MAX_SMALL_BYTES = 4 << 20
_MAX_OBJECT_BYTES = 64 << 20
_MAX_ALTERNATES = 8
_MAX_TREE_DEPTH = 200
_SHA = re.compile(rb"[0-9a-f]{40}\Z")
_ANY_SHA = re.compile(rb"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")


class Unreadable(Exception):
    """Git data that is missing, damaged or of a kind that is not understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitFolder:
    """`top` is the folder of the work tree, `own` its git folder, `shared` the one of the main work tree (mostly the same)."""

    top: Path
    own: Path
    shared: Path

    def meta(self, name: str, *, limit: int = _MAX_SMALL_BYTES, shared: bool = False) -> bytes | None:
        """The bytes of a file in the git folder; None when it is not there or cannot be read."""
        try:
            data = read_regular(os.path.join(self.shared if shared else self.own, name), limit, follow=True)
        except (OSError, ValueError):
            return None
        return data if len(data) <= limit else None

    def index(self) -> bytes | None:
        return self.meta("index", limit=_MAX_META_BYTES)

    def commit(self) -> str | None:
        """The hash of HEAD; None before the first commit or when the references are damaged."""
        name = "HEAD"
        for _ in range(6):
            content = self.meta(name) or self.meta(name, shared=True)
            if content is None:
                return self._packed_reference(name)
            content = content.strip()
            if _ANY_SHA.match(content):
                return content.decode()
            if not content.startswith(b"ref:"):
                return None
            name = os.fsdecode(content[4:].strip())
            if not name.startswith("refs/") or ".." in name.split("/") or "\0" in name:
                return None
        return None

    def _packed_reference(self, name: str) -> str | None:
        wanted = os.fsencode(name)
        for line in (self.meta("packed-refs", limit=64 << 20, shared=True) or b"").split(b"\n"):
            sha, _, reference = line.rstrip().partition(b" ")
            if reference == wanted and _ANY_SHA.match(sha):
                return sha.decode()
        return None


def find(root: Path) -> GitFolder | None:
    """The git folder whose work tree holds `root`; None for a plain folder. `root` is absolute and resolved."""
    for top in (root, *root.parents):
        own = _pointed_at(top / ".git")
        if own is not None and (own / "HEAD").is_file():
            try:
                common = read_regular(str(own / "commondir"), 4_096).decode().strip()
            except (OSError, UnicodeDecodeError):
                common = "."
            shared = Path(os.path.normpath(own / common))
            if (shared / "objects").is_dir():
                return GitFolder(top=top, own=own, shared=shared)
    return None


def _pointed_at(dot_git: Path) -> Path | None:
    """`.git` itself, or where it leads when it is the file of a linked work tree or submodule."""
    if dot_git.is_dir():
        return dot_git
    try:
        content = read_regular(str(dot_git), 4_096).decode()
    except (OSError, UnicodeDecodeError):
        return None
    if not content.startswith("gitdir:"):
        return None
    return Path(os.path.normpath(dot_git.parent / content[len("gitdir:") :].strip()))


@dataclass(frozen=True, slots=True)
class TreeEntry:
    mode: int
    sha: str


class Objects:
    """The object database of a repository. Errors of every method: `Unreadable`."""

    def __init__(self, git: GitFolder) -> None:
        self._folders = [git.shared / "objects"]
        for line in (git.meta("objects/info/alternates", shared=True) or b"").split(b"\n")[:_MAX_ALTERNATES]:
            if line and not line.startswith(b"#"):
                self._folders.append(Path(os.path.normpath(self._folders[0] / os.fsdecode(line))))
        self._packs: list[PackedDB] | None = None

    def tree_of_commit(self, commit: str) -> str:
        head, _, _ = self.read(commit, b"commit").partition(b"\n")
        if not head.startswith(b"tree ") or not _SHA.match(head[5:]):
            raise Unreadable(f"commit {commit} is damaged")
        return head[5:].decode()

    def files_of_tree(self, tree: str, prefix: str = "", depth: int = 0) -> dict[str, TreeEntry]:
        """Path -> entry of every file, link and submodule below a tree. Names that are no UTF-8 keep their bytes as surrogates."""
        if depth > _MAX_TREE_DEPTH:
            raise Unreadable("folders are nested too deep")
        found: dict[str, TreeEntry] = {}
        data = self.read(tree, b"tree")
        at = 0
        while at < len(data):
            blank = data.find(b" ", at)
            end = data.find(b"\0", blank)
            if blank < 0 or end < 0 or end + 21 > len(data):
                raise Unreadable(f"tree {tree} is damaged")
            try:
                mode = int(data[at:blank], 8)
            except ValueError as error:
                raise Unreadable(f"tree {tree} is damaged") from error
            path = prefix + os.fsdecode(data[blank + 1 : end])
            sha = data[end + 1 : end + 21].hex()
            at = end + 21
            if mode == 0o040000:
                found.update(self.files_of_tree(sha, path + "/", depth + 1))
            else:
                found[path] = TreeEntry(mode, sha)
        return found

    def read(self, sha: str, kind: bytes) -> bytes:
        """The content of an object of the kind `commit` or `tree`."""
        for folder in self._folders:
            try:
                packed = read_regular(os.path.join(folder, sha[:2], sha[2:]), _MAX_OBJECT_BYTES)
            except OSError:
                continue
            return _loose(packed, sha, kind)
        binary = bytes.fromhex(sha)
        try:
            for database in self._packed():
                if database.has_object(binary):
                    stream = database.stream(binary)
                    if stream.type != kind or stream.size > _MAX_OBJECT_BYTES:
                        raise Unreadable(f"object {sha} is no {kind.decode()} of a usable size")
                    return bytes(stream.read())
        except (ODBError, OSError, ValueError, AssertionError, IndexError, AttributeError, zlib.error) as error:
            raise Unreadable(f"object {sha}: {error}") from error
        raise Unreadable(f"object {sha} is not there")

    def _packed(self) -> list[PackedDB]:
        if self._packs is None:
            self._packs = []
            for folder in self._folders:
                packs = folder / "pack"
                if packs.is_dir() and all(p.is_file() for p in packs.iterdir() if p.suffix in (".pack", ".idx")):
                    self._packs.append(PackedDB(str(packs)))
        return self._packs


def _loose(packed: bytes, sha: str, kind: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, _MAX_OBJECT_BYTES)
    except zlib.error as error:
        raise Unreadable(f"object {sha} is damaged") from error
    head, _, content = data.partition(b"\0")
    if head.split(b" ")[0] != kind or unpacker.unconsumed_tail:
        raise Unreadable(f"object {sha} is no {kind.decode()} of a usable size")
    return content
