"""Holds the server, the skill, the plugin and the bundle to the standards' own tools; `make conformance` sets these up first.

python conformance/run.py            all checks; exit status 1 when one does not hold
python conformance/run.py skill      only those whose name holds a word
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "conformance"
MODULES = BUILD / "node_modules"
VALIDATORS = BUILD / "python" / "bin"
SHOP = ROOT / "evals" / "apps" / "shop"
SERVER = [sys.executable, "-m", "backend_readiness", "mcp"]
TIMEOUT_S = 180

HANDSHAKE_ERA = (
    "server-initialize", "ping", "tools-list", "resources-list", "prompts-list", "completion-complete", "dns-rebinding-protection",
    "server-sse-multiple-streams",
)  # fmt: skip
MODERN_ERA = (
    "tools-list", "resources-list", "prompts-list", "completion-complete", "sep-2164-resource-not-found", "dns-rebinding-protection",
    "caching", "http-header-validation", "server-sse-multiple-streams", "input-required-result-unsupported-methods",
)  # fmt: skip
CALLS = (
    ("list_flows", []),
    ("trace_call_chain", ["start=POST /api/v1/sessions"]),
    ("run_check", ['endpoints=["POST /api/v1/sessions"]']),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`ok` says from the status and the output whether it holds."""

    name: str
    command: list[str]
    folder: Path = ROOT
    home: Path | None = None
    ok: Callable[[int, str], bool] = lambda status, _: status == 0


def main(words: list[str]) -> int:
    failed = total = 0
    with tempfile.TemporaryDirectory() as scratch, served() as url:
        folder = Path(scratch)
        for check in chain(protocol(url), inspected(url), installed(folder), bundled(folder)):  # each made when it is its turn
            if words and not any(word in check.name for word in words):
                continue
            total += 1
            status, output = run(check)
            held = check.ok(status, output)
            failed += not held
            print(f"{'ok  ' if held else 'FAIL'} {check.name}", flush=True)
            if not held:
                print(re.sub(r"(?m)^", "     ", output.strip()[-2_000:]))
    print(f"{total - failed} of {total} hold")
    return 1 if failed or not total else 0


