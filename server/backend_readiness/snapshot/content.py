"""Opens files of the audited tree, and nothing that only looks like one."""

from __future__ import annotations

import hashlib
import os
import stat

_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOCTTY"):
    _FLAGS |= getattr(os, _flag, 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
# How a text of two bytes a letter begins, as PowerShell writes the list of `pip freeze > requirements.txt`.
WIDE = (b"\xff\xfe", b"\xfe\xff")


class NotRegular(OSError):
    """The path is a pipe, a device, a socket or a folder."""


def read_regular(path: str, limit: int, *, follow: bool = False) -> bytes:
    """The bytes of a regular file, at most `limit + 1` of them: one more than `limit` says that there are more.

    Never blocks and never reads a pipe or a device. `follow` False: a symbolic link as the last component is an error.
    Errors: `OSError`, `NotRegular`.
    """
    descriptor = os.open(path, _FLAGS if follow else _FLAGS | _NO_FOLLOW)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise NotRegular(f"{path} is no regular file")
        wanted = min(found.st_size, limit) + 1
        data = os.read(descriptor, wanted)
        while len(data) >= wanted and len(data) <= limit:  # it has grown since
            wanted = limit + 1
            more = os.read(descriptor, wanted - len(data))
            if not more:
                break
            data += more
        return data
    finally:
        os.close(descriptor)


def blob_of(data: bytes) -> str:
    """The hash that git gives these bytes."""
    digest = hashlib.sha1(b"blob %d\0" % len(data), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()
