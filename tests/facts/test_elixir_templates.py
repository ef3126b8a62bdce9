"""HEEx and EEx templates: elements with the values of their attributes, the code between them, and what must not be read as either."""

from __future__ import annotations

import time

import pytest

from backend_readiness.facts.languages import elixir
from backend_readiness.facts.model import CallRef, Concat, Element, FileFacts, Lit, Member, Name


def read(text: str, path: str = "lib/shop_web/page.html.heex") -> FileFacts:
    return elixir.extract(text.encode(), path).facts()


def attribute(element: Element, name: str) -> object:
    return next(a.value for a in element.attrs if a.name == name)


def test_a_component_is_an_element_with_lowered_attributes() -> None:
    facts = read('<.form :let={f} for={%{"a" => 1}} action={~p"/orders/#{@order.id}"}>\n  <.input field={f[:name]} />\n</.form>\n')
    form, field = facts.elements
    assert (form.tag, form.line, form.close_line, field.tag, field.parent) == (".form", 1, 3, ".input", 0)
    assert attribute(form, "action") == Concat((Lit("/orders/"), Member(Name("@order"), "id")))


def test_code_of_a_page_is_one_program_at_its_true_places() -> None:
    facts = read('<p>é</p>\n<%= for order <- Orders.all() do %>\n  <a href="<%= path(order) %>">{order.name}</a>\n<% end %>\n')
    assert [(c.callee, c.line) for c in facts.calls] == [(Member(Name("Orders"), "all"), 2), (Name("path"), 3)]
    assert attribute(facts.elements[1], "href") == CallRef(1)


def test_a_sigil_has_the_owner_and_the_lines_of_its_function() -> None:
    text = 'defmodule Shop.Bar do\n  def bar(assigns) do\n    ~H"""\n    <a href={~p"/x"}>{count(@items)}</a>\n    """\n  end\nend\n'
    facts = read(text, "lib/bar.ex")
    (link,) = facts.elements
    assert (link.tag, link.line, facts.symbols[link.owner].name, attribute(link, "href")) == ("a", 4, "bar", Lit("/x"))
    (call,) = facts.calls
    assert (call.line, text.encode()[call.start : call.end]) == (4, b"count(@items)")


def test_braces_of_scripts_styles_and_comments_are_no_code() -> None:
    facts = read("<%!-- {gone()} --%><!-- {gone()} --><style>a { b: c() }</style><script>const x = {a: 1}</script>")
    assert [c for c in facts.calls if c.callee == Name("gone")] == []
    assert facts.elements[-1].tag == "script"


def test_braces_of_an_older_template_are_text() -> None:
    facts = read("<p>{hello()}</p><%= raw(@body) %>", "lib/shop_web/page.html.eex")
    assert [c.callee for c in facts.calls] == [Name("raw"), Name("raw_output")]


def test_a_block_in_an_older_template_holds_what_follows_it() -> None:
    facts = read(
        "<%= if @error do %><b><%= @error %></b><% end %>\n"
        "<%= form_for @conn, order_path(@conn), [as: :order], fn f -> %>\n"
        '<%= input f, :email, required: true, placeholder: "Your address" %>\n'
        '<%= submit "Order" %>\n<% end %>',
        "lib/shop_web/page.html.eex",
    )
    assert [(c.callee, c.line) for c in facts.calls if c.callee == Name("form_for")] == [(Name("form_for"), 2)]


def test_a_template_of_other_text_has_no_elements() -> None:
    assert read("Dear <%= @name %>, <b>hello</b>", "lib/mail/hello.text.eex").elements == ()


@pytest.mark.parametrize(
    "text",
    ["{" * 20_000, "<.a b={" * 5_000, "<%= " * 20_000, "<%= if x do %>" * 3_000, "{f(" * 5_000 + ")}" * 5_000, "<" * 50_000, "\0{\xff}<.x"],
)
def test_hostile_templates_are_read_in_time(text: str) -> None:
    begun = time.process_time()
    read(text)
    read(f'defmodule A do\n  def a(b), do: ~H"""\n{text}\n"""\nend\n', "a.ex")
    assert time.process_time() - begun < 5


def test_many_sigils_of_one_file_are_read_in_time() -> None:
    begun = time.process_time()
    read("defmodule A do\n" + "".join(f'  def a{n}(b), do: ~H"<p>{{f(b)}}</p>"\n' for n in range(8_000)) + "end\n", "a.ex")
    assert time.process_time() - begun < 8