def run(check: Check) -> tuple[int, str]:
    environment = {**os.environ, "PATH": f"{MODULES / '.bin'}{os.pathsep}{VALIDATORS}{os.pathsep}{os.environ['PATH']}"}
    environment["PYTHONPATH"] = str(ROOT / "server")
    if check.home is not None:
        environment["HOME"] = str(check.home)
    try:
        done = subprocess.run(check.command, cwd=check.folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        return 127, str(error)
    return done.returncode, done.stdout + done.stderr


@contextmanager
def served() -> Iterator[str]:
    command = [*SERVER, "--transport", "http", "--port", "0", "--root", str(SHOP)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stderr is not None
        match = re.search(r"http://\S+", process.stderr.readline())
        if match is None:
            raise SystemExit("the server did not start")
        yield match[0]
    finally:
        process.terminate()
        process.communicate(timeout=20)


def protocol(url: str) -> Iterator[Check]:
    handshake = ["node", str(MODULES / "@modelcontextprotocol/conformance/dist/index.js"), "server", "--url", url, "--scenario"]
    modern = [
        "node",
        str(MODULES / "conformance-modern/dist/index.js"),
        "server",
        "--url",
        url,
        "--spec-version",
        "2026-07-28",
        "--scenario",
    ]
    for scenario in HANDSHAKE_ERA:
        yield Check(name=f"protocol up to 2025-11-25: {scenario}", command=[*handshake, scenario])
    for scenario in MODERN_ERA:
        yield Check(name=f"protocol 2026-07-28: {scenario}", command=[*modern, scenario])


def inspected(url: str) -> Iterator[Check]:
    stdio = [*SERVER, "--root", str(SHOP)]
    for where, target in (("stdio", stdio), ("http", [url])):
        base = ["mcp-inspector", "--cli", *target]
        yield Check(name=f"inspector over {where}: schemas of tools", command=[*base, "--method", "tools/list", "--strict"])
        for method in ("resources/list", "resources/templates/list", "prompts/list"):
            yield Check(name=f"inspector over {where}: {method}", command=[*base, "--method", method])
        for tool, arguments in CALLS:
            given = ["--tool-arg", *arguments] if arguments else []
            yield Check(name=f"inspector over {where}: {tool}", command=[*base, "--method", "tools/call", "--tool-name", tool, *given])


def installed(scratch: Path) -> Iterator[Check]:
    repository, home = scratch / "repository", scratch / "home"
    shutil.copytree(SHOP, repository)
    home.mkdir()
    start = f"{sys.executable} -m backend_readiness mcp"
    init = [sys.executable, "-m", "backend_readiness", "init", str(repository), "--client", "claude-code", "--command", start]
    yield Check(name="skill and client: init installs both", command=init)
    skill = repository / ".claude/skills/backend-readiness"
    yield Check(name="skill: agentskills validate", command=["agentskills", "validate", str(skill)])
    yield Check(name="skill: skillsaw", command=["skillsaw", "lint", "--strict", str(skill)])
    trusted = {"enabledMcpjsonServers": ["backend-readiness"], "hasTrustDialogAccepted": True}
    (home / ".claude.json").write_text(json.dumps({"projects": {str(repository.resolve()): trusted}}))
    (repository / ".claude").mkdir(exist_ok=True)
    (repository / ".claude/settings.local.json").write_text(json.dumps({"enabledMcpjsonServers": ["backend-readiness"]}))
    yield Check(
        name="client: claude mcp list connects to what init wrote",
        command=["claude", "mcp", "list"],
        folder=repository,
        home=home,
        ok=lambda status, output: status == 0 and "Connected" in output,
    )
    yield Check(name="client: Claude Code audits a flow, its model's answers scripted", command=[sys.executable, "conformance/client.py"])
    yield Check(name="plugin: claude plugin validate", command=["claude", "plugin", "validate", ".", "--strict"], home=home)
    plugin = scratch / "plugin"
    plugin.mkdir()
    for name in (".claude-plugin", "references"):
        shutil.copytree(ROOT / name, plugin / name)
    for name in ("SKILL.md", "README.md", "LICENSE", "server.json"):
        shutil.copy(ROOT / name, plugin)
    yield Check(name="plugin: skillsaw over plugin, marketplace and server.json", command=["skillsaw", "lint", str(plugin)])
    yield Check(name="plugin: marketplace add", command=["claude", "plugin", "marketplace", "add", str(plugin)], home=home)
    name = "backend-readiness@backend-readiness"
    yield Check(name="plugin: install", command=["claude", "plugin", "install", name], home=home)


def bundled(scratch: Path) -> Iterator[Check]:
    folder = scratch / "bundle"
    shutil.copytree(ROOT / "conformance" / "mcpb", folder)
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    yield Check(name="bundle: the wheel", command=build)
    for wheel in folder.glob("*.whl"):
        pyproject = folder / "pyproject.toml"
        pyproject.write_text(pyproject.read_text().replace("backend_readiness.whl", wheel.name))
    (ROOT / "dist").mkdir(exist_ok=True)
    target = ROOT / "dist" / "backend-readiness.mcpb"
    yield Check(name="bundle: mcpb validate", command=["mcpb", "validate", str(folder / "manifest.json")])
    yield Check(name="bundle: mcpb pack", command=["mcpb", "pack", str(folder), str(target)])
    unpacked = scratch / "unpacked"
    yield Check(name="bundle: mcpb unpack", command=["mcpb", "unpack", str(target), str(unpacked)])
    start = ["mcp-inspector", "--cli", *as_a_client_starts(folder / "manifest.json", unpacked, [str(SHOP)])]
    yield Check(name="bundle: what was packed lists its tools", command=[*start, "--method", "tools/list", "--strict"])
    audit = ["--method", "tools/call", "--tool-name", "run_check", "--tool-arg", 'endpoints=["POST /api/v1/sessions"]']
    yield Check(name="bundle: what was packed judges a flow", command=[*start, *audit])


def as_a_client_starts(manifest: Path, bundle: Path, roots: list[str]) -> list[str]:
    """The command that a client makes of a bundle's manifest: the bundle's folder, and each root that the user chose, put in place."""
    server = json.loads(manifest.read_text())["server"]["mcp_config"]
    words = [word.replace("${__dirname}", str(bundle)) for word in (server["command"], *server["args"])]
    return [part for word in words for part in (roots if word == "${user_config.roots}" else [word])]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
