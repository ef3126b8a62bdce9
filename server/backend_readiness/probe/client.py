"""One request over a connection of its own, bounded in time and bytes whatever the server sends.

`http.client` reads the answer; what it reads from knows the deadline and the bytes that are left, so that a server that drips, floods
or never ends costs no more than one that answers.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from dataclasses import dataclass
from typing import cast

from backend_readiness import __version__
from backend_readiness.probe.address import Target
from backend_readiness.probe.exchange import Answer, Request

MAX_HEADER_CHARS = 2_000
_CHUNK = 16_384
_AGENT = f"backend-readiness-probe/{__version__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a probe may cost the server and us. `answer_bytes` counts all that comes over the wire, `body_bytes` what is kept."""

    requests: int = 240
    total_s: float = 90.0
    request_s: float = 5.0
    answer_bytes: int = 512 * 1024
    body_bytes: int = 256 * 1024


class NoAnswer(Exception):
    """The server gave no answer that can be read; the message says why. `refused`: nothing listens there."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


class _Spent(OSError):
    """The bytes that an answer may have were read, and it goes on."""


class Inlet(io.RawIOBase):
    """Bytes of a connection until `deadline` (of the monotonic clock) and up to `left` bytes."""

    def __init__(self, opened: socket.socket, deadline: float, left: int) -> None:
        self._opened = opened
        self._deadline = deadline
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        if self._left <= 0:
            raise _Spent
        self._opened.settimeout(_remaining(self._deadline))
        taken = self._opened.recv_into(view[: min(len(view), self._left)])
        self._left -= taken
        return taken


class _Readable:
    """What `HTTPResponse` asks of a socket."""

    def __init__(self, source: io.RawIOBase) -> None:
        self._source = source

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._source, _CHUNK)


def send(target: Target, request: Request, limits: Limits, deadline: float) -> Answer:
    """The answer to one request. `deadline`: of the monotonic clock, for connecting, asking and reading. Errors: `NoAnswer`."""
    with _connected(target, deadline) as opened:
        try:
            opened.settimeout(_remaining(deadline))
            opened.sendall(_wire(target, request))
        except TimeoutError:
            raise NoAnswer("it did not take the request in time") from None
        except OSError as error:
            raise NoAnswer(f"it closed the connection ({_reason(error)})") from error
        return read(Inlet(opened, deadline, limits.answer_bytes), request.method, limits.body_bytes)


def read(source: io.RawIOBase, method: str, body_bytes: int) -> Answer:
    """The answer that stands in `source`; a body that breaks off is kept as far as it came. Errors: `NoAnswer` without a readable head."""
    response = http.client.HTTPResponse(_Readable(source), method=method)  # type: ignore[arg-type]  # of the socket it takes makefile alone
    try:
        response.begin()
        if response.headers.defects or response.headers.get_payload():
            raise NoAnswer("its headers are not well formed")
        headers = tuple((name.lower(), _shown(value)) for name, value in response.headers.raw_items())
        body, cut = _body(response, body_bytes)
    except TimeoutError:
        raise NoAnswer("it did not answer in time") from None
    except _Spent:
        raise NoAnswer("the head of its answer does not end") from None
    except http.client.RemoteDisconnected:
        raise NoAnswer("it closed the connection without an answer") from None
    except (http.client.HTTPException, ValueError, LookupError) as error:
        raise NoAnswer(f"what it answers is no HTTP ({type(error).__name__})") from error
    except OSError as error:
        raise NoAnswer(f"it broke off ({_reason(error)})") from error
    finally:
        response.close()
    return Answer(status=response.status, reason=_shown(response.reason)[:100], headers=headers, body=body, cut=cut)


def _body(response: http.client.HTTPResponse, most: int) -> tuple[bytes, bool]:
    """At most `most` bytes, and whether there is more or the rest did not come."""
    taken = bytearray()
    try:
        while len(taken) < most:
            piece = response.read1(min(_CHUNK, most - len(taken)))
            if not piece:
                return bytes(taken), False
            taken += piece
    except (OSError, ValueError, http.client.HTTPException):
        pass  # it ended too early, too late or not at all: what came is what there is
    return bytes(taken), True


def _connected(target: Target, deadline: float) -> socket.socket:
    """A connection to the first address of the target that takes one. Errors: `NoAnswer`."""
    failure: OSError | None = None
    for address in target.addresses:
        try:
            opened = socket.create_connection((address, target.port), timeout=_remaining(deadline))
        except TimeoutError:
            raise NoAnswer("it does not take connections in time") from None
        except OSError as error:
            failure = error
            continue
        if target.scheme == "http":
            return opened
        try:
            return _secured(opened, target.host)
        except (OSError, ValueError) as error:
            opened.close()
            raise NoAnswer(f"no TLS with it ({_reason(error)})") from error
    raise NoAnswer(f"nothing takes connections there ({_reason(failure)})", refused=True)


def _secured(opened: socket.socket, host: str) -> ssl.SSLSocket:
    """TLS without a look at the certificate: a development server signs its own, nothing secret is sent, and no control rests on it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(opened, server_hostname=host)


def _wire(target: Target, request: Request) -> bytes:
    names = {name.lower() for name, _ in request.headers}
    usual = (
        ("Host", target.authority),
        ("User-Agent", _AGENT),
        ("Accept", "*/*"),
        ("Accept-Encoding", "identity"),
        ("Connection", "close"),
    )
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [
        f"{name}: {value}" for name, value in (*usual, *request.headers) if name.lower() not in names or (name, value) in request.headers
    ]
    text = "\r\n".join(lines)
    if not text.isascii() or any(not line.isprintable() for line in lines) or any(" " in part for part in (request.method, request.target)):
        raise NoAnswer("the request cannot be written as HTTP")
    return f"{text}\r\n\r\n".encode("ascii")


def _remaining(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _shown(value: object) -> str:
    """A header's value on one line, as far as it is worth reading."""
    return " ".join(str(value)[:MAX_HEADER_CHARS].split())


def _reason(error: BaseException | None) -> str:
    return " ".join((getattr(error, "strerror", None) or type(error).__name__).lower().split())[:120]
