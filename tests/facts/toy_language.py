"""A language made up for tests of the store: each line of a file is one word of what shall happen."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend_readiness.facts import languages

_NUMBERS = itertools.count()
_ADAPTER = """
import os, signal, time
from backend_readiness.facts.builder import Builder
from backend_readiness.facts.model import Symbol

SUFFIXES = {{".toy": "toy", ".made.up": "toy", "toyfile": "toy"}}
LOG = {log!r}


def extract(source, path):
    with open(LOG, "a") as log:
        log.write(path + " " + source.decode().replace("\\n", ";")[:40] + "\\n")
    builder = Builder("toy", source)
    for number, line in enumerate(source.decode().splitlines(), start=1):
        word, _, rest = line.partition(" ")
        if word == "def":
            builder.add_symbol(Symbol(kind="function", name=rest, parent=0, line=number, end_line=number, start=0, end=1))
        elif word == "use":
            builder.name(rest)
        elif word == "raise":
            raise ValueError(rest)
        elif word == "exit":
            raise SystemExit(rest)
        elif word == "deep":
            extract(source, path)
        elif word == "memory":
            raise MemoryError
        elif word == "spin":
            while True:
                pass
        elif word == "hang":
            time.sleep(3_600)
        elif word == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        elif word == "print":
            os.write(1, b"noise on standard output")
    return builder
"""


@dataclass(frozen=True)
class Toy:
    """`log` has one line for each extraction: the path that the adapter was given and the content."""

    folder: Path
    log: Path

    def extracted(self) -> list[str]:
        """What was extracted since the last question, sorted."""
        lines = sorted(self.log.read_text().splitlines()) if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines

    def upgrade(self) -> None:
        """Another version of the adapter, which does the same."""
        for module in self.folder.glob("*.py"):
            module.write_text(module.read_text() + "\n# newer\n")


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    """The toy language instead of all others, in this process and in the workers."""
    folder = tmp_path / "adapters"
    folder.mkdir()
    name = f"toy{next(_NUMBERS)}"
    found = Toy(folder, tmp_path / "extracted.log")
    (folder / f"{name}.py").write_text(_ADAPTER.format(log=str(found.log)))
    monkeypatch.setattr(languages, "__path__", [str(folder)])
    languages.adapters.cache_clear()
    yield found
    languages.adapters.cache_clear()
    sys.modules.pop(f"{languages.__name__}.{name}", None)
