from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.folder_source import FolderSource, login_app, place

from backend_readiness.model import Evidence, EvidenceKind, Search
from backend_readiness.report.evidence import MAX_QUOTE_LINES, fill, quote_at, relocate
from backend_readiness.report.schema import EvidenceOut

LONG = FolderSource({"a.py": "\n".join(f"line {n}" for n in range(1, 41)), "b.js": "short\n" + "x" * 401 + "\n" + "y" * 5_000 + "\nend\n"})


def filled(evidence: Evidence, source: FolderSource) -> EvidenceOut:
    found = fill(evidence, source)
    assert found.evidence is not None, found.problem
    return found.evidence


def test_the_quote_is_the_exact_text_of_the_lines_and_the_blob_that_of_the_file() -> None:
    source = login_app()
    out = filled(place("app/sessions.py", 14, 15), source)
    assert out.quote == '@router.post("/login")\ndef login(email: str, password: str, db: Session = Depends(get_db)) -> dict[str, str]:'
    known = source.file("app/sessions.py")
    assert known is not None
    assert (out.line, out.end_line, out.blob) == (14, 15, known.blob)


def test_a_long_span_is_cut_to_twelve_lines() -> None:
    out = filled(place("a.py", 3, 40), LONG)
    assert (out.line, out.end_line) == (3, 3 + MAX_QUOTE_LINES - 1)
    assert out.quote is not None
    assert out.quote.split("\n")[-1] == "line 14"


def test_a_span_with_a_long_line_is_cut_to_its_first_line() -> None:
    out = filled(place("b.js", 1, 2), LONG)
    assert (out.line, out.end_line, out.quote) == (1, 1, "short")


def test_a_very_long_line_is_quoted_up_to_two_thousand_characters() -> None:
    assert filled(place("b.js", 3), LONG).quote == "y" * 2_000
    assert filled(place("b.js", 2), LONG).quote == "x" * 401


@pytest.mark.parametrize(
    "evidence,reason",
    [
        (place("gone.py", 1), "not among the files"),
        (place("a.py", 41), "has 40 lines"),
        (place("a.py", 39, 44), "has 40 lines"),
        (place("a.py", 0), "not a span"),
        (place("a.py", 5, 4), "not a span"),
        (place("../a.py", 1), "not among the files"),
        (Evidence(kind=EvidenceKind.CODE), "names no file"),
        (Evidence(kind=EvidenceKind.CODE, file="a.py"), "names no line"),
        (Evidence(kind=EvidenceKind.RUNTIME), "names no file"),
        (Evidence(kind=EvidenceKind.ABSENCE, file="a.py", line=1, end_line=1), "without the search"),
    ],
)
def test_a_place_that_does_not_exist_is_a_reason_and_no_evidence(evidence: Evidence, reason: str) -> None:
    found = fill(evidence, LONG)
    assert found.evidence is None
    assert reason in found.problem


def test_a_configuration_file_as_a_whole_is_evidence_without_a_quote() -> None:
    out = filled(Evidence(kind=EvidenceKind.CONFIG, file="a.py"), LONG)
    assert (out.line, out.quote) == (None, None)
    assert out.blob


def test_what_was_observed_at_run_time_needs_a_note_and_no_file() -> None:
    assert filled(Evidence(kind=EvidenceKind.RUNTIME, note="GET /health answered 200"), LONG).note == "GET /health answered 200"


def test_a_refuted_absence_is_no_evidence_and_the_reason_names_the_hit() -> None:
    evidence = Evidence(kind=EvidenceKind.ABSENCE, search=Search(scope="all", paths=("*.py",), patterns=("line 7$",)))
    found = fill(evidence, LONG)
    assert found.evidence is None
    assert "a.py:7" in found.problem


def test_a_secret_in_a_quote_is_redacted_and_the_evidence_says_so() -> None:
    out = filled(place("app/main.py", 9), login_app())
    assert out.redacted
    assert out.quote == 'SIGNING_KEY = "[redacted]"'


def test_a_quote_that_stands_elsewhere_moves_the_line() -> None:
    out = filled(place("app/sessions.py", 2, 2, quote="    raise HTTPException(401)"), login_app())
    assert (out.line, out.quote) == (18, "        raise HTTPException(401)")


def test_a_quote_of_several_lines_is_found_whatever_its_indentation() -> None:
    moved = relocate(
        place("app/sessions.py", 99, 99, quote="def issue(user: User) -> str:\nreturn str(user.id)  # TODO: sign it\n"), login_app()
    )
    assert moved is not None
    assert (moved.line, moved.end_line) == (23, 24)


def test_of_several_places_the_nearest_is_taken() -> None:
    source = FolderSource({"a.py": "same\nother\nsame\nother\nsame\n"})
    moved = relocate(place("a.py", 4, quote="same"), source)
    assert moved is not None
    assert moved.line == 3


def test_a_part_of_a_line_is_found_and_the_whole_line_quoted() -> None:
    assert filled(place("app/sessions.py", 1, quote="verify(password, user.password_hash)"), login_app()).line == 17


@pytest.mark.parametrize("quote", ["nobody wrote this", "", "\n\n", "def login(email: str\nand something else"])
def test_a_quote_that_stands_nowhere_is_a_reason_and_no_evidence(quote: str) -> None:
    found = fill(place("app/sessions.py", 15, quote=quote), login_app())
    assert found.evidence is None
    assert "stands nowhere" in found.problem


def test_a_redacted_quote_is_found_again() -> None:
    out = filled(place("app/main.py", 1, quote='SIGNING_KEY = "[redacted]"'), login_app())
    assert out.line == 9


@given(st.text(max_size=600), st.integers(-3, 60), st.integers(-3, 60))
def test_any_file_and_any_span_give_a_checked_quote_or_a_reason(text: str, line: int, end_line: int) -> None:
    source = FolderSource({"a.txt": text.replace("\ud800", "")})
    found = fill(place("a.txt", line, end_line), source)
    assert (found.evidence is None) == bool(found.problem)
    if found.evidence is not None:
        assert found.evidence.line is not None
        assert found.evidence.end_line is not None
        quote = quote_at(source.lines("a.txt"), found.evidence.line, found.evidence.end_line)
        assert (quote.text, quote.end_line) == (found.evidence.quote, found.evidence.end_line)
