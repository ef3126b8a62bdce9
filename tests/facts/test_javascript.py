"""The adapter's own promises: languages by suffix, the index, scripts inside of other files."""

from __future__ import annotations

import pytest
from tests.facts.javascript_show import facts_of, show_call

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.javascript import scripts as javascript
from backend_readiness.facts.model import Symbol


@pytest.mark.parametrize(
    "path,language",
    [  # the grammar for JSX is no language of its own
        ("a.js", "javascript"),
        ("a.jsx", "javascript"),
        ("a.mjs", "javascript"),
        ("a.ts", "typescript"),
        ("a.d.ts", "typescript"),
        ("a.tsx", "typescript"),
    ],
)
def test_the_suffix_names_the_language(path: str, language: str) -> None:
    assert facts_of("a()", path).language == language


def test_the_index_knows_definitions_names_modules_and_bases() -> None:
    source = "import { A as B } from './m'; export * from './n'; class C extends B.D { f = 1; run(p) { return p.q } }; "
    source += "const x = {key: <T u='1'/>}"
    index = javascript.extract(source.encode(), "a.tsx").index()
    assert [(d.name, d.kind) for d in index.definitions] == [("C", "class"), ("run", "method"), ("f", "variable"), ("x", "variable")]
    assert {"A", "B", "C", "D", "T", "f", "key", "p", "q", "run", "u", "x"} <= set(index.names)
    assert index.modules == ("./m", "./n")
    assert index.bases == (("C", "D"),)


def test_a_script_inside_of_another_file_keeps_true_places() -> None:
    page = b"<template>\n</template>\n<script>\nimport a from 'a'\nconst x = () => load(1)\n</script>\n"
    start = page.index(b"\nimport")
    builder = Builder("vue", page)
    owner = builder.add_symbol(Symbol("function", "setup", 0, 3, 6, 0, len(page)))
    javascript.extract_into(builder, page[start : page.index(b"</script>")], grammar="javascript", owner=owner, line=3, start=start)
    facts = builder.facts()
    (call,) = facts.calls
    assert (call.line, page[call.start : call.end]) == (5, b"load(1)")
    assert [(s.name, s.parent, page[s.start : s.end]) for s in facts.symbols[2:]] == [("x", owner, b"() => load(1)")]
    assert [(i.local, i.line, i.owner) for i in facts.imports] == [("a", 4, owner)]


def test_two_scripts_share_one_builder() -> None:
    builder = Builder("html", b"a(() => 1)\nb(() => 2)\n")
    javascript.extract_into(builder, b"a(() => 1)", grammar="javascript")
    javascript.extract_into(builder, b"b(() => 2)", grammar="javascript", line=2, start=11)
    facts = builder.facts()
    assert [show_call(c, facts) for c in facts.calls] == ["a(fn:)", "b(fn:)"]
    assert [arg.value for call in facts.calls for arg in call.args] != [facts.calls[0].args[0].value] * 2
    assert facts.symbols[0].statements == 2


def test_a_byte_order_mark_and_a_shebang_are_no_errors() -> None:
    for source in ("\ufeffimport a from 'a'\n", "#!/usr/bin/env node\nimport a from 'a'\n"):
        facts = facts_of(source, "a.mjs")
        assert (facts.errors, [i.local for i in facts.imports]) == (0, ["a"])


def test_a_method_that_is_named_in_brackets_is_called_like_one_after_a_dot() -> None:
    def shown(source: str) -> str:
        facts = facts_of(source, "a.js")
        return show_call(facts.calls[0], facts)

    assert shown("r['get']('/x')") == shown("r.get('/x')")
    assert shown("r[name]('/x')") != shown("r.name('/x')")


def test_a_value_in_brackets_after_await_is_what_is_called() -> None:
    facts = facts_of("class A { run = async () => { const r = await (x ? slow : send)('/x'); } }", "a.js")
    assert [show_call(c, facts) for c in facts.calls] == [show_call(facts_of("(x ? slow : send)('/x')", "a.js").calls[0], facts)]
