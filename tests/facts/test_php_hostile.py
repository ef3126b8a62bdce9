"""The PHP adapter on bytes that mean harm: it must answer, quickly, whatever they are."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_readiness.facts.languages.php import extract

DEEP = {
    "parentheses": b"<?php $x = " + b"(" * 10_000 + b"1" + b")" * 10_000 + b";",
    "arrays": b"<?php $x = " + b"[" * 10_000 + b"]" * 10_000 + b";",
    "blocks": b"<?php " + b"if ($a) {" * 10_000 + b"}" * 10_000,
    "else": b"<?php " + b"if ($a) {} else " * 10_000 + b"{}",
    "closures": b"<?php $x = " + b"function() { return " * 3_000 + b"1" + b"; }" * 3_000 + b";",
    "arrows": b"<?php $x = " + b"fn() => " * 5_000 + b"1;",
    "chain": b"<?php $x" + b"->a()" * 10_000 + b";",
    "concat": b"<?php $x = 'a'" + b" . $b" * 10_000 + b";",
    "sums": b"<?php $x = 1" + b" + 1" * 10_000 + b";",
    "ternaries": b"<?php $x = " + b"$a ?: (" * 5_000 + b"1" + b")" * 5_000 + b";",
    "classes": b"<?php " + b"new class { function a() { return " * 2_000 + b"1" + b";}}" * 2_000 + b";",
    "doc": b"<?php /** @Route(" + b"{" * 5_000 + b" */ class A {}",
    "docs": b"<?php /** " + b"@var A|" * 2_000 + b" */ $x = 1;",
    "tags": b"<?php ?><a href='<?= $x ?>'>" * 3_000,
    "opened": b"<a href='<?php " * 5_000,
    "names": b"<?php new " + b"\\A" * 10_000 + b"();",
    "empty": b"",
    "zeros": b"\0" * 1_000,
}


@pytest.mark.parametrize("name", sorted(DEEP))
def test_deep_or_broken_code_still_gives_facts(name: str) -> None:
    builder = extract(DEEP[name], "file.php")
    msgspec.msgpack.encode(builder.facts())
    assert builder.index().language == "php"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_facts(tail: bytes) -> None:
    msgspec.msgpack.encode(extract(b"<?php " + tail, "file.php").facts())


_PIECES = [
    "<?php ", "?>", "$x", "->", "::", "(", ")", "[", "]", "{", "}", "class A ",
    "function f", "use ", "\\A\\B", "'s'", "\"d$x\"", "@R(", "/** ", "*/", ";", "fn() => ", "#[R]", "new ",
    "if (", "foreach ($a as $b) ", "<<<E\n", "\nE;\n", "<a href='",
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([*_PIECES, ";", "fn() => ", "#[R]", "new ", "if (", "foreach ($a as $b) ", "<<<E\n", "\nE;\n", "<a href='"]),
        max_size=40,
    )
)
def test_any_pieces_of_code_give_facts(pieces: list[str]) -> None:
    msgspec.msgpack.encode(extract(("<?php " + "".join(pieces)).encode(), "file.php").facts())
