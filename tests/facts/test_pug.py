"""Pug to facts: elements with their attributes at their lines, mixins, conditions and scripts."""

from __future__ import annotations

import time
from textwrap import dedent

import pytest

from backend_readiness.facts.languages import markup
from backend_readiness.facts.model import CallRef, Element, FileFacts, Lit, Name

PAGE = """
    extends layout
    include mixins/_card
    //- form(action="/nothing" method="POST")
      input(name="hidden")
    mixin order(item = {})
      form.edit#main(action=`/orders/${item.id || ''}` method="POST"
          enctype="multipart/form-data" novalidate)
        input(type="text", name="title" value=item.title + ' x' required)
        != icon("save")
    block content
      if user
        li: a.nav(href="/account", class=(here ? "on" : "")) Account
      else if guest
        p Hello #{guest.name}
      else
        a(href='/login') Log In
      each item, i in items
        +order(item)
      - const total = count(items)
      button(onclick="go(1)"
             data-id=item.id)= item.name
      script.
        fetch("/api/totals");
      p.
        No tag here: form(action="/text")
"""


def facts_of(text: str) -> FileFacts:
    return markup.extract(dedent(text).lstrip("\n").encode(), "views/page.pug").facts()


def element(facts: FileFacts, tag: str, number: int = 0) -> Element:
    return [e for e in facts.elements if e.tag == tag][number]


def attributes(found: Element) -> dict[str, object]:
    return {a.name: a.value for a in found.attrs}


def test_elements_have_their_attributes_at_their_lines() -> None:
    facts = facts_of(PAGE)
    form = element(facts, "form")
    assert (form.line, attributes(form)["method"]) == (6, Lit("POST"))
    assert {"novalidate", "enctype", "id", "class"} <= set(attributes(form))
    button = element(facts, "button")
    assert button.line == 20
    assert set(attributes(button)) == {"onclick", "data-id"}
    assert [e.tag for e in facts.elements].count("form") == 1, "neither a comment nor a text has elements"


def test_an_expression_may_have_blanks_and_ends_before_the_next_attribute() -> None:
    field = element(facts_of(PAGE), "input")
    assert list(attributes(field)) == ["type", "name", "value", "required"]


def test_a_nested_element_on_one_line_keeps_its_text() -> None:
    facts = facts_of(PAGE)
    account = element(facts, "a")
    assert (account.text, facts.elements[account.parent].tag, account.line) == ("Account", "li", 12)
    assert element(facts, "a", 1).text == "Log In"


def test_code_output_and_scripts_are_facts_of_the_file() -> None:
    facts = facts_of(PAGE)
    called = {c.callee.id: c.line for c in facts.calls if isinstance(c.callee, Name)}
    assert (called["count"], called["fetch"], called["order"]) == (19, 23, 18)
    raw = [c for c in facts.calls if c.callee == Name("raw_output")]
    assert [c.line for c in raw] == [9]
    assert isinstance(raw[0].args[0].value, CallRef)
    assert any(s.name == "order" for s in facts.symbols)


def test_layouts_and_includes_are_templates_of_the_page() -> None:
    assert facts_of(PAGE).template == ("layout", "mixins/_card")


@pytest.mark.parametrize(
    "source",
    [
        b"\n".join(b" " * n + b"div" for n in range(10_000)),
        b"a(" * 5_000,
        b"li: " * 5_000 + b"x",
        b"form(action=" + b"`${" * 5_000,
        b"+x(" + b"(" * 5_000,
        b"\xff\xfe\x00if\n  else\nelse\n  else",
        b"a(b" + b" = " * 5_000,
    ],
)
def test_hostile_source_gives_facts(source: bytes) -> None:
    started = time.perf_counter()
    markup.extract(source, "x.pug").facts()
    assert time.perf_counter() - started < 5
