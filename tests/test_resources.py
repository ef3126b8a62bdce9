from __future__ import annotations

from pathlib import Path

import pytest

from backend_readiness import resources

ROOT = Path(__file__).parents[1]


def test_documents_are_read_from_the_source_tree() -> None:
    assert resources.folder() == ROOT
    assert resources.read("references/report-template.md") == (ROOT / "references/report-template.md").read_text(encoding="utf-8")


def test_the_names_below_a_folder_are_those_that_read_takes() -> None:
    found = resources.names("references")
    assert {"references/report-template.md", "references/scoring-guidance.md", "references/report.schema.json"} <= set(found)
    assert all(resources.read(name) for name in found)


def test_an_installed_package_reads_its_own_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "backend_readiness"
    (package / "_data" / "prompts").mkdir(parents=True)
    (package / "_data" / "prompts" / "x.md.j2").write_text("hello", encoding="utf-8")
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert resources.folder() == package / "_data"
    assert resources.read("prompts/x.md.j2") == "hello"


@pytest.mark.parametrize("name", ["references/nothing.md", "../etc/passwd", "/etc/passwd", "references", "references/../../x"])
def test_what_is_not_shipped_is_refused(name: str) -> None:
    with pytest.raises(resources.MissingResource, match="install backend-readiness again"):
        resources.read(name)
