"""The wheel, built as a release is: what it holds, and that it runs away from the source tree."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.architecture.sources import PACKAGE, ROOT, SERVER

# What is read at run time and is no Python.
DATA_SUFFIXES = {".yml", ".yaml", ".scm", ".md", ".j2", ".json", ".html", ".css", ".js"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run_unpacked(unpacked: Path, code: str) -> str:
    """Runs `code` where only the unpacked wheel and the installed dependencies can be imported."""
    env = {**os.environ, "PYTHONPATH": str(unpacked)}
    result = subprocess.run([sys.executable, "-c", code], cwd=unpacked, env=env, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_the_wheel_holds_every_file_of_the_package(unpacked: Path) -> None:
    wanted = {
        path.relative_to(SERVER).as_posix()
        for path in SERVER.rglob("*")
        if path.is_file() and (path.suffix in DATA_SUFFIXES or path.suffix == ".py" or path.name == "py.typed")
    }
    held = {path.relative_to(unpacked / PACKAGE).as_posix() for path in (unpacked / PACKAGE).rglob("*")}
    assert wanted - held == set()


@pytest.mark.parametrize("name", ["SKILL.md", "prompts", "references"])
def test_the_wheel_holds_the_resources_beside_the_package(unpacked: Path, name: str) -> None:
    source, copy = ROOT / name, unpacked / PACKAGE / "_data" / name
    files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
    assert files
    for path in files:
        target = copy if source.is_file() else copy / path.relative_to(source)
        assert target.read_bytes() == path.read_bytes()


def test_the_wheel_holds_nothing_but_the_package(unpacked: Path) -> None:
    tops = {path.name for path in unpacked.iterdir()}
    assert {name for name in tops if name != PACKAGE and not name.endswith(".dist-info")} == set()
    assert [str(path) for path in unpacked.rglob("*") if path.suffix == ".pyc" or path.name in ("tests", ".env")] == []


def test_the_unpacked_wheel_is_imported_from_where_it_lies(unpacked: Path) -> None:
    code = f"import {PACKAGE}; print({PACKAGE}.__file__, {PACKAGE}.__version__)"
    location, version = run_unpacked(unpacked, code).rsplit(maxsplit=1)
    assert Path(location).is_relative_to(unpacked)
    [metadata] = unpacked.glob("*.dist-info/METADATA")
    assert f"\nVersion: {version}\n" in metadata.read_text()


def test_the_unpacked_wheel_reads_its_own_documents(unpacked: Path) -> None:
    code = (
        f"from {PACKAGE} import resources; print(resources.folder()); print(resources.names('references'), resources.read('SKILL.md')[:3])"
    )
    folder, documents = run_unpacked(unpacked, code).splitlines()
    assert Path(folder).resolve() == (unpacked / PACKAGE / "_data").resolve()
    assert documents.endswith(") ---")
    assert "'references/scoring-guidance.md'" in documents


def test_the_wheel_installs_the_command_and_names_its_licence(unpacked: Path) -> None:
    [scripts] = unpacked.glob("*.dist-info/entry_points.txt")
    assert "backend-readiness = backend_readiness.cli:main" in scripts.read_text()
    assert list(unpacked.glob("*.dist-info/licenses/LICENSE"))
