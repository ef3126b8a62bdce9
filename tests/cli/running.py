"""Runs the command line inside of the test."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from backend_readiness.cli import main


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


class Run:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: object) -> Ran:
        self.capsys.readouterr()
        try:
            status = main([str(a) for a in arguments])
        except SystemExit as ended:  # argparse ends the process after --help
            status = int(ended.code or 0)
        captured = self.capsys.readouterr()
        assert "Traceback" not in captured.err
        return Ran(status, captured.out, captured.err)
