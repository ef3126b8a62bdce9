"""The table of what an interface reaches, on a small application."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals import coverage


def test_calls_are_counted_with_the_reasons_of_those_that_lead_nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "package.json").write_text('{"dependencies": {"express": "4"}}')
    (tmp_path / "server.js").write_text('const app = require("express")();\napp.get("/orders", (req, res) => res.end());\n')
    (tmp_path / "page.js").write_text('fetch("/orders");\nfetch("/gone");\n')
    assert coverage.main([str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "| 1 | 0 | 1 of 2 | 1 no such route |" in printed
    assert "1 of 2 calls are matched (0.50)." in printed


def test_without_a_repository_there_is_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert coverage.main([]) == 2
    assert "name one or more repositories" in capsys.readouterr().err
