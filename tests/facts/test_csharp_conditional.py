"""What a C# file leaves out by its own `#define` directives."""

from __future__ import annotations

from backend_readiness.facts.languages.csharp.conditional import without_left_out
from backend_readiness.facts.languages.csharp.source_file import extract

BRANCHES = b"""#define FIRST // FIRST SECOND
#if NEVER
Never();
#elif FIRST
First();
#elif SECOND
Second();
#else
Other();
#endif
#if SECOND || !FIRST
Late();
#endif
#if DEBUG
Debug();
#else
Release();
#endif
"""


def _called(source: bytes) -> list[str]:
    return [getattr(call.callee, "id", "") for call in extract(source).facts().calls]


def test_only_the_branch_of_a_symbol_that_the_file_defines_is_read() -> None:
    assert _called(BRANCHES) == ["First", "Debug", "Release"]


def test_bytes_and_lines_keep_their_places() -> None:
    cut = without_left_out(BRANCHES)
    assert len(cut) == len(BRANCHES)
    assert cut.count(b"\n") == BRANCHES.count(b"\n")
    assert cut.index(b"First();") == BRANCHES.index(b"First();")


def test_a_file_that_defines_nothing_stays_whole() -> None:
    source = b"#if FIRST\nFirst();\n#else\nOther();\n#endif\n"
    assert without_left_out(source) is source
    assert _called(source) == ["First", "Other"]


def test_directives_that_do_not_match_each_other_do_no_harm() -> None:
    source = b"#define A\n#endif\n#else\n" + b"#if A\n" * 3_000 + b"Deep();\n#elif (B\n"
    assert len(without_left_out(source)) == len(source)


def test_of_two_pieces_of_one_declaration_the_last_stays() -> None:
    source = b"#if NET\npublic A\n#else\npublic B\n#endif\nGet() {}\n"
    found = without_left_out(source)
    assert len(found) == len(source)
    assert found.split() == [b"public", b"B", b"Get()", b"{}"]
