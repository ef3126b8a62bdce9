from __future__ import annotations

import time

import pytest
from tests.report.folder_source import FolderSource

from backend_readiness.model import RejectedHit, Search
from backend_readiness.report.absence import MAX_HITS, BadSearch, Searcher, run_search

SOURCE = FolderSource(
    {
        "app/a.py": "import x\nlimiter = None\ncall(limiter)\n",
        "app/b.py": "first\r\nlast\r\n",
        "web/c.ts": "const limiter = 1;\n",
        "many.txt": "hit\n" * 500,
        "wide.txt": "a" * 1_990 + "needle across\n" + "b" * 2_100 + "needle\n",
    }
)


def hits(**fields: object) -> list[str]:
    return [f"{hit.file}:{hit.line}" for hit in run_search(SOURCE, Search(scope="here", **fields))]  # type: ignore[arg-type]


def test_a_hit_outside_the_rejected_ones_refutes_the_absence() -> None:
    rejected = (RejectedHit(file="app/a.py", line=2, why="never used"),)
    assert hits(paths=("**/*.py",), patterns=("limiter",), rejected=rejected) == ["app/a.py:3"]


def test_files_outside_the_globs_are_not_searched() -> None:
    assert hits(paths=("**/*.ts",), patterns=("import",)) == []


def test_without_globs_every_file_is_searched() -> None:
    assert hits(patterns=("limiter =",)) == ["app/a.py:2", "web/c.ts:1"]


def test_without_patterns_and_roles_the_claim_is_that_no_file_matches() -> None:
    assert hits(paths=("**/*.go",)) == []
    assert hits(paths=("web/*",)) == ["web/c.ts:1"]
    assert hits(paths=("web/*",), rejected=(RejectedHit(file="web/c.ts", line=1, why="a sample"),)) == []


def test_a_search_for_roles_only_claims_nothing_about_text() -> None:
    assert hits(paths=("**/*.py",), roles=("rate_limiter",)) == []


def test_a_search_that_says_nothing_cannot_be_run() -> None:
    with pytest.raises(BadSearch, match="neither patterns nor roles nor paths"):
        hits()


@pytest.mark.parametrize("pattern", ["^last$", "(?:la)st$", r"\blast$", "(?i)LAST$"])
def test_a_pattern_sees_each_line_alone_without_its_line_end(pattern: str) -> None:
    assert hits(paths=("app/b.py",), patterns=(pattern,)) == ["app/b.py:2"]


@pytest.mark.parametrize("pattern", [r"first\s+last", r"(?s)first.*last", r"x\nlimiter"])
def test_a_pattern_never_matches_across_lines(pattern: str) -> None:
    assert hits(paths=("app/*",), patterns=(pattern,)) == []


def test_a_line_is_searched_up_to_two_thousand_characters() -> None:
    assert hits(paths=("wide.txt",), patterns=("needle",)) == ["wide.txt:1"]


def test_hits_are_bounded() -> None:
    assert len(hits(paths=("many.txt",), patterns=("hit",))) == MAX_HITS


@pytest.mark.parametrize(
    "patterns,reason",
    [
        (("a" * 301,), "300"),
        (("a",) * 61, "61 patterns"),
        (("(",), "not a regular expression"),
        (("[",), "not a regular expression"),
        (("a(?=b)",), "perl operator"),
        ((r"(a)\1",), "escape"),
        ((r"\Aa",), "end of the text"),
        (("(?:(?:a{1,90}){1,90})",), "repetition"),
    ],
)
def test_a_pattern_that_cannot_be_run_is_refused(patterns: tuple[str, ...], reason: str) -> None:
    with pytest.raises(BadSearch, match=reason):
        hits(patterns=patterns)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+b$", "(a*)*c{2}$", r"(\w+\w+)+\d$", "(.*)(.*)(.*)(.*)(.*)[^a]$", "(?:a?){90}a{90}b"])
def test_no_pattern_runs_away(pattern: str) -> None:
    source = FolderSource({"a.txt": ("a" * 1_900 + "!\n") * 200})
    started = time.process_time()
    run_search(source, Search(scope="here", patterns=(pattern,)))
    assert time.process_time() - started < 5


def test_the_digest_changes_with_every_field_and_with_every_file_that_is_covered() -> None:
    search = Search(scope="here", roles=("r",), paths=("app/*.py",), patterns=("nothing",), unread=("big.py",))
    searcher = Searcher(SOURCE)
    record = searcher.record(search)
    assert record.files_searched == 2
    assert searcher.digest_of(record) == record.digest
    for change in (
        {"scope": "there"},
        {"roles": ()},
        {"paths": ("app/a.py",)},
        {"patterns": ("no",)},
        {"files_searched": 3},
        {"unread": ()},
    ):
        assert searcher.digest_of(record.model_copy(update=change)) != record.digest, change
    for texts in ({**SOURCE.texts, "app/a.py": "changed"}, {**SOURCE.texts, "app/new.py": ""}):
        assert Searcher(FolderSource(texts)).digest_of(record) != record.digest
    assert Searcher(FolderSource({**SOURCE.texts, "other.txt": "x"})).digest_of(record) == record.digest


def test_searches_run_together_find_what_each_finds_alone() -> None:
    searches = [
        Search(scope="a", paths=("app/*",), patterns=("limiter",)),
        Search(scope="b", patterns=("^last$", "needle")),
        Search(scope="bad", patterns=("(",)),
        Search(scope="c", paths=("*.none",)),
        Search(scope="d", patterns=("nothing at all",)),
    ]
    together = Searcher.over(SOURCE, searches)
    assert "many.txt" in together.silent
    for search in (*searches[:2], *searches[3:], Search(scope="not among them", patterns=("hit",))):
        assert together.hits(search) == Searcher(SOURCE).hits(search)
