"""Where each client looks for skills and servers. A new client is a new row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backend_readiness.errors import UnusableInput

SERVER_NAME = "backend-readiness"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """`skills` and `config` are relative to the repository; `config` is relative to the user's home when `of_user`.

    `servers` is the key of the table of servers, `typed` whether an entry names its transport, and `root` what names the repository
    in the server's arguments: None where the client starts servers in it.
    """

    name: str
    title: str
    skills: str
    config: str
    format: Literal["json", "toml"] = "json"
    servers: str = "mcpServers"
    typed: bool = False
    of_user: bool = False
    root: Literal["${workspaceFolder}", "absolute"] | None = None

    @property
    def signs(self) -> tuple[str, ...]:
        """What stands in a repository in which this client, and no other, is set up."""
        top = self.config.partition("/")[0]
        own = self.skills.partition("/")[0]
        return (*(() if self.of_user else (top,)), *(() if own == ".agents" else (own,)))


CLIENTS = (
    Client(name="claude-code", title="Claude Code", skills=".claude/skills", config=".mcp.json", typed=True),
    Client(name="codex", title="Codex", skills=".agents/skills", config=".codex/config.toml", format="toml", servers="mcp_servers"),
    Client(name="cursor", title="Cursor", skills=".agents/skills", config=".cursor/mcp.json", root="${workspaceFolder}"),
    Client(
        name="vscode",
        title="VS Code",
        skills=".agents/skills",
        config=".vscode/mcp.json",
        servers="servers",
        typed=True,
        root="${workspaceFolder}",
    ),
    Client(name="gemini", title="Gemini CLI", skills=".agents/skills", config=".gemini/settings.json"),
    Client(
        name="windsurf",
        title="Windsurf",
        skills=".windsurf/skills",
        config=".codeium/windsurf/mcp_config.json",
        of_user=True,
        root="absolute",
    ),
)


def client(name: str) -> Client:
    """Errors: `UnusableInput` naming those there are."""
    for one in CLIENTS:
        if one.name == name:
            return one
    raise UnusableInput(f"no client {name!r}: take one of {', '.join(one.name for one in CLIENTS)}")


def entry(one: Client, command: list[str], repository: str) -> dict[str, object]:
    """The server's entry for a client. `command` starts the server, `repository` is the absolute path."""
    root = {None: [], "absolute": ["--root", repository]}.get(one.root, ["--root", str(one.root)])
    found: dict[str, object] = {"type": "stdio"} if one.typed else {}
    return found | {"command": command[0], "args": [*command[1:], *root]}
