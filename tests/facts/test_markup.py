"""Markup in general: elements, attributes, scripts, which language a file is, and input made to break the reader."""

from __future__ import annotations

import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.markup import documents as markup
from backend_readiness.facts.model import Attr, CallRef, Concat, Element, Func, Lit, Member, Name, Value


def read(source: str, path: str = "page.html") -> Builder:
    return markup.extract(source.encode(), path)


def element(builder: Builder, tag: str, nth: int = 0) -> Element:
    return [e for e in builder.elements if e.tag == tag][nth]


def value(of: Element, name: str) -> Value | None:
    found: list[Attr] = [a for a in of.attrs if a.name == name]
    assert len(found) == 1, of.attrs
    return found[0].value


def test_elements_know_their_parent_their_text_and_their_lines() -> None:
    builder = read(
        "<form\n  action='/login' method=post>\n<label>Email</label> <input name=email required>\n<button>Log\n in</button></form>\n"
    )
    form, button = element(builder, "form"), element(builder, "button")
    assert (form.line, form.end_line, form.close_line, form.parent) == (1, 2, 5, -1)
    assert [(e.tag, e.parent) for e in builder.elements] == [("form", -1), ("label", 0), ("input", 0), ("button", 0)]
    assert (button.text, button.line, button.close_line) == ("Log in", 4, 5)
    assert form.attrs == (Attr("action", Lit("/login"), 2), Attr("method", Lit("post"), 2))
    assert element(builder, "input").attrs[1] == Attr("required", None, 3)
    assert builder.source[button.start : button.end] == b"<button>Log\n in</button>"
    assert builder.source[form.start : form.end] == builder.source.strip()


def test_entities_are_decoded_in_text_and_values() -> None:
    link = element(read('<a href="/search?a=1&amp;b=2">R&amp;D</a>'), "a")
    assert (value(link, "href"), link.text) == (Lit("/search?a=1&b=2"), "R&D")


def test_tags_that_end_by_themselves_do_not_swallow_what_follows() -> None:
    builder = read("<ul><li>a<li>b</ul><p>x<form><br><input><option>1<option>2</form>")
    assert [(e.tag, e.parent) for e in builder.elements] == [
        ("ul", -1), ("li", 0), ("li", 0), ("p", -1), ("form", -1), ("br", 4), ("input", 4), ("option", 4), ("option", 4)
    ]  # fmt: skip


def test_comments_and_styles_hold_no_elements() -> None:
    builder = read("<div><!-- <form action=/old> --></div><style>a > b { content: '<form>' }</style><p>x</p>")
    assert [e.tag for e in builder.elements] == ["div", "style", "p"]
    assert builder.elements[0].text == ""


def test_inline_scripts_are_code_at_their_true_place() -> None:
    builder = read("<p>é</p>\n<script type='module'>\n  fetch('/api/orders')\n</script>")
    (call,) = builder.calls
    assert (call.callee, call.line) == (Name("fetch"), 3)
    assert builder.source[call.start : call.end] == b"fetch('/api/orders')"


@pytest.mark.parametrize("kind", ["application/json", "application/ld+json", "importmap", "text/plain"])
def test_scripts_that_are_data_are_not_code(kind: str) -> None:
    assert read(f'<script type="{kind}">fetch("/x")</script>').calls == []


def test_a_script_that_is_a_template_is_read_as_markup() -> None:
    builder = read('<script type="text/x-template"><form action="/x"></form></script>')
    assert [(e.tag, e.parent) for e in builder.elements] == [("script", -1), ("form", 0)]


def test_a_script_of_another_file_stays_an_element() -> None:
    assert value(element(read('<script src="/static/app.js"></script>'), "script"), "src") == Lit("/static/app.js")


def test_a_handler_of_one_expression_is_that_expression() -> None:
    builder = read('<button onclick="save(1)">S</button><form onsubmit="return check(this)"></form>')
    assert [c.callee for c in builder.calls] == [Name("save"), Name("check")]
    assert value(element(builder, "button"), "onclick") == CallRef(0)
    assert value(element(builder, "form"), "onsubmit") == CallRef(1)
    assert [builder.source[c.start : c.end] for c in builder.calls] == [b"save(1)", b"check(this)"]


