"""Java and Kotlin that no one should write: the adapters neither hang nor hand out what cannot be stored; they may give a file up."""

from __future__ import annotations

import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.file_index import FileIndex
from backend_readiness.facts.languages.java import extract as extract_java
from backend_readiness.facts.languages.kotlin import extract as extract_kotlin
from backend_readiness.facts.model import FileFacts

N = 10_000
LIMIT_S = 20.0

JAVA: dict[str, bytes] = {
    "parentheses": b"class A { Object x = " + b"(" * N + b"f()" + b")" * N + b"; }",
    "open parentheses": b"class A { Object x = " + b"(" * N,
    "open braces": b"class A { void m() " + b"{" * N,
    "calls in calls": b"class A { Object x = " + b"f(" * N + b")" * N + b"; }",
    "call chain": b"class A { Object x = a" + b".b()" * N + b"; }",
    "members": b"class A { Object x = a" + b".b" * N + b"; }",
    "subscripts": b"class A { Object x = a" + b"[0]" * N + b"; }",
    "plus": b"class A { Object x = " + b"+".join([b'"a"', b"f()"] * N) + b"; }",
    "mixed operators": b"class A { int x = " + b"a+b-c*" * N + b"d; }",
    "not": b"class A { boolean x = " + b"!" * N + b"y; }",
    "casts": b"class A { Object x = " + b"(B)" * N + b"y; }",
    "ternaries": b"class A { int x = " + b"a ? b : " * N + b"c; }",
    "lambdas": b"class A { Object x = " + b"() -> " * N + b"y; }",
    "else if": b"class A { void m() { if (a) {} " + b"else if (b()) {} " * N + b"} }",
    "classes": b"class A {" * 3000 + b"}" * 3000,
    "anonymous classes": b"class A { Object x = " + b"new B() { Object y = " * 2000,
    "types": b"class A { " + b"List<" * N + b"X" + b">" * N + b" x; }",
    "annotations": b"@A(" * N + b")" * N + b" class B {}",
    "annotation row": b"@A(1)\n" * N + b"class B {}",
    "loops": b"class A { void m() { " + b"for (;;) " * N + b"; } }",
    "arrays": b"class A { int[] x = " + b"{" * N + b"}" * N + b"; }",
    "text block": b'class A { String s = """' + b'\\"""' * N,
    "format": b'class A { String s = String.format("' + b"%99$s" * N + b'"); }',
    "comments": b"// TODO x\n" * N + b"/* " * N,
    "bytes": b"\xff\xfe\x00" * N,
    "escapes": b'class A { String s = "\\ud800\\uuuu0041\\777"; }',
    "enum": b"enum A { " + b"B(1)," * N + b" }",
}

KOTLIN: dict[str, bytes] = {
    "parentheses": b"val x = " + b"(" * N + b"f()" + b")" * N,
    "open braces": b"fun f() " + b"{" * N,
    "calls in calls": b"val x = " + b"f(" * N + b")" * N,
    "call chain": b"val x = a" + b".b()" * N,
    "trailing lambdas": b"val x = " + b"f {" * 3000 + b"}" * 3000,
    "members": b"val x = a" + b"?.b" * N,
    "asserted": b"val x = a" + b"!!" * N,
    "infix": b"val x = a" + b" to b" * N,
    "elvis": b"val x = a" + b" ?: b()" * N,
    "plus": b"val x = " + b"+".join([b'"a"', b"f()"] * N),
    "not": b"val x = " + b"!" * N + b"y",
    "else if": b"fun f() { if (a) {} " + b"else if (b()) {} " * 3000 + b"}",
    "templates": b'val x = "' + b"${a} $b " * N + b'"',
    "nested templates": b'val x = "' + b'${"' * 2000,
    "classes": b"class A {" * 3000 + b"}" * 3000,
    "objects": b"val x = " + b"object : A { val y = " * 2000,
    "types": b"val x: " + b"List<" * N + b"X" + b">" * N + b" = 1",
    "annotations": b"@A(1)\n" * N + b"class B",
    "when": b"val x = " + b"when (a) { else -> " * 2000 + b"1" + b"}" * 2000,
    "comparisons": b"val x = a" + b" < b" * N + b" > { }",
    "bytes": b"\xff\xfe\x00" * N,
    "comments": b"// TODO x\n" * N + b"/* " * 1000,
}


@pytest.mark.parametrize("name", sorted(JAVA))
def test_hostile_java_is_read_quickly_and_can_be_stored(name: str) -> None:
    _read(JAVA[name], "java")


@pytest.mark.parametrize("name", sorted(KOTLIN))
def test_hostile_kotlin_is_read_quickly_and_can_be_stored(name: str) -> None:
    _read(KOTLIN[name], "kotlin")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["java", "kotlin"]))
def test_any_bytes_are_read(source: bytes, language: str) -> None:
    _read(source, language)


def test_a_row_of_annotations_that_the_parser_cannot_bear_is_given_up() -> None:
    with pytest.raises(ValueError, match="Parsing failed"):
        extract_kotlin(b"@A(1)\n" * 3_000 + b"class B", "file.kt")


def _read(source: bytes, language: str) -> None:
    started = time.process_time()
    try:
        builder = extract_java(source, "file.java") if language == "java" else extract_kotlin(source, "file.kt")
    except ValueError:
        builder = Builder(language, source)
    facts, index = builder.facts(), builder.index()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(index), type=FileIndex) == index
    assert time.process_time() - started < LIMIT_S
