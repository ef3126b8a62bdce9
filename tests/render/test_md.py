from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from tests.conftest import Golden
from tests.render.hostile import ATTACKS, hostile_report
from tests.report.folder_source import FolderSource, login_app, login_report

from backend_readiness.model import Layer
from backend_readiness.render import md, render
from backend_readiness.render.plain import one_line, visible


def parsed(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def inline(text: str) -> list[Token]:
    return [child for token in parsed(text) for child in token.children or ()]


def shown(text: str) -> str:
    """The text that a reader sees, of inline Markdown."""
    return "".join(child.content for child in inline(text))


def test_the_report_of_the_fixture_is_the_golden_one(golden: Golden) -> None:
    golden("report/login.md", render(login_report(), "md"))


def test_each_finding_stands_in_the_form_of_the_method() -> None:
    text = render(login_report(), "md")
    blocks = re.findall(r"^ISSUE: .+\nLAYER: .+\nSEVERITY: (\w+) +\nSTATUS: (\w+) +\nEVIDENCE: .+\n", text, re.MULTILINE)
    assert blocks == [("Critical", "Missing"), ("High", "Missing"), ("Medium", "Stubbed")]
    assert text.count("\nFIX:\n") == 3


def test_the_report_has_the_parts_that_the_method_asks_for() -> None:
    text = render(login_report(), "md")
    for heading in ("Layers", "Chain", "Findings", "Unverified", "Implementation checklist", "What was not read"):
        assert f"\n## {heading}\n" in text
    assert all(layer.title in text for layer in Layer)
    assert "Score: **57/100**" in text
    assert text.count("- [ ] ") == len(login_report().checklist)


def test_every_quote_stands_in_the_report_to_the_letter() -> None:
    texts = {**login_app().texts, "app/main.py": "import os\n" * 8 + "a = '''\n\n\n\n``` | <b>\n'''\n\n"}
    report = login_report(FolderSource(texts))
    text = render(report, "md")
    quotes = [e.quote for finding in report.findings for e in finding.evidence if e.quote]
    assert quotes
    assert all(visible(quote) in text for quote in quotes)


def test_a_report_on_nothing_says_so() -> None:
    from tests.report.folder_source import LOGIN

    from backend_readiness.report.build import build

    text = render(build(FolderSource({}, commit=None), LOGIN, [], [], engine="static", tool_version="1"), "md")
    for sentence in ("No chain was traced", "No open finding", "Every file was read", "no git repository", "Nothing was verified"):
        assert sentence in text


# ---------------------------------------------------------------- hostile text


def test_a_hostile_repository_adds_no_html_link_image_or_heading() -> None:
    friendly, hostile = parsed(render(login_report(), "md")), parsed(render(hostile_report(), "md"))
    assert not [t for t in hostile if t.type == "html_block"]
    kinds = {child.type for t in hostile for child in t.children or ()}
    assert kinds == {"text", "text_special", "softbreak", "hardbreak", "strong_open", "strong_close", "code_inline"} & kinds
    tops = {hostile[i + 1].content for i, t in enumerate(hostile) if t.type == "heading_open" and t.tag in ("h1", "h2")}
    assert {t for t in tops if not t.startswith("Backend readiness audit")} == {
        friendly[i + 1].content for i, t in enumerate(friendly) if t.type == "heading_open" and t.tag == "h2"
    }


def test_a_hostile_repository_breaks_no_table() -> None:
    report = hostile_report()
    rows = [t for t in parsed(render(report, "md")) if t.type == "tr_open"]
    head = 7 + len(report.flow.success_criteria)
    assert len(rows) == head + 1 + 6 + 1 + len(report.chains[0].links) + 1 + len(report.controls)


def test_a_hostile_quote_stays_in_its_fence() -> None:
    report = hostile_report()
    fences = [t.content for t in parsed(render(report, "md")) if t.type == "fence" and t.info != "mermaid"]
    quotes = [visible(e.quote or "") + "\n" for f in report.findings for e in f.evidence if e.quote is not None]
    assert fences == quotes


@pytest.mark.parametrize("attack", ATTACKS)
def test_escaped_text_shows_as_itself_and_nothing_else(attack: str) -> None:
    for text in (md.md(attack), f"- {md.md(attack)}", f"1. {md.md(attack)}"):
        assert {child.type for child in inline(text)} <= {"text", "text_special"}
        assert shown(text) == one_line(attack)


@given(st.text(alphabet=st.sampled_from("ab12 \\`*_{}[]()#+-.!|<>~&;:/@$^='\"\n\t\x1b\u202e"), max_size=40))
def test_any_escaped_text_shows_as_itself(text: str) -> None:
    escaped = md.md(text)
    assert shown(escaped) == one_line(text)
    assert {t.type for t in parsed(escaped)} <= {"paragraph_open", "inline", "paragraph_close"}
    assert not re.search(r"https?://|www\.|@", escaped)


@given(st.text(alphabet=st.sampled_from("ab `|\\<\n"), max_size=30))
def test_any_code_span_shows_as_itself_in_a_table(text: str) -> None:
    table = f"| a | b |\n| --- | --- |\n| {md.code(text)} | x |\n"
    cells = [t for t in parsed(table) if t.type == "inline"]
    assert len(cells) == 4
    spans = [child.content for child in cells[2].children or ()]
    assert "".join(spans).strip() == one_line(text).strip()


@given(st.text(alphabet=st.sampled_from("ab`~\n\t\\"), max_size=60))
def test_nothing_closes_a_fence(text: str) -> None:
    tokens = parsed(f"before\n\n{md.fence(text, 'a.py')}\n\nafter\n")
    assert [t.type for t in tokens if t.type in ("fence", "code_block", "html_block")] == ["fence"]
    assert next(t for t in tokens if t.type == "fence").content == visible(text) + "\n"


def test_an_expression_without_a_filter_is_escaped_all_the_same() -> None:
    template = md.environment().from_string("{{ a }} {{ b[0] }} {{ a ~ a }} {{ a | code }} {{ 7 }}")
    assert template.render(a="<i>", b=["[x](y)"]) == r"&lt;i&gt; \[x\](y) &lt;i&gt;&lt;i&gt; `<i>` 7"
