"""A server that does not end, drips, floods or lies costs what any other does, and never a crash."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.probe.server import Script, serving
from tests.probe.wire import Raw

from backend_readiness.probe.address import target_of
from backend_readiness.probe.client import Limits, NoAnswer, read
from backend_readiness.probe.conditions import cookies
from backend_readiness.probe.exchange import Exchange, Request
from backend_readiness.probe.session import Session

LIMITS = Limits(requests=20, total_s=4.0, request_s=0.6, answer_bytes=200_000, body_bytes=50_000)
OK = b"HTTP/1.1 200 OK\r\n"


def asked(script: Script, limits: Limits = LIMITS) -> tuple[Exchange, float]:
    """The exchange, and the seconds that it took."""
    with serving(script) as (url, _seen):
        session = Session(target_of(url), limits)
        started = time.monotonic()
        exchange = session.ask(Request(method="GET", target="/"))
        return exchange, time.monotonic() - started


def endless_body(head: bytes) -> Iterator[bytes]:
    yield OK + b"Content-Type: text/plain\r\n\r\n"
    for _ in range(10_000):
        yield b"x" * 4_096


def endless_chunks(head: bytes) -> Iterator[bytes]:
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n"
    for _ in range(10_000):
        yield b"400;" + b"e" * 100 + b"\r\n" + b"x" * 1_024 + b"\r\n"


def one_endless_chunk_size(head: bytes) -> Iterator[bytes]:
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n"
    for _ in range(10_000):
        yield b"0" * 4_096


def longer_than_it_says(head: bytes) -> Iterator[bytes]:
    yield OK + b"Content-Length: 5\r\n\r\nhello, and more than that"


def shorter_than_it_says(head: bytes) -> Iterator[bytes]:
    yield OK + b"Content-Length: 99999999999\r\n\r\nhello"


def not_utf8(head: bytes) -> Iterator[bytes]:
    yield OK + b"X-Name: \xff\xfe\x80\r\nSet-Cookie: a=\xc3\x28\r\n\r\n\xff\xfe\x00\x80"


def huge_cookie(head: bytes) -> Iterator[bytes]:
    yield OK + b"Set-Cookie: session=" + b"x" * 60_000 + b"; HttpOnly\r\n\r\nhello"


@pytest.mark.parametrize(
    "script", [endless_body, endless_chunks, one_endless_chunk_size, longer_than_it_says, shorter_than_it_says, not_utf8, huge_cookie]
)
def test_a_strange_body_is_kept_as_far_as_it_may_come(script: Script) -> None:
    exchange, seconds = asked(script)
    assert exchange.answer is not None
    assert exchange.answer.status == 200
    assert len(exchange.answer.body) <= LIMITS.body_bytes
    assert all(len(value) <= 2_000 for _name, value in exchange.answer.headers)
    assert seconds < 3


def endless_headers(head: bytes) -> Iterator[bytes]:
    yield OK
    for number in range(100_000):
        yield b"X-Header-%d: value\r\n" % number


def one_endless_header(head: bytes) -> Iterator[bytes]:
    yield OK + b"X-Header: "
    for _ in range(10_000):
        yield b"x" * 4_096


def endless_continues(head: bytes) -> Iterator[bytes]:
    for _ in range(100_000):
        yield b"HTTP/1.1 100 Continue\r\n\r\n"


def dripping(head: bytes) -> Iterator[bytes]:
    for byte in OK * 20:
        time.sleep(0.05)
        yield bytes([byte])


def silent(head: bytes) -> Iterator[bytes]:
    time.sleep(1.5)
    yield b""


def closed_at_once(head: bytes) -> Iterator[bytes]:
    yield from ()


def http_0_9(head: bytes) -> Iterator[bytes]:
    yield b"<h1>It works</h1>\n"


def another_protocol(head: bytes) -> Iterator[bytes]:
    yield b"SSH-2.0-OpenSSH_9.6\r\n" + bytes(range(256))


def status_that_is_none(head: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 99999 OK\r\n\r\n"


def header_without_a_colon(head: bytes) -> Iterator[bytes]:
    yield OK + b"this is no header\r\nContent-Security-Policy: default-src 'self'\r\n\r\nhello"


@pytest.mark.parametrize(
    "script",
    [
        endless_headers,
        one_endless_header,
        endless_continues,
        dripping,
        silent,
        closed_at_once,
        http_0_9,
        another_protocol,
        status_that_is_none,
        header_without_a_colon,
    ],
)
def test_a_head_that_cannot_be_read_is_no_answer_and_says_why(script: Script) -> None:
    exchange, seconds = asked(script)
    assert exchange.answer is None
    assert exchange.failure
    assert len(exchange.failure) < 200
    assert seconds < 3


def test_a_dripping_body_ends_with_the_time_of_the_request() -> None:
    def script(head: bytes) -> Iterator[bytes]:
        yield OK + b"\r\n"
        for _ in range(100):
            time.sleep(0.05)
            yield b"x"

    exchange, seconds = asked(script)
    assert exchange.answer is not None
    assert exchange.answer.cut
    assert 0.4 < seconds < 2


def test_a_server_that_never_answers_is_left_after_a_few_requests() -> None:
    with serving(closed_at_once) as (url, seen):
        session = Session(target_of(url), LIMITS)
        failures = [session.ask(Request(method="GET", target=f"/{n}")).failure for n in range(12)]
        assert "without an answer" in session.ended
    assert session.sent == len(seen) == 5
    assert failures[-1].startswith("not sent: ")


def test_requests_and_time_have_an_end() -> None:
    with serving(longer_than_it_says) as (url, seen):
        few = Session(target_of(url), Limits(requests=3))
        for number in range(6):
            few.ask(Request(method="GET", target=f"/{number}"))
        assert few.sent == 3
        assert "3 requests" in few.ended
    assert len(seen) == 3
    with serving(silent) as (url, _seen):
        short = Session(target_of(url), Limits(total_s=0.5, request_s=5))
        started = time.monotonic()
        for number in range(6):
            short.ask(Request(method="GET", target=f"/{number}"))
        assert time.monotonic() - started < 2
        assert "0.5 seconds" in short.ended


def test_the_same_request_is_sent_once() -> None:
    with serving(longer_than_it_says) as (url, seen):
        session = Session(target_of(url))
        request = Request(method="GET", target="/a", headers=(("Origin", "https://foreign.example"),))
        assert session.ask(request) is session.ask(request)
        session.ask(Request(method="GET", target="/a"))
    assert len(seen) == session.sent == 2
    assert b"Origin: https://foreign.example\r\n" in seen[0]
    assert b"Origin" not in seen[1]
    assert all(word not in seen[0].lower() for word in (b"authorization", b"cookie"))


@pytest.mark.parametrize("target", ["/a b", "/a\r\nHost: evil.example", "/\u00e4", "/a\x00"])
def test_what_is_no_request_line_is_not_sent(target: str) -> None:
    with serving(longer_than_it_says) as (url, seen):
        exchange = Session(target_of(url)).ask(Request(method="GET", target=target))
    assert exchange.failure == "the request cannot be written as HTTP"
    assert b"".join(seen) == b""


HEADS = st.sampled_from(
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"HTTP/1.0 301 \xff\r\nLocation: "]
)


@given(head=HEADS, rest=st.binary(max_size=400), method=st.sampled_from(["GET", "HEAD", "OPTIONS"]))
@example(head=b"", rest=b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", method="GET")
@example(head=b"", rest=b"HTTP/1.1 200 OK\r\nContent-Length: 9" + b"9" * 5_000 + b"\r\n\r\nhello", method="GET")
@example(head=b"", rest=b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\n c=d; \x00HttpOnly\r\n\r\n", method="GET")
def test_whatever_bytes_come_they_are_an_answer_or_none(head: bytes, rest: bytes, method: str) -> None:
    try:
        answer = read(Raw(head + rest), method, 100)
    except NoAnswer:
        return
    assert 100 <= answer.status <= 999
    assert len(answer.body) <= 100
    assert all("\n" not in value and "\r" not in value for _name, value in answer.headers)
    assert len(cookies(answer)) <= len(answer.values("set-cookie"))
