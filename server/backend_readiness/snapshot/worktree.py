"""What the tracked files of the audited folder should be, and whether the working tree differs from HEAD."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from backend_readiness.snapshot import gitdir, ignore, index
from backend_readiness.snapshot.content import blob_of, read_regular
from backend_readiness.snapshot.gitdir import GitFolder, Unreadable
from backend_readiness.snapshot.index import LINK, SUBMODULE, Tracked

_MAX_COMPARED_BYTES = 64 << 20
_MAX_IGNORE_BYTES = 1 << 20
_NO_FILE_MODE = re.compile(rb"^\s*filemode\s*=\s*(?:false|no|off|0)\b", re.IGNORECASE | re.MULTILINE)
_OTHER_FORMAT = re.compile(rb"^\s*(?:objectformat\s*=\s*sha256|refstorage\s*=\s*reftable)\b", re.IGNORECASE | re.MULTILINE)


@dataclass(kw_only=True)
class WorkTree:
    """The git side of a folder; for a plain folder `commit` is None and `tracked` empty.

    Paths are relative to the audited folder. `dirty` grows while the walk compares files. `trouble` says what of git could not be read.
    """

    commit: str | None = None
    is_git: bool = False
    tracked: dict[str, Tracked] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()  # every folder that holds a tracked file, at any depth
    rules: tuple[ignore.Rules, ...] = ()  # of the folders above the audited one, and of .git/info/exclude
    looked_at: tuple[int, int] = (0, 0)  # when the index was written: an entry of that very time proves nothing
    compares_mode: bool = True
    dirty: bool = False
    trouble: str = ""

    def compare(self, path: str, full: str, found: os.stat_result, data: bytes | None = None) -> None:
        """Notes whether the file at `full` differs from what git tracks. `data` is its content where it was read."""
        tracked = self.tracked[path]
        if self.dirty or tracked.absent:
            return
        if stat.S_ISLNK(found.st_mode) or tracked.mode == LINK:
            self.dirty = tracked.mode != LINK or not stat.S_ISLNK(found.st_mode) or blob_of(os.fsencode(os.readlink(full))) != tracked.sha
        elif not stat.S_ISREG(found.st_mode) or (self.compares_mode and self._changed_mode(tracked, found)):
            self.dirty = True
        elif data is not None and blob_of(data) == tracked.sha:
            return
        elif not self._untouched(tracked, found):
            # Line ends may be converted on checkout; filters (LFS) leave files that only their time proves unchanged.
            self.dirty = not (
                (data is not None and blob_of(data.replace(b"\r\n", b"\n")) == tracked.sha)
                or (data is None and _streamed_blob(full, found.st_size) == tracked.sha)
            )

    def _changed_mode(self, tracked: Tracked, found: os.stat_result) -> bool:
        return bool(found.st_mode & stat.S_IXUSR) != (tracked.mode == 0o100755)

    def _untouched(self, tracked: Tracked, found: os.stat_result) -> bool:
        if tracked.mtime is None or tracked.size != found.st_size & 0xFFFFFFFF or tracked.mtime >= self.looked_at:
            return False
        seconds, nanoseconds = divmod(found.st_mtime_ns, 1_000_000_000)
        return tracked.mtime[0] == seconds & 0xFFFFFFFF and tracked.mtime[1] in (0, nanoseconds)


def _streamed_blob(full: str, size: int) -> str | None:
    if size > _MAX_COMPARED_BYTES:
        return None
    try:
        data = read_regular(full, size)
    except OSError:
        return None
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def open_worktree(root: Path) -> WorkTree:
    """The git side of `root` (absolute, resolved). A folder in which git tracks nothing, inside another's work tree, is a plain one."""
    git = gitdir.find(root)
    if git is None:
        return WorkTree()
    inside = "" if git.top == root else root.relative_to(git.top).as_posix() + "/"
    config = git.meta("config", shared=True) or b""
    tree = WorkTree(is_git=True, commit=git.commit(), compares_mode=not _NO_FILE_MODE.search(config))
    if _OTHER_FORMAT.search(config):
        tree.trouble, tree.dirty, tree.rules = "it uses SHA-256 or reftable", True, _rules_above(git, inside)
        return tree
    everything = _tracked(git, tree, inside)
    tree.tracked = {path.removeprefix(inside): entry for path, entry in everything.items() if path.startswith(inside)}
    if inside and not tree.tracked:
        return WorkTree()
    tree.folders = frozenset(_folders_of(tree.tracked))
    tree.rules = _rules_above(git, inside)
    if tree.commit is None and tree.tracked:
        tree.dirty = True
    try:
        status = os.stat(git.own / "index")
        tree.looked_at = divmod(status.st_mtime_ns, 1_000_000_000)
    except OSError:
        pass  # no index: no entry carries a time either
    return tree


def _tracked(git: GitFolder, tree: WorkTree, inside: str) -> dict[str, Tracked]:
    """What the index lists, else what HEAD holds. Sets `dirty` when something is staged, `trouble` when neither can be read."""
    objects = gitdir.Objects(git)
    found: index.Index | None = None
    data = git.index()
    if data is not None:
        try:
            found = index.parse(data)
        except Unreadable as error:
            tree.trouble = str(error)
    if tree.commit is None:
        return found.tracked if found else {}
    try:
        head = objects.tree_of_commit(tree.commit)
        if found is not None and found.tree == head and not found.unmerged:
            return found.tracked
        committed = objects.files_of_tree(head)
    except (Unreadable, RecursionError) as error:
        tree.trouble = tree.trouble or str(error)
        tree.dirty = True  # not known to be equal
        return found.tracked if found else {}
    if found is None:
        tree.trouble = ""
        return {path: Tracked(entry.mode, entry.sha) for path, entry in committed.items()}
    here = index.Index({p: t for p, t in found.tracked.items() if p.startswith(inside)}, None, found.unmerged)
    tree.dirty = here.unmerged or here.differs_from({p: e for p, e in committed.items() if p.startswith(inside)})
    return found.tracked


def _folders_of(tracked: dict[str, Tracked]) -> set[str]:
    folders: set[str] = set()
    for path in tracked:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


def submodules(tree: WorkTree) -> frozenset[str]:
    return frozenset(path for path, entry in tree.tracked.items() if entry.mode == SUBMODULE)


def _rules_above(git: GitFolder, inside: str) -> tuple[ignore.Rules, ...]:
    """The rules of .git/info/exclude and of the folders between the work tree's top and the audited folder, made relative to the latter."""
    sources: list[tuple[str, str]] = []
    exclude = git.meta("info/exclude", shared=True, limit=_MAX_IGNORE_BYTES)
    if exclude:
        sources.append(("", exclude.decode("utf-8", "replace")))
    names = inside.split("/")[:-1]
    for depth in range(len(names)):
        folder = "/".join(names[:depth])
        text = ignore_file(str(git.top / folder))
        if text:
            sources.append((folder + "/" if folder else "", text))
    parsed = (ignore.parse(text, base, inside) for base, text in sources)
    return tuple(rules for rules in parsed if rules)


def ignore_file(folder: str) -> str:
    """The text of the folder's .gitignore, "" without one."""
    try:
        return read_regular(os.path.join(folder, ".gitignore"), _MAX_IGNORE_BYTES)[:_MAX_IGNORE_BYTES].decode("utf-8", "replace")
    except OSError:
        return ""
