"""Requests go to this machine, or to a host that was named, and to the address that was checked."""

from __future__ import annotations

import socket

import pytest

from backend_readiness.errors import UnusableInput
from backend_readiness.probe.address import is_loopback, target_of


@pytest.mark.parametrize(
    "url,base,authority",
    [
        ("http://127.0.0.1:8000", "", "127.0.0.1:8000"),
        ("http://localhost/", "", "localhost"),
        ("https://127.0.0.1/app/", "/app", "127.0.0.1"),
        ("http://[::1]:3000/a/b", "/a/b", "[::1]:3000"),
        ("HTTP://LOCALHOST:80", "", "localhost"),
    ],
)
def test_a_server_of_this_machine_is_taken(url: str, base: str, authority: str) -> None:
    target = target_of(url)
    assert (target.base, target.authority) == (base, authority)
    assert all(is_loopback(a) for a in target.addresses)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "8000",
        "127.0.0.1:8000",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "http://",
        "http://:80",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:0",
        "http://127.0.0.1:x",
        "http://user:secret@127.0.0.1",
        "http://user@127.0.0.1",
        "http://127.0.0.1/?a=b",
        "http://127.0.0.1/#a",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y",
        "http://127.0.0.1/../x",
        "http://127.0.0.1\\@evil.example",
        "http://127.0.0.1/" + "a" * 3_000,
        "http://[::1",
        "http://\u0661\u0662\u0667.0.0.1",
    ],
)
def test_what_is_no_plain_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(UnusableInput) as refused:
        target_of(url)
    assert "secret" not in str(refused.value)


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 80)) for a in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)


@pytest.mark.parametrize(
    "addresses",
    [
        ("192.0.2.1",),
        ("127.0.0.1", "192.0.2.1"),
        ("169.254.169.254",),
        ("10.0.0.1",),
        ("0.0.0.0",),
        ("::",),
        ("fe80::1%eth0",),
        ("2001:db8::1",),
    ],
)
def test_a_name_that_leads_off_this_machine_is_refused(monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]) -> None:
    resolving(monkeypatch, *addresses)
    with pytest.raises(UnusableInput, match=r"--allow-host shop\.example"):
        target_of("http://shop.example")


def test_a_host_that_was_allowed_by_name_is_taken_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "192.0.2.1")
    assert target_of("http://Shop.example", ["shop.EXAMPLE"]).addresses == ("192.0.2.1",)
    with pytest.raises(UnusableInput, match="not this machine"):
        target_of("http://shop.example.evil.example", ["shop.example"])


def test_a_name_without_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(UnusableInput, match="has no address"):
        target_of("http://shop.example")
