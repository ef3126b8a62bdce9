"""Templates in Haml and Slim to facts: elements with their attributes, and the Ruby code at its lines."""

from __future__ import annotations

import time
from textwrap import dedent

import pytest

from backend_readiness.facts.languages import ruby
from backend_readiness.facts.model import CallRef, FileFacts, Lit, Name

HAML = """
    !!!
    %body.main#top
      -# = form_for nothing
      = form_with url: login_path, method: :post do |f|
        = f.text_field :name
        - if @ok
          %p yes #{@name}
        - else
          %p= link_to "Home", root_path
      %form{action: orders_path, method: "post", data: {controller: "cart", turbo_method: :delete}}
        %input(type="text" name="x")/
      %a{:href => "/about",
         :class => "x"} About
      = link_to "Pay", pay_path(@order),
                method: :post
      :javascript
        fetch("/api");
"""
SLIM = """
    doctype html
    body.main
      / = form_for nothing
        = still a comment
      = form_with url: login_path, method: :post do |f|
        = f.text_field :name
      - if @ok
        p yes #{@name}
      - else
        p = link_to "Home", root_path
      form action=orders_path method="post" data-controller="cart"
        input type="text" name="x" /
      li: a href="/about" class=name About
      a[href="/x"] X
      | Text = nothing
      = link_to "Pay", pay_path(@order),
                method: :post
      javascript:
        fetch("/api");
"""


def facts_of(source: str, name: str) -> FileFacts:
    return ruby.extract(dedent(source).lstrip("\n").encode(), name).facts()


def calls(facts: FileFacts) -> set[tuple[str, int]]:
    return {(c.callee.id, c.line) for c in facts.calls if isinstance(c.callee, Name)}


def test_haml_has_its_code_and_its_elements_at_their_lines() -> None:
    facts = facts_of(HAML, "file.html.haml")
    assert facts.language == "haml"
    assert facts.errors == 0
    found = {("form_with", 4), ("login_path", 4), ("link_to", 9), ("root_path", 9), ("orders_path", 10), ("link_to", 14), ("fetch", 17)}
    assert found <= calls(facts)
    assert not any(name == "form_for" for name, _ in calls(facts))
    form = next(e for e in facts.elements if e.tag == "form")
    assert (form.line, form.close_line) == (10, 11)
    assert [a.name for a in form.attrs] == ["action", "method", "data-controller", "data-turbo-method"]
    assert isinstance(form.attrs[0].value, CallRef)
    assert form.attrs[3].value == Lit("delete")
    link = next(e for e in facts.elements if e.tag == "a")
    assert (link.line, link.attrs[0].value, link.text) == (12, Lit("/about"), "About")
    assert next(e for e in facts.elements if e.tag == "input").parent == facts.elements.index(form)


def test_slim_has_its_code_and_its_elements_at_their_lines() -> None:
    facts = facts_of(SLIM, "file.html.slim")
    assert facts.language == "slim"
    assert facts.errors == 0
    found = {("form_with", 5), ("login_path", 5), ("link_to", 10), ("root_path", 10), ("orders_path", 11), ("link_to", 16), ("fetch", 19)}
    assert found <= calls(facts)
    assert not calls(facts) & {("form_for", 3), ("still", 4), ("nothing", 15)}
    form = next(e for e in facts.elements if e.tag == "form")
    assert (form.line, form.close_line) == (11, 12)
    assert [a.name for a in form.attrs] == ["action", "method", "data-controller"]
    assert [(e.line, e.attrs[0].value) for e in facts.elements if e.tag == "a"] == [(13, Lit("/about")), (14, Lit("/x"))]


@pytest.mark.parametrize("name", ["file.haml", "file.slim"])
def test_hostile_templates_are_borne(name: str) -> None:
    started = time.process_time()
    for source in (
        "".join(" " * n + "%a\n" for n in range(3_000)),
        "".join(" " * n + "= f do |x|\n" for n in range(1_500)),
        "%a{" * 5_000,
        "a: " * 10_000,
        "= " + "do " * 10_000,
        "%a{b: " + '"#{' * 3_000,
        "a " + "b=c " * 5_000,
        "= f(,\n" * 3_000,
        "%a(" + "x='" * 5_000,
        "\x00\xff",
        "",
    ):
        ruby.extract(source.encode(), name).index()
    assert time.process_time() - started < 60
