"""A pattern sees each line alone, however the search gets to the line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.report.folder_source import FolderSource

from backend_readiness.snapshot.matching import MAX_LINE_CHARS, blocks, compile_patterns, matching_lines

PATTERNS = (r"a", r"^a", r"a$", r"^$", r"\ba\b", r"a\s+b", r"(?s)a.*b", r"(?i)B\s*$", r"é", r"a\nb", r"[^a]b", r"z$")
LINES = st.sampled_from(["", "a", "b", " a b", "ab", "a\r", "b\r", "é", "xé b", "\u2028a", "x" * MAX_LINE_CHARS + "yz", "\ra"])


@given(lines=st.lists(LINES, max_size=8), ended=st.booleans(), patterns=st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3))
def test_the_lines_that_match_are_those_that_match_alone(lines: list[str], ended: bool, patterns: list[str]) -> None:
    source = FolderSource({"a.txt": "\n".join(lines) + ("\n" if ended else "")})
    pattern = compile_patterns(tuple(patterns))
    assert pattern is not None
    alone = [
        (number, line[:MAX_LINE_CHARS])
        for number, line in enumerate(source.lines("a.txt"), start=1)
        if pattern.search(line[:MAX_LINE_CHARS].encode()) is not None
    ]
    assert list(matching_lines(source, "a.txt", pattern)) == alone


def test_a_match_across_lines_hides_no_line_that_matches_below() -> None:
    source = FolderSource({"a.txt": "a\nx\na b\na\nb\n"})
    pattern = compile_patterns((r"(?s)a.*b",))
    assert pattern is not None
    assert list(matching_lines(source, "a.txt", pattern)) == [(3, "a b")]


TEXTS = st.lists(LINES, max_size=4).map("\n".join)


@given(texts=st.lists(TEXTS, max_size=6), patterns=st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3))
def test_many_files_searched_at_once_have_the_lines_that_each_has_alone(texts: list[str], patterns: list[str]) -> None:
    source = FolderSource({f"{number}.txt": text for number, text in enumerate(texts)})
    paths = [f"{number}.txt" for number in range(len(texts))]
    pattern = compile_patterns(tuple(patterns))
    assert pattern is not None
    together = [hit for block in blocks(source, paths, lambda path: len(source.text(path))) for hit in block.matching_lines(pattern)]
    assert together == [(path, *hit) for path in paths for hit in matching_lines(source, path, pattern)]
