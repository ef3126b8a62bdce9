"""Where the documents that ship with the product are found: `SKILL.md`, `references/` and `prompts/`.

The source tree wins over `_data/` inside the package: an editable install leaves stale copies there.
"""

from __future__ import annotations

from pathlib import Path

from backend_readiness.errors import ReadinessError

_PACKAGE = Path(__file__).resolve().parent


class MissingResource(ReadinessError):
    """A shipped document is not there: the installation is incomplete."""


def folder() -> Path:
    """The folder that holds `SKILL.md`, `references/` and `prompts/`."""
    source = _PACKAGE.parents[1]
    if (source / "server" / _PACKAGE.name) == _PACKAGE and (source / "references").is_dir():
        return source
    return _PACKAGE / "_data"


def path(name: str) -> Path:
    """The file `name`, written as in the repository (`references/report-template.md`).

    Errors: `MissingResource` when it does not exist or lies outside the shipped documents.
    """
    base = folder().resolve()
    found = (base / name).resolve()
    if not found.is_relative_to(base) or not found.is_file():
        raise MissingResource(f"The shipped document {name!r} is missing: install backend-readiness again.")
    return found


def read(name: str) -> str:
    """The text of the document `name`. Errors: `MissingResource`."""
    return path(name).read_text(encoding="utf-8")


def names(under: str) -> tuple[str, ...]:
    """The names of all documents below the folder `under`, sorted, as `read` takes them; none when it does not exist."""
    base = folder()
    return tuple(sorted(p.relative_to(base).as_posix() for p in (base / under).rglob("*") if p.is_file()))
