"""Questions about names that a function gives anew again and again are asked once of each name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.filtered_list import filtered_list

from backend_readiness.controls.protection.identity import Identity
from backend_readiness.workspace import Workspace


def test_whether_a_name_stands_for_the_caller_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in filtered_list().items():
        (tmp_path / name).write_text(text)
    asked = 0
    inner = Identity.is_caller

    def counted(self: Identity, *given: Any) -> bool:
        nonlocal asked
        asked += 1
        return inner(self, *given)

    monkeypatch.setattr(Identity, "is_caller", counted)
    workspace = Workspace(tmp_path)
    workspace.check(["sec-object-authorization"], workspace.resolve_flow("list", ["GET /orders"]))
    assert 0 < asked < 50_000
