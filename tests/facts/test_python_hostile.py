"""Python that no one should write: the adapter neither raises, nor hangs, nor hands out what cannot be stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_readiness.facts.file_index import FileIndex
from backend_readiness.facts.languages.python import extract
from backend_readiness.facts.model import CallRef, FileFacts, Func

N = 10_000
LIMIT_S = 10.0  # a guard against hanging on a loaded machine; each case takes well under a second

HOSTILE: dict[str, bytes] = {
    "parentheses": b"x = " + b"(" * N + b"f()" + b")" * N,
    "lists": b"x = " + b"[" * N + b"]" * N,
    "dicts": b"x = " + b'{"a":' * N + b"1" + b"}" * N,
    "tuples": b"x = " + b"(1," * N + b")" * N,
    "open parentheses": b"(" * N,
    "open braces": b"{" * N,
    "closing brackets": b"])}" * N,
    "nested calls": b"f(" * N + b")" * N,
    "unfinished calls": b"f(a=" * N,
    "nested defs": b"".join(b" " * i + b"def f():\n" for i in range(2000)) + b" " * 2000 + b"pass\n",
    "nested ifs": b"".join(b"\t" * i + b"if x:\n" for i in range(2000)) + b"\t" * 2000 + b"g()\n",
    "elif chain": b"if a: pass\n" + b"elif b(): pass\n" * N,
    "members": b"a" + b".b" * N,
    "call chain": b"a" + b".b()" * N,
    "calls of calls": b"f" + b"()" * N,
    "subscripts": b"a" + b"[0]" * N,
    "plus": b"x = " + b"+".join([b'"a"', b"f()"] * N),
    "mixed operators": b"x = " + b"a+b-c*" * N + b"d",
    "and or": b"x = " + b"a and b or " * N + b"c",
    "not": b"x = " + b"not " * N + b"y",
    "minus": b"x = " + b"-" * N + b"y",
    "await": b"x = " + b"await " * N + b"y()",
    "lambdas": b"x = " + b"lambda: " * N + b"y",
    "ternaries": b"x = " + b"a if b else " * N + b"c",
    "comparisons": b"x = " + b"a < " * N + b"c",
    "targets": b"x = " * N + b"1",
    "f-strings": b"x = f" + b'"{f' * N,
    "interpolations": b'x = f"' + b"{a}" * N + b'"',
    "adjacent strings": b"x = (" + b'"a" ' * N + b")",
    "percent fields": b'x = "' + b"%s" * N + b'" % a',
    "format fields": b'x = "' + b"{a:" * N + b'".format(a)',
    "huge format index": b'x = "{99999999999999999999999}".format(a)',
    "decorators": b"@a(1)\n" * N + b"def f(): pass\n",
    "lone decorators": b"@a(1)\n" * N,
    "types": b"x: " + b"List[" * N + b"int" + b"]" * N,
    "quoted types": b'x: "' + b"[" * 110 + b'"\ny: "a.' + b"b." * 50 + b'"',
    "walrus": b"(x:=" * N + b"1" + b")" * N,
    "comprehensions": b"x = " + b"[a for a in " * N + b"b" + b"]" * N,
    "stars": b"x = " + b"*" * N + b"y",
    "patterns": b"match x:\n case " + b"[" * N + b"]" * N + b": pass\n",
    "alternatives": b"match x:\n case " + b"1|" * N + b"2: pass\n",
    "quotes": b'"' * N,
    "unfinished defs": b"def f(self, a=(b,\n" * N,
    "unfinished tries": b"try:\n" * N,
    "semicolons": b"a();" * N,
    "dots": b"from " + b"." * N + b" import x",
    "NULs": b"a()\0b()\n" * N,
    "invalid UTF-8": b"\xff\xfe\x80a()\n" * N,
    "UTF-16": "x = f()\n".encode("utf-16") * 100,
    "huge integer": b"x = " + b"9" * 100_000,
    "infinity": b"x = 1e999, -1e999, 0x" + b"f" * 5000,
    "surrogates": rb"x = '\ud800\udfff\U99999999'",
    "comments after a block": b"if x:\n  a\n" + b"# TODO\n" * N + b"b()\n",
    "comments in zigzag": b"if x:\n  a\n" + b"# c\n  # d\n" * N + b"b()\n",
    "comments with carriage returns": b"if x:\r a\r" + b"# c\r" * N,
    "comments with quotes": b"if x:\n  a\n" + b'# """\n' * N,
    "hashes": b"#" * 100_000 + b"TODO",
    "continuations": b"x = " + b"\\\n" * N + b"1",
    "indented continuations": b" \\\r\n" * N,
    "form feeds": b"\x0c" * N,
    "deep in deep": b"".join(b" " * i + b"class A:\n" for i in range(58)) + b" " * 58 + b"x = " + b"f(k=[lambda: {1: " * 60 + b"1",
    "chains in lists": b"y = " + b"[" * 70 + b"x" + (b".a" * 149 + b"]") * 70,
}


def _values(fact: object) -> Iterator[object]:
    """Every struct inside a fact, by a walk that has its own stack."""
    pending = [fact]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            pending.extend(item)
        elif isinstance(item, msgspec.Struct):
            yield item
            pending.extend(getattr(item, name) for name in item.__struct_fields__)


