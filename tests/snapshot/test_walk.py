"""What of a folder becomes a file of the snapshot, and what is listed as left out."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest
from tests.conftest import MakeRepo, run_git

from backend_readiness.errors import NotARepository
from backend_readiness.snapshot import Snapshot, skips, take, walk
from backend_readiness.snapshot.content import read_regular


def paths(snapshot: Snapshot) -> list[str]:
    return [file.path for file in snapshot.files]


def reasons(snapshot: Snapshot) -> dict[str, str]:
    return {skipped.path: skipped.reason for skipped in snapshot.skipped}


# ---------------------------------------------------------------- which folder


def test_a_missing_path_a_file_and_a_broken_name_are_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file.py").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for root in (tmp_path / "none", tmp_path / "file.py", tmp_path / "loop", Path("nul\0byte")):
        with pytest.raises(NotARepository, match="folder of"):
            take(root)


def test_a_folder_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(walk.os, "scandir", refuse)
    with pytest.raises(NotARepository, match="may not be read"):
        take(tmp_path)


def test_an_empty_folder_and_an_empty_repository_give_an_empty_snapshot(make_repo: MakeRepo) -> None:
    for git in (False, True):
        snapshot = take(make_repo({}, git=git))
        assert (snapshot.files, snapshot.skipped, snapshot.dirty) == ((), (), False)
        assert (snapshot.commit is not None) == git
        assert snapshot.applications == ()


def test_a_link_to_the_repository_is_the_repository(make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo({"a.py": "x"})
    (tmp_path / "link").symlink_to(root)
    assert take(tmp_path / "link") == take(root)


# ---------------------------------------------------------------- which files


def test_git_and_plain_folders_of_the_same_bytes_have_the_same_files_and_digest(make_repo: MakeRepo) -> None:
    files = {"app/main.py": "print(1)\n", "README.md": "# x\n", "empty.txt": "", "ünïcode/ä.ts": "x"}
    git, plain = take(make_repo(files)), take(make_repo(files, git=False))
    assert paths(git) == sorted(files)
    assert git.files == plain.files
    assert git.digest == plain.digest
    assert plain.commit is None
    assert not plain.dirty


def test_blobs_are_the_hashes_that_git_gives_the_bytes(make_repo: MakeRepo) -> None:
    root = make_repo({"a.py": "x = 1\r\n", "b/c.txt": "", "d.html": b"\xff\xfe"})
    listed = {line.split("\t")[1]: line.split()[1] for line in run_git(root, "ls-files", "--stage").splitlines()}
    assert {file.path: file.blob for file in take(root).files} == listed


def test_untracked_files_are_read_and_ignored_ones_are_not(make_repo: MakeRepo) -> None:
    root = make_repo({".gitignore": "*.log\nlocal/\n", "kept.log": "tracked all the same", "sub/.gitignore": "!b.log\n", "sub/x.py": ""})
    for name in ("new.py", "a.log", "sub/b.log", "local/deep/c.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/exclude").write_text("scratch.py\n")
    (root / "scratch.py").write_text("x")
    snapshot = take(root)
    assert paths(snapshot) == [".gitignore", "kept.log", "new.py", "sub/.gitignore", "sub/b.log", "sub/x.py"]
    assert snapshot.skipped == ()
    listed = run_git(root, "ls-files", "--cached", "--others", "--exclude-standard").split()
    assert sorted(listed) == paths(snapshot)


def test_a_tracked_file_in_an_ignored_folder_is_read_and_its_untracked_neighbour_is_not(make_repo: MakeRepo) -> None:
    root = make_repo({".gitignore": "data/\n", "data/kept.py": "x"})
    (root / "data/other.py").write_text("x")
    assert paths(take(root)) == [".gitignore", "data/kept.py"]


def test_a_plain_folder_honours_its_ignore_files(make_repo: MakeRepo) -> None:
    root = make_repo(
        {".gitignore": "secret/\n*.tmp\n", "a.py": "", "x.tmp": "", "secret/b.py": "", "c/.gitignore": "/d.py\n", "c/d.py": ""}, git=False
    )
    assert paths(take(root)) == [".gitignore", "a.py", "c/.gitignore"]


def test_a_subfolder_of_a_work_tree_is_taken_alone(make_repo: MakeRepo) -> None:
    root = make_repo({".gitignore": "/web/out.txt\n*.tmp\n", "api/main.py": "x", "web/app.ts": "y", "web/.gitignore": "local.ts\n"})
    for name in ("web/out.txt", "web/a.tmp", "web/local.ts", "api/new.py"):
        (root / name).write_text("x")
    snapshot = take(root / "web")
    assert paths(snapshot) == [".gitignore", "app.ts"]
    assert snapshot.commit == run_git(root, "rev-parse", "HEAD").strip()
    assert not snapshot.dirty  # what is new lies elsewhere
    (root / "web/new.ts").write_text("x")
    assert take(root / "web").dirty


def test_a_folder_in_which_git_tracks_nothing_is_a_plain_one(make_repo: MakeRepo) -> None:
    root = make_repo({".gitignore": "samples/\n", "a.py": "x"})
    (root / "samples/app").mkdir(parents=True)
    (root / "samples/app/main.py").write_text("x")
    snapshot = take(root / "samples/app")
    assert (paths(snapshot), snapshot.commit) == (["main.py"], None)


def test_excluded_globs_are_left_out_and_listed(make_repo: MakeRepo) -> None:
    snapshot = take(make_repo({"a.py": "", "tests/a.py": "", "docs/x.md": ""}), exclude=["tests/", "*.md"])
    assert paths(snapshot) == ["a.py"]
    assert reasons(snapshot) == {"tests": "excluded on request", "docs/x.md": "excluded on request"}


def test_the_walk_stops_at_its_bounds_and_says_so(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_repo({"a.py": "", "b.py": "", "c/d/e.py": ""}, git=False)
    monkeypatch.setattr(walk, "MAX_DEPTH", 1)
    assert reasons(take(root)) == {"c/d": "nested deeper than 1 folders"}
    monkeypatch.setattr(walk, "MAX_FILES", 1)
    assert paths(take(root)) == ["a.py"]
    assert "more than 1 files" in reasons(take(root))["."]


# ---------------------------------------------------------------- what is not read


def test_binary_huge_generated_minified_and_vendored_files_are_listed(make_repo: MakeRepo) -> None:
    snapshot = take(
        make_repo(
            {
                "logo.png": b"\x89PNG",
                "blob.py": b"x\0y",
                "huge.sql": b"-" * ((1 << 20) + 1),
                "limit.sql": b"-\n" * (1 << 19),
                "package-lock.json": b" " * (2 << 20),
                "api.gen.ts": "// @generated\nexport const a = 1\n",
                "schema.ts": "// Code generated by tool. DO NOT EDIT.\n" + "export const a = 1\n" * 12_000,
                "server.gen.go": "// Code generated by tool. DO NOT EDIT.\n" + '\trouter.GET(base+"/orders", w.Orders)\n' * 8_000,
                "app.min.js": "x",
                "bundle.js": "a=1;" * 5_000,
                "openapi.json": '{"a": 1}' + " " * 20_000,
                "node_modules/x/index.js": "x",
                "web/static/js/jquery-3.6.0.js": "x",
                "web/static/js/shop.js": "x",
            }
        )
    )
    assert paths(snapshot) == ["api.gen.ts", "limit.sql", "openapi.json", "package-lock.json", "server.gen.go", "web/static/js/shop.js"]
    assert reasons(snapshot) == {
        "logo.png": "binary (.png)",
        "blob.py": "binary (NUL bytes)",
        "huge.sql": "larger than 1 MiB",
        "schema.ts": "generated: larger than 200 KiB with a marker in its first lines",
        "app.min.js": "minified",
        "bundle.js": "minified: lines of more than 500 bytes on average",
        "node_modules": "vendored: installed or copied third-party code",
        "web/static/js/jquery-3.6.0.js": "vendored: a copy of a published library",
    }


def test_symbolic_links_lead_nowhere(make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo({"real/a.py": "x"}, git=False)
    (tmp_path / "secret.py").write_text("secret")
    links = {
        "inside.py": "real/a.py",
        "outside.py": str(tmp_path / "secret.py"),
        "up.py": "../../../../../../etc/hostname",
        "gone.py": "nothing.py",
        "loop.py": "loop.py",
        "ping": "pong",
        "pong": "ping",
        "folder": "real",
        "real/self": "..",
        "out": str(tmp_path),
        "again.py": "inside.py",
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    snapshot = take(root)
    assert paths(snapshot) == ["real/a.py"]
    found = reasons(snapshot)
    assert sorted(found) == sorted(links)
    assert found["inside.py"] == found["again.py"] == "symbolic link to real/a.py, which counts there"
    assert "outside the repository" in found["outside.py"]
    assert "outside the repository" in found["out"]
    assert "in a circle" in found["loop.py"]
    assert "to nothing" in found["gone.py"]
    assert found["folder"] == found["real/self"] == "symbolic link to a folder: not followed"


def test_special_files_are_never_opened(make_repo: MakeRepo) -> None:
    root = make_repo({"a.py": "x"}, git=False)
    os.mkfifo(root / "pipe.py")
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{short}/s")  # a socket's own path must be short
        os.rename(f"{short}/s", root / "socket.py")
        snapshot = take(root)
    assert paths(snapshot) == ["a.py"]
    assert reasons(snapshot) == {"pipe.py": "special file (pipe): never opened", "socket.py": "special file (socket): never opened"}


def test_special_files_among_the_ignore_rules_and_in_git_do_not_block(make_repo: MakeRepo) -> None:
    root = make_repo({"a.py": "x", "b/c.py": "x"})
    os.mkfifo(root / "b/.gitignore")
    for name in ("index", "HEAD", "config", "packed-refs", "info/exclude"):
        target = root / ".git" / name
        target.parent.mkdir(exist_ok=True)
        target.unlink(missing_ok=True)
        os.mkfifo(target)
    assert paths(take(root)) == ["a.py", "b/c.py"]


def test_names_that_cannot_be_written_down_are_listed_escaped(make_repo: MakeRepo) -> None:
    root = make_repo({"a.py": "x"})
    with open(os.fsencode(root) + b"/bad\xff.py", "wb") as file:
        file.write(b"x")
    (root / "two\nlines.py").write_text("x")
    os.mkdir(os.fsencode(root) + b"/dir\xfe")
    snapshot = take(root)
    assert paths(snapshot) == ["a.py"]
    assert sorted(reasons(snapshot)) == ["bad\\xff.py", "dir\\xfe", "two\\nlines.py"]
    snapshot.digest.encode()


def test_a_tracked_name_that_is_no_utf8_is_listed_once(make_repo: MakeRepo) -> None:
    root = make_repo({"a.py": "x"})
    with open(os.fsencode(root) + b"/bad\xff.py", "wb") as file:
        file.write(b"x")
    run_git(root, "add", "--all")
    run_git(root, "commit", "--quiet", "--message=x")
    snapshot = take(root)
    assert [skipped.path for skipped in snapshot.skipped] == ["bad\\xff.py"]
    assert not snapshot.dirty


def test_unreadable_files_and_folders_are_listed(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_repo({"a.py": "x", "b.py": "x", "c/d.py": "x", "e.py": "x"})
    scandir = os.scandir

    def read(path: str, limit: int) -> bytes:
        if path.endswith("b.py"):
            raise PermissionError(13, "Permission denied")
        if path.endswith("e.py"):
            raise FileNotFoundError(2, "No such file or directory")
        return read_regular(path, limit)

    def scan(path: str) -> object:
        if str(path).rstrip("/").endswith("/c"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(walk, "read_regular", read)
    monkeypatch.setattr(walk.os, "scandir", scan)
    snapshot = take(root)
    assert paths(snapshot) == ["a.py"]
    assert reasons(snapshot) == {
        "b.py": "unreadable: permission denied",
        "c": "unreadable folder: permission denied",
        "e.py": "it disappeared while the repository was read",
    }


def test_a_file_that_grows_past_the_bound_while_it_is_read_is_listed(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "read_regular", lambda path, limit: b"x" * (limit + 1))
    assert reasons(take(make_repo({"a.py": "x"}, git=False))) == {"a.py": f"larger than {skips.MAX_FILE_BYTES >> 20} MiB"}


def test_submodules_and_repositories_inside_are_other_repositories(make_repo: MakeRepo) -> None:
    root, other = make_repo({"a.py": "x"}), make_repo({"lib.py": "x"})
    run_git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "libs/other")
    run_git(root, "commit", "--quiet", "--message=submodule")
    snapshot = take(root)
    assert paths(snapshot) == [".gitmodules", "a.py"]
    assert reasons(snapshot) == {"libs/other": "submodule: a repository of its own"}
    assert not snapshot.dirty
    inner = take(root / "libs/other")
    assert (paths(inner), inner.commit, inner.dirty) == (["lib.py"], run_git(other, "rev-parse", "HEAD").strip(), False)

    (root / "nested").mkdir()
    run_git(root / "nested", "init", "--quiet")
    (root / "nested/b.py").write_text("x")
    assert reasons(take(root))["nested"] == "another git repository inside this one"
    assert take(root).dirty


def test_an_earlier_state_of_the_repository_is_left_out_and_listed(make_repo: MakeRepo) -> None:
    now = {f"api/{name}": "x = 1\n" for name in ("a.py", "b/c.py", "d.py")}
    snapshot = take(make_repo({**now, **{f"backup/{path}": text for path, text in now.items()}}))
    assert [file.path for file in snapshot.files] == sorted(now)
    assert [(s.path, s.reason) for s in snapshot.skipped] == [
        ("backup", "an earlier state of files that stand elsewhere in the repository")
    ]
