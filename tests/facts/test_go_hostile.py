"""Go that no one should write: the adapter neither raises, nor hangs, nor hands out what cannot be stored."""

from __future__ import annotations

import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_readiness.facts.languages.go import extract
from backend_readiness.facts.model import FileFacts

N = 10_000
LIMIT_S = 10.0  # a guard against hanging on a loaded machine
HEAD = b"package a\nfunc f() {\n"

HOSTILE: dict[str, bytes] = {
    "parentheses": b"x := " + b"(" * N + b"f()" + b")" * N,
    "nested calls": b"f(" * N + b")" * N,
    "call chain": b"a" + b".b()" * N,
    "calls of calls": b"f" + b"()" * N,
    "members": b"x := a" + b".b" * N,
    "indexes": b"x := a" + b"[0]" * N,
    "plus": b"x := " + b"+".join([b'"a"', b"f()"] * N),
    "mixed operators": b"x := " + b"a+b-c*" * N + b"d",
    "not": b"x := " + b"!" * N + b"y",
    "pointers": b"x := " + b"&" * N + b"y",
    "literals": b"x := " + b"[]T{" * N + b"}" * N,
    "elided literals": b"x := T" + b"{" * N + b"}" * N,
    "functions": b"x := " + b"func() { " * N + b"}" * N,
    "blocks": b"{" * N + b"}" * N,
    "ifs": b"if x {\n" * N + b"}" * N,
    "else ifs": b"if x { f() }" + b" else if y { g() }" * N,
    "loops": b"for {\n" * N + b"}" * N,
    "switches": b"switch { case x:\n" * N + b"}" * N,
    "slice types": b"var x " + b"[]" * N + b"int",
    "pointer types": b"var x " + b"*" * N + b"int",
    "map types": b"var x " + b"map[string]" * N + b"int",
    "struct types": b"var x " + b"struct { a " * N + b"int" + b" }" * N,
    "function types": b"var x " + b"func(" * N + b")" * N,
    "generics": b"var x " + b"T[" * N + b"int" + b"]" * N,
    "assertions": b"x := y" + b".(T)" * N,
    "targets": b", ".join([b"a"] * N) + b" = f()",
    "quotes": b'"' * N,
    "backquote": b"x := `" + b"a\n" * N,
    "verbs": b'x := fmt.Sprintf("' + b"%s" * N + b'", a)',
    "numbers": b"x := " + b"9" * 100_000,
    "NULs": b"a()\0b()\n" * N,
    "invalid UTF-8": b"\xff\xfe\x80a()\n" * N,
    "comments": b"// TODO\n" * N,
    "defers": b"defer " * N + b"f()",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_source_gives_facts_that_can_be_stored(source: bytes) -> None:
    began = time.process_time()
    builder = extract(HEAD + source + b"\n}\nfunc last() {}\n", "file.go")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(builder.facts()), type=FileFacts)
    builder.index()
    assert time.process_time() - began < LIMIT_S


def test_a_long_struct_tag_is_read_in_bounded_time() -> None:
    tag = b"a:" + b'"\\' * 50_000
    assert extract(b"package a\ntype T struct { X int `" + tag + b"` }\n", "file.go").facts().symbols[1].name == "T"


@given(st.binary(max_size=300))
def test_any_bytes_give_facts(source: bytes) -> None:
    builder = extract(b"package a\nfunc f() {\n" + source, "file.go")
    assert builder.facts().symbols[0].kind == "module"


@given(
    st.lists(st.sampled_from(["func ", "(", ")", "{", "}", "x", " := ", ".", "[", "]", '"a"', "\n", "type ", "struct ", ","]), max_size=60)
)
def test_any_tokens_give_facts(tokens: list[str]) -> None:
    builder = extract(("package a\n" + "".join(tokens)).encode(), "file.go")
    calls = builder.facts().calls
    assert all(call.owner < len(builder.facts().symbols) for call in calls)
