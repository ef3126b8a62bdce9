"""The server over streamable HTTP: this machine only by default, anywhere else only with a token.

A page in a browser can reach a port of its user's machine, so the `Host` and `Origin` of every request are checked.
"""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from backend_readiness import __version__
from backend_readiness.errors import UnusableInput

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer
    from starlette.types import ASGIApp, Receive, Scope, Send

MIN_TOKEN_CHARS = 16
PATH = "/mcp"
HEALTH = "/health"


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def app(server: MCPServer[Any], *, host: str, port: int, token: str | None, allowed_hosts: Sequence[str] = ()) -> ASGIApp:
    """The ASGI application. `allowed_hosts` are names under which clients reach it, with or without a port.

    Errors: `UnusableInput` for a host that is not this machine without a token, and for one that stands for all addresses
    without `allowed_hosts`.
    """
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    if token is not None and len(token) < MIN_TOKEN_CHARS:
        raise UnusableInput(f"the token has fewer than {MIN_TOKEN_CHARS} characters: make a longer one, as with `openssl rand -hex 32`")
    names = list(allowed_hosts)
    if is_loopback(host):
        names += ["127.0.0.1", "localhost", "[::1]"]
    elif token is None:
        raise UnusableInput(f"{host} can be reached by others: set BACKEND_READINESS_TOKEN or --token-file, or listen on 127.0.0.1")
    elif not names:
        if host in ("0.0.0.0", "::"):
            raise UnusableInput(f"{host} is every address: name those that clients use with --allowed-host")
        names = [host]
    hosts = [form for name in names for form in (name, f"{name}:*")]

    async def health(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "version": __version__})

    server.custom_route(HEALTH, methods=["GET"])(health)
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=hosts,
        allowed_origins=[f"{scheme}://{name}" for name in hosts for scheme in ("http", "https")],
    )
    inner = server.streamable_http_app(streamable_http_path=PATH, host=host, transport_security=security)
    return inner if token is None else _Bearer(inner, token)


class _Bearer:
    """Lets through what carries the token, and the question for health. Lifespan events pass."""

    def __init__(self, inner: ASGIApp, token: str) -> None:
        self._inner = inner
        self._wanted = b"Bearer " + token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != HEALTH and not self._may_pass(scope):
            from starlette.responses import JSONResponse

            refusal = JSONResponse({"error": "a bearer token is needed"}, status_code=401, headers={"WWW-Authenticate": "Bearer"})
            await refusal(scope, receive, send)
        else:
            await self._inner(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        return len(given) == 1 and hmac.compare_digest(given[0], self._wanted)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Errors: `UnusableInput`."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(128)
    except OSError as error:
        made.close()
        raise UnusableInput(f"cannot listen on {host}:{port} ({(error.strerror or str(error)).lower()}): take another --port") from error
    return made


def serve(application: ASGIApp, listening: socket.socket) -> None:
    """Until the process is interrupted; calls that run then get a few seconds to end."""
    import uvicorn

    config = uvicorn.Config(
        application, log_level="warning", access_log=False, server_header=False, lifespan="on", timeout_graceful_shutdown=5
    )
    uvicorn.Server(config).run(sockets=[listening])
