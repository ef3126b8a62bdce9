"""How long the command line takes: an audit of a generated repository cold, warm and after one changed file, and its start.

    python benchmarks/run.py                                   25 MB of source in 5,000 files; also `make bench`
    python benchmarks/run.py --mebibytes 5 --files 800
    python benchmarks/run.py --repository PATH --flow NAME     of this repository; nothing in it is changed

Prints JSON. Every figure is of a process of its own, as a user starts it. `cpu_s` is the processor time of all processes, which a
busy machine stretches less than the clock's; `peak_mib` the largest sum over all processes at a time (their shares of memory on
Linux, elsewhere the largest single one). `benchmarks/index.py` measures the stages below.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from application import NOUNS, VERBS, generate

SERVER = Path(__file__).resolve().parents[1] / "server"
FLOW, ENDPOINT = "order", "POST /api/v1/orders/{order_id}/create"
EVERY_S = 0.1


def run(arguments: Sequence[str], cache: Path) -> tuple[dict[str, float], str]:
    """Seconds, processor seconds and memory of one command, and what it printed."""
    # Bytecode is kept, as in an installation.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(SERVER), "BACKEND_READINESS_CACHE": str(cache)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    command = [sys.executable, "-m", "backend_readiness", *arguments]
    with tempfile.TemporaryFile() as out, subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.DEVNULL) as process:
        peaks: list[float] = []
        watcher = threading.Thread(target=_watch, args=(process, peaks))
        watcher.start()
        status = process.wait()
        elapsed = time.perf_counter() - started
        watcher.join()
        out.seek(0)
        printed = out.read().decode()
    if status != 0:
        raise SystemExit(f"{' '.join(command)} ended with {status}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    peak = max(peaks, default=0.0) or after.ru_maxrss / unit
    return {"s": round(elapsed, 2), "cpu_s": round(cpu, 2), "peak_mib": round(peak, 1)}, printed


def _watch(process: subprocess.Popen[bytes], peaks: list[float]) -> None:
    while process.poll() is None:
        peaks.append(sum(_share_mib(pid) for pid in _family(process.pid)))
        time.sleep(EVERY_S)


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(found for child in children for found in _family(int(child)))]


def _share_mib(pid: int) -> float:
    """Memory of one process, what it shares with others divided among them; 0 where the system does not say."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024


def measure(root: Path, flow: Sequence[str], scratch: Path, *, change: Path | None) -> dict[str, object]:
    cache = scratch / "cache"
    cache.mkdir()
    audit = ["audit", str(root), *flow, "--format", "json", "--output", "-"]
    found: dict[str, object] = {}
    found["cold"], printed = run(audit, cache)
    found["warm"], again = run(audit, cache)
    report = json.loads(printed)
    if report["integrity"] != json.loads(again)["integrity"]:
        raise SystemExit("the warm report differs from the cold one")
    if change is not None:
        change.write_text(change.read_text(encoding="utf-8") + "\nCHANGED = True\n", encoding="utf-8")
        found["one_changed"], _ = run(audit, cache)
    _, routes = run(["routes", str(root), "--format", "json"], cache)
    starts = [run(["--version"], cache)[0]["s"] for _ in range(9)]
    return found | {
        "version_s": statistics.median(starts),
        "files": report["run"]["files"],
        "routes": len(json.loads(routes)["routes"]),
        "links": sum(len(chain["links"]) for chain in report["chains"]),
        "cache_mib": round(sum(path.stat().st_size for path in cache.rglob("*") if path.is_file()) / (1 << 20), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure audits from the command line.")
    parser.add_argument("--mebibytes", type=float, default=25.0)
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repository", type=Path, help="measure this one; nothing is generated and no file is changed")
    parser.add_argument("--flow", default=FLOW)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="backend-readiness-bench-") as folder:
        root, change, flow = options.repository, None, ["--flow", options.flow]
        if root is None:
            root = Path(folder) / "repository"
            root.mkdir()
            generate(root, total_bytes=int(options.mebibytes * (1 << 20)), files=options.files, seed=options.seed)
            change, flow = root / "backend/app/services/orders.py", [*flow, "--endpoint", ENDPOINT]
        found = measure(root, flow, Path(folder), change=change)
        if options.repository is None:
            assert found["routes"] == len(NOUNS) * len(VERBS), found
        print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
