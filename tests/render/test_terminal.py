from __future__ import annotations

import pytest
from rich.cells import cell_len
from tests.conftest import Golden
from tests.render.hostile import hostile_report
from tests.report.folder_source import CHAIN, LOGIN, login_app, login_report

from backend_readiness.render import render
from backend_readiness.report.build import build


def test_the_report_of_the_fixture_is_the_golden_one(golden: Golden) -> None:
    golden("report/login.txt", render(login_report(), "terminal", width=100))


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(cell_len(line) for line in render(hostile_report(), "terminal", width=width).split("\n")) <= width


def test_colour_comes_only_when_asked_for() -> None:
    assert "\x1b[" not in render(login_report(), "terminal")
    assert "\x1b[1;31mNot ready" in render(login_report(), "terminal", color=True)


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = render(login_report(), "terminal")
    for name, value in {"COLUMNS": "30", "FORCE_COLOR": "1", "TERM": "dumb", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert render(login_report(), "terminal") == before


def test_markup_of_the_repository_is_shown_and_not_obeyed() -> None:
    text = render(hostile_report(), "terminal", width=400)
    assert "[bold red]markup[/]" in text
    assert "\\x1b[31mred" in text


def test_only_the_escape_codes_of_styles_stand_in_a_coloured_report() -> None:
    import re

    text = render(hostile_report(), "terminal", color=True)
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_only_the_first_chains_are_shown_and_the_others_counted() -> None:
    report = build(login_app(), LOGIN, [CHAIN] * 6, [], engine="static", tool_version="1")
    text = render(report, "terminal")
    assert text.count("User action <form onSubmit>") == 4
    assert "2 more chains stand in the report" in text
