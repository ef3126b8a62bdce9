"""Where requests may go: this machine, or a host that was allowed by name; and only to the address that was checked."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from backend_readiness.errors import UnusableInput

_PORTS = {"http": 80, "https": 443}
_PATH = re.compile(r"(/[A-Za-z0-9._~%!$&'()*+,;=:@-]*)*")
_MAX_URL = 2_000
_MAX_ADDRESSES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server. `addresses` are those that its name stood for when it was checked; no other is ever connected to.

    `base` is the path that every request begins with, "" or `/app` without a slash at its end.
    """

    scheme: str
    host: str
    port: int
    base: str
    addresses: tuple[str, ...]

    @property
    def authority(self) -> str:
        """As `Host` says it."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.base}"


def target_of(url: str, allowed_hosts: Collection[str] = ()) -> Target:
    """The server that a URL names. Errors: `UnusableInput` for any other URL than plain http(s), and for a host that is not allowed."""
    if len(url) > _MAX_URL or not url.isascii() or not url.isprintable() or any(c in url for c in ' \\"<>'):
        raise UnusableInput("the URL of the server has characters that no URL has: give it like http://127.0.0.1:8000")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UnusableInput(f"{url!r} is no URL ({error}): give it like http://127.0.0.1:8000") from error
    if parts.scheme not in _PORTS or not host:
        raise UnusableInput(f"{url!r} is no URL of a server: give it like http://127.0.0.1:8000")
    if parts.username is not None or parts.password is not None:
        raise UnusableInput("the URL holds a user or password: leave them out, a probe never signs in")
    if parts.query or parts.fragment:
        raise UnusableInput(f"{url!r} has a query or fragment: give scheme, host, port and the path that the application is mounted on")
    base = parts.path.rstrip("/")
    if not _PATH.fullmatch(base) or "/.." in base:
        raise UnusableInput(f"{url!r} has a path that cannot be asked for: give the one that the application is mounted on")
    port = port if port is not None else _PORTS[parts.scheme]
    if port == 0:
        raise UnusableInput("port 0 is none that a server listens on: give it like http://127.0.0.1:8000")
    allowed = host.lower() in {name.strip().lower().strip("[]") for name in allowed_hosts}
    return Target(scheme=parts.scheme, host=host, port=port, base=base, addresses=_addresses(host, port, allowed))


def _addresses(host: str, port: int, allowed: bool) -> tuple[str, ...]:
    """What the name stands for. A name that leads off this machine by any of its addresses is refused, unless it was allowed."""
    try:
        found = [host] if _is_address(host) else [str(item[4][0]) for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise UnusableInput(f"the host {host!r} has no address: start the server and name it like http://127.0.0.1:8000") from error
    addresses = tuple(dict.fromkeys(found))
    if not allowed:
        for address in addresses:
            if not is_loopback(address):
                raise UnusableInput(
                    f"{host} is {address}, which is not this machine: name the server as 127.0.0.1 or localhost, "
                    f"or, if requests to it are wanted, allow the host by name (--allow-host {host})"
                )
    if not addresses:
        raise UnusableInput(f"the host {host!r} has no address: start the server and name it like http://127.0.0.1:8000")
    return addresses[:_MAX_ADDRESSES]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def is_loopback(address: str) -> bool:
    """False for what is no address at all."""
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False