def assert_sound(source: bytes) -> FileFacts:
    """The facts can be stored and read back, and every index, line and offset in them lies in the file."""
    builder = extract(source, "x.py")
    facts = builder.facts()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(builder.index()), type=FileIndex) == builder.index()
    last_line = source.count(b"\n") + 1
    for item in _values(facts):
        if isinstance(item, CallRef):
            assert 0 <= item.call < len(facts.calls)
        if isinstance(item, Func):
            assert 0 <= item.symbol < len(facts.symbols)
        assert 0 <= getattr(item, "owner", 0) < len(facts.symbols)
        assert 1 <= getattr(item, "line", 1) <= getattr(item, "end_line", last_line) <= last_line
        assert 0 <= getattr(item, "start", 0) <= getattr(item, "end", len(source)) <= len(source)
    assert all(symbol.parent < index for index, symbol in enumerate(facts.symbols))
    return facts


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_source_gives_sound_facts_in_time(case: str) -> None:
    began = time.process_time()
    assert_sound(HOSTILE[case])
    assert time.process_time() - began < LIMIT_S


def test_calls_along_a_long_chain_are_all_kept() -> None:
    facts = assert_sound(HOSTILE["call chain"])
    assert len(facts.calls) == N


def test_calls_in_a_long_sum_are_all_kept() -> None:
    assert len(assert_sound(HOSTILE["plus"]).calls) == N


def test_code_after_nesting_that_is_too_deep_is_still_read() -> None:
    source = b"x = " + b"[" * 3000 + b"]" * 3000 + b"\ndef after():\n    return f(1)\n"
    facts = assert_sound(source)
    assert facts.symbols[1].name == "after"
    assert len(facts.calls) == 1


def test_code_after_a_long_run_of_comments_is_still_read_and_so_are_they() -> None:
    source = b"def f():\n    a()\n" + b"# quiet\n" * 1000 + b"# FIXME soon\n" + b"def g():\n    b()  # HACK\n"
    facts = assert_sound(source)
    assert [s.name for s in facts.symbols] == ["", "f", "g"]
    assert [(c.text, c.line) for c in facts.comments] == [("FIXME soon", 1003), ("HACK", 1005)]
    assert facts.errors == 0


def test_a_string_that_looks_like_a_long_run_of_comments_stays_whole() -> None:
    body = "# setting\n" * 1000
    facts = assert_sound(f'A = """{body}# end"""\nb = f(1)\n'.encode())
    assert facts.assigns[0].value.value == body + "# end"  # type: ignore[union-attr]
    assert len(facts.calls) == 1
    assert facts.errors == 0


UNFINISHED = [
    ("def f(:\n    pass\n\ndef g():\n    h(1)\n", {"g"}),
    ("class A(\n\n\ndef g():\n    h(1)\n", set()),
    ("x = (1,\n\ny = 2\n", set()),
    ("def g():\n    h(1)\n\nfor x in\n", {"g"}),
    ("def g():\n    h(1)\n    return h(\n", {"g"}),
    ("@router.get('/x')\n", set()),
    ("def g():\n    h(1)\n}\n", {"g"}),
]


@pytest.mark.parametrize("source,names", UNFINISHED)
def test_unfinished_code_is_counted_and_the_rest_still_stands(source: str, names: set[str]) -> None:
    facts = assert_sound(source.encode())
    assert facts.errors > 0
    assert names <= {s.name for s in facts.symbols}


@pytest.mark.parametrize("source", [b"", b"\n", b"\xef\xbb\xbf", b"\0", b"#", b"\\", b'"""', b"'"])
def test_next_to_nothing_gives_a_module(source: bytes) -> None:
    assert assert_sound(source).symbols[0].kind == "module"


def test_a_byte_order_mark_hides_nothing() -> None:
    assert [i.module for i in assert_sound(b"\xef\xbb\xbfimport a\n").imports] == ["a"]


def test_a_line_of_5_megabytes_is_read_in_reasonable_time() -> None:
    began = time.process_time()
    facts = assert_sound(b'x = "' + b"a" * 5_000_000 + b'" + f(1)')
    assert time.process_time() - began < LIMIT_S
    assert len(facts.calls) == 1


def test_the_deepest_input_fits_under_a_caller_that_is_itself_deep() -> None:
    def below(frames: int, run: Callable[[], object]) -> object:
        return below(frames - 1, run) if frames else run()

    for case in ("deep in deep", "lambdas", "nested calls", "comprehensions", "chains in lists", "unfinished calls"):
        below(150, lambda case=case: extract(HOSTILE[case], "x.py"))  # type: ignore[misc]


WORDS = """
TODO pass print
def class if elif else for while try except finally with match case lambda await async return yield raise from import as global
not and or in is None True f(x) ( ) [ ] { } : , . = := -> + - * ** % @ | ; # \\ " ' \"\"\" f' {x} %s .format( x y self 1 1.5 0x
"""
TOKENS = st.sampled_from([*WORDS.split(), "\n", "\n    ", "\n        ", "\n\t", "\0", "é", "\r"])


@given(st.lists(TOKENS, max_size=60).map(" ".join))
def test_random_tokens_never_raise(source: str) -> None:
    assert_sound(source.encode())


@given(st.binary(max_size=200))
def test_random_bytes_never_raise(source: bytes) -> None:
    assert_sound(source)


@given(st.text(max_size=200))
def test_random_text_never_raises(source: str) -> None:
    assert_sound(source.encode("utf-8", "surrogatepass"))
