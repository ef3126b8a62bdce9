"""Claude Code, the real program, audits a flow through the server; what it sends to its model is answered by a script on this machine.

Nothing here says how good an audit is: no model is behind it. It shows that the host starts the server, offers its tools to a model, runs
them when asked, and hands their answers on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.agent.fake_api import Scripted, call, calls, serving, text  # noqa: E402

PREFIX = "mcp__backend-readiness__"
ASKED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("list_flows", {}, "POST /api/v1/sessions"),
    ("trace_call_chain", {"start": "POST /api/v1/sessions"}, "frontend_handler"),
    ("run_check", {"endpoints": ["POST /api/v1/sessions"]}, "sec-brute-force-protection"),
    ("read_file", {"file": "backend/shop/routes/accounts.py"}, "sign_in"),
)
FINAL = "The audit of the scripted session is complete."


def main() -> int:
    step = 0

    def script(request: dict[str, Any]) -> Scripted:
        nonlocal step
        if not request.get("tools"):
            return Scripted(content=[text("A title")])
        if step < len(ASKED):
            name, arguments, _ = ASKED[step]
            step += 1
            return calls(call(PREFIX + name, **arguments))
        return Scripted(content=[text(FINAL)])

    with tempfile.TemporaryDirectory() as scratch, serving(script, counts=lambda _: 1_000) as fake:
        config = Path(scratch) / "servers.json"
        root = ROOT / "evals" / "apps" / "shop"
        server = {"type": "stdio", "command": sys.executable, "args": ["-m", "backend_readiness", "mcp", "--root", str(root)]}
        server["env"] = {"PYTHONPATH": str(ROOT / "server")}  # type: ignore[assignment]  # a table among texts
        config.write_text(json.dumps({"mcpServers": {"backend-readiness": server}}))
        environment = {**os.environ, "HOME": scratch, "ANTHROPIC_BASE_URL": fake.url, "ANTHROPIC_API_KEY": "scripted"}
        environment |= {"DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
        command = ["claude", "-p", "Audit the sign-in", "--mcp-config", str(config), "--strict-mcp-config", "--allowedTools", f"{PREFIX}*"]
        done = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True, timeout=170)
        results = tool_results(fake.requests)
    print(done.stdout.strip(), done.stderr.strip(), sep="\n")
    missing = [name for (name, _, words), result in zip(ASKED, results, strict=False) if words not in result]
    if done.returncode or FINAL not in done.stdout or len(results) != len(ASKED) or missing:
        print(f"status {done.returncode}, {len(results)} of {len(ASKED)} tools answered, unexpected answers: {missing}")
        return 1
    print(f"{len(results)} tools answered, {sum(map(len, results))} characters in all")
    return 0


def tool_results(requests: list[dict[str, Any]]) -> list[str]:
    """The tool results in the longest conversation, in their order."""
    longest = max(requests, key=lambda request: len(request["messages"]), default={"messages": []})
    blocks = [b for m in longest["messages"] if isinstance(m["content"], list) for b in m["content"]]
    return [json.dumps(b["content"]) for b in blocks if b.get("type") == "tool_result"]


if __name__ == "__main__":
    sys.exit(main())
