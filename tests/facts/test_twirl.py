"""Templates of Twirl and views of Razor to facts: what is put out, what is blanked, and hostile ones."""

from __future__ import annotations

import time
from textwrap import dedent

import pytest

from backend_readiness.facts.languages import markup
from backend_readiness.facts.model import Arg, CallRef, FileFacts, Lit, Member, Name

PAGE = """
    @* of <a href="/never">x</a> *@
    @this(assets: AssetsFinder)
    @(orders: Seq[Order], title: String = "a) b")(implicit request: Request)
    @import shop.Order
    @line(order: Order) = {
      <a href="@order.address">x</a>
    }
    @total: Int = @{ orders.map { o => o.sum("<form>") }.sum }
    @if(orders.isEmpty) { <p>sales@shop.test @@ (none)</p> }
    <a href='@routes.Orders.file("a.pdf")' class="@{request.kind}">File</a>.
    @helper.form(action = routes.Orders.add(1), 'class -> "x") { <button>Add</button> }
"""


def facts_of(source: str) -> FileFacts:
    return markup.extract(dedent(source).lstrip("\n").encode(), "file.scala.html").facts()


def test_what_is_put_out_is_read_and_code_is_blanked() -> None:
    facts = facts_of(PAGE)
    assert facts.language == "twirl"
    assert [(e.tag, e.line) for e in facts.elements] == [("a", 6), ("p", 9), ("a", 10), ("button", 11)]
    link = facts.elements[2].attrs
    assert isinstance(link[0].value, CallRef)
    called = facts.calls[link[0].value.call]
    assert (called.callee, called.args) == (Member(Member(Name("routes"), "Orders"), "file"), (Arg(Lit("a.pdf")),))
    assert link[1].value == Member(Name("request"), "kind")
    form = next(c for c in facts.calls if c.callee == Member(Name("helper"), "form"))
    assert form.line == 11
    assert form.args[0].name == "action"
    assert isinstance(form.args[0].value, CallRef)
    assert not any(c.callee in (Name("this"), Name("line"), Name("if")) for c in facts.calls)


def test_pages_of_other_languages_are_none() -> None:
    assert markup.extract(b"<p>@x</p>", "file.html").facts().language == "html"


@pytest.mark.parametrize("name", ["file.scala.html", "file.cshtml"])
def test_hostile_templates_are_borne(name: str) -> None:
    started = time.process_time()
    for source in (
        "@(\n" * 60_000,
        "@a(\n" * 60_000,
        '@a("\n' * 30_000,
        "@{" * 50_000,
        "@a" + "(x)" * 50_000,
        "@*" * 50_000,
        '<a b="@c(' * 5_000,
        "@" + "(" * 50_000,
    ):
        markup.extract(source.encode(), name).index()
    assert time.process_time() - started < 60
