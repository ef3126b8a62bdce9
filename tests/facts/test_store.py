"""The facts of a repository: what is extracted when, what is kept, and what one bad file may not do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import MakeRepo
from tests.facts.toy_language import Toy, toy

from backend_readiness.errors import UnusableInput
from backend_readiness.facts import extraction, languages, pool, store
from backend_readiness.facts.store import Facts, collect
from backend_readiness.snapshot import take

__all__ = ["toy"]

FILES = {"a.toy": "def f\nuse x\n", "b/b.toy": "def g\nuse f\n", "c.txt": "def no\n"}


@pytest.fixture(params=["alone", "workers"])
def everywhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each test that asks for it runs in this process, and with worker processes."""
    monkeypatch.setattr(pool, "ALONE_BELOW_BYTES", 0 if request.param == "workers" else 1 << 40)
    return str(request.param)


def reasons(facts: Facts) -> dict[str, str]:
    return {skipped.path: skipped.reason for skipped in facts.skipped}


# ---------------------------------------------------------------- what it gives


def test_files_that_an_adapter_takes_have_an_index_and_facts(toy: Toy, everywhere: str, make_repo: MakeRepo, tmp_path: Path) -> None:
    facts = collect(take(make_repo(FILES)), cache_dir=tmp_path)
    assert list(facts.files) == ["a.toy", "b/b.toy"]
    assert facts.languages == ("toy",)
    assert facts.skipped == ()
    assert [symbol.name for symbol in facts.of("a.toy").symbols] == ["", "f"]
    assert facts.of("a.toy") is facts.of("a.toy")


def test_names_and_definitions_are_found_across_files(toy: Toy, make_repo: MakeRepo, tmp_path: Path) -> None:
    facts = collect(take(make_repo(FILES | {"z.toy": "def f\n"})), cache_dir=tmp_path)
    assert facts.naming("f") == ("a.toy", "b/b.toy", "z.toy")
    assert facts.naming("x") == ("a.toy",)
    assert facts.naming("nothing") == ()
    assert [(path, definition.line) for path, definition in facts.defining("f")] == [("a.toy", 1), ("z.toy", 1)]
    assert facts.defining("x") == ()


def test_facts_of_another_path_are_refused(toy: Toy, make_repo: MakeRepo, tmp_path: Path) -> None:
    facts = collect(take(make_repo(FILES | {"bad.toy": "raise x\n"})), cache_dir=tmp_path)
    for path in ("c.txt", "none.toy", "bad.toy"):
        with pytest.raises(UnusableInput, match=path):
            facts.of(path)


def test_an_empty_repository_has_no_facts(toy: Toy, make_repo: MakeRepo, tmp_path: Path) -> None:
    facts = collect(take(make_repo({})), cache_dir=tmp_path)
    assert (dict(facts.files), facts.languages, facts.naming("f")) == ({}, (), ())


def test_an_adapter_is_told_the_last_two_suffixes_and_nothing_else(toy: Toy, make_repo: MakeRepo, tmp_path: Path) -> None:
    collect(
        take(make_repo({"x/a.b.made.up": "1", "X.Component.TOY": "2", "deep/toyfile": "3", ".toy": "4", "no.up": "5"})), cache_dir=tmp_path
    )
    assert toy.extracted() == ["file.component.toy 2", "file.made.up 1", "file.toy 4", "toyfile 3"]


# ---------------------------------------------------------------- what is extracted when


