"""Ruby that is nested, long or broken beyond reason must neither crash nor take long."""

from __future__ import annotations

import pytest

from backend_readiness.facts.extraction import decode_facts, extract

N = 10_000
HOSTILE = {
    "parentheses": b"(" * N + b"1" + b")" * N,
    "hashes": b"{a: " * N + b"1" + b"}" * N,
    "a chain": b"a" + b".b(1)" * N,
    "nested arguments": b"f(" * N + b")" * N,
    "blocks": b"f do\n" * N + b"end\n" * N,
    "classes": b"class A\n" * N + b"end\n" * N,
    "methods": b"def a\n" * N + b"end\n" * N,
    "elsif": b"if a\n1\n" + b"elsif b\n2\n" * N + b"end\n",
    "ternaries": b"x = " + b"a ? b : " * N + b"c",
    "a sum": b"x = a" + b" + b" * N,
    "interpolation": b'"' + b'#{"' * N + b'"}' * N + b'"',
    "constants": b"A" + b"::B" * N,
    "heredocs": b"f(" + b"<<A, " * 2000 + b"1)\n" + b"A\n" * 2000,
    "assignments": b"a = " * N + b"1",
    "modifiers": b"a" + b" if b" * N,
    "destructuring": b"f { |" + b"(" * N + b"a" + b")" * N + b"| }",
    "no text at all": bytes(range(256)) * 200,
    "half a program": b"class A\n  def b\n    foo({[(",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_source_gives_facts(source: bytes) -> None:
    found = extract(source, ".rb")
    assert found.facts, found.index
    assert decode_facts(found.facts)[0].language == "ruby"


TEMPLATES = {
    "many outputs": b"<p><%= a.b(1) %></p>\n" * N,
    "conditions that never end": b"<% if a %>" * N,
    "blocks": b"<%= f do |x| %><b>" * 3000 + b"<% end %></b>" * 3000,
    "half a tag": b"<%= a" * N,
    "outputs in an attribute": b'<a href="' + b"<%= x %>" * N + b'">',
}


@pytest.mark.parametrize("source", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_a_hostile_template_gives_facts(source: bytes) -> None:
    found = extract(source, ".html.erb")
    assert found.facts, found.index
    assert decode_facts(found.facts)[0].language == "erb"
