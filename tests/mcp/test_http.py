"""The server over HTTP, in a process of its own: who may talk to it, and that a client can."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from backend_readiness.errors import UnusableInput
from backend_readiness.mcp_server import build, http
from mcp import Client

TOKEN = "a-token-that-is-long-enough"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def started(repo: Path, **environment: str) -> Iterator[str]:
    command = [sys.executable, "-m", "backend_readiness", "mcp", "--transport", "http", "--port", "0", "--root", str(repo)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment})
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        match = re.search(r"http://[^/]+", line)
        assert match is not None, line
        yield match[0]
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="module")
def server(orders_repo: Path) -> Iterator[str]:
    yield from started(orders_repo)


@pytest.fixture(scope="module")
def guarded(orders_repo: Path) -> Iterator[str]:
    yield from started(orders_repo, BACKEND_READINESS_TOKEN=TOKEN)


def status(url: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> int:
    all_headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **(headers or {})}
    request = urllib.request.Request(url, data=body if body is not None else json.dumps(INITIALIZE).encode(), headers=all_headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_of_each_era_finds_and_calls_the_tools(server: str, mode: str) -> None:
    async with Client(f"{server}/mcp", mode=mode) as client:
        assert "trace_call_chain" in {t.name for t in (await client.list_tools()).tools}
        result = await client.call_tool("list_routes", {"contains": "login"})
        assert result.structured_content is not None
        assert result.structured_content["total"] == 1


def test_health_says_nothing_of_the_repository(server: str) -> None:
    with urllib.request.urlopen(f"{server}/health", timeout=20) as answer:
        assert set(json.load(answer)) == {"status", "version"}


def test_a_request_that_a_foreign_page_sends_is_refused(server: str) -> None:
    assert status(f"{server}/mcp") == 200
    assert status(f"{server}/mcp", {"Host": "rebound.example"}) == 421
    assert status(f"{server}/mcp", {"Origin": "https://evil.example"}) == 403
    assert status(f"{server}/mcp", {"Origin": server}) == 200


def test_a_body_that_is_too_large_or_no_json_is_refused(server: str) -> None:
    assert status(f"{server}/mcp", body=b"{") == 400
    connection = HTTPConnection(server.removeprefix("http://"), timeout=20)
    connection.putrequest("POST", "/mcp")
    for name, value in {"Content-Type": "application/json", "Accept": "application/json", "Content-Length": str(5 << 20)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_server_with_a_token_answers_only_those_who_have_it(guarded: str) -> None:
    assert status(f"{guarded}/mcp") == 401
    assert status(f"{guarded}/mcp", {"Authorization": "Bearer wrong"}) == 401
    assert status(f"{guarded}/mcp", {"Authorization": f"Bearer {TOKEN}"}) == 200
    with urllib.request.urlopen(f"{guarded}/health", timeout=20) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "host,token,names,words",
    [
        ("0.0.0.0", None, [], "BACKEND_READINESS_TOKEN"),
        ("192.0.2.7", None, ["tools.example"], "BACKEND_READINESS_TOKEN"),
        ("0.0.0.0", TOKEN, [], "--allowed-host"),
        ("127.0.0.1", "short", [], "fewer than"),
    ],
)
def test_an_open_host_needs_a_token_and_names(orders_repo: Path, host: str, token: str | None, names: list[str], words: str) -> None:
    with pytest.raises(UnusableInput, match=words):
        http.app(build([orders_repo]), host=host, port=1, token=token, allowed_hosts=names)


@pytest.mark.parametrize(
    "host,here", [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("tools.example", False)]
)
def test_only_loopback_addresses_are_this_machine(host: str, here: bool) -> None:
    assert http.is_loopback(host) is here


def test_a_port_in_use_is_told_before_serving() -> None:
    with http.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UnusableInput, match="--port"):
            http.listen("127.0.0.1", port)
