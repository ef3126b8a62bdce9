"""`init` puts skill and server where each client looks, shows it first, changes nothing else, and takes all of it back."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from backend_readiness import resources
from backend_readiness.cli import main
from backend_readiness.errors import UnusableInput
from backend_readiness.init import entries, plan
from backend_readiness.init.clients import CLIENTS, SERVER_NAME, client, entry

NAMES = [one.name for one in CLIENTS]
COMMAND = ["backend-readiness", "mcp"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "home"
    found.mkdir()
    monkeypatch.setenv("HOME", str(found))
    return found


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    found = tmp_path / "repo"
    found.mkdir()
    return found


def all_files(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


def configured(repo: Path, home: Path, name: str) -> dict[str, Any]:
    one = client(name)
    text = ((home if one.of_user else repo) / one.config).read_text()
    whole = tomllib.loads(text) if one.format == "toml" else json.loads(text)
    return dict(whole[one.servers])


@pytest.mark.parametrize("name", NAMES)
def test_skill_and_server_stand_where_the_client_looks_and_go_again(repo: Path, home: Path, name: str) -> None:
    assert main(["init", str(repo), "--client", name, "--command", "backend-readiness mcp"]) == 0
    folder = repo / client(name).skills / SERVER_NAME
    assert (folder / "SKILL.md").read_text() == resources.read("SKILL.md")
    assert {p.name for p in (folder / "references").iterdir()} >= {"layer-checklists.md", "report-template.md"}
    mine = configured(repo, home, name)[SERVER_NAME]
    assert [mine["command"], *mine["args"]][:2] == COMMAND
    assert main(["init", str(repo), "--client", name, "--remove"]) == 0
    assert all_files(repo) == {}
    assert all_files(home) == {}
    assert list(repo.iterdir()) == []


def test_a_dry_run_prints_a_diff_that_git_applies_and_writes_nothing(repo: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / ".mcp.json").write_text('{"mcpServers": {"other": {"command": "x"}}}\n')
    before = all_files(repo)
    assert main(["init", str(repo), "--client", "claude-code", "--command", "backend-readiness mcp", "--dry-run"]) == 0
    diff = capsys.readouterr().out
    assert all_files(repo) == before
    subprocess.run(["git", "apply", "-p0", "-"], cwd=repo, input=diff, text=True, check=True)
    applied = all_files(repo)
    assert set(json.loads(applied[".mcp.json"])["mcpServers"]) == {"other", SERVER_NAME}
    assert main(["init", str(repo), "--client", "claude-code", "--command", "backend-readiness mcp", "--dry-run"]) == 0
    assert capsys.readouterr().out == "Nothing would change.\n"


def test_a_second_run_changes_nothing_and_a_new_command_only_the_entry(repo: Path, home: Path) -> None:
    everything = [part for name in NAMES for part in ("--client", name)]
    assert main(["init", str(repo), *everything, "--command", "a mcp"]) == 0
    first = all_files(repo) | all_files(home)
    assert main(["init", str(repo), *everything, "--command", "a mcp"]) == 0
    assert all_files(repo) | all_files(home) == first
    assert main(["init", str(repo), *everything, "--command", "b mcp"]) == 0
    second = all_files(repo) | all_files(home)
    assert {path for path in first if first[path] != second[path]} == {client(name).config for name in NAMES}


@pytest.mark.parametrize("indent", ["  ", "\t", "    "])
def test_other_settings_keep_their_order_and_indent(indent: str) -> None:
    one = client("gemini")
    text = json.dumps({"z": 1, "mcpServers": {"other": {"command": "ü"}}, "a": [1]}, indent=indent, ensure_ascii=False) + "\n"
    changed = entries.with_entry(text, one, entry(one, COMMAND, "/repo"), "settings.json")
    assert list(json.loads(changed)) == ["z", "mcpServers", "a"]
    assert f'\n{indent}"z": 1' in changed
    assert entries.without_entry(changed, one, "settings.json") == text


TOML = """\
# mine
model = "x"

[mcp_servers.other] # kept
command = "y"

[profiles.fast]
model = "z"
"""


def test_comments_and_tables_of_a_toml_file_stay() -> None:
    one = client("codex")
    changed = entries.with_entry(TOML, one, entry(one, COMMAND, "/repo"), "config.toml")
    assert changed.startswith(TOML)
    assert tomllib.loads(changed)["mcp_servers"][SERVER_NAME] == {"command": "backend-readiness", "args": ["mcp"]}
    again = entries.with_entry(changed, one, entry(one, ["other"], "/repo"), "config.toml")
    assert tomllib.loads(again)["mcp_servers"][SERVER_NAME]["command"] == "other"
    assert entries.without_entry(again, one, "config.toml") == TOML


@pytest.mark.parametrize(
    "name,text,words",
    [
        ("vscode", "{ // a comment\n}", "by hand"),
        ("cursor", "[]", "by hand"),
        ("gemini", '{"mcpServers": []}', "by hand"),
        ("codex", "a = ", "by hand"),
        ("codex", 'mcp_servers = {backend-readiness = {command = "x"}}', "another form"),
    ],
)
def test_a_file_that_cannot_be_changed_safely_is_left_with_the_entry_to_add(
    repo: Path, home: Path, name: str, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = repo / client(name).config
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    assert main(["init", str(repo), "--client", name]) == 2
    assert words in capsys.readouterr().err
    assert all_files(repo) == {client(name).config: text}


def test_nothing_is_written_through_a_link_out_of_the_repository(repo: Path, home: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo / ".claude").symlink_to(outside)
    with pytest.raises(UnusableInput, match="symbolic link"):
        plan.install(repo, [client("claude-code")], home=home, command=COMMAND)
    assert list(outside.iterdir()) == []


def test_an_edited_skill_and_one_that_another_client_uses_stay(repo: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(repo), "--client", "cursor", "--client", "gemini", "--client", "claude-code"]) == 0
    assert main(["init", str(repo), "--client", "cursor", "--remove"]) == 0
    assert "Gemini CLI uses it too" in capsys.readouterr().err
    assert (repo / ".agents/skills" / SERVER_NAME / "SKILL.md").is_file()
    edited = repo / ".claude/skills" / SERVER_NAME / "SKILL.md"
    edited.write_text("my own")
    assert main(["init", str(repo), "--client", "claude-code", "--remove"]) == 0
    assert edited.read_text() == "my own"


def test_without_a_name_the_clients_that_are_set_up_are_taken(repo: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(repo)]) == 2
    assert "--client" in capsys.readouterr().err
    (repo / ".claude").mkdir()
    assert main(["init", str(repo)]) == 0
    assert (repo / ".mcp.json").is_file()
    assert not (repo / ".cursor").exists()


def test_an_unknown_client_is_told_with_those_there_are(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(repo), "--client", "emacs"]) == 2
    assert "windsurf" in capsys.readouterr().err
