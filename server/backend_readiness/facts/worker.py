"""A process that extracts facts. It speaks msgpack frames over its standard input and output, and knows nothing of the repository.

A plain child process and not `multiprocessing`: forking a program with threads can lock up, and spawning runs the caller's main module
again. Its search path is handed over and does not hold the current folder, which may be the audited one.
"""

from __future__ import annotations

import importlib
import os
import signal
import struct
import sys
from typing import IO

import msgspec

from backend_readiness.facts import languages
from backend_readiness.facts.extraction import Extracted, extract

_LENGTH = struct.Struct(">I")
_MAX_MEMORY_BYTES = 3 << 30


class Job(msgspec.Struct, frozen=True, array_like=True):
    tail: str
    source: bytes


_jobs = msgspec.msgpack.Decoder(list[Job])
_encoder = msgspec.msgpack.Encoder()


def send(stream: IO[bytes], message: object) -> None:
    body = _encoder.encode(message)
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """The body of the next frame; None at the end of the stream."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


def serve(adapters: list[str]) -> None:
    """Answer every list of jobs with one frame for each job, in order. The first frame says that the process is ready."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us by closing the pipe
    _limit_memory()
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may write among the frames
    languages.__path__ = adapters
    languages.adapters()
    send(output, languages.version())
    while (body := receive(sys.stdin.buffer)) is not None:
        for job in _jobs.decode(body):
            send(output, extract(job.source, job.tail))


def _limit_memory() -> None:
    try:
        resource = importlib.import_module("resource")
        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
    except (ImportError, AttributeError, ValueError, OSError):
        pass  # not every system can: the watch over time remains


__all__ = ["Extracted", "Job", "receive", "send", "serve"]
