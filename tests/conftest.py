"""What every test shares: goldens, small repositories, a cache of its own, and no network."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings

# No deadline: a busy machine is no bug. In CI the same examples every time: a push fails for what it changed.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")

GOLDEN = Path(__file__).parent / "golden"

# Git reads nothing of the machine and stamps every commit alike, so that hashes are the same everywhere.
GIT_ENV = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Ada Example",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00+00:00",
    "GIT_COMMITTER_NAME": "Ada Example",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00+00:00",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what the tests got into tests/golden; read the diff")


# ---------------------------------------------------------------- isolation


class NetworkUse(RuntimeError):
    """A test tried to leave the machine."""


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = str(address[0])
    return host in ("localhost", "::1", "") or host.startswith("127.")


@pytest.fixture(scope="session", autouse=True)
def _isolation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache folder and a git configuration of this run, and connections to this machine only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        for name, value in GIT_ENV.items():
            patch.setenv(name, value)
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "BACKEND_READINESS_CACHE"):
            patch.delenv(name, raising=False)

        real = {"connect": socket.socket.connect, "connect_ex": socket.socket.connect_ex}

        def guarded(name: str) -> Callable[[socket.socket, object], object]:
            def connect(self: socket.socket, address: object) -> object:
                if not _is_local(address):
                    raise NetworkUse(f"tests stay on this machine: {address!r}")
                return real[name](self, address)  # type: ignore[arg-type]

            return connect

        for name in real:
            patch.setattr(socket.socket, name, guarded(name))
        real_lookup = socket.getaddrinfo

        def lookup(host: object, *args: object, **kwargs: object) -> object:
            name = host.decode() if isinstance(host, bytes) else host
            if name is not None and not _is_local((name,)):
                raise NetworkUse(f"tests stay on this machine: {name!r}")
            return real_lookup(host, *args, **kwargs)  # type: ignore[arg-type]

        patch.setattr(socket, "getaddrinfo", lookup)
        yield


# ---------------------------------------------------------------- small repositories


class MakeRepo(Protocol):
    def __call__(self, files: Mapping[str, str | bytes], git: bool = True) -> Path: ...


@pytest.fixture
def make_repo(tmp_path_factory: pytest.TempPathFactory) -> MakeRepo:
    """Writes `{path: content}` as a new repository and commits it with a fixed identity and date.

    `git=False` leaves a plain folder. The commit hash depends on the files alone.
    """

    def make(files: Mapping[str, str | bytes], git: bool = True) -> Path:
        root = tmp_path_factory.mktemp("repo")
        for path, content in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        if git:
            run_git(root, "init", "--quiet", "--initial-branch=main")
            run_git(root, "add", "--all", "--force")
            run_git(root, "commit", "--quiet", "--allow-empty", "--message=First")
        return root

    return make


def run_git(root: Path, *args: str) -> str:
    """Runs git in `root` without the machine's configuration; returns what it prints."""
    env = {**os.environ, **GIT_ENV}
    return subprocess.run(["git", *args], cwd=root, env=env, check=True, capture_output=True, text=True).stdout


# ---------------------------------------------------------------- goldens


class Golden(Protocol):
    def __call__(self, name: str, actual: str) -> None: ...


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compares a text with `tests/golden/<name>`; `--update-golden` writes it instead."""
    update = bool(request.config.getoption("--update-golden"))

    def compare(name: str, actual: str) -> None:
        path = GOLDEN / name
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8")
            return
        if not path.is_file():
            pytest.fail(f"no golden {name}: run pytest --update-golden, then read it")
        assert actual == path.read_text(encoding="utf-8"), f"{name} changed; if that is right: pytest --update-golden, then read the diff"

    return compare
