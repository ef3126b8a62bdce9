"""Templates of Go to facts: elements, addresses with what is put out, included templates."""

from __future__ import annotations

import time
from textwrap import dedent

import pytest

from backend_readiness.facts.languages import markup
from backend_readiness.facts.model import Concat, FileFacts, Lit, Unknown

PAGE = """
    {{define "page"}}
    <body>{{/* <form action="/never"> */}}
    {{if .User}}<form action="/users/{{.User.Name}}/status" method="POST" {{if not .Quiet}}onsubmit="return sure()"{{end}}>
    <input name="a" {{- if .Yes}} checked{{end -}}></form>{{else}}<a href="/login">x</a>{{end}}
    {{range $i, $e := .Items}}<a href="{{$e.URL}}">{{$e.Name}}</a>{{end}}
    {{template "foot" .}}
    </body>{{end}}
"""


def facts_of(source: str, name: str) -> FileFacts:
    return markup.extract(dedent(source).lstrip("\n").encode(), name).facts()


@pytest.mark.parametrize("name", ["file.tmpl", "file.gohtml", "file.html"])
def test_elements_stand_at_their_lines_with_what_is_put_out(name: str) -> None:
    facts = facts_of(PAGE, name)
    assert (facts.language, facts.template) == ("gotemplate", ("foot",))
    form = next(e for e in facts.elements if e.tag == "form")
    assert (form.line, form.attrs[0].value) == (3, Concat((Lit("/users/"), Unknown(".User.Name"), Lit("/status"))))
    assert [e.attrs[0].value for e in facts.elements if e.tag == "a"] == [Lit("/login"), Unknown("$e.URL")]


def test_pages_of_other_languages_are_none() -> None:
    assert facts_of("{% if x %}{{ x.y }}{% endif %}", "file.html").language == "jinja"
    assert facts_of("{{#if x}}{{ y }}{{/if}}", "file.html").language == "handlebars"
    assert facts_of("<p>plain</p>", "file.html").language == "html"


def test_a_template_of_another_text_has_no_elements() -> None:
    assert facts_of("x := \"<form action='/no'>\"", "file.go.tmpl").elements == ()


def test_hostile_templates_are_borne() -> None:
    started = time.process_time()
    for source in ("{{if x}}" * 20_000, "{{" * 50_000, '<a b="{{.x}}' * 5_000, "{{end}}" * 20_000, '{{template "' * 10_000, ""):
        markup.extract(source.encode(), "file.tmpl").index()
    assert time.process_time() - started < 60
