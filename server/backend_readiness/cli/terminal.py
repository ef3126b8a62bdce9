"""Where words reach the person: answers to standard output, progress and notes to standard error."""

from __future__ import annotations

import argparse
import datetime
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from backend_readiness.errors import UnusableInput
from backend_readiness.workspace import Workspace

if TYPE_CHECKING:
    from pydantic import BaseModel


MAX_ROW = 1000


def write(text: str) -> None:
    """To standard output, whatever its encoding; ends with one line end."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    if not text.endswith("\n"):
        sys.stdout.write("\n")


def write_json(answer: BaseModel) -> None:
    import json

    write(json.dumps(answer.model_dump(mode="json", by_alias=True), indent=2))


def note(text: str) -> None:
    """One line to standard error."""
    print(text.encode("utf-8", "backslashreplace").decode(), file=sys.stderr)


def width() -> int:
    """Columns of the terminal; 100 when the output is none."""
    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100


def row_width() -> int:
    """Columns for rows and trees: those of the terminal; where the output is none, as many as keep a row on one line for `grep`."""
    return width() if sys.stdout.isatty() else MAX_ROW


def color() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def read_file(path: str) -> bytes:
    """A file that the person named. Errors: `UnusableInput` when it cannot be read or is larger than a report can be."""
    from backend_readiness.report.load import MAX_BYTES

    try:
        with open(path, "rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UnusableInput(f"{path} cannot be read ({_reason(error)}): name an existing file") from error
    return data


def write_file(path: str, text: str) -> None:
    """Errors: `UnusableInput` when the file cannot be written."""
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except (OSError, ValueError) as error:
        raise UnusableInput(f"{path} cannot be written ({_reason(error)}): name another with --output") from error


def _reason(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def cache_folder() -> Path | None:
    """Where facts are kept; None for the user's cache folder."""
    named = os.environ.get("BACKEND_READINESS_CACHE")
    return Path(named) if named else None


@contextmanager
def workspace(repo: str, options: argparse.Namespace) -> Iterator[Workspace]:
    """The repository, with progress on standard error while it is read, if that is a terminal."""
    logging.getLogger().addHandler(logging.NullHandler())  # what libraries remark on files of a repository is no message to the person
    cache_dir = cache_folder()
    exclude = options.exclude
    today = datetime.datetime.now(datetime.UTC).date()
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield Workspace(repo, exclude=exclude, cache_dir=cache_dir, today=today)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading files", total=None)

        def told(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total or None)

        yield Workspace(repo, exclude=exclude, cache_dir=cache_dir, progress=told, today=today)
