"""Opens files of the audited tree, and nothing that only looks like one."""

from __future__ import annotations

import codecs
import hashlib
import os
import stat

_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOCTTY"):
    _FLAGS |= getattr(os, _flag, 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
# How a text of two bytes a letter begins, as PowerShell (`pip freeze > requirements.txt`) and editors of Windows write one.
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_LOOKED_AT = 8_192
_IN_TEXTS = frozenset("\t\n\v\f\r\x1a\x1b")


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


def is_wide(data: bytes) -> bool:
    """Is this a text in UTF-16, as its mark says? Other data that begins with the same bytes soon holds what no text does."""
    if not data.startswith(_WIDE):
        return False
    try:
        head = codecs.getincrementaldecoder("utf-16")().decode(data[:_LOOKED_AT])
    except UnicodeDecodeError:
        return False
    return all(letter >= " " or letter in _IN_TEXTS for letter in head)


def text_of(data: bytes) -> str:
    """The text of a file without the mark of its encoding, invalid bytes replaced."""
    return data.decode("utf-16", "replace") if is_wide(data) else data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def blob_of(data: bytes) -> str:
    """The hash that git gives these bytes."""
    digest = hashlib.sha1(b"blob %d\0" % len(data), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()