def test_what_is_known_is_not_extracted_again(toy: Toy, everywhere: str, make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo(FILES)
    first = collect(take(root), cache_dir=tmp_path)
    assert len(toy.extracted()) == 2
    second = collect(take(root), cache_dir=tmp_path)
    assert second.of("b/b.toy") == first.of("b/b.toy")
    assert dict(second.files) == dict(first.files)
    assert toy.extracted() == []


def test_one_changed_file_costs_that_file(toy: Toy, make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo({f"f{n}.toy": f"def f{n}\n" for n in range(50)})
    collect(take(root), cache_dir=tmp_path)
    toy.extracted()
    (root / "f7.toy").write_text("def changed\n")
    facts = collect(take(root), cache_dir=tmp_path)
    assert toy.extracted() == ["file.toy def changed;"]
    assert facts.defining("changed")
    assert not facts.defining("f7")
    assert facts.defining("f8")


def test_copies_are_extracted_once_and_moved_files_not_at_all(toy: Toy, make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo({"a.toy": "def f\n", "copy/b.toy": "def f\n"})
    facts = collect(take(root), cache_dir=tmp_path)
    assert len(toy.extracted()) == 1
    assert facts.of("a.toy") == facts.of("copy/b.toy")
    (root / "a.toy").rename(root / "moved.toy")
    assert list(collect(take(root), cache_dir=tmp_path).files) == ["copy/b.toy", "moved.toy"]
    assert toy.extracted() == []


def test_another_version_of_an_adapter_extracts_anew(toy: Toy, make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo(FILES)
    before = languages.version()
    collect(take(root), cache_dir=tmp_path)
    toy.extracted()
    toy.upgrade()
    assert languages.version() != before
    collect(take(root), cache_dir=tmp_path)
    assert len(toy.extracted()) == 2


def test_progress_counts_up_to_all_files(toy: Toy, everywhere: str, make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo({f"f{n}.toy": f"def f{n}\n" for n in range(20)} | {"copy.toy": "def f1\n"})
    told: list[tuple[int, int]] = []
    collect(take(root), cache_dir=tmp_path, progress=lambda done, of: told.append((done, of)))
    assert told[0] == (0, 21)
    assert told[-1] == (21, 21)
    assert told == sorted(told)
    told.clear()
    collect(take(root), cache_dir=tmp_path, progress=lambda done, of: told.append((done, of)))
    assert told == [(21, 21)]


def test_facts_used_long_ago_are_forgotten_and_come_back(
    toy: Toy, make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = collect(take(make_repo(FILES)), cache_dir=tmp_path)
    monkeypatch.setattr(store, "_KEPT_BYTES", 1)
    first = facts.of("a.toy")
    facts.of("b/b.toy")
    assert facts.of("a.toy") is not first
    assert facts.of("a.toy") == first


# ---------------------------------------------------------------- what one file may not do


def test_a_file_that_its_adapter_cannot_bear_is_skipped_with_the_reason(
    toy: Toy, everywhere: str, make_repo: MakeRepo, tmp_path: Path
) -> None:
    files = {
        "raise.toy": "raise no such luck\n",
        "deep.toy": "deep\n",
        "memory.toy": "memory\n",
        "noise.toy": "print\n" * 3,
        "ok.toy": "def ok\n",
    }
    root = make_repo(files)
    facts = collect(take(root), cache_dir=tmp_path)
    expected = {
        "deep.toy": "it is nested too deep",
        "memory.toy": "its facts need too much memory",
        "raise.toy": "its facts could not be extracted (ValueError: no such luck)",
    }
    assert reasons(facts) == expected
    assert list(facts.files) == ["noise.toy", "ok.toy"]
    toy.extracted()
    assert reasons(collect(take(root), cache_dir=tmp_path)) == expected
    assert toy.extracted() == []  # a failure is known as well


def test_a_file_that_takes_too_much_processor_time_is_skipped(
    toy: Toy, make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "CPU_LIMIT_S", 0.05)
    facts = collect(take(make_repo(FILES | {"spin.toy": "spin\n"})), cache_dir=tmp_path)
    assert reasons(facts) == {"spin.toy": "its facts took more than 0.05 s of processor time"}
    assert list(facts.files) == ["a.toy", "b/b.toy"]


@pytest.mark.parametrize("word", ["crash", "exit"])
def test_a_file_that_takes_its_process_down_takes_no_other_file_with_it(
    word: str, toy: Toy, make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "ALONE_BELOW_BYTES", 0)
    files = {f"f{n}.toy": f"def f{n}\n" for n in range(40)} | {"x.toy": f"{word} 1\n", "y.toy": f"{word} 22\n"}
    facts = collect(take(make_repo(files)), cache_dir=tmp_path, workers=2)
    assert reasons(facts) == dict.fromkeys(("x.toy", "y.toy"), "the process that extracted its facts crashed")
    assert len(facts.files) == 40


def test_a_file_on_which_its_process_hangs_takes_no_other_file_with_it(
    toy: Toy, make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "ALONE_BELOW_BYTES", 0)
    monkeypatch.setattr(pool, "STALLED_AFTER_S", 1.0)
    files = {f"f{n}.toy": f"def f{n}\n" for n in range(20)} | {"hang.toy": "hang\n"}
    facts = collect(take(make_repo(files)), cache_dir=tmp_path, workers=1)
    assert reasons(facts) == {"hang.toy": "its facts took more than 1 s"}
    assert len(facts.files) == 20


def test_without_worker_processes_the_work_is_done_here(
    toy: Toy, make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "ALONE_BELOW_BYTES", 0)
    root = make_repo(FILES)
    for number, executable in enumerate(("", str(tmp_path / "no-python"), "/bin/false")):
        monkeypatch.setattr(sys, "executable", executable)
        assert len(collect(take(root), cache_dir=tmp_path / str(number)).files) == 2


def test_a_file_that_changes_before_it_is_read_is_skipped_and_not_remembered(
    toy: Toy, everywhere: str, make_repo: MakeRepo, tmp_path: Path
) -> None:
    root = make_repo(FILES | {"gone.toy": "def gone\n", "copy1.toy": "def copy\n", "copy2.toy": "def copy\n"})
    snapshot = take(root)
    (root / "a.toy").write_text("def other\n")
    (root / "gone.toy").unlink()
    (root / "copy1.toy").unlink()
    facts = collect(snapshot, cache_dir=tmp_path)
    assert sorted(reasons(facts)) == ["a.toy", "gone.toy"]
    assert "changed after the repository was read" in reasons(facts)["a.toy"]
    assert facts.defining("copy")  # the other copy has the same bytes
    (root / "a.toy").write_text(FILES["a.toy"])
    assert sorted(reasons(collect(snapshot, cache_dir=tmp_path))) == ["gone.toy"]


def test_workers_import_nothing_from_the_current_folder(
    toy: Toy, make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "ALONE_BELOW_BYTES", 0)
    evil = f"open({str(tmp_path / 'ran')!r}, 'w')\n"
    root = make_repo(
        FILES | {f"{name}.py": evil for name in ("msgspec", "json", "struct", "sitecustomize", "usercustomize", "tree_sitter")}
    )
    monkeypatch.chdir(root)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert len(collect(take(root), cache_dir=tmp_path).files) == 2
    assert not (tmp_path / "ran").exists()


# ---------------------------------------------------------------- adapters


def test_every_adapter_that_is_there_is_found() -> None:
    assert {".py", ".ts", ".html"} <= languages.suffixes()


def test_two_adapters_for_one_suffix_are_an_error(toy: Toy) -> None:
    (toy.folder / "toytwin.py").write_text("SUFFIXES = {'.toy': 'twin'}\ndef extract(source, path): ...\n")
    with pytest.raises(LookupError, match=r"two adapters take \.toy"):
        languages.suffixes()
    sys.modules.pop(f"{languages.__name__}.toytwin", None)


def test_no_adapter_at_all_is_an_error(toy: Toy) -> None:
    for module in toy.folder.glob("*.py"):
        module.unlink()
    with pytest.raises(LookupError, match="no language adapter"):
        languages.suffixes()


# ---------------------------------------------------------------- several at once


def test_two_processes_at_once_get_the_same_facts(make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo({f"m{n}.py": f"def f{n}(a, b):\n    return g{n}(a) + b\n" * 20 for n in range(60)})
    program = (
        "import sys; from pathlib import Path; from backend_readiness.snapshot import take\n"
        "from backend_readiness.facts import pool, store\n"
        "pool.ALONE_BELOW_BYTES = 0\n"
        "facts = store.collect(take(Path(sys.argv[1])), cache_dir=Path(sys.argv[2]), workers=1)\n"
        "print(len(facts.files), len(facts.skipped), sum(len(facts.of(path).calls) for path in facts.files), len(facts.naming('g7')))"
    )
    command = [sys.executable, "-c", program, str(root), str(tmp_path / "cache")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[0].split() for process in running] == [["60", "0", "1200", "1"]] * 3
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["facts.sqlite3"]
