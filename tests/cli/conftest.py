"""The application that these tests run on, and the command line."""

from __future__ import annotations

import pytest
from tests.cli.running import Run
from tests.orders_app import orders_repo as orders_repo


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path) -> Run:
    """`run("routes", repo)`; the current folder is an empty one."""
    monkeypatch.chdir(tmp_path)
    return Run(capsys)
