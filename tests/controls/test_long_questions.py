"""Questions about names that a function gives anew again and again are asked once of each name."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.filtered_list import counting, filtered_list

from backend_readiness.controls.protection.identity import Identity
from backend_readiness.workspace import Workspace


def test_whether_a_name_stands_for_the_caller_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in filtered_list().items():
        (tmp_path / name).write_text(text)
    asked = counting(monkeypatch, Identity, "is_caller")
    workspace = Workspace(tmp_path)
    workspace.check(["sec-object-authorization"], workspace.resolve_flow("list", ["GET /orders"]))
    assert 0 < len(asked) < 50_000
