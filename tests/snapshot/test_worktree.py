"""Commit and dirty state against git's own answer, and git data that is odd, damaged or hostile."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import MakeRepo, run_git

from backend_readiness.snapshot import take

FILES = {"a.py": "a = 1\n", "b/c.py": "c = 1\n", "logo.png": b"\x89PNG\0", "vendor/x.go": "x", "go.mod": "module x\n"}


def edit(path: str, content: str | bytes = "changed\n") -> Callable[[Path], object]:
    def change(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())

    return change


def touch(root: Path) -> None:
    for path in ("a.py", "logo.png", "vendor/x.go"):
        os.utime(root / path, (1_000_000_000, 1_000_000_000))


def stage(root: Path) -> None:
    edit("a.py")(root)
    run_git(root, "add", "a.py")


def stage_and_undo(root: Path) -> None:
    stage(root)
    edit("a.py", FILES["a.py"])(root)


def rename_back_and_forth(root: Path) -> None:
    run_git(root, "mv", "a.py", "z.py")
    run_git(root, "mv", "z.py", "a.py")


CHANGES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda root: None,
    "a changed file": edit("a.py"),
    "a file of the same size": edit("a.py", "b = 2\n"),
    "a new file": edit("new.py"),
    "a new folder": edit("new/deep/x.py"),
    "a deleted file": lambda root: (root / "a.py").unlink(),
    "a deleted folder": lambda root: shutil.rmtree(root / "b"),
    "only other times": touch,
    "a staged change": stage,
    "a staged change undone in the tree": stage_and_undo,
    "a staged removal": lambda root: run_git(root, "rm", "--quiet", "--cached", "a.py"),
    "an index written anew": rename_back_and_forth,
    "an executable bit": lambda root: (root / "a.py").chmod(0o755),
    "a binary file": edit("logo.png", b"\x89PNX\0"),
    "a file in a vendored folder": edit("vendor/x.go", "y"),
    "a file that became a link": lambda root: ((root / "a.py").unlink(), (root / "a.py").symlink_to("b/c.py")),
    "a file that became a folder": lambda root: ((root / "a.py").unlink(), edit("a.py/x.py")(root)),
    "a changed mode that is not looked at": lambda root: (run_git(root, "config", "core.fileMode", "false"), (root / "a.py").chmod(0o755)),
    "an untracked vendored folder": edit("node_modules/x/y.js"),
    "an ignored file": lambda root: (edit(".git/info/exclude", "*.log\n")(root), edit("x.log")(root)),
    "an intent to add": lambda root: (edit("new.py")(root), run_git(root, "add", "--intent-to-add", "new.py")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_dirty_is_what_git_status_says(change: Callable[[Path], object], make_repo: MakeRepo) -> None:
    root = make_repo(FILES)
    change(root)
    snapshot = take(root)  # before git looks: status would refresh the index
    assert snapshot.dirty == bool(run_git(root, "status", "--porcelain"))
    assert snapshot.commit == run_git(root, "rev-parse", "HEAD").strip()


def test_a_change_within_the_tick_of_the_index_is_seen(make_repo: MakeRepo) -> None:
    root = make_repo({"logo.png": b"\x89PNG\0", "a.py": "a = 1\n"})
    now = time.time_ns()
    for path, content in (("logo.png", b"\x89PNX\0"), ("a.py", b"b = 2\n")):
        before = (root / path).stat().st_mtime_ns
        (root / path).write_bytes(content)
        os.utime(root / path, ns=(before, before))
    os.utime(root / ".git/index", ns=(now, (root / "a.py").stat().st_mtime_ns))
    assert take(root).dirty


def test_line_ends_that_git_converts_are_no_change(make_repo: MakeRepo) -> None:
    root = make_repo({".gitattributes": "* text=auto\n", "a.py": "a = 1\n"})
    (root / "a.py").write_bytes(b"a = 1\r\n")
    assert not take(root).dirty


def test_deleted_files_and_sparse_ones_are_listed(make_repo: MakeRepo) -> None:
    root = make_repo({"a.py": "", "b/c/d.py": "", "b/c/e.py": "", "w/x.py": ""})
    shutil.rmtree(root / "b")
    run_git(root, "update-index", "--skip-worktree", "w/x.py")
    shutil.rmtree(root / "w")
    snapshot = take(root)
    assert {s.path: s.reason for s in snapshot.skipped} == {
        "b": "tracked, but deleted in the working tree",
        "w": "tracked, but left out of the working tree (sparse checkout)",
    }


def test_a_sparse_checkout_is_not_dirty(make_repo: MakeRepo) -> None:
    root = make_repo({"a.py": "", "b/c.py": "", "d/e.py": ""})
    for flags in (["--cone"], ["--cone", "--sparse-index"]):
        run_git(root, "sparse-checkout", "set", *flags, "b")
        snapshot = take(root)
        assert [file.path for file in snapshot.files] == ["a.py", "b/c.py"]
        assert not snapshot.dirty
        assert [s.path for s in snapshot.skipped] == ["d"]


def test_a_repository_without_commits_has_files_and_no_commit(make_repo: MakeRepo) -> None:
    root = make_repo({"a.py": "x"}, git=False)
    run_git(root, "init", "--quiet")
    (root / "b.py").write_text("x")
    run_git(root, "add", "b.py")
    snapshot = take(root)
    assert ([file.path for file in snapshot.files], snapshot.commit, snapshot.dirty) == (["a.py", "b.py"], None, True)


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_every_version_of_the_index_is_read(version: str, make_repo: MakeRepo) -> None:
    root = make_repo({f"folder{n}/file{n}.py": str(n) for n in range(30)})
    if version == "3":
        run_git(root, "update-index", "--skip-worktree", "folder3/file3.py")  # version 2 has no room for that
    else:
        run_git(root, "update-index", "--index-version", version)
    assert (root / ".git/index").read_bytes()[7] == int(version)
    snapshot = take(root)
    assert (len(snapshot.files), snapshot.dirty) == (30, False)
    (root / "folder7/file7.py").write_text("x")
    assert take(root).dirty


def test_a_packed_repository_with_packed_references_is_read(make_repo: MakeRepo) -> None:
    root = make_repo({f"d{n}/f.py": str(n) * 50 for n in range(30)})
    run_git(root, "gc", "--quiet", "--aggressive", "--prune=now")
    run_git(root, "pack-refs", "--all")
    (root / ".git/index").unlink()  # HEAD's tree alone must do
    snapshot = take(root)
    assert (len(snapshot.files), snapshot.dirty) == (30, False)
    assert snapshot.commit == run_git(root, "rev-parse", "HEAD").strip()
    (root / "d3/f.py").write_text("x")
    assert take(root).dirty


def test_a_linked_work_tree_and_a_shared_clone_are_read(make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo(FILES)
    run_git(root, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    edit("b/c.py")(tmp_path / "linked")
    run_git(tmp_path / "linked", "commit", "--quiet", "--all", "--message=Side")
    linked = take(tmp_path / "linked")
    assert (linked.commit, linked.dirty) == (run_git(root, "rev-parse", "side").strip(), False)
    assert linked.file(".git") is None
    run_git(root, "clone", "--quiet", "--shared", str(root), str(tmp_path / "shared"))
    shared = take(tmp_path / "shared")
    assert (shared.commit, shared.dirty) == (run_git(root, "rev-parse", "HEAD").strip(), False)


def test_a_merge_under_way_is_dirty(make_repo: MakeRepo) -> None:
    root = make_repo({"a.py": "a\n"})
    run_git(root, "checkout", "--quiet", "-b", "side")
    edit("a.py", "b\n")(root)
    run_git(root, "commit", "--quiet", "--all", "--message=b")
    run_git(root, "checkout", "--quiet", "-b", "other", "main")
    edit("a.py", "c\n")(root)
    run_git(root, "commit", "--quiet", "--all", "--message=c")
    run_git(root, "read-tree", "-m", "main", "other", "side")
    assert len(run_git(root, "ls-files", "--unmerged").splitlines()) == 3
    snapshot = take(root)
    assert ([file.path for file in snapshot.files], snapshot.dirty) == (["a.py"], True)


@pytest.mark.parametrize(
    "damage",
    [
        lambda git: (git / "index").write_bytes(b"DIRC\0\0\0\2\0\0\1\0short"),
        lambda git: (git / "index").write_bytes(b"garbage"),
        lambda git: (git / "HEAD").write_bytes(b"ref: refs/heads/../../../../etc/passwd\n"),
        lambda git: (git / "HEAD").write_bytes(b"ref: refs/heads/gone\n"),
        lambda git: (git / "HEAD").write_bytes(b"\xff" * 100),
        lambda git: shutil.rmtree(git / "objects"),
        lambda git: (shutil.rmtree(git / "objects"), (git / "objects/pack").mkdir(parents=True)),
        lambda git: (git / "HEAD").unlink(),
        lambda git: [p.chmod(0o600) or p.write_bytes(b"x") for p in git.glob("objects/??/*")],
        lambda git: (shutil.rmtree(git), git.write_text("gitdir: /nowhere\n")),
        lambda git: (shutil.rmtree(git), git.write_bytes(b"\xff\0")),
    ],
)
def test_damaged_git_data_costs_the_commit_and_not_the_files(damage: Callable[[Path], object], make_repo: MakeRepo) -> None:
    root = make_repo({"a.py": "x", "b/c.py": "y"})
    damage(root / ".git")
    assert [file.path for file in take(root).files] == ["a.py", "b/c.py"]


def test_git_data_that_cannot_be_read_is_said(make_repo: MakeRepo) -> None:
    root = make_repo({"a.py": "x"})
    (root / ".git/index").write_bytes(b"garbage")
    shutil.rmtree(root / ".git/objects")
    (root / ".git/objects").mkdir()
    snapshot = take(root)
    assert snapshot.dirty
    assert [s.path for s in snapshot.skipped] == [".git"]


def test_a_repository_of_sha256_hashes_has_its_files_and_commit_and_says_what_was_not_read(make_repo: MakeRepo) -> None:
    root = make_repo({"a.py": "x", ".gitignore": "*.log\n", "x.log": "x"}, git=False)
    run_git(root, "init", "--quiet", "--object-format=sha256")
    run_git(root, "add", "--all")
    run_git(root, "commit", "--quiet", "--message=x")
    snapshot = take(root)
    assert [file.path for file in snapshot.files] == [".gitignore", "a.py"]
    assert snapshot.commit == run_git(root, "rev-parse", "HEAD").strip()
    assert snapshot.dirty  # not known to be equal
    assert "SHA-256" in snapshot.skipped[0].reason


def test_nothing_that_the_repository_configures_is_run(make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_repo({"a.py": "x", "b.py": "y", ".gitattributes": "*.py filter=evil diff=evil text=auto\n"})
    ran = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\necho $0 >> {ran}\n")
    script.chmod(0o755)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("secret")
    with (root / ".git/config").open("a") as config:
        config.write(
            f"[core]\n\tfsmonitor = {script}\n\thooksPath = {tmp_path}\n\tpager = {script}\n"
            f"\tworktree = {outside}\n\tsshCommand = {script}\n"
            f'[filter "evil"]\n\tclean = {script}\n\tsmudge = {script}\n\tprocess = {script}\n\trequired = true\n'
            f'[diff "evil"]\n\ttextconv = {script}\n\tcommand = {script}\n[alias]\n\tstatus = !{script}\n\tls-files = !{script}\n'
            "[include]\n\tpath = /dev/zero\n"
        )
    for hook in ("post-index-change", "fsmonitor-watchman", "pre-commit"):
        (root / ".git/hooks").mkdir(exist_ok=True)
        (root / ".git/hooks" / hook).write_text(script.read_text())
        (root / ".git/hooks" / hook).chmod(0o755)
    (root / "a.py").write_text("changed")

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr("subprocess.Popen", refuse)
    monkeypatch.setattr(os, "posix_spawn", refuse)
    monkeypatch.setattr(os, "system", refuse)
    snapshot = take(root)
    assert snapshot.dirty
    assert [file.path for file in snapshot.files] == [".gitattributes", "a.py", "b.py"]
    assert not ran.exists()


def test_reading_leaves_no_trace_in_the_repository(make_repo: MakeRepo) -> None:
    root = make_repo(FILES)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    take(root)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_a_folder_of_another_owner_is_read(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_repo({"a.py": "x"})
    monkeypatch.setattr(os, "getuid", lambda: 12_345)
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    assert take(root).commit is not None
