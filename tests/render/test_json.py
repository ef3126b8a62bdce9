from __future__ import annotations

import json

from tests.render.hostile import hostile_report
from tests.report.folder_source import login_app, login_report

from backend_readiness.render import render
from backend_readiness.report.load import load
from backend_readiness.report.validate import validate


def test_what_is_written_can_be_read_and_is_valid() -> None:
    text = render(login_report(), "json")
    assert load(text) == login_report()
    assert validate(text, login_app()) == []


def test_the_report_comes_first_by_schema_and_is_indented_by_two() -> None:
    assert render(login_report(), "json").startswith('{\n  "schema": "backend-readiness/report/1",\n  "tool": {\n')


def test_hostile_text_survives_as_data() -> None:
    report = hostile_report()
    text = render(report, "json")
    assert text.isascii()
    assert json.loads(text)["flow"]["name"] == report.flow.name
