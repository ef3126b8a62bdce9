"""A repository that is broken in every way: what can be read is judged, what cannot is listed, and nothing ends in a traceback."""

from __future__ import annotations

import pytest
from tests.cli.running import Run
from tests.conftest import MakeRepo, run_git

from backend_readiness.workspace import Workspace

GOOD = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/good')\ndef good():\n    return 1\n"
HOSTILE: dict[str, str | bytes] = {
    "app/main.py": GOOD,
    "app/unparsable.py": "def broken(:\n    return ((((\n",
    "app/deep.py": "x = " + "(" * 10_000 + "1" + ")" * 10_000 + "\n",
    "web/deep.js": "f(" * 10_000 + ")" * 10_000,
    "web/deep.jsx": "const a = " + "<div>" * 10_000 + "</div>" * 10_000,
    "web/one_line.js": "var a=1;" * 700_000,
    "app/latin.py": b"name = '\xff\xfe\xe9'\n\n\ndef f():\n    return name\n",
    "app/nul.py": b"a = 1\x00\n",
    "app/first.py": "from app.second import b\n\na = b\n",
    "app/second.py": "from app.first import a\n\nb = a\n",
    "app/mounts.py": (
        "from fastapi import APIRouter\n\none = APIRouter()\ntwo = APIRouter()\none.include_router(two)\ntwo.include_router(one)\n"
        "one.include_router(one)\n\n\n@two.get('/round')\ndef round_trip():\n    return 1\n"
    ),
    "package.json": '{"dependencies": {"react": "18"}, "workspaces": [[[[',
    "templates/deep.html": "<b>" * 10_000,
}


@pytest.fixture
def hostile(make_repo: MakeRepo):
    root = make_repo(HOSTILE)
    (root / "loop").symlink_to(root, target_is_directory=True)
    (root / "app/self.py").symlink_to("self.py")
    (root / "outside").symlink_to("/", target_is_directory=True)
    run_git(root, "add", "--all")
    run_git(root, "commit", "--quiet", "--message=Links")
    return root


@pytest.mark.parametrize(
    "arguments",
    [
        ["routes", "{repo}"],
        ["flows", "{repo}"],
        ["trace", "GET /good", "--repo", "{repo}"],
        ["trace", "app/main.py:6", "--repo", "{repo}"],
        ["trace", "good", "--repo", "{repo}"],
        ["check", "reliability", "--repo", "{repo}"],
        ["audit", "{repo}", "--flow", "good", "--output", "-"],
    ],
)
def test_every_command_answers_on_it(run: Run, hostile, arguments: list[str]) -> None:
    ran = run(*(a.format(repo=hostile) for a in arguments), "--format", "json")
    assert ran.status == 0, ran.err
    assert "/good" in ran.out or "reliability" in arguments


def test_what_was_not_read_is_listed_with_its_reason(run: Run, hostile) -> None:
    report = run("audit", hostile, "--flow", "good", "--format", "json").json
    listed = {item["path"] for item in report["run"]["skipped"]} | {reason.split()[3].rstrip(":") for reason in report["run"]["incomplete"]}
    assert {"web/one_line.js", "app/nul.py", "app/self.py", "loop", "outside"} <= listed


def test_a_round_of_mounts_still_names_its_route_once(run: Run, hostile) -> None:
    paths = [r["path"] for r in run("routes", hostile, "--format", "json").json["routes"]]
    assert paths.count("/good") == 1
    assert paths.count("/round") <= 1


def test_a_file_that_changes_while_it_is_read_is_listed(make_repo: MakeRepo) -> None:
    root = make_repo({"app/main.py": GOOD + "# known to no cache\n", "app/other.py": "a = 1\n"})
    found = Workspace(root)
    assert found.snapshot.files
    (root / "app/main.py").write_text("changed = 1\n" * 100)
    assert found.routes() == ()
    assert [s.path for s in found.repository.skipped] == ["app/main.py"]
