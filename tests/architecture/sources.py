"""The source files of this repository, read and parsed once for all architecture tests."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "backend_readiness"
SERVER = ROOT / "server" / PACKAGE

# Material to audit, not code of this project.
AUDITED = ("evals/apps/", "evals/injection/", "tests/fixtures/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file. `path` is relative to the repository; `module` relative to the package (`facts.model`), for its files."""

    path: str
    module: str
    text: str
    tree: ast.Module

    def __str__(self) -> str:
        return self.path


def _read(path: Path, base: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    parts = path.relative_to(base).with_suffix("").parts
    module = ".".join(part for part in parts if part != "__init__")
    return Source(path=path.relative_to(ROOT).as_posix(), module=module, text=text, tree=ast.parse(text, filename=str(path)))


@cache
def package_sources() -> tuple[Source, ...]:
    return tuple(_read(path, SERVER) for path in sorted(SERVER.rglob("*.py")) if "__pycache__" not in path.parts)


@cache
def sources_of_tests() -> tuple[Source, ...]:
    base = ROOT / "tests"
    found = (path for path in sorted(base.rglob("*.py")) if "__pycache__" not in path.parts)
    return tuple(_read(path, base) for path in found if not path.relative_to(ROOT).as_posix().startswith(AUDITED))


@cache
def tracked_texts() -> tuple[tuple[str, str], ...]:
    """(path, text) of every file that git tracks or would track; binary files are left out."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    found: list[tuple[str, str]] = []
    for name in sorted(set(filter(None, listing.split("\0")))):
        try:
            found.append((name, (ROOT / name).read_text(encoding="utf-8")))
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
    return tuple(found)


def imports_of(source: Source) -> Iterator[tuple[str, int]]:
    """(dotted name, line) of every import in the file, inside functions too; relative ones are made absolute.

    `from a import b` gives `a.b`, as `b` may be a module.
    """
    package = [PACKAGE, *source.module.split(".")] if source.module else [PACKAGE]
    if not source.path.endswith("__init__.py"):
        package = package[:-1]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            prefix = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((f"{prefix}.{alias.name}", node.lineno) for alias in node.names)


def dotted(node: ast.expr) -> str:
    """`os.environ.get` for the expression of that shape, "" for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""
