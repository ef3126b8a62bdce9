"""Templates that a server renders: Jinja and Django, EJS, Handlebars."""

from __future__ import annotations

import pytest

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.markup import documents as markup
from backend_readiness.facts.model import Alt, Arg, CallRef, Concat, Import, Index, Lit, Member, Name, Op, Value


def read(source: str, path: str) -> Builder:
    return markup.extract(source.encode(), path)


def attr(builder: Builder, name: str) -> Value | None:
    return next(a.value for e in builder.elements for a in e.attrs if a.name == name)


# ---------------------------------------------------------------- Jinja, Django, Nunjucks, Swig


def test_a_jinja_url_is_the_call_that_makes_it() -> None:
    builder = read("\n<form action=\"{{ url_for('auth.login', next=request.path) }}\">", "x.jinja")
    assert attr(builder, "action") == CallRef(0)
    (call,) = builder.calls
    assert (call.callee, call.line) == (Name("url_for"), 2)
    assert call.args == (Arg(Lit("auth.login")), Arg(Member(Name("request"), "path"), "next"))


def test_output_between_text_is_a_concatenation() -> None:
    builder = read('<a href="/orders/{{ order.id }}/pay">', "x.jinja")
    assert attr(builder, "href") == Concat((Lit("/orders/"), Member(Name("order"), "id"), Lit("/pay")))


def test_branches_of_a_value_are_alternatives() -> None:
    builder = read('<form action="{% if id %}/edit/{{ id }}{% else %}/new{% endif %}">', "x.jinja")
    assert attr(builder, "action") == Alt((Concat((Lit("/edit/"), Name("id"))), Lit("/new")))


def test_django_tags_are_calls_with_their_words() -> None:
    builder = read("<form action=\"{% url 'order-detail' order.id next=path %}\">\n{% csrf_token %}</form>", "x.djhtml")
    url, token = builder.calls
    assert url.callee == Name("url")
    assert url.args == (Arg(Lit("order-detail")), Arg(Member(Name("order"), "id")), Arg(Name("path"), "next"))
    assert (token.callee, token.args, token.line) == (Name("csrf_token"), (), 2)
    assert attr(builder, "action") == CallRef(0)


def test_includes_layouts_and_imports_are_named() -> None:
    builder = read(
        '{% extends "base.html" %}{% include "nav.html" %}{% include ["a.html", "b.html"] %}\n'
        '{% from "forms.html" import field, label as caption with context %}{% import "m.html" as m %}',
        "x.jinja",
    )
    assert builder.template == ["base.html", "nav.html", "a.html", "b.html", "forms.html", "m.html"]
    assert builder.imports == [
        Import("forms.html", "field", "field", 2),
        Import("forms.html", "label", "caption", 2),
        Import("m.html", None, "m", 2),
    ]


def test_control_flow_is_blocks_and_loops_bind_their_variable() -> None:
    builder = read(
        "{% if user.ok and not x %}\n<b></b>\n{% elif y %}{% else %}{% endif %}\n{% for o in orders %}<i></i>{% endfor %}", "x.jinja"
    )
    condition = Op("and", (Member(Name("user"), "ok"), Op("not", (Name("x"),))))
    assert [(b.kind, b.subject, b.line, b.empty) for b in builder.blocks] == [
        ("if", condition, 1, False),
        ("else", Name("y"), 3, True),
        ("else", None, 3, True),
        ("loop", Name("orders"), 4, False),
    ]
    assert [(a.target, a.value, a.kind) for a in builder.assigns] == [(Name("o"), Name("orders"), "for")]


def test_a_macro_owns_its_elements() -> None:
    builder = read("{% macro field(name, type='text') %}<input name=\"{{ name }}\">{% endmacro %}<p></p>", "x.jinja")
    macro = builder.symbols[1]
    assert (macro.name, [p.name for p in macro.params], macro.params[1].default) == ("field", ["name", "type"], Lit("text"))
    assert [(e.tag, e.owner) for e in builder.elements] == [("input", 1), ("p", 0)]


@pytest.mark.parametrize("expression", ["{{ bio|safe }}", "{{ bio | raw }}"])
def test_a_safe_filter_is_raw_output(expression: str) -> None:
    builder = read(f"<p>\n{expression}</p>", "x.jinja")
    (call,) = builder.calls
    assert (call.callee, call.args, call.line) == (Name("raw_output"), (Arg(Name("bio")),), 2)


def test_output_where_escaping_is_off_is_raw() -> None:
    builder = read("{% autoescape off %}{{ a }}{% endautoescape %}{{ b }}{% autoescape on %}{{ c }}{% endautoescape %}", "x.djhtml")
    assert [(c.callee, c.args) for c in builder.calls] == [(Name("raw_output"), (Arg(Name("a")),))]


def test_what_a_comment_holds_is_not_there() -> None:
    builder = read("<form><!-- {% csrf_token %} {{ f(x) }} {% if a %} -->{% endif %}Go</form>", "x.djhtml")
    assert (builder.calls, builder.elements[0].text, builder.errors) == ([], "Go", 0)


