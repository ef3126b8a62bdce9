from __future__ import annotations

import subprocess
import sys

import pytest
from tests.render.hostile import hostile_report
from tests.report.folder_source import login_report

from backend_readiness import render
from backend_readiness.errors import InvalidReport, UnusableInput


def test_the_formats_of_the_interface_are_found() -> None:
    assert {"md", "json", "sarif", "html", "terminal"} <= set(render.renderers())


def test_an_unknown_format_names_those_there_are() -> None:
    with pytest.raises(UnusableInput, match="html, json, md, sarif, terminal"):
        render.renderer("pdf")


@pytest.mark.parametrize("name", sorted(render.renderers()))
def test_every_format_ends_with_a_line_feed_and_is_the_same_twice(name: str) -> None:
    report = login_report()
    text = render.render(report, name)
    assert text.endswith("\n")
    assert text == render.render(report, name)
    assert render.renderer(name).SUFFIX.startswith(".")


@pytest.mark.parametrize("name", sorted(render.renderers()))
def test_no_format_lets_a_character_of_the_repository_act_on_a_terminal(name: str) -> None:
    text = render.render(hostile_report(), name)
    assert not {c for c in text if ord(c) < 32 and c not in "\n\t"}
    assert not {"\x7f", "\u202e", "\u2066", "\u200b", "\u2028"} & set(text)


@pytest.mark.parametrize("name", sorted(render.renderers()))
def test_an_altered_report_is_not_rendered(name: str) -> None:
    report = login_report()
    altered = report.model_copy(update={"score": report.score.model_copy(update={"overall": 100})})
    with pytest.raises(InvalidReport, match="altered"):
        render.render(altered, name)


def test_finding_the_formats_loads_neither_rich_nor_jinja() -> None:
    code = "import sys; from backend_readiness import render; render.renderers(); print(sorted({'rich', 'jinja2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