def test_a_handler_of_several_statements_is_a_function_that_owns_them() -> None:
    builder = read('<p>\n<button onclick="save(); close()">S</button>')
    handler = value(element(builder, "button"), "onclick")
    assert isinstance(handler, Func)
    assert [(c.callee, c.owner, c.line) for c in builder.calls] == [
        (Name("save"), handler.symbol, 2),
        (Name("close"), handler.symbol, 2),
    ]


def test_htmx_attributes_stay_as_written_and_its_events_are_code() -> None:
    button = element(read('<button hx-post="/cart" hx-on:click="track()">Add</button>'), "button")
    assert value(button, "hx-post") == Lit("/cart")
    assert value(button, "hx-on:click") == CallRef(0)


def test_alpine_and_vue_in_a_page_are_lowered() -> None:
    builder = read('<div x-data="{ open: false }"><a @click="go(url)" :href="url">x</a><b v-text="name"></b></div>')
    assert builder.language == "html"
    assert value(element(builder, "a"), ":href") == Name("url")
    assert value(element(builder, "b"), "v-text") == Name("name")
    assert builder.calls[0].callee == Name("go")


def test_angularjs_attributes_are_lowered() -> None:
    builder = read('<form ng-submit="login(user)"><li ng-repeat="o in orders | filter:q">{{ o.id }}</li></form>')
    assert builder.language == "html"
    assert builder.calls[0].callee == Name("login")
    assert [(a.target, a.value, a.kind) for a in builder.assigns] == [(Name("o"), Name("orders"), "for")]


@pytest.mark.parametrize(
    "source, path, language",
    [
        ("<p>hello</p>", "index.html", "html"),
        ("{% block x %}{% endblock %}", "index.html", "jinja"),
        ("<p>{{ user.name }}</p>", "index.html", "jinja"),
        ("<p>{{#if a}}x{{/if}}</p>", "index.html", "handlebars"),
        ("<p><%= a %></p>", "index.html", "ejs"),
        ("<p *ngIf='a'></p>", "index.html", "angular"),
        ("@if (a) { <p></p> }", "index.html", "angular"),
        ("<p></p>", "login.component.html", "angular"),
        ("<div v-if='a'>{{ b }}</div>", "index.html", "html"),
        ("", "order.html.j2", "jinja"),
        ("", "x.html.ejs", "ejs"),
        ("", "x.mustache", "handlebars"),
        ("", "X.VUE", "vue"),
    ],
)
def test_the_language_follows_suffix_and_content(source: str, path: str, language: str) -> None:
    assert read(source, path).language == language


def test_a_template_of_something_else_has_no_elements_but_its_calls() -> None:
    builder = read("url: {{ url_for('x') }} # <b>", "config.yml.j2")
    assert (builder.elements, builder.calls[0].callee) == ([], Name("url_for"))


def test_an_inline_template_lands_in_the_file_around_it() -> None:
    outer = b'@Component({template: `\n<b (click)="save()">x</b>`})'
    builder = Builder("typescript", outer)
    at = outer.index(b"`") + 1
    markup.template_into(builder, outer[at:-3], language="angular", owner=0, line=1, start=at)
    (call,) = builder.calls
    assert (call.line, outer[call.start : call.end], builder.elements[0].line) == (2, b"save()", 2)


def test_output_in_a_script_becomes_part_of_the_value() -> None:
    builder = read('{% load x %}<script>\nfetch("/orders/{{ order.id }}/pay", {body: {{ data }}})\nget(`/a/{{ b }}`)</script>')
    fetch, get = builder.calls
    assert fetch.args[0].value == Concat((Lit("/orders/"), Member(Name("order"), "id"), Lit("/pay")))
    assert (get.args[0].value, get.line) == (Concat((Lit("/a/"), Name("b"))), 3)
    assert not [name for name in builder.names if name.startswith("$_")]


