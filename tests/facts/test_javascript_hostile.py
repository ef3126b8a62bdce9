"""Whatever the bytes: no crash, no endless run, facts that can be encoded and whose indexes hold."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.javascript import scripts as javascript
from backend_readiness.facts.model import CallRef, ElementRef, FileFacts, Func, Lit, Record, Seq, Symbol

DEEP = 10_000
NESTED = {
    "arrays": "[" * DEEP + "]" * DEEP,
    "parentheses": "(" * DEEP + "1" + ")" * DEEP,
    "blocks": "{" * DEEP + "}" * DEEP,
    "objects": "x=" + "{a:" * DEEP + "1" + "}" * DEEP,
    "functions": "function f(){" * DEEP + "}" * DEEP,
    "arrows": "x=" + "()=>" * DEEP + "1",
    "calls": "f(" * DEEP + ")" * DEEP,
    "classes": "class A{m(){" * 3_000 + "}}" * 3_000,
    "class expressions": "x=class extends " * 3_000 + "A" + "{}" * 3_000,
    "templates": "`${" * DEEP + "1" + "}`" * DEEP,
    "awaits": "await " * DEEP + "x",
    "assignments": "a=" * DEEP + "1",
    "negations": "!" * DEEP + "a",
    "news": "new " * DEEP + "a",
    "elements": "x=" + "<a>" * DEEP + "</a>" * DEEP,
    "fragments": "x=" + "<>" * DEEP + "</>" * DEEP,
    "attributes": "x=" + "<a b={" * DEEP + "1" + "}/>" * DEEP,
    "generics": "let x: " + "A<" * 3_000 + "B" + ">" * 3_000,
    "patterns": "let " + "[" * DEEP + "a" + "]" * DEEP + "=1",
    "namespaces": "namespace A{" * 3_000 + "}" * 3_000,
    "tries": "try{" * 3_000 + "}catch{}" * 3_000,
    "switches": "switch(a){case 1:" * 3_000 + "}" * 3_000,
    "ifs": "if(a)" * DEEP + "b",
    "labels": "a:" * DEEP + "b",
    "never closed": "([{" * DEEP,
    "never opened": ")]}" * DEEP,
    "runs of names in arrays": ("[" + "x.y" + ".m" * 50) * 30,
}
CHAINED = {
    "members": "a" + ".b" * DEEP,
    "optional members": "a" + "?.b" * DEEP,
    "subscripts": "a" + "[0]" * DEEP,
    "calls of calls": "a" + "()" * DEEP,
    "sums": "+".join(["a"] * DEEP),
    "mixed operators": "a" + "+b*c-d" * DEEP,
    "assertions": "a" + "!" * DEEP,
    "casts": "a" + " as B" * DEEP,
    "ternaries": "a?b:" * DEEP + "c",
    "else ifs": "if(a)b;" + "else if(c)d;" * DEEP,
    "unions": "type A=" + "|".join(["B"] * DEEP),
    "sequences": ",".join(["a()"] * DEEP),
    "tagged templates": "a" + "``" * DEEP,
    "decorators": "@a " * DEEP + "class X{}",
    "quotes": "'" * DEEP,
    "backticks": "`" * DEEP,
    "less-than signs": "<" * DEEP,
    "comments": "/*" * DEEP,
}


def hold(builder: Builder, source: bytes) -> FileFacts:
    """The facts, after checking that they survive encoding and that every index and place is within range."""
    facts = builder.facts()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts
    msgspec.msgpack.encode(builder.index())
    for group in (facts.symbols, facts.calls, facts.assigns, facts.returns, facts.throws, facts.blocks, facts.elements):
        for fact in group:
            assert -1 <= (fact.parent if isinstance(fact, Symbol) else fact.owner) < len(facts.symbols)
            assert fact.line >= 1
            assert 0 <= fact.start <= getattr(fact, "end", fact.start) <= len(source)
            for part in parts(fact):
                assert not isinstance(part, CallRef) or 0 <= part.call < len(facts.calls)
                assert not isinstance(part, Func) or 0 < part.symbol < len(facts.symbols)
                assert not isinstance(part, ElementRef) or 0 <= part.element < len(facts.elements)
    return facts


def parts(root: object) -> Iterator[object]:
    stack = [root]
    while stack:
        part = stack.pop()
        yield part
        if isinstance(part, tuple):
            stack.extend(part)
        elif isinstance(part, msgspec.Struct):
            stack.extend(getattr(part, name) for name in part.__struct_fields__)


@pytest.mark.parametrize("path", ["a.js", "a.ts", "a.tsx"])
@pytest.mark.parametrize("name", NESTED)
def test_deep_nesting_is_cut_and_said(name: str, path: str) -> None:
    source = NESTED[name].encode()
    builder = javascript.extract(source, path)
    hold(builder, source)
    assert builder.errors > 0


@pytest.mark.parametrize("path", ["a.js", "a.tsx"])
@pytest.mark.parametrize("name", CHAINED)
def test_long_chains_are_walked(name: str, path: str) -> None:
    source = CHAINED[name].encode()
    hold(javascript.extract(source, path), source)


def test_every_call_of_a_long_chain_is_recorded() -> None:
    builder = javascript.extract(("a" + ".b(c())" * 5_000).encode(), "a.js")
    assert (len(builder.calls), builder.errors) == (10_000, 0)


def test_a_file_of_five_megabytes_in_one_line_is_read() -> None:
    line = b'!function(){for(var a=f(b.c("' + b"x" * 400 + b'"),{d:1}),e=0;e<a.length;e++)g(a[e]||h?i:j)}();'
    source = line * (5_000_000 // len(line))
    builder = javascript.extract(source, "bundle.js")
    assert builder.errors == 0
    assert len(builder.calls) == 4 * (5_000_000 // len(line))


def test_long_strings_and_collections_are_cut() -> None:
    items = ",".join(f"k{i}: {i}" for i in range(1_000))
    facts = javascript.extract(f"a('{'x' * 50_000}', [{'1,' * 1_000}], {{{items}}})".encode(), "a.js").facts()
    text, numbers, record = (arg.value for arg in facts.calls[0].args)
    assert isinstance(text, Lit)
    assert isinstance(numbers, Seq)
    assert isinstance(record, Record)
    assert (len(str(text.value)), len(numbers.items), len(record.items)) == (20_000, 400, 400)


def test_a_file_that_does_not_parse_still_gives_the_rest() -> None:
    facts = javascript.extract(b"const a = ;\n<<<<<<< HEAD\nexport function f() { save(1) }\n", "a.ts").facts()
    assert facts.errors > 0
    assert [s.name for s in facts.symbols] == ["", "f"]
    assert len(facts.calls) == 1


def test_javascript_with_type_annotations_is_read_with_them() -> None:
    facts = javascript.extract(
        b"// @flow\nfunction f(a: string, b: ?number): Promise<void> { go(a) }\nconst x = <p>{f}</p>", "a.js"
    ).facts()
    assert (facts.language, facts.errors) == ("javascript", 0)
    assert len(facts.symbols[1].params) == 2


WORDS = """
( ) { } [ ] < > </ /> => = . ?. , ; : ? ` ${ ' " / * @ # \\ ! ... || + 1 's' x={ <a> </a> a b.c é 😀 // /**doc*/
function class extends import export default from require('m') const async await yield static if else for of try catch switch case return
throw new this type interface enum namespace declare as
"""
FRAGMENTS = st.sampled_from([*WORDS.split(), "\n", "// TODO\n"])


@given(st.one_of(st.binary(max_size=200), st.lists(FRAGMENTS, max_size=40).map(lambda parts: " ".join(parts).encode())))
def test_no_bytes_make_it_raise(source: bytes) -> None:
    for path in ("a.js", "a.ts", "a.tsx"):
        hold(javascript.extract(source, path), source)


@given(st.lists(FRAGMENTS, max_size=20).map("".join))
def test_no_binding_makes_it_raise(text: str) -> None:
    builder = Builder("vue", b"x" * 1_000)
    javascript.expression_into(builder, text, owner=0, line=1, start=10)
    hold(builder, b"x" * 1_000)
