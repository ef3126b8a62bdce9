"""The comparison with OWASP Noir's samples, on a sample of our own in its form."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from evals import noir

TESTER = """
require "../../func_spec.cr"
expected_endpoints = [
  Endpoint.new("/orders", "GET", [Param.new("page", "", "query")]),
  Endpoint.new("/orders/:id", "DELETE", [Param.new("id", "", "path")]),
  # Endpoint.new("/never", "GET"),
  Endpoint.new("/public/logo.png", "GET"),
  Endpoint.new("/gone", "POST"),
]
FunctionalTester.new("fixtures/javascript/shop/", {:techs => 1}, expected_endpoints).perform_tests
"""
APP = """
const express = require("express");
const app = express();
app.get("/orders", (req, res) => res.json(req.query.page));
app.delete("/orders/:id", (req, res) => res.end());
app.put("/more", (req, res) => res.end());
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "noir" / "spec" / "functional_test"
    (folder / "testers" / "javascript").mkdir(parents=True)
    (folder / "testers" / "javascript" / "shop_spec.cr").write_text(TESTER)
    (folder / "fixtures" / "javascript" / "shop").mkdir(parents=True)
    (folder / "fixtures" / "javascript" / "shop" / "app.js").write_text(APP)
    return tmp_path / "noir"


def test_missing_and_extra_endpoints_and_parameters_are_counted(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert noir.main([str(clone), "javascript/shop", "--verbose"]) == 0
    printed = capsys.readouterr().out
    assert "  - GET /public/logo.png\n" in printed
    assert "  - POST /gone\n" in printed
    assert "  + PUT /more app.js:6\n" in printed
    assert "| javascript | 4 | 0.50 | 0.67 | 0.50 | 0.67 | 1.00 |" in printed
    assert "| not decided: ours is wrong | 2 | 1 |" in printed


def test_what_a_decision_names_is_counted_by_its_class(
    clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = tmp_path / "decided.yml"
    decided.write_text("static files:\n  why: served\n  missing:\n    javascript/shop: [GET /public/logo.png]\n")
    monkeypatch.setattr(noir, "DECISIONS", decided)
    assert noir.main([str(clone), "javascript/shop", "--verbose"]) == 0
    printed = capsys.readouterr().out
    assert "  - GET /public/logo.png (static files)\n" in printed
    assert "| javascript | 4 | 0.50 | 0.67 | 0.67 | 0.67 | 1.00 |" in printed
    assert "| static files | 1 | 0 |" in printed
    assert "| not decided: ours is wrong | 1 | 1 |" in printed


def test_each_class_of_decisions_says_why_and_no_difference_stands_in_two() -> None:
    classes = yaml.safe_load(noir.DECISIONS.read_text("utf-8"))
    listed = [
        (side, sample, endpoint)
        for entry in classes.values()
        for side in ("missing", "more")
        for sample, endpoints in entry.get(side, {}).items()
        for endpoint in endpoints
    ]
    assert all(entry["why"] for entry in classes.values())
    assert listed
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(
    ("theirs", "ours", "same"),
    [
        (("POST", "/shop.v1.orders/list"), ("RPC", "/shop.v1.orders/list"), True),
        (("GET", "/api/trpc/orders.list"), ("RPC", "/orders.list"), True),
        (("DELETE", "/orders.list"), ("RPC", "/orders.list"), False),
        (("QUERY", "/orders"), ("GET", "/orders"), False),
    ],
)
def test_a_procedure_is_the_path_that_it_is_called_at(theirs: tuple[str, str], ours: tuple[str, str], same: bool) -> None:
    assert noir._same(theirs, ours) is same


def test_a_folder_that_is_no_clone_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert noir.main([str(tmp_path)]) == 2
    assert "no functional samples" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["/a/:id", "/a/{id:[0-9]+}", "/a/<int:id>", "/a/{*rest}", "/A/{id}/", "/a/@id"])
def test_parameters_are_compared_in_any_notation(path: str) -> None:
    assert noir.plain(path) == "/a/{}"
