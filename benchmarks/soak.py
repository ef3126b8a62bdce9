"""Ten thousand calls to one server, in a process of its own, and whether its memory stays flat; also `make soak`.

    python benchmarks/soak.py                       10,000 calls over evals/apps/shop
    python benchmarks/soak.py --calls 500

Prints JSON. Memory is the resident set of the server after the first tenth of the calls (everything is loaded then) and at the end;
exit status 1 when it grew by more than a tenth, or when a call failed that should not have.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters

ROOT = Path(__file__).resolve().parents[1]
GROWTH = 1.10
# What an agent asks, with a few questions that are refused, so that errors leak nothing either.
QUESTIONS: tuple[tuple[str, dict[str, Any], bool], ...] = (
    ("list_flows", {}, True),
    ("trace_call_chain", {"start": "POST /api/v1/sessions"}, True),
    ("grep", {"pattern": "def \\w+", "files": "*.py", "context": 1}, True),
    ("read_file", {"file": "backend/shop/routes/orders.py"}, True),
    ("find_symbol", {"name": "Order"}, True),
    ("list_routes", {"detail": "full"}, True),
    ("map_repository", {}, True),
    ("read_file", {"file": "../../outside"}, False),
    ("trace_call_chain", {"start": "POST /nowhere/at/all"}, False),
    ("grep", {"pattern": "("}, False),
)
CHECK_EVERY = 500  # judging is the dearest question
CHANGE_EVERY = 1_000  # a file changes, and the index follows


async def soak(calls: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        repository = Path(scratch) / "shop"
        shutil.copytree(ROOT / "evals/apps/shop", repository)
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "server"), "BACKEND_READINESS_CACHE": str(Path(scratch) / "cache")}
        command = StdioServerParameters(
            command=sys.executable, args=["-m", "backend_readiness", "mcp", "--root", str(repository)], env=environment
        )
        async with Client(command) as client:
            server = _server(repository)
            wrong, times, sizes = 0, [], []
            started = time.perf_counter()
            for number in range(calls):
                name, arguments, right = QUESTIONS[number % len(QUESTIONS)]
                if number % CHECK_EVERY == CHECK_EVERY - 1:
                    name, arguments, right = "run_check", {"flow": "checkout"}, True
                if number % CHANGE_EVERY == CHANGE_EVERY - 1:
                    with (repository / "README.md").open("a") as opened:
                        opened.write(f"{number}\n")
                before = time.perf_counter()
                result = await client.call_tool(name, arguments)
                times.append(time.perf_counter() - before)
                wrong += result.is_error == right
                if number % max(1, calls // 20) == 0:
                    sizes.append(round(_resident_mib(server), 1))
            sizes.append(round(_resident_mib(server), 1))
            elapsed = time.perf_counter() - started
    settled = sizes[max(1, len(sizes) // 10) :]
    return {
        "calls": calls,
        "wrong": wrong,
        "seconds": round(elapsed, 1),
        "median_ms": round(statistics.median(times) * 1_000, 1),
        "p99_ms": round(sorted(times)[int(len(times) * 0.99)] * 1_000, 1),
        "resident_mib": {"settled": settled[0], "end": settled[-1], "most": max(settled), "every_twentieth": sizes},
        "flat": settled[-1] <= settled[0] * GROWTH,
    }


def _server(repository: Path) -> int:
    """The process id of the server that serves the repository."""
    listing = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    found = [int(line.split()[0]) for line in listing.splitlines() if "backend_readiness mcp" in line and str(repository) in line]
    return found[0]


def _resident_mib(pid: int) -> float:
    listed = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    return int(listed) / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    figures = asyncio.run(soak(parser.parse_args().calls))
    print(json.dumps(figures, indent=2))
    return 0 if figures["flat"] and figures["wrong"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
