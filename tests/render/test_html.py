from __future__ import annotations

from html.parser import HTMLParser

from tests.render.hostile import hostile_report
from tests.report.folder_source import login_report

from backend_readiness.render import render
from backend_readiness.render.plain import visible

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Collects tags, attributes and the text of each <pre>; notes tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.quotes: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)
        if tag == "pre":
            self.quotes.append("")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "pre":
            self.quotes[-1] += data


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    for report in (login_report(), hostile_report()):
        page = Page(render(report, "html"))
        assert not {"script", "img", "link", "iframe", "object", "a", "form", "base"} & set(page.tags)
        assert {name for name, _ in page.attributes} <= {"lang", "charset", "name", "content", "http-equiv", "class", "id"}
        assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes


def test_the_tags_of_a_hostile_report_nest() -> None:
    page = Page(render(hostile_report(), "html"))
    assert (page.wrong, page.open) == ([], [])


def test_every_quote_stands_in_the_page_to_the_letter() -> None:
    report = hostile_report()
    assert Page(render(report, "html")).quotes == [visible(e.quote) for f in report.findings for e in f.evidence if e.quote is not None]


def test_the_page_has_the_verdict_the_layers_the_chain_and_the_findings() -> None:
    text = render(login_report(), "html")
    for part in (
        "Not ready",
        "Observability &amp; Operability",
        "&lt;form onSubmit&gt;",
        "BR-sec-rate-limit-auth",
        "Implementation checklist",
    ):
        assert part in text
