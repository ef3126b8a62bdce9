"""The record of a run as JSON Lines, secrets taken out: enough to go on from it, or to build the report again without a network.

{"kind": "start", ...}      what was audited, with what; a record fits only the same bytes of the repository
{"kind": "answer", ...}     each answer of the model, with the phase it belongs to
{"kind": "tool", ...}       what a tool was asked and answered; for readers only, tools are run again
{"kind": "end", ...}        why the run ended; missing when it was killed
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from backend_readiness.errors import UnusableInput
from backend_readiness.report.redact import redact

VERSION = 1
_MAX_BYTES = 256 << 20
_MAX_TOOL_CHARS = 4_000
_DECIDING = ("version", "flow", "endpoints", "digest", "commit", "model", "provider", "controls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    phase: str
    message: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a file holds. `end` is None when the run was killed."""

    start: dict[str, Any]
    answers: tuple[Answer, ...]
    end: str | None


def read(path: Path) -> Record:
    """Errors: `UnusableInput` for a file that is no record. A last line that was cut off is left out."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UnusableInput(f"{path} is larger than {_MAX_BYTES >> 20} MiB: it is no transcript of this program")
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        raise UnusableInput(f"{path} cannot be read ({(error.strerror or str(error)).lower()}): name a transcript") from error
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            if number >= len(lines) - 1:
                break
            raise UnusableInput(f"{path}:{number} is no JSON: the transcript is damaged") from error
        if not isinstance(row, dict):
            raise UnusableInput(f"{path}:{number} is no object: the transcript is damaged")
        rows.append(row)
    if not rows or rows[0].get("kind") != "start" or rows[0].get("version") != VERSION:
        raise UnusableInput(f"{path} is no transcript of this version")
    answers = tuple(
        Answer(phase=str(row.get("phase")), message=row["message"])
        for row in rows
        if row.get("kind") == "answer" and isinstance(row.get("message"), dict)
    )
    ends = [str(row.get("reason", "")) for row in rows if row.get("kind") == "end"]
    return Record(start=rows[0], answers=answers, end=ends[-1] if ends else None)


def check_fits(record: Record, start: Mapping[str, Any]) -> None:
    """Errors: `UnusableInput` when the record is of another audit."""
    differing = [name for name in _DECIDING if record.start.get(name) != start.get(name)]
    if "digest" in differing or "commit" in differing:
        raise UnusableInput("the repository has changed since the transcript was written: check that commit out, or start anew")
    if differing:
        raise UnusableInput(f"the transcript is of another run: {', '.join(differing)} differ; give the same flow and model")


class Transcript:
    """Writes a record and hands out the answers of an earlier one, in their order."""

    def __init__(self, path: Path | None, start: Mapping[str, Any], earlier: Record | None = None, *, append: bool = False) -> None:
        """Errors: `UnusableInput` when the file cannot be written."""
        self.waiting: deque[Answer] = deque(earlier.answers if earlier else ())
        self.earlier_end = earlier.end if earlier else None
        self.path = path
        self._file: IO[str] | None = None
        if path is None:
            return
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_TRUNC)
        try:
            self._file = os.fdopen(os.open(path, flags, 0o600), "w" if not append else "a", encoding="utf-8")
        except OSError as error:
            raise UnusableInput(
                f"{path} cannot be written ({(error.strerror or str(error)).lower()}): name another --transcript"
            ) from error
        if append:
            self._file.write("\n")  # ends a line that was cut off
        else:
            self._write({"kind": "start", **start})

    def answered(self, phase: str, message: Mapping[str, Any]) -> None:
        self._write({"kind": "answer", "phase": phase, "message": message})

    def called(self, phase: str, tool: str, arguments: object, result: str) -> None:
        self._write({"kind": "tool", "phase": phase, "tool": tool, "input": arguments, "result": result[:_MAX_TOOL_CHARS]})

    def ended(self, reason: str) -> None:
        self._write({"kind": "end", "reason": reason})
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, row: Mapping[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(clean(row), ensure_ascii=False) + "\n")
            self._file.flush()


def clean(value: object) -> object:
    """The value with every text redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {str(key): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value
