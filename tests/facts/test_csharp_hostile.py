"""C# that no one should write: the adapter neither raises nor hangs, and what it says can be kept and read back."""

from __future__ import annotations

import pytest

from backend_readiness.facts.extraction import decode_facts, extract

N = 10_000
HOSTILE = {
    "parentheses": b"var x = " + b"(" * N + b"f()" + b")" * N + b";",
    "collections": b"int[] x = " + b"[" * N + b"]" * N + b";",
    "a chain": b"a" + b".b(1)" * N + b";",
    "a chain with questions": b"a" + b"?.b(1)" * N + b";",
    "nested questions": b"a?.b(" * N + b")" * N + b";",
    "members": b"var x = a" + b".b" * N + b";",
    "subscripts": b"var x = a" + b"[0]" * N + b";",
    "bangs": b"var x = a" + b"!" * N + b";",
    "nested arguments": b"f(" * N + b")" * N + b";",
    "blocks": b"{" * N + b"}" * N,
    "classes": b"class A {" * N + b"}" * N,
    "namespaces": b"namespace A {" * N + b"}" * N,
    "lambdas": b"var f = " + b"x => " * N + b"1;",
    "local functions": b"void f() {" * N + b"}" * N,
    "ternaries": b"var x = " + b"a ? b : " * N + b"c;",
    "a sum": b"var x = a" + b" + b" * N + b";",
    "a sum of kinds": b"var x = a" + b" + b - c * d" * N + b";",
    "defaults": b"var x = a" + b" ?? b" * N + b";",
    "else if": b"if (a) { f(); }" + b" else if (b) { g(); }" * N,
    "nested ifs": b"if (a) " * N + b"f();",
    "nots": b"var x = " + b"!" * N + b"y;",
    "casts": b"var x = " + b"(A)" * N + b"y;",
    "types": b"A<" * N + b"B" + b">" * N + b" x;",
    "qualified names": b"using A" + b".B" * N + b";",
    "interpolation": b'var x = $"' + b'{$"' * N + b'"}' * N + b'";',
    "attributes": b"[A(" * N + b")]" * N + b"class B { }",
    "patterns": b"var x = a is " + b"{ B: " * N + b"1" + b"}" * N + b";",
    "choices of patterns": b"var x = a is 1" + b" or 1" * N + b";",
    "objects": b"var x = " + b"new A { B = " * N + b"1" + b"}" * N + b";",
    "assignments": b"a = " * N + b"1;",
    "switches": b"x = " + b"y switch { 1 => " * N + b"2" + b"}" * N + b";",
    "directives": b"#if A\n" * N + b"#endif\n" * N,
    "raw strings": b"var x = " + b'"' * N + b"a",
    "comments": b"// TODO\n" * N + b"class A { }",
    "numbers": b"var x = " + b"9" * N + b"; var y = 1e99999; var z = 0x" + b"f" * N + b";",
    "surrogates": rb'var x = "\ud800\udfff\U99999999";',
    "no text at all": bytes(range(256)) * 200,
    "half a program": b"class A { void M() { foo({[(",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_source_gives_facts(source: bytes) -> None:
    found = extract(source, ".cs")
    assert found.facts, found.index
    facts = decode_facts(found.facts)[0]
    assert facts.language == "csharp"
    assert all(0 <= c.owner < len(facts.symbols) and 0 <= c.start <= c.end <= len(source) for c in facts.calls)
    assert all(s.parent < i for i, s in enumerate(facts.symbols))


def test_calls_along_a_long_chain_are_all_kept() -> None:
    assert len(decode_facts(extract(HOSTILE["a chain"], ".cs").facts)[0].calls) == N


def test_code_after_nesting_that_is_too_deep_is_still_read() -> None:
    source = b"class A { int[] x = " + b"[" * 3000 + b"]" * 3000 + b";\n void After() { F(1); } }"
    facts = decode_facts(extract(source, ".cs").facts)[0]
    assert [s.name for s in facts.symbols] == ["", "A", "After"]
    assert len(facts.calls) == 1


def test_a_byte_order_mark_moves_nothing() -> None:
    facts = decode_facts(extract(b"\xef\xbb\xbfclass A { }", ".cs").facts)[0]
    assert facts.errors == 0
    assert (facts.symbols[1].name, facts.symbols[1].start) == ("A", 3)
