"""The comparison with published interfaces, on samples of our own in their form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals import standards

APP = """
const express = require("express");
const app = express();
app.get("/", (req, res) => res.end());
app.get("/user/:id", (req, res) => res.end(req.params.id));
app.get("/health", (req, res) => res.end());
"""


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder


def test_a_sample_is_compared_with_the_interface(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "clone" / "javascript" / "shop", "app.js", APP)
    assert standards.main(["web-frameworks", str(tmp_path / "clone"), "javascript", "--verbose"]) == 0
    said = capsys.readouterr().out
    assert "javascript/shop: 2 of 3, 1 more\n  - POST /user\n  + GET /health" in said
    assert "| all | 1 | 0 | 0 | 3 | 2 | 0.67 |" in said


def test_the_urls_of_a_sample_are_those_of_its_settings(tmp_path: Path) -> None:
    tests = [{"default": {"json_url": "/json", "query_url": "/queries?queries=", "port": 80}, "raw": {"json_url": "/json"}}]
    sample = write(tmp_path, "benchmark_config.json", json.dumps({"tests": tests}))
    assert standards.urls_of(sample) == ("GET /json", "GET /queries")
    assert standards.urls_of(write(tmp_path / "broken", "benchmark_config.json", "[1]")) == ()


@pytest.mark.parametrize(
    ("wanted", "listed", "is_found"),
    [
        ("GET /updates/", ("GET", "/updates/{queries}"), True),
        ("GET /updates/", ("ANY", "/updates"), True),
        ("GET /updates", ("GET", "/updates/{queries}"), False),
        ("GET /json", ("GET", "/{any}"), False),
        ("GET /json", ("POST", "/json"), False),
    ],
)
def test_what_is_listed_is_found_by_method_and_path(wanted: str, listed: tuple[str, str], is_found: bool) -> None:
    assert (standards.compare("go", "one", [wanted], [listed]).missing == ()) is is_found


def test_an_interface_may_stand_below_a_prefix() -> None:
    listed = [("GET", "/api/v1/tags"), ("POST", "/api/v1/users"), ("GET", "/tags")]
    assert standards.below_prefix(["GET /tags", "POST /users"], listed) == ("GET /api/v1/tags", "POST /api/v1/users")


def test_a_folder_without_samples_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert standards.main(["techempower", str(tmp_path)]) == 2
    assert "holds no samples of techempower" in capsys.readouterr().err
