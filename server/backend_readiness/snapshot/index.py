"""The git index (`gitformat-index`, versions 2 to 4): which files are tracked, and what they were when git last looked."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

from backend_readiness.snapshot.gitdir import TreeEntry, Unreadable

_ENTRY = struct.Struct(">10I20sH")
_MERGE_STAGE = 0x3000
_EXTENDED = 0x4000
_SKIP_WORKTREE = 0x4000
_INTENT_TO_ADD = 0x2000
LINK = 0o120000
SUBMODULE = 0o160000
SPARSE_FOLDER = 0o040000


@dataclass(frozen=True, slots=True)
class Tracked:
    """One tracked path. `mtime` is (seconds, nanoseconds) and `size` in bytes when git last looked; None: it did not."""

    mode: int
    sha: str
    size: int | None = None
    mtime: tuple[int, int] | None = None
    absent: bool = False  # left out of the work tree by a sparse checkout


@dataclass(frozen=True, slots=True)
class Index:
    """`tree` is the hash of the tree that the index stands for, when git noted it. `unmerged`: a merge is under way."""

    tracked: dict[str, Tracked]
    tree: str | None
    unmerged: bool

    def differs_from(self, head: dict[str, TreeEntry]) -> bool:
        """Whether something is staged."""
        if len(head) != len(self.tracked):
            return True
        return any((entry := head.get(path)) is None or (entry.sha, entry.mode) != (t.sha, t.mode) for path, t in self.tracked.items())


def parse(data: bytes) -> Index:
    """Errors: `Unreadable` for a damaged index, a split one and hashes of another length."""
    try:
        return _parse(data)
    except (struct.error, ValueError, IndexError) as error:
        raise Unreadable(f"the index is damaged: {error}") from error


def _parse(data: bytes) -> Index:
    signature, version, count = struct.unpack_from(">4sII", data)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise Unreadable("the index is of an unknown version")
    tracked: dict[str, Tracked] = {}
    unmerged = False
    at = 12
    previous = b""
    for _ in range(count):
        begin = at
        _, _, mtime, mtime_ns, _, _, mode, _, _, size, sha, flags = _ENTRY.unpack_from(data, at)
        at += _ENTRY.size
        extended = 0
        if flags & _EXTENDED:
            (extended,) = struct.unpack_from(">H", data, at)
            at += 2
        if version == 4:
            kept, at = _varint(data, at)
            end = data.index(b"\0", at)
            raw = previous[: len(previous) - kept] + data[at:end]
            previous = raw
            at = end + 1
        else:
            end = data.index(b"\0", at)
            raw = data[at:end]
            at = begin + ((end - begin) // 8 + 1) * 8
        if flags & _MERGE_STAGE:
            unmerged = True
        absent = bool(extended & _SKIP_WORKTREE)
        tracked[os.fsdecode(raw)] = Tracked(
            mode, sha.hex(), size, None if extended & _INTENT_TO_ADD else (mtime, mtime_ns), absent or mode == SPARSE_FOLDER
        )
    return Index(tracked, _noted_tree(data, at), unmerged)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (data[at] & 0x7F)
    return value, at + 1


def _noted_tree(data: bytes, at: int) -> str | None:
    """The hash in the root of the `TREE` extension, if it is valid."""
    tree: str | None = None
    end = len(data) - 20
    while at + 8 <= end:
        name, size = struct.unpack_from(">4sI", data, at)
        body = data[at + 8 : at + 8 + size]
        at += 8 + size
        if name == b"TREE" and body.startswith(b"\0"):
            counts, _, rest = body[1:].partition(b"\n")
            if not counts.startswith(b"-") and len(rest) >= 20:
                tree = rest[:20].hex()
        elif name == b"link":
            raise Unreadable("the index is split")
    return tree
