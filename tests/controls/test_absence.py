"""What a control records as searched for and not found, the report finds again in the same way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import MakeRepo
from tests.report.folder_source import FolderSource

from backend_readiness.controls.absence import MAX_REJECTED, Absences
from backend_readiness.controls.runner import hook_of
from backend_readiness.report.absence import run_search
from backend_readiness.rules.yaml_files import RULES
from backend_readiness.snapshot import take
from backend_readiness.snapshot.matching import MAX_PATTERN_CHARS, BadSearch

EVERYWHERE = ("**/*",)


def absences(make_repo: MakeRepo, files: dict[str, str | bytes]) -> Absences:
    return Absences(take(make_repo(files)))


def test_a_hit_in_production_code_is_no_absence(make_repo: MakeRepo) -> None:
    searched = absences(make_repo, {"app/a.py": "limiter = 1\n"})
    assert searched.prove("x", roles=(), patterns=("limiter",), paths=EVERYWHERE) is None


def test_comments_tests_and_documents_are_rejected_with_the_reason(make_repo: MakeRepo) -> None:
    searched = absences(make_repo, {"app/a.py": "x = 1\n# limiter\n", "tests/test_a.py": "limiter = 1\n", "README.md": "limiter\n"})
    search = searched.prove("x", roles=(), patterns=("limiter",), paths=EVERYWHERE)
    assert search is not None
    assert [(hit.file, hit.line, hit.why) for hit in search.rejected] == [
        ("README.md", 1, "a test, a sample or a document"),
        ("app/a.py", 2, "a comment"),
        ("tests/test_a.py", 1, "a test, a sample or a document"),
    ]
    assert run_search(searched.snapshot, search) == ()


def test_without_patterns_and_roles_a_production_file_is_no_absence(make_repo: MakeRepo) -> None:
    searched = absences(make_repo, {"alerts/rules.yml": "a: 1\n", "tests/rules.yaml": "a: 1\n"})
    assert searched.prove("x", roles=(), patterns=(), paths=("**/*.yml",)) is None
    search = searched.prove("x", roles=(), patterns=(), paths=("**/*.yaml",))
    assert search is not None
    assert run_search(searched.snapshot, search) == ()


def test_a_file_that_could_not_be_read_forbids_the_claim(make_repo: MakeRepo) -> None:
    searched = absences(make_repo, {"app/a.py": "x = 1\n"})
    assert searched.prove("x", roles=(), patterns=("limiter",), paths=EVERYWHERE, unread=("app/big.py",)) is None


def test_too_many_rejected_hits_forbid_the_claim(make_repo: MakeRepo) -> None:
    searched = absences(make_repo, {"app/a.py": "# limiter\n" * (MAX_REJECTED + 1)})
    assert searched.prove("x", roles=(), patterns=("limiter",), paths=EVERYWHERE) is None


def test_a_pattern_too_long_to_run_finds_nothing_and_proves_nothing(make_repo: MakeRepo) -> None:
    absences = Absences(take(make_repo({"app/main.py": "x = 1\n"})))
    patterns = ("y" * (MAX_PATTERN_CHARS + 1),)
    assert absences.hits(patterns, ("**/*.py",)) == []
    assert absences.prove("the source", roles=(), patterns=patterns, paths=("**/*.py",)) is None


def test_no_hook_has_a_pattern_that_would_be_left_out_for_its_length() -> None:
    hooks = [hook_of(p) for p in sorted((RULES / "controls").glob("*/*.py"))]
    texts = [(h.__module__, t) for h in hooks for v in h.__globals__.values() if isinstance(v, tuple) for t in v if isinstance(t, str)]
    assert [(module, text[:40]) for module, text in texts if len(text) > MAX_PATTERN_CHARS] == []


def test_a_pattern_that_the_report_would_refuse_is_refused_at_once(make_repo: MakeRepo) -> None:
    searched = absences(make_repo, {"app/a.py": "x = 1\n"})
    with pytest.raises(BadSearch):
        searched.prove("x", roles=(), patterns=("a(?=b)",), paths=EVERYWHERE)


@given(
    lines=st.lists(
        st.sampled_from(["limiter", "# limiter", "LIMITER\r", "a limiter \u0660", "x" * 1_998 + "limiter", "", "é\r"]), max_size=12
    ),
    pattern=st.sampled_from([r"limiter", r"^limiter$", r"(?i)limiter\s*$", r"\d", r"limiter\s+a", r"(?s)limiter.*x", r"\bé?$"]),
)
def test_a_recorded_absence_holds_when_it_is_run_again(lines: list[str], pattern: str) -> None:
    source = FolderSource({"app/a.py": "\n".join(lines), "tests/test_a.py": "limiter\n"})
    search = Absences(source).prove("x", roles=(), patterns=(pattern,), paths=EVERYWHERE)  # type: ignore[arg-type]
    if search is not None:
        assert run_search(source, search) == ()
    else:
        assert Absences(source).hits((pattern,), EVERYWHERE)  # type: ignore[arg-type]
