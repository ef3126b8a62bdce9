"""Blade templates: outputs, directives, and the forms that they write."""

from __future__ import annotations

import msgspec
import pytest

from backend_readiness.facts.languages.php import extract
from backend_readiness.facts.model import Arg, CallRef, Concat, FileFacts, Lit, Member, Name, Record


def facts(page: str) -> FileFacts:
    return extract(page.encode(), "file.blade.php").facts()


def test_outputs_are_lowered_as_php_at_their_lines() -> None:
    found = facts("<h1>\n{{ $order->name }}</h1>\n{!! $html !!}\n<a href=\"/orders/{{ $order->id }}/{{ route('x', 1) }}\">x</a>\n")
    link = next(e for e in found.elements if e.tag == "a")
    route = next(i for i, c in enumerate(found.calls) if c.callee == Name("route"))
    assert link.attrs[0].value == Concat((Lit("/orders/"), Member(Name("$order"), "id"), Lit("/"), CallRef(route)))
    raw = next(c for c in found.calls if c.callee == Name("raw_output"))
    assert (raw.args, raw.line) == ((Arg(Name("$html")),), 3)
    assert found.calls[route].line == 4


def test_the_older_way_to_write_the_method_is_the_same_field() -> None:
    found = facts("<form method='POST'>{{ csrf_field() }} {{ method_field('DELETE') }}</form>\n{!! method_field('PUT') !!}\n")
    values = [a.value for e in found.elements if e.tag == "input" for a in e.attrs if a.name == "value"]
    assert values == [Lit("DELETE"), Lit("PUT")]


def test_directives_are_blocks_includes_and_hidden_fields() -> None:
    found = facts(
        "@extends('layouts.app')\n<form method='POST' action=\"{{ url('/orders') }}\">\n@csrf\n@method('PUT')\n"
        "@foreach($orders as $id => $order)\n@if($order->open)\n<b>{{ $order->n }}</b>\n@else\nno\n@endif\n@endforeach\n</form>\n"
        "@include('parts.list', ['a' => b(1)])\n<p>me@example.com {{-- {{ hidden() }} --}}</p>\n"
    )
    assert found.template == ("layouts/app", "parts/list")
    assert [b.kind for b in sorted(found.blocks, key=lambda b: b.start)] == ["loop", "if", "else"]
    hidden = next(e for e in found.elements if e.tag == "input")
    assert {a.name: a.value for a in hidden.attrs}["value"] == Lit("PUT")
    assert [a.target for a in found.assigns if a.kind == "for"] == [Name("$order")]
    assert {c.callee.id for c in found.calls if isinstance(c.callee, Name)} == {"url", "csrf_token", "b", "include"}


def test_what_is_handed_to_another_template_stays_under_its_names() -> None:
    found = facts("@include('parts.list', ['order' => $first])\n@include('parts.foot')\n@extends('layouts.app', [])\n")
    handed = [c for c in found.calls if isinstance(c.callee, Name)]
    assert [(c.callee, c.args[0].value) for c in handed] == [(Name("include"), Lit("parts.list"))]
    assert handed[0].args[1].value == Record((("order", Name("$first")),))


_BROKEN = ["@if(" * 3_000, "{{ " * 5_000, "@foreach($a as $b)" * 2_000, "{{ (((((" * 500, "@php(" * 10 + ")", "<?php " * 50, ""]


@pytest.mark.parametrize("page", _BROKEN)
def test_broken_templates_still_give_facts(page: str) -> None:
    msgspec.msgpack.encode(extract(page.encode(), "file.blade.php").facts())
