"""What the shared fixtures promise to every other test."""

from __future__ import annotations

import os
import socket

import pytest
from platformdirs import user_cache_path
from tests.conftest import GOLDEN, Golden, MakeRepo, NetworkUse, run_git


def test_a_repository_of_the_same_files_has_the_same_commit(make_repo: MakeRepo) -> None:
    files = {"app/main.py": "print(1)\n", "logo.png": b"\x89PNG\x00", ".gitignore": "app/\n"}
    first, second = make_repo(files), make_repo(files)
    assert first != second
    assert run_git(first, "rev-parse", "HEAD") == run_git(second, "rev-parse", "HEAD")
    assert run_git(first, "status", "--porcelain") == ""
    assert run_git(first, "ls-files").split() == [".gitignore", "app/main.py", "logo.png"]


def test_a_plain_folder_has_no_git_in_it(make_repo: MakeRepo) -> None:
    assert sorted(path.name for path in make_repo({"a.txt": "x"}, git=False).iterdir()) == ["a.txt"]


def test_connections_leave_the_machine_neither_by_name_nor_by_address() -> None:
    with pytest.raises(NetworkUse):
        socket.create_connection(("example.com", 80), timeout=1)
    with socket.socket() as opened, pytest.raises(NetworkUse):
        opened.connect(("192.0.2.1", 80))


def test_connections_to_this_machine_go_through() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5) as client:
        assert client.getpeername() == server.getsockname()


def test_caches_lie_in_a_folder_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert user_cache_path("backend-readiness").is_relative_to(tmp_path_factory.getbasetemp())
    assert os.environ["GIT_CONFIG_GLOBAL"] == os.devnull


def test_a_text_that_has_no_golden_fails_with_what_to_do(golden: Golden, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        return
    assert not (GOLDEN / "no-such-golden.md").exists()
    with pytest.raises(pytest.fail.Exception, match="--update-golden"):
        golden("no-such-golden.md", "text")