def test_a_tag_that_names_its_result_is_an_assignment() -> None:
    builder = read("{% url 'orders' as target %}<a href='{{ target }}'>", "x.djhtml")
    assert [(a.target, a.value) for a in builder.assigns] == [(Name("target"), CallRef(0))]
    assert attr(builder, "href") == Name("target")


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("a.b[0]", Index(Member(Name("a"), "b"), Lit(0))),
        ("a.0", Member(Name("a"), "0")),
        ("'/x/' ~ id", Concat((Lit("/x/"), Name("id")))),
        ("a or 'b'", Alt((Name("a"), Lit("b")))),
        ("'x' if a else 'y'", Alt((Lit("x"), Lit("y")))),
        ("a ? 'x' : 'y'", Alt((Lit("x"), Lit("y")))),
        ("a|upper", Op("|", (Name("a"), Name("upper")))),
        ('a|date:"Y"', Op("|", (Name("a"), CallRef(0)))),
        ("true", Lit(True)),
        ("a is not none", Op("is not", (Name("a"), Lit(None)))),
    ],
)
def test_expressions_are_lowered(expression: str, expected: Value) -> None:
    assert attr(read(f"<p x='{{{{ {expression.replace(chr(39), chr(34))} }}}}'>", "x.jinja"), "x") == expected


def test_a_verbatim_part_is_no_template() -> None:
    builder = read("{% raw %}{{ f(x) }}{% endraw %}{{ g(x) }}", "x.jinja")
    assert [c.callee for c in builder.calls] == [Name("g")]


def test_conditional_attributes_stand_by_themselves() -> None:
    builder = read("<option value='1' {% if a %}selected{% endif %} {{ attrs }}>", "x.jinja")
    assert [a.name for a in builder.elements[0].attrs] == ["value", "selected"]


def test_a_form_opened_in_both_branches_is_two_forms_side_by_side() -> None:
    builder = read("{% if a %}<form action=/a>{% else %}<form action=/b>{% endif %}<input></form><p></p>", "x.jinja")
    assert [(e.tag, e.parent) for e in builder.elements] == [("form", -1), ("form", -1), ("input", 1), ("p", -1)]


def test_output_inside_a_handler_is_an_argument() -> None:
    builder = read("<a onclick=\"remove('{{ order.id }}')\">x</a>", "x.jinja")
    (call,) = builder.calls
    assert (call.callee, call.args) == (Name("remove"), (Arg(Member(Name("order"), "id")),))


# ---------------------------------------------------------------- EJS


def test_scriptlets_are_one_program_at_their_true_place() -> None:
    builder = read("<% if (user) { %>\n<ul><% items.forEach(function (i) { %><li><%= i.name %></li><% }) %></ul>\n<% } %>", "x.ejs")
    (block,) = builder.blocks
    assert (block.kind, block.subject, block.line, block.end_line) == ("if", Name("user"), 1, 3)
    (call,) = builder.calls
    assert (call.callee, call.line) == (Member(Name("items"), "forEach"), 2)
    assert builder.errors == 0


def test_ejs_output_is_part_of_a_value_and_raw_output_is_told() -> None:
    builder = read('<form action="/users/<%= user.id %>">\n<%- bio %></form>', "x.ejs")
    assert attr(builder, "action") == Concat((Lit("/users/"), Member(Name("user"), "id")))
    (call,) = builder.calls
    assert (call.callee, call.args, call.line) == (Name("raw_output"), (Arg(Name("bio")),), 2)


def test_ejs_includes_are_no_raw_output() -> None:
    builder = read("<%- include('partials/head', {a: f()}) %><% include old/style %>", "x.ejs")
    assert builder.template == ["partials/head", "old/style"]
    assert Name("raw_output") not in [c.callee for c in builder.calls]


# ---------------------------------------------------------------- Handlebars


def test_handlebars_paths_helpers_and_partials() -> None:
    builder = read('{{> header}}<a href="/users/{{user.id}}" title="{{t "name" key=(low a)}}">{{../x}}</a>', "x.hbs")
    assert builder.template == ["header"]
    assert attr(builder, "href") == Concat((Lit("/users/"), Member(Name("user"), "id")))
    low, helper = builder.calls
    assert (low.callee, low.args) == (Name("low"), (Arg(Name("a")),))
    assert (helper.callee, helper.args) == (Name("t"), (Arg(Lit("name")), Arg(CallRef(0), "key")))


def test_handlebars_sections_are_blocks() -> None:
    builder = read(
        "{{#if a}}x{{else}}{{/if}}\n{{#each orders as |o|}}<li>{{o.id}}</li>{{/each}}{{#items}}{{/items}}{{^items}}y{{/items}}", "x.hbs"
    )
    assert [(b.kind, b.subject, b.line) for b in builder.blocks] == [
        ("if", Name("a"), 1),
        ("else", None, 1),
        ("loop", Name("orders"), 2),
        ("if", Name("items"), 2),
        ("if", None, 2),
    ]
    assert (builder.assigns[0].target, builder.assigns[0].value) == (Name("o"), Name("orders"))
    assert builder.errors == 0


@pytest.mark.parametrize("expression", ["{{{bio}}}", "{{& bio}}"])
def test_unescaped_handlebars_is_raw_output(expression: str) -> None:
    (call,) = read(f"\n{expression}", "x.hbs").calls
    assert (call.callee, call.args, call.line) == (Name("raw_output"), (Arg(Name("bio")),), 2)


def test_a_partial_with_a_fallback_is_included_and_closed() -> None:
    builder = read('{{#> layout a=1}}x{{/layout}}{{#> (concat "icons/" type)}}x{{/undefined}}{{#*inline "x"}}y{{/inline}}', "x.hbs")
    assert (builder.template, builder.errors) == (["layout"], 0)


def test_handlebars_comments_say_nothing() -> None:
    builder = read("{{!-- {{f x}} --}}{{! f x }}<p>\\{{f x}}</p>", "x.hbs")
    assert builder.calls == []
