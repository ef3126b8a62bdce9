"""Blazor components: members of the class that a file is, elements with lowered handlers, directives, and what is none of them."""

from __future__ import annotations

import time

import pytest

from backend_readiness.facts.languages import blazor
from backend_readiness.facts.model import CallRef, Concat, Element, FileFacts, Func, Import, Index, Lit, Member, Name


def read(text: str) -> FileFacts:
    return blazor.extract(text.encode(), "file.razor").facts()


def attribute(element: Element, name: str) -> object:
    return next(a.value for a in element.attrs if a.name == name)


PAGE = """@page "/orders/{Id:int}"
@using Shop.Services
@inherits PageBase
@inject IStore<Order> Store

<p title="é @Store.Name">mail@shop.test</p>
@foreach (var order in Store.All())
{
    <button @onclick="() => Drop(order.Id)" @onclick:preventDefault>Drop</button>
}
<EditForm Model="@page" OnValidSubmit="Save" Class="Save" />
<Row OnPick="@(e => Pick("a"))" Load="new Func<int, Task>(Read)" />
@code {
    [Parameter] public int Id { get; set; }
    private async Task Save() => await Store.Put($"orders/{Id}");
}
"""


def test_members_and_directives_belong_to_the_class_that_the_file_is() -> None:
    facts = read(PAGE)
    component = facts.symbols[1]
    assert (component.kind, component.name, component.bases) == ("class", "", (Name("PageBase"),))
    assert [(s.name, s.parent, s.line) for s in facts.symbols if s.kind == "method"] == [("Save", 1, 15)]
    assert [(a.target, a.type, a.line) for a in facts.assigns if a.kind == "field"] == [
        (Name("Store"), Index(Name("IStore"), Name("Order")), 4),
        (Name("Id"), Name("int"), 14),
    ]
    assert facts.imports == (Import("Shop.Services", "*", None, 2),)
    assert next(c for c in facts.calls if c.callee == Name("page")).args[0].value == Lit("/orders/{Id:int}")
    put = next(c for c in facts.calls if c.callee == Member(Name("Store"), "Put"))
    assert (put.line, put.args[0].value) == (15, Concat((Lit("orders/"), Name("Id"), Lit(""))))
    assert PAGE.encode()[put.start : put.end].startswith(b"Store.Put(")


def test_values_of_handlers_are_lowered_and_plain_attributes_stay_text() -> None:
    paragraph, button, form, row = read(PAGE).elements
    assert (paragraph.text, button.line, isinstance(attribute(button, "@onclick"), Func)) == ("mail@shop.test", 9, True)
    assert (attribute(form, "Model"), attribute(form, "OnValidSubmit"), attribute(form, "Class")) == (
        Name("page"),
        Name("Save"),
        Lit("Save"),
    )
    assert isinstance(attribute(row, "OnPick"), Func)
    assert attribute(row, "Load") == Lit("new Func<int, Task>(Read)")


def test_a_delegate_is_the_method_that_it_is_made_of() -> None:
    (table,) = read('<Table Data="@(new Func<int, Task>(Load))" />\n').elements
    assert attribute(table, "Data") == Name("Load")


def test_a_lambda_in_brackets_is_a_function() -> None:
    (button,) = read('<Button OnClick="(() => Show(1))" />\n').elements
    assert isinstance(attribute(button, "OnClick"), Func)


def test_a_file_of_directives_speaks_for_the_components_below_it() -> None:
    assert read("@using Shop.Services\n@inject IStore Store\n").imports == (Import("below::Shop.Services", "*", None, 1),)


def test_code_before_which_nothing_stands_does_not_break_the_file() -> None:
    assert read("@code{ void Save() { } }").symbols[0].kind == "module"


@pytest.mark.parametrize(
    "text",
    [
        "@code {" * 5_000,
        "@code { void Save() {\n" * 500,
        "<a @onclick='" + "(" * 20_000,
        "@(" * 20_000,
        '<p @onclick="() => ' + "x => " * 5_000 + '">',
        "@foreach (var a in " * 3_000,
        '@inject A<B> \x00\n@page "\n@',
        "@code { class A { " + "class B { " * 3_000,
        '<p @onclick="a" />' * 5_000,
    ],
)
def test_hostile_text_is_read_in_bounded_time(text: str) -> None:
    started = time.perf_counter()
    facts = read(text)
    assert facts.language == "blazor"
    assert time.perf_counter() - started < 8


def test_a_call_in_the_text_is_one_of_the_page() -> None:
    facts = read("<p>@Store.Count(1)</p>\n")
    assert [(c.callee, c.owner) for c in facts.calls] == [(Member(Name("Store"), "Count"), 1)]
    assert not any(isinstance(a.value, CallRef) for e in facts.elements for a in e.attrs)