HOSTILE = {
    "nested": b"<div>" * 10_000 + b"x" + b"</div>" * 10_000,
    "never closed": b"<b>" * 20_000 + b"</c>" * 20_000,
    "open angle": b"<" * 200_000,
    "open tags": b"<a " * 60_000,
    "open comments": b"<!--" * 50_000,
    "open quotes": b'<a b="' * 30_000,
    "spaces": b"<a" + b" " * 300_000,
    "open template tags": b"{{" * 50_000 + b"{%" * 50_000 + b"{#" * 50_000,
    "open sections": b"{% if x %}" * 5_000 + b"{{#if x}}" * 5_000 + b"{#if x}" * 5_000 + b"@if (x) {" * 5_000,
    "open raw": b"{% raw %}" * 10_000,
    "open braces": b"{" * 100_000,
    "closed braces": b"}" * 100_000,
    "open strings": b"{'" * 50_000 + b"{`" * 50_000 + b"{/*" * 50_000,
    "open scriptlets": b"<%" * 50_000,
    "unbalanced scriptlets": b"<% if (x) { %>" * 5_000,
    "parentheses": b"{{ " + b"(" * 50_000 + b" }}",
    "filters": b"{{ a" + b"|b(1)" * 5_000 + b" }}",
    "operators": b"{{ a" + b" == b < c" * 3_000 + b" }}",
    "branches in a value": b'<a b="' + b"{% if x %}y{% else %}" * 3_000 + b'">',
    "one long line": b"<p>" + b"x " * 500_000,
    "no bytes": b"",
    "zeros": b"\0" * 100_000,
    "not text": b"\xff\xfe<a \xff='\xfe'>{{ \xff }}" * 2_000,
    "deep handler": b'<a onclick="' + b"(" * 5_000 + b";" + b")" * 5_000 + b'" @click="' + b"[" * 5_000 + b'">',
}
PATHS = ("x.html", "x.jinja", "x.ejs", "x.hbs", "x.vue", "x.svelte", "x.component.html")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("path", PATHS)
def test_hostile_input_ends_soon_and_can_be_stored(name: str, path: str) -> None:
    began = time.process_time()
    builder = markup.extract(HOSTILE[name], path)
    assert msgspec.msgpack.encode(builder.facts())
    assert msgspec.msgpack.encode(builder.index())
    assert time.process_time() - began < 20  # seconds; a quadratic reader needs minutes


def test_broken_markup_is_counted_and_the_rest_still_stands() -> None:
    builder = read('</b><form action="/a"><button></form>{% if x %}<a href="/b">', "x.jinja")
    assert builder.errors >= 2
    assert [e.tag for e in builder.elements] == ["form", "button", "a"]


PIECES = """< </ > /> <form <a <script> </script> <style> <!-- --> = " ' ` { } {{ }} {{{ }}} {% %} {# #} {#if {:else} {/if} {@html {#each as
    <% <%= <%- %> -%> {{#each {{/each}} {{else}} {{> @if( @else @for( ) ( [ ] | : , . ; x y 1 if else endif for in endfor raw endraw macro
    set include extends not and a.b v-if= @click= (x)= [x]= *ngFor= on:click= x-data= onclick= => &amp; \\ é of let"""


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*PIECES.split(), "\n", "\0", " "]), max_size=40).map("".join), st.sampled_from(PATHS))
def test_any_mix_of_template_pieces_is_read_without_an_exception(source: str, path: str) -> None:
    builder = read(source, path)
    for each in builder.elements:
        assert 1 <= each.line <= each.end_line <= each.close_line
        assert each.parent < len(builder.elements)
    for call in builder.calls:
        assert call.owner < len(builder.symbols)
    assert msgspec.msgpack.encode(builder.facts())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(PATHS))
def test_any_bytes_are_read_without_an_exception(source: bytes, path: str) -> None:
    assert markup.extract(source, path).facts().language
