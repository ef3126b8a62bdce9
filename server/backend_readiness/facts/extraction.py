"""The facts of one file, ready to be kept; or the reason why there are none."""

from __future__ import annotations

import signal
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import msgspec

from backend_readiness.facts import languages
from backend_readiness.facts.file_index import FileIndex
from backend_readiness.facts.model import FileFacts

CPU_LIMIT_S = 10.0
_encoder = msgspec.msgpack.Encoder()
# a union is no type to mypy
_index_decoder: msgspec.msgpack.Decoder[FileIndex | str] = msgspec.msgpack.Decoder(FileIndex | str)
_facts_decoder = msgspec.msgpack.Decoder(FileFacts)


class Damaged(ValueError):
    """Kept bytes that are not what was put there."""


class _TooLong(BaseException):
    """Raised by the timer; not an Exception, so that no adapter catches it."""


class Extracted(msgspec.Struct, frozen=True, array_like=True):
    """`index` decodes to a FileIndex, or to the reason of a failure, and then `facts` is empty."""

    index: bytes
    facts: bytes

    @staticmethod
    def failed(reason: str) -> Extracted:
        return Extracted(_encoder.encode(reason), b"")


def extract(source: bytes, tail: str) -> Extracted:
    """Never raises: what an adapter raises, and work of more than `CPU_LIMIT_S` seconds of processor time, become the reason."""
    try:
        with _cpu_limit():
            builder = languages.extract(source, tail)
            facts = _encoder.encode(builder.facts())
            return Extracted(_encoder.encode(builder.index()), zlib.compress(facts, 1))
    except _TooLong:
        return Extracted.failed(f"its facts took more than {CPU_LIMIT_S:g} s of processor time")
    except RecursionError:
        return Extracted.failed("it is nested too deep")
    except MemoryError:
        return Extracted.failed("its facts need too much memory")
    except Exception as error:  # one file must not end the run, whatever its adapter did
        return Extracted.failed(f"its facts could not be extracted ({type(error).__name__}: {str(error)[:120]})")


def decode_index(body: bytes) -> FileIndex | str:
    """Errors: `Damaged`."""
    try:
        return _index_decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Damaged(str(error)) from error


def decode_facts(body: bytes) -> tuple[FileFacts, int]:
    """The facts and the bytes that they take when they are not compressed. Errors: `Damaged`."""
    try:
        plain = zlib.decompress(body)
        return _facts_decoder.decode(plain), len(plain)
    except (zlib.error, msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Damaged(str(error)) from error


@contextmanager
def _cpu_limit() -> Iterator[None]:
    """Ends Python code that runs on and on. Parsers in C are not ended by it: the pool watches over those."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGPROF, _raise)
    signal.setitimer(signal.ITIMER_PROF, CPU_LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_DFL if before is None else before)


def _raise(number: int, frame: FrameType | None) -> None:
    raise _TooLong
